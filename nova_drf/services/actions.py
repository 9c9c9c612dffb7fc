"""How a method becomes an action: validated at the boundary, reachable from both colours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from functools import wraps
from types import MethodType
from typing import Any, ParamSpec, TypeVar, overload
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync, sync_to_async

from nova_drf.core.concurrency import is_awaited
from nova_drf.services.contracts import Contract
from nova_drf.services.errors import ServiceDefinitionError
from nova_drf.services.transactions import Atomic, without_atomic

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

_CONTRACT = "__nova_contract__"
_FUNCTIONS = "__nova_functions__"


@dataclass(frozen=True)
class ActionOptions:
    """What ``@service_action`` says about a method."""

    strict: bool | None = None
    atomic: Atomic | None = None
    accepts: tuple[str, ...] = ()


_options: WeakKeyDictionary[Callable[..., Any], ActionOptions] = WeakKeyDictionary()
_twins: WeakKeyDictionary[Callable[..., Any], Callable[..., Any]] = WeakKeyDictionary()


@overload
def service_action(function: F, /) -> F: ...


@overload
def service_action(
    *, strict: bool | None = None, atomic: bool | Atomic = False, accepts: Collection[str] = ()
) -> Callable[[F], F]: ...


def service_action(
    function: Any = None,
    /,
    *,
    strict: bool | None = None,
    atomic: bool | Atomic = False,
    accepts: Collection[str] = (),
) -> Any:
    """Set options of one method of a service. Public methods are actions without it, too.

    Args:
        function: The method, when used without parentheses.
        strict: Whether values must have the annotated type already (Pydantic's strict mode),
            whatever the class says.
        atomic: The same as ``@atomic``; or, with options, ``atomic(retries=3)``.
        accepts: Fingerprints of earlier signatures whose background jobs this one can run, too;
            :class:`~nova_drf.services.ContractMismatch` names them.
    """

    block = atomic if isinstance(atomic, Atomic) else Atomic() if atomic else None

    def mark(method: F) -> F:
        _options[method] = ActionOptions(strict, block, tuple(accepts))
        return method

    return mark if function is None else mark(function)


@overload
def twin(method: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, R]: ...  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]


@overload
def twin(method: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]: ...


def twin(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return the same method in the other colour, with its parameters and its result.

    In a class body it tells type checkers of the twin that each action has anyway, or names one:

    >>> class OrderService(Service):
    ...     def complete(self, order_id: int) -> Order: ...
    ...     acomplete = twin(complete)
    ...     async def capture(self, order_id: int) -> Receipt: ...
    ...     capture_now = twin(capture)

    Anywhere else it takes a bound method: ``twin(orders.capture)(order_id)`` in a command.

    A ``def`` becomes awaitable and runs in a worker thread; an ``async def`` becomes blocking,
    and may not be called where an event loop runs.
    """
    other = blocking(method) if is_awaited(method) else awaitable(method)
    _twins[other] = method
    return other


def awaitable(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a coroutine function that runs a ``def`` in Django's worker thread."""

    @wraps(method)
    async def call(*args: Any, **kwargs: Any) -> Any:
        return await sync_to_async(method)(*args, **kwargs)

    return call


def blocking(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that runs an ``async def`` to its end."""

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        return async_to_sync(method)(*args, **kwargs)

    return call


def of_both_colours(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands for an ``async def`` under a name that promises to block.

    Callers who may block get the result. On an event loop, where nothing may, they get the
    coroutine to await.
    """
    now = blocking(method)

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return now(*args, **kwargs)
        return method(*args, **kwargs)

    return call


class Action:
    """The descriptor that a service class has in place of each of its public methods.

    A class or an instance gives a real function or method: it knows from which class it was
    asked, so that ``BookService.create`` has the types that ``ModelService[Book, NewBook]`` says.

    Args:
        name: The attribute.
        function: What the class body says.
        local_names: What annotations may name besides the module.
    """

    def __init__(
        self, name: str, function: Callable[..., Any], local_names: Mapping[str, Any] | None
    ) -> None:
        options = _options.get(function)
        self.function, atomic = without_atomic(function)
        options = options or _options.get(self.function) or ActionOptions()
        self.name = name
        self.strict = options.strict
        self.accepts = options.accepts
        self.atomic = atomic or options.atomic
        self.is_async = is_awaited(self.function)
        self._written = function
        self._local_names = local_names
        self.__doc__ = function.__doc__

    def made_of(self, function: Callable[..., Any]) -> bool:
        """Whether this is the action of a function that a class body names."""
        return self._written is function

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        made = owner.__dict__.get(_FUNCTIONS)
        if made is None:
            made = {}
            setattr(owner, _FUNCTIONS, made)
        function = made.get(self)
        if function is None:
            function = made[self] = self.make(owner)
        return function if instance is None else MethodType(function, instance)

    def make(self, owner: type[Any]) -> Callable[..., Any]:
        """Return the function that checks the contract around the method, for one class."""
        contract = self.contract(owner)
        function = _acall(contract) if self.is_async else _call(contract)
        setattr(function, _CONTRACT, contract)
        return function

    def contract(self, owner: type[Any]) -> Contract:
        """Make the contract of the method as one class has it."""
        return Contract(
            self.function,
            owner,
            self.name,
            strict=owner.strict if self.strict is None else self.strict,
            atomic=self.atomic,
            accepts=self.accepts,
            local_names=self._local_names,
        )


class TwinAction:
    """The other colour of an action: an attribute of the class, of the action's own making.

    Args:
        name: The attribute.
        action: What it is the twin of.
        bridge: :func:`awaitable`, :func:`blocking` or :func:`of_both_colours`.
    """

    def __init__(
        self, name: str, action: Action, bridge: Callable[[Callable[..., Any]], Any]
    ) -> None:
        self.name = name
        self.action = action
        self.bridge = bridge
        self.__doc__ = action.__doc__

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        made = owner.__dict__.get(_FUNCTIONS, {}).get(self)
        if made is None:
            original = self.action.__get__(None, owner)
            made = self.bridge(original)
            made.__name__ = self.name
            made.__qualname__ = f"{owner.__qualname__}.{self.name}"
            owner.__dict__[_FUNCTIONS][self] = made
        return made if instance is None else MethodType(made, instance)


def contract_of(method: Callable[..., Any]) -> Contract:
    """Return the contract of ``OrderService.complete``, or of a bound method.

    Raises:
        ServiceDefinitionError: It is not an action of a service.
    """
    contract = getattr(method, _CONTRACT, None)
    if not isinstance(contract, Contract):
        raise ServiceDefinitionError(
            f"{getattr(method, '__qualname__', method)!r} is not an action: pass a public method "
            "of a Service subclass, such as OrderService.complete."
        )
    return contract


def declared_twin(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """Return what a function in a class body is declared to be the twin of."""
    return _twins.get(function)


def _call(contract: Contract) -> Callable[..., Any]:
    @wraps(contract.function)
    def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return contract.run(self, contract.validated(args, kwargs))

    return call


def _acall(contract: Contract) -> Callable[..., Any]:
    @wraps(contract.function)
    async def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return await contract.arun(self, contract.validated(args, kwargs))

    return call
