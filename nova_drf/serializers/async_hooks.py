"""Hooks of a serializer that are ``async def``.

DRF's code, which calls the hooks, runs in a worker thread as a whole. So each hook is a step (see
``nova_drf.core.steps``): in a thread it returns its value, having run on the event loop meanwhile;
on the loop it is awaited. In such a hook ``super()`` is awaited as well, also where it leads to a
``def`` of DRF's, which then runs in a thread.

What a hook answers is settled whatever it looks like: a ``def`` may return a coroutine, too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partialmethod, wraps
from inspect import isfunction
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from rest_framework.fields import SerializerMethodField
from rest_framework.serializers import (
    BaseSerializer,
    ListSerializer,
    ModelSerializer,
    SerializerMetaclass,
)

from nova_drf.core import steps
from nova_drf.core.class_caches import once_per_class
from nova_drf.core.concurrency import (
    Unawaited,
    is_awaited,
    noted,
    refuse_async_generator,
    runs_on_loop,
    settled,
    waited_for,
)
from nova_drf.core.overrides import FIELD_HOOKS, NO_HOOKS, PASSES_ON, is_users, usual_attributes
from nova_drf.core.ownership import Owner, definer_in, home_of
from nova_drf.core.steps import is_step, marked, passing_to, passing_to_next, with_adapters
from nova_drf.schemas.use_field import UseField
from nova_drf.serializers.saving import SavingMixin

_OF_DRF = frozenset((*dir(ModelSerializer), *dir(ListSerializer)))
_WRITING = frozenset(("create", "update"))
_INCOMING = frozenset(("to_internal_value", "validate", "is_valid"))
_INCOMING_PREFIXES = ("run_", FIELD_HOOKS)

_AWAITED = frozenset(("create", "update", "save", "to_representation"))
"""The hooks that async code calls by itself, and awaits."""

_ANSWERING = _AWAITED | frozenset(
    (
        *("validate", "to_internal_value", "is_valid"),
        *("run_validation", "run_validators", "run_child_validation"),
    )
)
"""The hooks whose answers count, beside ``validate_<field>``."""

_GUARD = "_nova_guard"
_INSTEAD = {
    "data": "await serializer.adata",
    "to_representation": "await serializer.adata",
    "is_valid": "await serializer.ais_valid()",
    "run_validation": "await serializer.ais_valid()",
    "save": "await serializer.asave()",
}
"""What to write on the event loop instead of an entry point that runs async hooks."""


class AsyncHooksMetaclass(SerializerMetaclass):
    """Lets ``super()`` find steps in classes that are not ours.

    Only the order of the new class has them: the project's classes, and DRF's, stay as they are.
    """

    def mro(cls) -> list[type]:
        return with_steps(super().mro())


def with_steps(order: list[type]) -> list[type]:
    """Return the order of a serializer class, with adapters that make steps of hooks.

    One stands in front of each class of the project's that was made without ours. Where hooks are
    ``async def``, one stands behind the project's classes as well, so that what such a hook finds
    as ``super()`` is awaited.

    Args:
        order: The method resolution order, the class itself being the first.
    """
    order = [order[0], *(base for base in order[1:] if not steps.is_adapter(base))]
    # Python cannot say yet of which module the class itself is; ours have no async hooks.
    projects = [order[0], *filter(is_users, order[1:])]
    awaited = _awaited_in(projects)
    inherited = awaited | _WRITING if awaited else frozenset()

    def adapter_of(base: type) -> type | None:
        if base not in projects:
            rest = order[order.index(base) :]
            is_behind = order[order.index(base) - 1] in projects
            methods = _methods(rest, inherited) if is_behind else {}
        elif isinstance(base, AsyncHooksMetaclass):
            methods = {}
        else:
            methods = {name: value for name, value in vars(base).items() if _may_wait(name, value)}
        return steps.adapter(base.__name__, methods, _step_of) if methods else None

    return with_adapters(order, adapter_of)


def _awaited_in(classes: Iterable[type], getters: Collection[str] = ()) -> set[str]:
    """Return which hooks, and which getters, are awaited in one of some classes."""
    return {
        name
        for cls in classes
        for name, value in vars(cls).items()
        if (_is_hook(name) or name in getters) and is_awaited(value)
    }


def _methods(order: list[type], names: Iterable[str]) -> dict[str, Any]:
    """Return what the first class of an order that has something of a name has."""
    definers = {name: definer_in(order, name) for name in names}
    return {name: vars(cls)[name] for name, cls in definers.items() if cls is not None}


def arrange_hooks(cls: Any) -> None:
    """Make steps of the hooks that a serializer class has by itself.

    Args:
        cls: A serializer class that was just made.
    """
    if home_of(cls) is Owner.NOVA:
        return
    getters = frozenset(_getters(cls))
    for name, value in list(vars(cls).items()):
        if _may_wait(name, value) or (name in getters and is_awaited(value)):
            setattr(cls, name, _step_of(value, name))
    for name in getters - vars(cls).keys():
        value = _definition(cls, name)
        if is_awaited(value) and not is_step(value):
            setattr(cls, name, _passing_on(_step_of(passing_to_next(cls, name, value), name)))
    awaited = _awaited_in([cls, *filter(is_users, cls.__mro__[1:])], getters)
    cls._async_hooks = frozenset(awaited | _WRITING) if awaited else frozenset()
    cls._async_entries = _entries(awaited)
    for entry in cls._async_entries - awaited:
        _guard(cls, entry)


def _definitions(cls: type, name: str) -> Iterator[object]:
    return (vars(base)[name] for base in cls.__mro__ if name in vars(base))


def _definition(cls: type, name: str) -> object:
    return next(_definitions(cls, name), None)


def refuse_on_loop(serializer: object, entry: str) -> None:
    """Refuse to run a serializer's async hooks from sync code on the event loop.

    Args:
        serializer: The serializer.
        entry: Which method or property of DRF's runs them.

    Raises:
        SynchronousOnlyOperation: This is the event loop.
    """
    if runs_on_loop():
        raise SynchronousOnlyOperation(
            f"{type(serializer).__qualname__} has async hooks, which `{entry}` cannot await on the "
            f"event loop. Write `{_INSTEAD[entry]}`, or call it in a thread."
        )


def has_async_hooks(cls: type, entry: str) -> bool:
    """Whether an entry point of a serializer class runs hooks that are ``async def``."""
    return entry in getattr(cls, "_async_entries", ())


def saves_as_drf(cls: type) -> bool:
    """Whether the ``save()`` of a serializer class is DRF's own, but for what we put around it."""
    saves = (save for save in _definitions(cls, "save") if not hasattr(save, _GUARD))
    save = next(save for save in saves if save is not SavingMixin.save)
    return save in (BaseSerializer.save, ListSerializer.save)


# Which hooks there are


def _is_hook(name: str) -> bool:
    """Whether DRF calls what a serializer class has by a name."""
    return name.startswith(FIELD_HOOKS) or (name in _OF_DRF and not name.startswith("__"))


def _is_answering(name: str) -> bool:
    """Whether what a hook answers counts."""
    return name in _ANSWERING or (name.startswith(FIELD_HOOKS) and name != "validate_empty_values")


def _may_wait(name: str, value: object) -> bool:
    """Whether what a class has by a name is a hook whose answer is not known to be there."""
    is_called = callable(value) or isinstance(value, (classmethod, partialmethod))
    if not is_called or isinstance(value, type) or is_step(value):
        return False
    return _is_answering(name) or (_is_hook(name) and is_awaited(value))


def _getters(cls: object) -> Iterator[str]:
    """Yield the names of the methods that the method fields of a class call."""
    fields = dict(getattr(cls, "_declared_fields", {}))
    for schema in getattr(cls, "_schemas", None) or ():
        for name, info in schema.model_fields.items():
            uses = (use for use in info.metadata if isinstance(use, UseField))
            # What is inferred is no method field, and maybe no model can be asked yet.
            used = (use.field for use in uses if use.make is None)
            fields[info.alias or name] = next(used, None)
    for name, field in fields.items():
        if isinstance(field, SerializerMethodField):
            yield field.method_name or f"get_{name}"


def _entries(names: Iterable[str]) -> frozenset[str]:
    """Return the entry points of DRF's that run some hooks."""
    entries: set[str] = set()
    for name in names:
        if name in _WRITING or name == "save":
            entries.add("save")
        elif name in _INCOMING or name.startswith(_INCOMING_PREFIXES):
            entries |= {"is_valid", "run_validation"}
        else:
            entries |= {"data", "to_representation"}
    return frozenset(entries)


# What hooks answer


class _Rules:
    """What is done with the answers of a hook."""

    finishes_all = False
    """An async generator, which :meth:`finish` refuses, is of no common class."""

    def __init__(self, name: str, *, is_async: bool) -> None:
        self._name = name
        self._is_async = is_async

    flag = "_async_hooks"

    def blocks(self, owner: object) -> bool:
        if self._is_async:
            return False
        return self._name in getattr(type(owner), "_async_hooks", ())

    def in_thread(self, owner: object, function: Callable[..., Any]) -> Callable[..., Any]:
        return sync_to_async(function)

    def wait(self, owner: object, awaitable: object) -> object:
        return waited_for(awaitable)

    def later(self, owner: Any, awaitable: object) -> object:
        """Return what is awaited by who called the hook.

        DRF's ``is_valid()`` would take what a ``def`` returned for a valid value: it is an error.
        """
        if self._is_async or self.blocks(owner):
            return awaitable
        if self._name not in _AWAITED:
            return settled(awaitable)
        view = owner.context.get("view")
        label = f"{type(owner).__qualname__}.{self._name}"
        return Unawaited(awaitable) if view is None else noted(view, label, awaitable)

    def finish(self, owner: object, answer: object) -> object:
        return refuse_async_generator(answer)


def _step_of(value: object, name: str) -> Any:
    """Return a hook as a step: a function, a partial, a static method, ..."""
    if isinstance(value, (staticmethod, classmethod)):
        return marked(type(value)(_waiting(value.__func__)))
    function = value if isfunction(value) else passing_to(value)
    return steps.step(function, _Rules(name, is_async=is_awaited(value)))


def _waiting(function: Any) -> Any:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return settled(function(*args, **kwargs))

    return call


def _passing_on(method: object) -> object:
    """Mark a method as one that only passes on to the class that defines it."""
    setattr(method, PASSES_ON, method)
    return method


def _guard(cls: Any, name: str) -> None:
    """Let an entry point of DRF's say what to write on the event loop."""
    own = vars(cls).get(name)

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_on_loop(self, name)
        if own is not None:
            return own.__get__(self, cls)(*args, **kwargs)
        inherited = getattr(super(cls, self), name)
        return inherited if name == "data" else inherited(*args, **kwargs)

    call.__name__ = name
    setattr(call, _GUARD, True)
    if own is None:
        _passing_on(call)
    if name != "data":
        setattr(cls, name, marked(call))
    elif own is None:
        setattr(cls, name, property(call))


# Hooks of one serializer


def settle_instance(serializer: object) -> object:
    """Settle what the hooks of one serializer answer, and of the child of a list.

    Args:
        serializer: The serializer, of a class that need not be ours.
    """
    kind: Any = type(serializer)
    if not _foreign(kind) and usual_attributes().issuperset(vars(serializer)):
        # As most do; a list has a child, which is none of these attributes.
        return serializer
    child = getattr(serializer, "child", None)
    if child is not None:
        _settle_hooks(child)
    _settle_hooks(serializer)
    return serializer


def _settle_hooks(serializer: object) -> None:
    kind: Any = type(serializer)
    for name in _foreign(kind):
        if name not in vars(serializer):
            hook = _of_its_class(serializer, name)
            _settle_attribute(vars(serializer), name, hook)
    settle_attributes(serializer)


def _of_its_class(serializer: object, name: str) -> object:
    """Return a hook as the class of a serializer has it: a serializer may change its class."""
    kind, hook = type(serializer), getattr(serializer, name)
    if not callable(hook):
        return hook

    @wraps(hook)
    def call(*args: object, **kwargs: object) -> Any:
        cls = type(serializer)
        owner = None if cls is kind else definer_in(cls.__mro__, name)
        if owner is None:
            return hook(*args, **kwargs)
        return passing_to(vars(owner)[name])(serializer, *args, **kwargs)

    return call


def settle_attributes(serializer: object) -> frozenset[str]:
    """Settle what hooks answer that are attributes of one serializer.

    Args:
        serializer: The serializer.

    Returns:
        Those of its fields, as :func:`nova_drf.core.overrides.hooks_of` would.
    """
    attributes = vars(serializer)
    if usual_attributes().issuperset(attributes):
        return NO_HOOKS
    for name in list(attributes):
        if name in _ANSWERING or name.startswith(FIELD_HOOKS):
            _settle_attribute(attributes, name, attributes[name])
    return frozenset(name for name in attributes if name.startswith(FIELD_HOOKS))


def _settle_attribute(attributes: dict[str, Any], name: str, hook: object) -> None:
    """Settle what one hook answers."""
    if callable(hook) and not is_step(hook):
        attributes[name] = marked(_waiting(hook))


@once_per_class
def _foreign(cls: Any) -> tuple[str, ...]:
    """Return the hooks of a class that are the user's, and are no steps."""
    owners = {name: definer_in(cls.__mro__, name) for name in dir(cls) if _is_answering(name)}
    return tuple(
        name
        for name, owner in owners.items()
        if owner is not None and is_users(owner) and not is_step(vars(owner)[name])
    )
