"""Hooks of a serializer that are ``async def``.

DRF's code, which calls the hooks, runs in a worker thread as a whole. So each hook that is
``async def`` is made callable from both sides: in a thread it returns its value, having run on the
event loop meanwhile; on the loop it is awaited. In such a hook ``super()`` is awaited as well, also
where it leads to a ``def`` of DRF's, which then runs in a thread.

What a hook answers is settled whatever it looks like: a ``def`` may return a coroutine, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, wraps
from types import FunctionType
from typing import Any

from asgiref.sync import markcoroutinefunction, sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from rest_framework.fields import SerializerMethodField
from rest_framework.serializers import BaseSerializer, ListSerializer, ModelSerializer

from nova_drf.core.concurrency import (
    Unawaited,
    has_to_wait,
    in_sync,
    is_awaited,
    noted,
    refuse_async_generator,
    runs_on_loop,
    settled,
    within,
)
from nova_drf.core.overrides import PASSES_ON, definer, is_users
from nova_drf.schemas.use_field import UseField
from nova_drf.serializers.saving import SavingMixin

_OF_DRF = frozenset((*dir(ModelSerializer), *dir(ListSerializer)))
_OF_FIELD = "validate_"
_WRITING = frozenset(("create", "update"))
_INCOMING = frozenset(("to_internal_value", "validate", "is_valid"))
_INCOMING_PREFIXES = ("run_", _OF_FIELD)

_TWO_SIDED = "_nova_two_sided"
_SETTLES = "_nova_settles"
_GUARD = "_nova_guard"
_INSTEAD = {
    "data": "await serializer.adata",
    "to_representation": "await serializer.adata",
    "is_valid": "await serializer.ais_valid()",
    "run_validation": "await serializer.ais_valid()",
    "save": "await serializer.asave()",
}
"""What to write on the event loop instead of an entry point that runs async hooks."""


def arrange_hooks(cls: Any) -> None:
    """Make the ``async def`` hooks of a serializer class callable from both sides.

    Args:
        cls: A serializer class that was just made. One without such hooks stays as it is.
    """
    _settle_hooks(cls)
    found = _hooks(cls)
    own = found.keys() & vars(cls).keys()
    for name, function in found.items():
        setattr(cls, name, _two_sided(function))
    if found.keys() - own:
        # What a mixin of the project's own finds as ``super()``, which stays as it is.
        ours = [hasattr(base, "ais_valid") for base in cls.__bases__].index(True)
        _put(cls, _between(cls, found, of_layer=True), ours)
    if own:
        _put(cls, _between(cls, found), 0)


def steps_behind(cls: type[ListSerializer[Any]]) -> tuple[type, ...]:
    """Return what the async hooks of a list serializer class find as ``super()``, if it has any.

    Args:
        cls: The class; it stays as it is, and comes before what is returned.
    """
    found = _hooks(cls)
    return (_between(cls, found, (ListSerializer,)),) if found else ()


def refuse_on_loop(serializer: Any, entry: str) -> None:
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
    found = (vars(base)["save"] for base in cls.__mro__ if "save" in vars(base))
    save = next(one for one in found if not (hasattr(one, _GUARD) or one is SavingMixin.save))
    return save in (BaseSerializer.save, ListSerializer.save)


# Which hooks there are


def _hooks(cls: type) -> dict[str, FunctionType]:
    """Return the hooks of a class that are ``async def``, and not yet callable from both sides."""
    found = {}
    for name in _hook_names(cls):
        function = next(vars(base)[name] for base in cls.__mro__ if name in vars(base))
        is_plain = isinstance(function, FunctionType) and not hasattr(function, _TWO_SIDED)
        if is_plain and is_awaited(function):
            found[name] = function
    return found


def _hook_names(cls: type) -> Iterator[str]:
    """Yield the names of what DRF calls of a serializer class."""
    getters = set(_getters(cls))
    for name in dir(cls):
        is_drfs = name in _OF_DRF and not name.startswith("__")
        if is_drfs or name in getters or name.startswith(_OF_FIELD):
            yield name


def _getters(cls: Any) -> Iterator[str]:
    """Yield the names of the methods that the method fields of a class call."""
    fields = dict(getattr(cls, "_declared_fields", {}))
    for schema in getattr(cls, "_schemas", None) or ():
        for name, info in schema.model_fields.items():
            kept = next((one.field for one in info.metadata if isinstance(one, UseField)), None)
            fields[info.alias or name] = kept
    for name, field in fields.items():
        if isinstance(field, SerializerMethodField):
            yield field.method_name or f"get_{name}"


def _entries(names: Iterable[str]) -> set[str]:
    """Return the entry points of DRF's that run some hooks."""
    entries = set()
    for name in names:
        if name in _WRITING or name == "save":
            entries.add("save")
        elif name in _INCOMING or name.startswith(_INCOMING_PREFIXES):
            entries |= {"is_valid", "run_validation"}
        else:
            entries |= {"data", "to_representation"}
    return entries


# What hooks answer

_AWAITED = frozenset(("create", "update", "save", "to_representation"))
_ANSWERING = _AWAITED | frozenset(
    (
        *("validate", "to_internal_value", "is_valid"),
        *("run_validation", "run_validators", "run_child_validation"),
    )
)


def _settle_hooks(cls: type) -> None:
    """Settle what the hooks of a serializer class answer, whatever they look like.

    Hooks of a mixin stay as they are: the class gets a method that passes on to them.
    """
    for name in _answering(cls):
        owner = definer(cls, name)
        if owner is None or not is_users(owner) or "_async_entries" in vars(owner):
            continue
        value = vars(owner)[name]
        is_two_sided = is_awaited(value) and isinstance(value, FunctionType)
        if not (is_two_sided or _is_settled(value)):
            own = owner is cls
            setattr(cls, name, _settling(name, value) if own else _passing_on(cls, name, value))


def _answering(cls: type) -> list[str]:
    """Return the names of the hooks of a class whose answers count."""
    found = [name for name in dir(cls) if name in _ANSWERING or name.startswith(_OF_FIELD)]
    return [name for name in found if name != "validate_empty_values"]


def _is_settled(value: Any) -> bool:
    return hasattr(value, _TWO_SIDED) or getattr(value, _SETTLES, None) is value


def _settling(name: str, value: Any) -> Any:
    """Return a hook of a class itself, in the place of what may return something awaitable."""
    if isinstance(value, (staticmethod, classmethod)):
        return _marked(type(value)(_waiting(value.__func__)), None)

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        is_bound = hasattr(type(value), "__get__")
        hook = value.__get__(self, type(self)) if is_bound else value
        answer = hook(*args, **kwargs)
        return answer if is_awaited(value) else _answer(self, name, answer)

    return _marked(call, value)


def _waiting(function: Any) -> Any:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return settled(function(*args, **kwargs))

    return call


def _answer(serializer: Any, name: str, answer: Any) -> Any:
    """Return what a hook answers in the end.

    On the event loop it is awaited by who called the hook. There DRF's ``is_valid()`` would take it
    for a valid value, so it is an error.
    """
    if not (name in _AWAITED and has_to_wait(answer) and runs_on_loop()):
        return settled(answer)
    view = serializer.context.get("view")
    label = f"{type(serializer).__qualname__}.{name}"
    return Unawaited(answer) if view is None else noted(view, label, answer)


def _passing_on(cls: Any, name: str, value: Any) -> Any:
    """Return a hook that passes on to the one of a mixin."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = getattr(super(cls, self), name)(*args, **kwargs)
        return answer if is_awaited(value) else _answer(self, name, answer)

    made = _marked(call, value)
    setattr(made, PASSES_ON, made)
    return made


def _marked(call: Any, value: Any) -> Any:
    made = wraps(value)(call) if callable(within(value)) else call
    setattr(made, _SETTLES, made)
    return made


def settle_instance(serializer: Any) -> Any:
    """Settle what the hooks of one serializer answer, of a class that is not ours.

    Args:
        serializer: The serializer, or a list of its kind.
    """
    for one in (serializer, getattr(serializer, "child", None)):
        if one is None:
            continue
        attributes = vars(one)
        kind: Any = type(one)
        for name in _foreign(kind):
            _settle_attribute(attributes, name, getattr(one, name))
        settle_attributes(one)
    return serializer


def settle_attributes(serializer: Any) -> None:
    """Settle what hooks answer that are attributes of one serializer.

    Args:
        serializer: The serializer.
    """
    attributes = vars(serializer)
    for name in list(attributes):
        if name in _ANSWERING or name.startswith(_OF_FIELD):
            _settle_attribute(attributes, name, attributes[name])


def _settle_attribute(attributes: dict[str, Any], name: str, hook: Any) -> None:
    """Settle what one hook answers."""
    if callable(hook) and getattr(hook, _SETTLES, None) is not hook:
        attributes[name] = _marked(_waiting(hook), None)


@cache
def _foreign(cls: Any) -> tuple[str, ...]:
    """Return the hooks of a class that are the user's, and have not been settled."""
    owners = [(name, definer(cls, name)) for name in _answering(cls)]
    return tuple(
        name
        for name, owner in owners
        if owner is not None and is_users(owner) and not _is_settled(vars(owner)[name])
    )


# Both sides


def _two_sided(function: Callable[..., Any]) -> Any:
    @wraps(function)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if runs_on_loop():
            return function(self, *args, **kwargs)
        return refuse_async_generator(in_sync(function)(self, *args, **kwargs))

    setattr(call, _TWO_SIDED, True)
    return markcoroutinefunction(call)


def _between(
    cls: Any, hooks: Iterable[str], parents: tuple[type, ...] = (), *, of_layer: bool = False
) -> type:
    """Return the class that goes between a class with async hooks and what these inherit.

    Args:
        cls: The class.
        hooks: The names of its hooks.
        parents: The bases of the new class.
        of_layer: Whether it stands where the classes of ours do (see ``backing.layer``).
    """
    made: Any = type(f"{cls.__name__}Hooks", parents, {"__module__": __name__})
    if of_layer:
        made._of_layer = True
    for name in {*hooks, *_WRITING}:
        if any(hasattr(base, name) for base in cls.__bases__):
            setattr(made, name, _awaitable(made, name))
    entries = _entries(hooks)
    inherited = (getattr(base, "_async_entries", ()) for base in cls.__mro__)
    made._async_entries = entries.union(*inherited)
    for name in entries - vars(made).keys():
        guard = _guarded(made, name)
        setattr(made, name, property(guard) if name == "data" else guard)
    return made  # type: ignore[no-any-return]


def _awaitable(behind: type, name: str) -> Any:
    """Return an inherited hook: on the loop it is awaited, though it may be a ``def``."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        inherited = getattr(super(behind, self), name)
        if runs_on_loop() and not (hasattr(inherited, _TWO_SIDED) or is_awaited(inherited)):
            return sync_to_async(inherited)(*args, **kwargs)
        return inherited(*args, **kwargs)

    call.__name__ = name
    setattr(call, _TWO_SIDED, True)
    return call


def _guarded(behind: type, name: str) -> Any:
    """Return an entry point of DRF's that says what to write on the event loop."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_on_loop(self, name)
        inherited = getattr(super(behind, self), name)
        return inherited if name == "data" else inherited(*args, **kwargs)

    call.__name__ = name
    setattr(call, _GUARD, True)
    return call


def _put(cls: Any, between: type, at: int) -> None:
    """Put a class among the bases of another one."""
    bases = cls.__bases__
    cls.__bases__ = (*bases[:at], between, *bases[at:])
