"""``Service``: a class whose public methods are validated at every call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import getattr_static
from types import FunctionType, MethodType
from typing import Any, ClassVar, Generic, TypeAlias, overload
from weakref import WeakKeyDictionary, WeakSet

from typing_extensions import TypeVar

from nova_drf.core.concurrency import is_awaited
from nova_drf.services.context import ServiceContext
from nova_drf.services.contracts import Contract
from nova_drf.services.errors import ServiceDefinitionError
from nova_drf.services.signatures import Method, local_names_around, substituted, type_arguments
from nova_drf.services.transactions import Atomic, without_atomic

C = TypeVar("C", bound=ServiceContext, default=ServiceContext)
F = TypeVar("F", bound=Method)
_CONTEXT: Any = C
"""The variable itself: to a type checker a type variable is only a type."""

_CONTRACT = "__nova_contract__"

AnyService: TypeAlias = "Service[Any]"
"""A service of any context."""

_services: WeakSet[type[AnyService]] = WeakSet()


@dataclass(frozen=True)
class ActionOptions:
    """What ``@service_action`` says about a method."""

    strict: bool | None = None
    atomic: Atomic | None = None
    accepts: tuple[str, ...] = ()


_options: WeakKeyDictionary[Method, ActionOptions] = WeakKeyDictionary()


@overload
def service_action(function: F, /) -> F: ...


@overload
def service_action(
    *, strict: bool | None = None, atomic: bool | Atomic = False, accepts: Collection[str] = ()
) -> Callable[[F], F]: ...


def service_action(
    function: Method | None = None,
    /,
    *,
    strict: bool | None = None,
    atomic: bool | Atomic = False,
    accepts: Collection[str] = (),
) -> Method:
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

    A ``def`` blocks and an ``async def`` is awaited. To call one from the other side, use
    asgiref, as everywhere in Django: ``await sync_to_async(orders.complete)(...)``,
    ``async_to_sync(orders.capture)(...)``.

    Follows:
        ``pydantic.validate_call``.

    Args:
        context: On whose behalf the service works; a context without a user when left out.

    Attributes:
        strict: Whether values must have the annotated type already (Pydantic's strict mode).
            The default converts what is meant beyond doubt, such as ``"3"`` for an ``int``.
        context_class: What ``Service[ShopContext]`` says.

    Raises:
        TypeError: ``context`` is not an instance of ``context_class``.
    """

    strict: ClassVar[bool] = False
    context_class: ClassVar[type[ServiceContext]] = ServiceContext
    _hooks: ClassVar[frozenset[str]] = frozenset(("actions",))
    """Public methods that are no actions, in subclasses neither."""
    _functions: ClassVar[dict[Action, FunctionType]] = {}
    """The functions of the actions, with the contracts that this class has."""

    def __init__(self, context: C | None = None) -> None:
        if context is None:
            context = self.context_class()  # type: ignore[assignment]  # of the class that `C` stands for
        elif not isinstance(context, self.context_class):
            raise TypeError(
                f"{type(self).__qualname__}: the context must be a "
                f"{self.context_class.__qualname__}, not a {type(context).__qualname__}. "
                "Pass one of that class, or set context_class."
            )
        self.context: C = context  # type: ignore[assignment]  # checked above

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        context_class = substituted(_CONTEXT, type_arguments(cls))
        if isinstance(context_class, type) and "context_class" not in cls.__dict__:
            cls.context_class = context_class
        cls._functions = {}
        local_names = local_names_around(cls)
        for name, function in dict(_public_functions(cls)).items():
            setattr(cls, name, Action(name, function, local_names))
        _services.add(cls)

    @classmethod
    def actions(cls) -> dict[str, Contract]:
        """Return the contracts of the class's actions by name."""
        names = dict.fromkeys(name for base in reversed(cls.__mro__) for name in vars(base))
        return {
            name: contract_of(getattr(cls, name))
            for name in names
            if isinstance(getattr_static(cls, name), Action)
        }


def service_classes() -> list[type[AnyService]]:
    """Return the service classes that have been made, for system checks."""
    return sorted(_services, key=lambda cls: (cls.__module__, cls.__qualname__))


def contract_of(method: Method) -> Contract:
    """Return the contract of ``OrderService.complete``, or of a bound method.

    Args:
        method: The method.

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


class Action:
    """The descriptor that a service class has in place of each of its public methods.

    A class or an instance gives a real function or method. It knows from which class it was
    asked, so that ``BookService.create`` has the types that ``ModelService[Book, NewBook]`` says.

    Args:
        name: The attribute.
        function: What the class body says.
        local_names: What annotations may name besides the module.
    """

    def __init__(self, name: str, function: Method, local_names: Mapping[str, Any]) -> None:
        options = _options.get(function)
        self.function, atomic = without_atomic(function)
        options = options or _options.get(self.function) or ActionOptions()
        self.name = name
        self.strict = options.strict
        self.accepts = options.accepts
        self.atomic = atomic or options.atomic
        self.is_async = is_awaited(self.function)
        self._local_names = local_names
        self.__doc__ = function.__doc__

    def __get__(self, instance: object | None, owner: type[AnyService]) -> Any:
        functions = owner._functions
        function = functions.get(self)
        if function is None:
            function = functions[self] = self._function_for(owner)
        return function if instance is None else MethodType(function, instance)

    def _function_for(self, owner: type[AnyService]) -> Any:
        """Return the function that validates around the method, for one class."""
        contract = Contract(
            self.function,
            owner,
            self.name,
            strict=owner.strict if self.strict is None else self.strict,
            atomic=self.atomic,
            accepts=self.accepts,
            local_names=self._local_names,
        )
        function = _async_function(contract) if self.is_async else _function(contract)
        setattr(function, _CONTRACT, contract)
        return function


def _public_functions(cls: type[AnyService]) -> Iterator[tuple[str, FunctionType]]:
    """Yield what the class body defines, and what its mixins that are no services bring along."""
    seen = {*cls._hooks, *vars(cls).get("_async_operations", ())}
    for base in cls.__mro__:
        for name, value in list(vars(base).items()):
            if name in seen or name.startswith("_"):
                continue
            seen.add(name)
            if isinstance(value, FunctionType) and not (
                base is not cls and issubclass(base, Service)
            ):
                yield name, value


def _function(contract: Contract) -> Method:
    @wraps(contract.function)
    def call(self: AnyService, /, *args: object, **kwargs: object) -> Any:
        return contract.run(self, contract.validated(args, kwargs))

    return call


def _async_function(contract: Contract) -> Method:
    @wraps(contract.function)
    async def call(self: AnyService, /, *args: object, **kwargs: object) -> Any:
        return await contract.arun(self, contract.validated(args, kwargs))

    return call
