"""``Service``: a plain class whose public methods hold what their signatures promise."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any, ClassVar, Generic
from weakref import WeakSet

from typing_extensions import TypeVar

from nova_drf.services.actions import (
    Action,
    TwinAction,
    awaitable,
    blocking,
    contract_of,
    declared_twin,
    of_both_colours,
)
from nova_drf.services.context import ServiceContext
from nova_drf.services.contracts import Contract
from nova_drf.services.errors import ServiceDefinitionError
from nova_drf.services.signatures import defining_names, substituted, type_arguments

C = TypeVar("C", bound=ServiceContext, default=ServiceContext)
_CONTEXT: Any = C
"""The variable itself: to a type checker a type variable is only a type."""

_services: WeakSet[type[Service[Any]]] = WeakSet()


class Service(Generic[C]):
    """Business logic with a typed boundary, for APIs, commands, jobs and tests alike.

    >>> class OrderService(Service[ShopContext]):
    ...     @atomic
    ...     def complete(self, order_id: UUID, paid: Decimal) -> Order: ...
    >>> OrderService(context).complete(order_id, paid=Decimal("9.90"))

    Every public method is an *action*. Its signature is read once; arguments and the result are
    validated at every call, whoever calls: a ``Decimal`` stays exact, and a float in its place is
    an :class:`~nova_drf.services.InvalidArguments` that names the argument. A name that starts
    with an underscore is the service's own business.

    Each action has a twin in the other colour: for ``def complete`` that is ``await
    service.acomplete(...)``. An ``async def capture`` is awaited under its own name and as
    ``acapture``; :func:`~nova_drf.services.twin` names a blocking one. A subclass may replace
    either of a pair, and the other follows.

    Args:
        context: On whose behalf the service works; a context without a user when left out.

    Attributes:
        strict: Whether values must have the annotated type already (Pydantic's strict mode).
            The default converts what is plainly meant, such as ``"3"`` for an ``int``.
        context_class: What ``Service[ShopContext]`` says.

    Raises:
        TypeError: ``context`` is not an instance of ``context_class``.
    """

    strict: ClassVar[bool] = False
    context_class: ClassVar[type[ServiceContext]] = ServiceContext
    _hooks: ClassVar[frozenset[str]] = frozenset(("actions",))
    _pairs: ClassVar[Mapping[str, str]] = {}
    """The awaitable name of each blocking one."""
    _aliases: ClassVar[frozenset[str]] = frozenset()
    """The second names of actions that are awaited under their own."""
    _seconds: ClassVar[frozenset[str]] = frozenset()
    """The names that came into being as twins."""

    def __init__(self, context: C | None = None) -> None:
        if context is None:
            context = self.context_class()  # type: ignore[assignment]
        elif not isinstance(context, self.context_class):
            raise TypeError(
                f"{type(self).__qualname__}: the context must be a "
                f"{self.context_class.__qualname__}, not a {type(context).__qualname__}."
            )
        self.context: C = context  # type: ignore[assignment]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        context_class = substituted(_CONTEXT, type_arguments(cls))
        if isinstance(context_class, type) and "context_class" not in cls.__dict__:
            cls.context_class = context_class
        _install(cls, defining_names(cls))
        _services.add(cls)

    @classmethod
    def actions(cls) -> dict[str, Contract]:
        """Return the contracts of the class's actions by name, without their twins."""
        names = [name for base in reversed(cls.__mro__) for name in vars(base)]
        return {
            name: contract_of(getattr(cls, name))
            for name in dict.fromkeys(names)
            if name not in cls._seconds and _is_action(cls, name)
        }


def _is_action(cls: type[Service[Any]], name: str) -> bool:
    return isinstance(inspect.getattr_static(cls, name), (Action, TwinAction))


def service_classes() -> list[type[Service[Any]]]:
    """Return the service classes that have been made, for system checks."""
    return sorted(_services, key=lambda cls: (cls.__module__, cls.__qualname__))


def _install(cls: type[Service[Any]], local_names: Mapping[str, Any] | None) -> None:
    """Put an :class:`Action` in place of each public method, and twins beside them."""
    names = None if local_names is None else {**local_names, cls.__name__: cls}
    functions = dict(_public_functions(cls))
    own = {
        name: Action(name, function, names)
        for name, function in functions.items()
        if declared_twin(function) is None
    }
    written = _written_pairs(own)
    cls._pairs = {**cls._pairs, **written}
    cls._seconds = cls._seconds | frozenset(written.values())
    for name, action in own.items():
        setattr(cls, name, action)
    for name, function in functions.items():
        original = declared_twin(function)
        if original is not None:
            _declare(cls, name, next((a for a in own.values() if a.made_of(original)), None))
    waiting = {wait: block for block, wait in cls._pairs.items()}
    for name, action in own.items():
        if name in waiting:
            _follow_awaitable(cls, waiting[name], action, own)
        elif name in cls._pairs:
            _follow_blocking(cls, cls._pairs[name], action, own)
        else:
            _introduce(cls, action)


def _public_functions(cls: type[Service[Any]]) -> Iterator[tuple[str, Any]]:
    """Yield what the class body defines, and what its plain mixins bring along."""
    seen = {*cls._hooks}
    for base in cls.__mro__:
        for name, value in list(vars(base).items()):
            if name in seen or name.startswith("_"):
                continue
            seen.add(name)
            if isinstance(value, FunctionType) and not (
                base is not cls and issubclass(base, Service)
            ):
                yield name, value


def _written_pairs(own: Mapping[str, Action]) -> dict[str, str]:
    """Return the pairs of which a class body writes both sides by hand."""
    return {
        name: f"a{name}"
        for name, action in own.items()
        if not action.is_async and f"a{name}" in own and own[f"a{name}"].is_async
    }


def _declare(cls: type[Service[Any]], name: str, action: Action | None) -> None:
    """Install a twin that the class body names with ``twin()``."""
    if action is None:
        raise ServiceDefinitionError(
            f"{cls.__qualname__}.{name}: twin() takes a public method of the same class body."
        )
    setattr(cls, name, TwinAction(name, action, blocking if action.is_async else awaitable))
    pair = (name, action.name) if action.is_async else (action.name, name)
    cls._pairs = {**cls._pairs, pair[0]: pair[1]}
    cls._seconds = cls._seconds | {name}


def _follow_awaitable(
    cls: type[Service[Any]], block: str, action: Action, own: Mapping[str, Action]
) -> None:
    """Let the blocking name of a pair run what the class writes under the awaitable one."""
    if not action.is_async:
        raise ServiceDefinitionError(
            f"{cls.__qualname__}.{action.name}: this is the awaitable name of {block!r}. "
            "Write it as an `async def`, or replace the other one."
        )
    if block not in own:
        setattr(cls, block, TwinAction(block, action, blocking))


def _follow_blocking(
    cls: type[Service[Any]], wait: str, action: Action, own: Mapping[str, Action]
) -> None:
    """Let the awaitable name of a pair run what the class writes under the blocking one."""
    if action.is_async:
        setattr(cls, action.name, TwinAction(action.name, action, of_both_colours))
    if wait in own:
        return
    setattr(cls, wait, action if action.is_async else TwinAction(wait, action, awaitable))


def _introduce(cls: type[Service[Any]], action: Action) -> None:
    """Give a new action its twin, unless something else has that name."""
    wait = f"a{action.name}"
    inherited = vars(cls).get(wait) or getattr(cls, wait, None)
    if inherited is not None and wait not in cls._aliases:
        return
    cls._seconds = cls._seconds | {wait}
    if action.is_async:
        setattr(cls, wait, action)
        cls._aliases = cls._aliases | {wait}
    else:
        setattr(cls, wait, TwinAction(wait, action, awaitable))
        cls._pairs = {**cls._pairs, action.name: wait}
