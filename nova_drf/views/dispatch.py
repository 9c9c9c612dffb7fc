"""Which steps of a view are sync and which are async, and how one calls the other.

A view that has nothing async is DRF's own, untouched. In a class that has, each step (a hook of
DRF's or a handler) can be called from both sides of a worker thread:

* in a thread it returns its value, whether it is ``def`` or ``async def``;
* on the event loop it is awaited: an ``async def`` runs right there, a ``def`` in a worker thread.

So DRF's code, which runs in a thread as a whole, may call an ``async def perform_create``, and an
``async def create`` may ``await super().create(request)``.

Which steps are ``async def`` is read from the class, to decide where they run. What they answer is
not: each step that is neither DRF's nor ours is wrapped so that its answer is settled before DRF's
code sees it (``steps``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, wraps
from inspect import isasyncgenfunction
from types import FunctionType, new_class
from typing import Any, ClassVar, Generic, Protocol, TypeGuard, TypeVar, get_origin

from asgiref.sync import markcoroutinefunction, sync_to_async

from nova_drf.core.concurrency import in_sync, is_awaited, refuse_unawaited, runs_on_loop, within
from nova_drf.views.policies import (
    HOLDS_STEPS,
    has_async_members,
    is_of_drf,
    is_written_here,
    steps_are_drfs,
)
from nova_drf.views.steps import (
    ACTIONS,
    HOOKS,
    HTTP_METHODS,
    as_function,
    finished,
    is_forwarder,
    marked,
    noted_guard,
    settle_steps,
    settling_step,
)

WORK = frozenset(
    (
        *("dispatch", "initial", "handle_exception", "finalize_response"),
        *("perform_authentication", "check_permissions", "check_throttles"),
        *("get_object", "check_object_permissions", "filter_queryset", "paginate_queryset"),
        *("perform_create", "perform_update", "perform_destroy"),
    )
)
"""The hooks that may ask the database; an ``async def`` awaits them, also where they are ``def``.

The others (``get_queryset``, ``get_serializer``, ``get_paginated_response``, ...) only make
something, and are awaited only where they are ``async def`` themselves.
"""

F = TypeVar("F", bound=Callable[..., Any])

_ARRANGED = "_nova_drf_arranged"
_OWN, _INHERITED = object(), object()


class View(Protocol):
    """What a step has to know of the view it belongs to."""

    has_async_steps: ClassVar[bool]
    runs_inline: bool


def is_async(function: Any) -> bool:
    """Whether a function must be awaited or iterated with ``async for``."""
    return is_awaited(function) or isasyncgenfunction(within(function))


def steps_of(cls: type) -> Iterator[str]:
    """Yield the names of all methods of a view class that DRF, or its routers, may call."""
    of_drf = frozenset().union(*(vars(base) for base in cls.__mro__ if is_of_drf(base)))
    for name in dir(cls):
        if name.startswith("__"):
            continue
        if name in of_drf or is_handler(cls, name):
            yield name


def awaits(cls: type, name: str) -> bool:
    """Whether a step of a view class must be awaited.

    Args:
        cls: The view class.
        name: The name of a hook, an HTTP method or an action.
    """
    function = _defined(cls.__mro__, name)
    if is_async(function):
        return True
    target = _passes_on_to(function)
    return target is not None and awaits(cls, target)


def _defined(order: Iterable[type], name: str) -> Any:
    """Return what the first class that has something of a name has, as it stands there."""
    found = (vars(base)[name] for base in order if name in vars(base))
    return next((one for one in found if not is_forwarder(one)), None)


def is_handler(cls: type, name: str) -> bool:
    """Whether a step answers requests; the other steps are hooks."""
    is_named = name in HTTP_METHODS or name in ACTIONS
    return is_named or hasattr(_defined(cls.__mro__, name), "mapping")


def arrange(cls: type[View]) -> None:
    """Make the steps of a class that has something async callable from both sides.

    Args:
        cls: A view class that was just made. One in which all is sync stays as it is.
    """
    steps = list(steps_of(cls))
    called = [name for name in steps if name in HOOKS or is_handler(cls, name)]
    for name in called:
        as_function(cls, name)
    cls.has_async_steps = _has_async(cls, steps)
    if cls.has_async_steps:
        for name in steps:
            own = vars(cls).get(name)
            if _needs_arranging(own, cls, name):
                setattr(cls, name, _two_sided(own, name))
        _arrange_bases(cls, cls, steps)
    else:
        _settle_what_super_finds(cls, called)
    settle_steps(cls, called)


def _settle_what_super_finds(cls: type, names: Iterable[str]) -> None:
    """Let a step that calls ``super()`` find the settled answers of a mixin.

    Args:
        cls: A view class without anything async.
        names: The names of its steps.
    """
    order: list[Any] = []
    above = vars(cls).keys() & names
    for base in cls.__bases__:
        is_mixin = not (is_written_here(base) or hasattr(base, "has_async_steps"))
        own = {name: _defined(base.__mro__, name) for name in above} if is_mixin else {}
        held = {
            name: step
            for name, step in own.items()
            if isinstance(step, FunctionType) and not is_written_here(step)
        }
        order += [held, base] if held else [base]
        above |= {name for name in names if hasattr(base, name)}
    if len(order) > len(cls.__bases__):
        _put_before(cls, order)


def _has_async(cls: type, steps: list[str]) -> bool:
    """Whether a class, or one that it inherits from, has an async step."""
    return any(
        is_async(vars(base)[name])
        for base in cls.__mro__
        if not is_of_drf(base)
        for name in vars(base).keys() & steps
    )


def _arrange_bases(view: type, cls: type, steps: list[str]) -> None:
    """Let ``super()`` find the steps of classes that are not ours callable from both sides.

    DRF's classes and the project's classic ones stay as they are: a class that holds such steps
    comes before them among the bases, wherever something async may ask for them.

    Args:
        view: The view class.
        cls: It, or a mixin of the project's own that it inherits from.
        steps: The names of all steps of the view.
    """
    order: list[Any] = []
    before = cls
    for base in cls.__bases__:
        rest = cls.__mro__[cls.__mro__.index(base) :]
        all_asked = before is view or _has_async(before, steps)
        found = {name: _defined(rest, name) for name in steps}
        foreign = {
            name: function
            for name, function in found.items()
            if (all_asked or is_async(function)) and _needs_arranging(function, view, name)
        }
        order += [foreign, base] if foreign else [base]
        if not (base is object or is_of_drf(base) or hasattr(base, "has_async_steps")):
            _arrange_bases(view, base, steps)
        before = base
    if len(order) > len(cls.__bases__) and cls.__bases__ != (object,):
        _put_before(cls, order)


def _put_before(cls: type, order: list[Any]) -> None:
    """Give a class its bases anew.

    Args:
        cls: The class.
        order: Its bases, and dictionaries of the steps that go before the next base.
    """
    alike: Any = cls.__base__
    # Python wants the first base to be laid out as the one that was first.
    above: Any = alike.__base__
    if above is Generic:
        # It cannot be a base without its type variables.
        above = next(base for base in alike.__orig_bases__ if get_origin(base) is Generic)
    for parents, body in (((), {}), ((), {"__slots__": ()}), ((above,), {})):
        made = [
            _holding(cls, one, parents, body) if isinstance(one, dict) else one for one in order
        ]
        try:
            cls.__bases__ = tuple(made)
        except TypeError:
            continue
        return
    raise TypeError(
        f"{cls.__qualname__}: its first base, {alike.__qualname__}, has a layout of its own"
        " (`__slots__`, or a base written in C). Name it after the view class."
    )


def _holding(cls: type, steps: dict[str, Any], parents: tuple[Any, ...], body: Any) -> type:
    """Return a class that holds steps of others, to go among the bases of ``cls``."""
    body = {"__module__": cls.__module__, HOLDS_STEPS: True, **body}
    made = new_class(f"{cls.__name__}Steps", parents, exec_body=lambda names: names.update(body))
    for name, function in steps.items():
        setattr(made, name, _inherited(made, name, function))
    return made


def settle_routes(cls: type, handlers: Iterable[str]) -> None:
    """Settle what was put on a class after it was made, and handlers that only a route names.

    Args:
        cls: A view class.
        handlers: The names of the handlers of a route.
    """
    found = {name for base in cls.__mro__ if not is_written_here(base) for name in vars(base)}
    names = {*handlers, *(name for name in found if name in HOOKS or is_handler(cls, name))}
    for name in names:
        as_function(cls, name)
    settle_steps(cls, names)


def _needs_arranging(function: Any, view: type, name: str) -> TypeGuard[FunctionType]:
    if not isinstance(function, FunctionType) or isasyncgenfunction(function):
        return False
    if _arranged(function):
        return False
    if is_async(function):
        return True
    # What only passes on to an action returns, on both sides, what that one returns.
    return (name in WORK or is_handler(view, name)) and not _passes_on_to(function)


def two_sided_itself(function: F) -> F:
    """Mark a method of ours that sees by itself from which side it is called."""
    setattr(function, _ARRANGED, (_OWN, function))
    return function


def _arranged(function: Any) -> object:
    """Return how a function was arranged, or ``None`` if it was not.

    A decorator copies the mark, so that it names the function that it is meant for.
    """
    kind, marked = getattr(function, _ARRANGED, (None, None))
    return kind if marked is function else None


def _two_sided(function: FunctionType, name: str) -> FunctionType:
    """Return a step of a class itself, callable from both sides."""
    make = _async_step if is_async(function) else _sync_step
    return _marked(make(function, name), function, _OWN)


def _async_step(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def call(self: View, *args: Any, **kwargs: Any) -> Any:
        return _call_async(function, self, name, *args, **kwargs)

    return call


def _sync_step(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    step = settling_step(function, name)

    def call(self: View, *args: Any, **kwargs: Any) -> Any:
        # A mixin of the project's own may be used by classic views as well.
        if getattr(self, "has_async_steps", False) and _hops(self):
            return noted_guard(self, name, sync_to_async(step)(self, *args, **kwargs))
        return step(self, *args, **kwargs)

    return call


def _call_async(
    function: Callable[..., Any], view: View, name: str, /, *args: Any, **kwargs: Any
) -> Any:
    if runs_on_loop():
        return noted_guard(view, name, function(view, *args, **kwargs))
    answer = in_sync(function)(view, *args, **kwargs)
    refuse_unawaited(view)
    return finished(view, name, answer)


def _hops(view: View) -> bool:
    return not view.runs_inline and runs_on_loop()


def _inherited(behind: type, name: str, function: FunctionType) -> FunctionType:
    """Return a step of a class that is not ours, callable from both sides.

    It is looked up as ``super()`` does, for a subclass may put another class between.
    """
    found: dict[type, tuple[Callable[..., Any], bool | None]] = {}

    def call(self: View, *args: Any, **kwargs: Any) -> Any:
        owner = self.__class__
        if owner not in found:
            found[owner] = _after(owner, behind, name)
        function, awaits = found[owner]
        if awaits:
            return _call_async(function, self, name, *args, **kwargs)
        if awaits is False:
            return _sync_step(function, name)(self, *args, **kwargs)
        return function(self, *args, **kwargs)

    return _marked(call, function, _INHERITED)


def _after(owner: type, cls: type, name: str) -> tuple[Callable[..., Any], bool | None]:
    """Return the step that comes after a class in the order of ``owner``, and whether it is async.

    That is ``None`` of a step that is callable from both sides by itself.
    """
    order = owner.__mro__
    for base in order[order.index(cls) + 1 :]:
        function = vars(base).get(name)
        if function is None or is_forwarder(function) or _arranged(function) is _INHERITED:
            continue
        return function, None if _arranged(function) else is_async(function)
    raise AttributeError(f"{owner.__name__} inherits no {name!r}")


def _marked(call: Any, function: Any, kind: object) -> FunctionType:
    """Give a call the name and attributes of the step that it stands for."""
    made: Any = marked(wraps(function)(call))
    setattr(made, _ARRANGED, (kind, made))
    return markcoroutinefunction(made) if is_async(function) else made  # type: ignore[no-any-return]


# What DRF's own code is


def _passes_on_to(function: Any) -> str | None:
    """Return the action that a handler of DRF's only passes on to.

    ``ListAPIView.get`` is ``return self.list(...)``, ``partial_update`` ends in ``self.update``.
    """
    if not isinstance(function, FunctionType) or not is_of_drf(function):
        return None
    if function.__name__ not in HTTP_METHODS and function.__name__ != "partial_update":
        return None
    called = ACTIONS.intersection(function.__code__.co_names) - {function.__name__}
    return next(iter(called)) if len(called) == 1 else None


# What is decided of a class


@dataclass(frozen=True)
class Plan:
    """Which steps of a view class are async. It is made once, when a first route needs it.

    Attributes:
        handlers: The handlers that must be awaited.
        hooks: Whether any hook, or any permission, authentication, ... of the class must be.
        finishes_purely: Whether ``finalize_response`` is DRF's own, which asks no database.
    """

    handlers: frozenset[str]
    hooks: bool
    finishes_purely: bool

    def awaits_any(self, names: Iterable[str]) -> bool:
        """Whether a route to these handlers must be awaited."""
        return self.hooks or not self.handlers.isdisjoint(names)


def _plan(cls: type) -> Plan:
    awaited = {name for name in dir(cls) if not name.startswith("__") and awaits(cls, name)}
    hooks = {name for name in awaited.intersection(steps_of(cls)) if not is_handler(cls, name)}
    return Plan(
        handlers=frozenset(awaited - hooks),
        hooks=bool(hooks) or has_async_members(cls),
        finishes_purely=steps_are_drfs(cls, ("finalize_response",)),
    )


plan_of: Callable[[type], Plan] = cache(_plan)
"""Return what is decided of a view class."""
