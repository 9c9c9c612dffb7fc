"""What the signature of a service's method means over HTTP: body, query string, URL, response."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import Any, get_args, get_origin

from django.db.models import Model, QuerySet
from pydantic import BaseModel, create_model
from rest_framework.serializers import BaseSerializer, Serializer
from typing_extensions import is_typeddict

from nova_drf.core.markers import NotRequired
from nova_drf.schemas.schema import Schema
from nova_drf.serializers.schema_serializer import SchemaSerializer, serializer_from_schema
from nova_drf.services import ServiceDefinitionError, contract_of
from nova_drf.services.contracts import Contract
from nova_drf.services.signatures import Argument
from nova_drf.views.services.annotations import (
    groups_in,
    is_model,
    is_queryset,
    model_in,
    schema_in,
)
from nova_drf.views.services.delegation import Delegation
from nova_drf.views.services.objects import overrides

SerializerClass = type[BaseSerializer[Any]]

STANDARD: Mapping[str, tuple[str, bool]] = {
    "list": ("get", False),
    "create": ("post", False),
    "retrieve": ("get", True),
    "update": ("put", True),
    "partial_update": ("patch", True),
    "destroy": ("delete", True),
}
"""The actions that DRF's routers know: their HTTP method, and whether they are about one object."""

SERIALIZER_HOOKS = ("get_serializer", "get_serializer_class")
"""The hooks of DRF's that choose the serializer of an action."""

_WITH_BODY = frozenset(("post", "put", "patch"))
_MANY = (list, tuple, set, frozenset, Sequence, Iterable, Iterator)


class ServiceSignature:
    """What the signature of a delegated method means over HTTP, for one viewset class.

    Args:
        viewset: The class.
        name: The action.
        delegation: What was said of it.
    """

    def __init__(self, viewset: type[Any], name: str, delegation: Delegation) -> None:
        said = delegation.options
        self.viewset = viewset
        self.name = name
        self.delegation = delegation
        self.contract = _contract_in(viewset, contract_of(delegation.method))
        if name in STANDARD:
            method, self.detail = STANDARD[name]
            self.methods = [method]
        else:
            self.methods, self.detail = said["methods"], said["detail"]
        self.options: dict[str, Any] = said["options"]
        self.has_body = bool(_WITH_BODY.intersection(self.methods))
        self._request: Any = said["request"]
        self._response: Any = said["response"]
        self._status: int | None = said["status"]
        self._path = (*said["path"], *groups_in(self.options.get("url_path")))

    @property
    def where(self) -> str:
        """How messages name the action."""
        return f"{self.viewset.__module__}.{self.viewset.__qualname__}.{self.name}"

    # What the signature means

    @cached_property
    def _arguments(self) -> Mapping[str, Argument]:
        return {
            name: one
            for name, one in self.contract.arguments.all.items()
            if one.kind not in (one.kind.VAR_POSITIONAL, one.kind.VAR_KEYWORD)
        }

    @cached_property
    def object_argument(self) -> str | None:
        """The argument that takes the object itself, as the viewset's ``get_object()`` finds it."""
        return self._only(lambda annotation: model_in(annotation) is not None)

    @cached_property
    def queryset_argument(self) -> str | None:
        """The argument that takes the rows that the viewset lets the client see."""
        return self._only(is_queryset)

    def _only(self, takes: Callable[[Any], bool]) -> str | None:
        names = [name for name, one in self._arguments.items() if takes(one.annotation)]
        if len(names) > 1:
            raise ServiceDefinitionError(
                f"{self.where}: {self.contract.where}() has {len(names)} parameters that the "
                f"viewset would fill with the same thing ({', '.join(names)}). Keep one of them."
            )
        return names[0] if names else None

    @cached_property
    def lookup(self) -> str | None:
        """The argument that is the key of the object in the URL."""
        if not self.detail:
            return None
        named = (self.viewset.lookup_url_kwarg, self.viewset.lookup_field, "pk")
        for name in named:
            if name in self._arguments:
                return str(name)
        if self.object_argument is not None:
            return None
        plain = (
            name
            for name, one in self._arguments.items()
            if name not in (*self._path, self.queryset_argument)
            and schema_in(one.annotation) is None
        )
        return next(plain, None)

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The arguments that come from the URL, besides :attr:`lookup`."""
        return tuple(name for name in self._path if name in self._arguments)

    @cached_property
    def _from_view(self) -> frozenset[str | None]:
        """The arguments that the client does not send as data."""
        return frozenset((self.lookup, self.object_argument, self.queryset_argument, *self.path))

    @cached_property
    def whole(self) -> str | None:
        """The argument that is the whole body, or the whole query string."""
        names = [
            name
            for name, one in self._arguments.items()
            if name not in self._from_view
            and (schema_in(one.annotation) is not None or self._is_loose_body(one))
        ]
        return names[0] if len(names) == 1 else None

    def _is_loose_body(self, argument: Argument) -> bool:
        """Whether an argument takes the dictionary that a named serializer reads."""
        if not (self.has_body and self.reads_by_serializer):
            return False
        origin = get_origin(argument.annotation) or argument.annotation
        return origin is Any or origin in (dict, Mapping) or is_typeddict(origin)

    @cached_property
    def _rest(self) -> dict[str, Argument]:
        taken = {self.whole, *self._from_view}
        return {name: one for name, one in self._arguments.items() if name not in taken}

    @property
    def _named_request(self) -> Any:
        if self._request is not None:
            return self._request
        if self.name in STANDARD:
            return getattr(self.viewset, "serializer_class", None)
        return None

    @property
    def reads_by_serializer(self) -> bool:
        """Whether a serializer that somebody named, or a hook of DRF's chooses, reads the body."""
        return self._named_request is not None or self.is_chosen_by_hook

    @property
    def is_chosen_by_hook(self) -> bool:
        """Whether a hook of the viewset's chooses the serializer of one of DRF's six actions."""
        return self.name in STANDARD and any(
            overrides(self.viewset, name) for name in SERIALIZER_HOOKS
        )

    @cached_property
    def request_serializer(self) -> SerializerClass | None:
        """What reads the body; ``None`` where there is none."""
        if not self.has_body:
            return None
        of_model = self.name in STANDARD
        if self._named_request is not None:
            return self._serializer_class(self._named_request, of_model)
        if self.whole is not None:
            schema = schema_in(self._arguments[self.whole].annotation)
            return None if schema is None else self._serializer_class(schema, of_model)
        return self._of_arguments("Request", self._rest) if self._rest else None

    @cached_property
    def query_serializer(self) -> SerializerClass | None:
        """What reads the query string; ``None`` where the method takes nothing from it."""
        if self.has_body:
            in_query = self._rest if self.whole is not None else {}
            return self._of_arguments("Query", in_query) if in_query else None
        if self.whole is not None:
            schema = schema_in(self._arguments[self.whole].annotation)
            return None if schema is None else serializer_from_schema(schema)
        return self._of_arguments("Query", self._rest) if self._rest else None

    def _of_arguments(self, suffix: str, arguments: Mapping[str, Argument]) -> SerializerClass:
        may_lack: Any = NotRequired
        fields: dict[str, Any] = {
            name: (one.annotation, ...) if one.required else may_lack[one.annotation]
            for name, one in arguments.items()
        }
        title = "".join(part.title() for part in self.contract.name.split("_")) + suffix
        schema = create_model(title, __base__=Schema, __module__=self.viewset.__module__, **fields)
        return serializer_from_schema(schema)

    @cached_property
    def result(self) -> Any:
        """The annotation of the result."""
        return self.contract.hints.get("return", Any)

    @property
    def is_empty(self) -> bool:
        """Whether the method returns nothing."""
        return self.result is type(None)

    @property
    def model(self) -> type[Model] | None:
        """The model whose object the method takes or returns, if it says so."""
        name = self.object_argument
        taken = None if name is None else model_in(self._arguments[name].annotation)
        return taken or model_in(self.item)

    @cached_property
    def many(self) -> bool:
        """Whether the method returns several."""
        origin = get_origin(self.result) or self.result
        if isinstance(origin, type) and issubclass(origin, QuerySet):
            return True
        if origin not in _MANY:
            return False
        item = get_args(self.result)[:1]
        return bool(item) and (schema_in(item[0]) is not None or is_model(item[0]))

    @property
    def item(self) -> Any:
        """The annotation of the result, or of each of several."""
        return next(iter(get_args(self.result)), None) if self.many else self.result

    @cached_property
    def response_serializer(self) -> SerializerClass | None:
        """What prints schemas and objects; ``None`` for other results."""
        if self.is_empty:
            return None
        item = self.item
        schema = schema_in(item)
        if self._response is not None or schema is not None:
            return self._serializer_class(self._response or schema, schema is None)
        if not (self.many or is_model(item)):
            return None
        named = self.viewset.schema_of_objects()
        if named is None and self.is_chosen_by_hook:
            return None
        if named is None:
            raise ServiceDefinitionError(
                f"{self.where}: {self.contract.where}() returns objects of a model, and nothing "
                "says how to print them. Set response_schema or serializer_class on the viewset, "
                "or pass delegate(..., response=...)."
            )
        return self._serializer_class(named, True)

    def _serializer_class(self, named: Any, of_model: bool) -> SerializerClass:
        """Return the serializer that is named, or that of a schema, with the service's model.

        Args:
            named: A serializer or schema class.
            of_model: Whether it describes a row, with the model's relations and unique columns.
        """
        if issubclass(named, BaseSerializer):
            return named  # type: ignore[no-any-return]
        return _serializer_of(named, self.viewset.model_of_service() if of_model else None)

    @cached_property
    def value_serializer(self) -> SerializerClass:
        """What prints a result that is neither a schema nor an object: as a field of a schema."""
        fields: dict[str, Any] = {"value": (self.result, ...)}
        name = "".join(part.title() for part in self.contract.name.split("_")) + "Result"
        return serializer_from_schema(create_model(name, __base__=Schema, **fields))

    @cached_property
    def wire_names(self) -> dict[str, str]:
        """Clients' names of the model's fields, where they differ."""
        serializer_class: Any = self.request_serializer
        if serializer_class is None or not issubclass(serializer_class, Serializer):
            return {}
        fields: Any = serializer_class().fields
        return {field.source: name for name, field in fields.items() if field.source != name}

    @property
    def status(self) -> int:
        """The status code of success."""
        if self._status is not None:
            return self._status
        if self.is_empty:
            return HTTPStatus.NO_CONTENT
        return HTTPStatus.CREATED if self.name == "create" else HTTPStatus.OK

    def compile(self) -> None:
        """Work everything out now.

        Raises:
            ServiceDefinitionError: The signature does not say enough, or does not fit.
        """
        self.contract.compile()
        service = self.viewset.service_class
        if not issubclass(service, self.contract.owner):
            raise ServiceDefinitionError(
                f"{self.where}: {self.contract.where} is no method of {service.__qualname__}, the "
                "viewset's service_class."
            )
        if self.detail and self.lookup is None and self.object_argument is None:
            raise ServiceDefinitionError(
                f"{self.where}: {self.contract.where}() has no parameter for the object's key, "
                "nor for the object itself."
            )
        self._check_request()
        _ = self.query_serializer, self.response_serializer
        self._check_response()

    def _check_request(self) -> None:
        """Refuse a request schema that lacks what the method requires, or has another type."""
        serializer_class: Any = self.request_serializer
        named = _schema_of_serializer(serializer_class)
        wanted = schema_in(self._arguments[self.whole].annotation) if self.whole else None
        if wanted is None or named is None or issubclass(named, wanted):
            return
        required = {name for name, info in wanted.model_fields.items() if info.is_required()}
        lacking = sorted(required - named.model_fields.keys())
        if lacking or self._request is not None:
            raise ServiceDefinitionError(
                f"{self.where}: the request is read as {named.__qualname__}, but "
                f"{self.contract.where}() takes {self.whole}: {wanted.__qualname__}"
                + (f", which requires {', '.join(lacking)}." if lacking else ".")
            )

    def _check_response(self) -> None:
        """Refuse a response schema that reads what the method's result does not have."""
        named = _schema_of_serializer(self.response_serializer)
        returned = schema_in(self.item)
        if named is None or returned is None or issubclass(returned, named):
            return
        required = {name for name, info in named.model_fields.items() if info.is_required()}
        lacking = sorted(name for name in required if name not in returned.model_fields)
        lacking = [name for name in lacking if not hasattr(returned, name)]
        if lacking:
            raise ServiceDefinitionError(
                f"{self.where}: the response is printed as {named.__qualname__}, but "
                f"{self.contract.where}() returns {returned.__qualname__}, which has no "
                f"{', '.join(lacking)}."
            )


def _contract_in(viewset: Any, contract: Contract) -> Contract:
    """Return the contract of a method as the viewset's service has it, which may override it."""
    service_class = getattr(viewset, "service_class", None)
    return contract if service_class is None else contract_for(service_class, contract)


def contract_for(service_class: type[Any], contract: Contract) -> Contract:
    """Return the contract of a method in a subclass of the service that it was taken from.

    Args:
        service_class: The class; if it is no such subclass, the contract comes back as it is.
        contract: The method's.
    """
    if service_class is contract.owner or not issubclass(service_class, contract.owner):
        return contract
    return contract_of(getattr(service_class, contract.name))


_serializers: dict[tuple[type[BaseModel], Any], Any] = {}


def _serializer_of(schema: type[BaseModel], model: Any) -> SerializerClass:
    """Return one serializer class for a schema and a model, however many actions use it."""
    known = _serializers.get((schema, model))
    if known is None:
        meta = {} if model is None else {"model": model}
        made: Any = serializer_from_schema(schema, **meta)
        made.made_for_service = True
        known = _serializers[schema, model] = made
    return known  # type: ignore[no-any-return]


def _schema_of_serializer(serializer_class: Any) -> type[BaseModel] | None:
    if serializer_class is None or not issubclass(serializer_class, SchemaSerializer):
        return None
    return serializer_class.get_definition().request.schema  # type: ignore[no-any-return]
