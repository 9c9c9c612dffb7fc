"""A contract: what the signature of a method promises, checked at every call."""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, NotRequired, TypeVar, get_origin

from asgiref.sync import sync_to_async
from django.db import DatabaseError
from pydantic import ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic_core import CoreSchema, PydanticCustomError, SchemaError, core_schema
from typing_extensions import TypedDict

from nova_drf.core.concurrency import awaited, is_awaited, waited_for
from nova_drf.core.core_schema import Core, rewrite
from nova_drf.services.constraints import translated
from nova_drf.services.errors import (
    ContractError,
    InvalidArguments,
    ServiceDefinitionError,
    problems_in,
)
from nova_drf.services.retries import FreshArguments
from nova_drf.services.signatures import Arguments, Method, hints_of
from nova_drf.services.transactions import REMEDY, Atomic


class Contract:
    """One method of one service class.

    Follows:
        ``pydantic.validate_call``.

    Args:
        function: The method as written, without ``@atomic``.
        owner: The class it was asked from; its type arguments fill the type variables.
        name: The method's name in that class.
        strict: Whether Pydantic's strict mode holds: no conversion at all.
        atomic: The transaction to run it in.
        accepts: Fingerprints of earlier signatures whose background jobs it can run.
        local_names: What annotations may name besides the module.
    """

    def __init__(
        self,
        function: Method,
        owner: type[Any],
        name: str,
        *,
        strict: bool = False,
        atomic: Atomic | None = None,
        accepts: tuple[str, ...] = (),
        local_names: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.function = function
        self.owner = owner
        self.name = name
        self.strict = strict
        self.atomic = atomic
        self.accepts = accepts
        self._local_names = local_names
        self.is_async = is_awaited(function)

    def __repr__(self) -> str:
        return f"<Contract of {self.path}>"

    @property
    def where(self) -> str:
        """How messages name the method: ``OrderService.complete``."""
        return f"{self.owner.__qualname__}.{self.name}"

    @property
    def path(self) -> str:
        """Where Python finds the method: ``shop.services.OrderService.complete``."""
        return f"{self.owner.__module__}.{self.where}"

    # What the signature says

    @cached_property
    def hints(self) -> dict[str, Any]:
        """The annotations as types; ``return`` is the result's, if there is one."""
        return hints_of(self.function, self.owner, self.path, self._local_names)

    @cached_property
    def arguments(self) -> Arguments:
        """The parameters, without ``self``."""
        return Arguments(self.function, self.hints, self.where)

    @cached_property
    def adapter(self) -> TypeAdapter[dict[str, Any]]:
        """Validates, dumps and describes the arguments as one dictionary by name."""
        fields = {
            name: exact(each.annotation) if each.required else NotRequired[exact(each.annotation)]
            for name, each in self.arguments.all.items()
        }
        members = TypedDict(f"{self.where} arguments", fields)  # type: ignore[misc]  # made at run time
        members.__pydantic_config__ = self._config  # type: ignore[attr-defined]  # Pydantic looks for it
        return self._compiled(members, "an argument")

    @cached_property
    def result_adapter(self) -> TypeAdapter[Any] | None:
        """Validates the result, or ``None`` where the signature does not say what it is."""
        if "return" not in self.hints:
            return None
        return self._compiled(exact_result(self.hints["return"]), "the result", self._config)

    @property
    def _config(self) -> ConfigDict:
        return ConfigDict(strict=self.strict, arbitrary_types_allowed=True)

    def _compiled(
        self, type_: Any, what: str, config: ConfigDict | None = None
    ) -> TypeAdapter[Any]:
        try:
            return TypeAdapter(type_, config=config)
        except (PydanticUserError, SchemaError, TypeError) as error:
            if getattr(error, "code", None) == "type-adapter-config-unused":
                return self._compiled(type_, what)  # a model brings a configuration of its own
            raise ServiceDefinitionError(
                f"{self.path}: {what} has a type that cannot be validated. {error}"
            ) from error

    def compile(self) -> None:
        """Read the signature now rather than at the first call.

        Raises:
            ServiceDefinitionError: It cannot be read, or an ``async def`` is to be atomic.
        """
        self._refuse_atomic_coroutine()
        _ = self.adapter, self.result_adapter

    # Calling the method

    def validated(self, args: tuple[object, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of a call by name, converted to their types.

        Raises:
            InvalidArguments: A value is not what the signature says; the detail names it.
            TypeError: An argument is missing, or there is no such argument.
        """
        bound = self.arguments.bind(args, kwargs)
        try:
            return self.adapter.validate_python(bound)
        except ValidationError as error:
            raise InvalidArguments.from_pydantic(error, self.where) from None

    def checked(self, result: object) -> Any:
        """Return the result, converted to the type that the signature promises.

        Raises:
            ContractError: It is not of that type.
        """
        if self.result_adapter is None:
            return result
        try:
            return self.result_adapter.validate_python(result)
        except ValidationError as error:
            # Pydantic's own text, which would stand in the traceback, repeats the values.
            raise ContractError(
                f"{self.path}() broke its contract: {problems_in(error, 'result')}"
            ) from None

    def run(
        self,
        service: object,
        arguments: dict[str, Any],
        finish: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Run a ``def`` with validated arguments, in its transaction.

        Args:
            service: The instance.
            arguments: From :meth:`validated`.
            finish: Turns the checked result into what is returned, inside the transaction.
        """
        atomic = self.atomic
        fresh = FreshArguments(arguments) if atomic is not None and atomic.retries else None

        def once() -> object:
            values = arguments if fresh is None else fresh.arguments()
            args, kwargs = self.arguments.spread(values)
            result = self.checked(waited_for(self.function(service, *args, **kwargs)))
            return result if finish is None else finish(result)

        try:
            return once() if atomic is None else atomic.run(once)
        except DatabaseError as error:
            service_error = translated(error)
            if service_error is None:
                raise
            raise service_error from error

    async def arun(self, service: object, arguments: dict[str, Any]) -> Any:
        """Run an ``async def`` with validated arguments.

        Raises:
            ServiceDefinitionError: It is marked ``@atomic``.
        """
        self._refuse_atomic_coroutine()
        args, kwargs = self.arguments.spread(arguments)
        try:
            return self.checked(await awaited(self.function(service, *args, **kwargs)))
        except DatabaseError as error:
            # In Django's thread, where its connections are.
            service_error = await sync_to_async(translated)(error)
            if service_error is None:
                raise
            raise service_error from error

    def _refuse_atomic_coroutine(self) -> None:
        if self.is_async and self.atomic is not None:
            raise ServiceDefinitionError(f"{self.path}: an `async def` is not atomic. {REMEDY}")


T = TypeVar("T")

_LAZY: tuple[type, ...] = (
    Iterable,
    Iterator,
    Generator,
    AsyncIterable,
    AsyncIterator,
    AsyncGenerator,
)

_CLASSES = frozenset(("model", "dataclass"))
"""Nodes that follow the rules of their own class, inside and outside of services."""


class Exact:
    """Annotates a type whose decimals, at any depth, refuse floats.

    A ``Schema`` or ``BaseModel`` inside keeps its own rules. An ``Iterable`` argument becomes a
    list, so that its items are checked now rather than while the method iterates.
    """

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        open_references: list[str] = []

        def visit(node: Core) -> Core | None:
            if node["type"] == "definition-ref":
                return follow(node)
            if node["type"] in _CLASSES:
                return node
            if node["type"] == "decimal":
                return core_schema.no_info_before_validator_function(refuse_float, node)
            if node["type"] == "generator":
                return rewrite({**node, "type": "list"}, visit)
            return None

        def follow(node: Core) -> Core:
            reference = node["schema_ref"]
            target: Core = handler.resolve_ref_schema(node)
            if reference in open_references or target["type"] in _CLASSES:
                return node
            open_references.append(reference)
            copy = rewrite({key: value for key, value in target.items() if key != "ref"}, visit)
            open_references.pop()
            return copy

        exact_core: CoreSchema = rewrite(handler(source), visit)
        return exact_core


def refuse_float(value: T) -> T:
    """Return what is not a float: ``Decimal(0.1)`` is not the number that somebody wrote.

    Raises:
        PydanticCustomError: It is a float.
    """
    if isinstance(value, float):
        raise PydanticCustomError(
            "decimal_from_float", "Input should be a Decimal, an integer or a string, not a float"
        )
    return value


def exact(annotation: object) -> object:
    """Return what an argument is validated against."""
    return Annotated[annotation, Exact()]


def exact_result(annotation: object) -> object:
    """Return what a result is validated against: what is lazy stays lazy.

    Pydantic would replace an iterator by one of its own, and a queryset would no longer be one.
    """
    origin = get_origin(annotation) or annotation
    if origin in _LAZY:
        return origin
    return exact(annotation)
