"""What the signature of a service's method means over HTTP: what fills each argument."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin

from django.db.models import Model, QuerySet
from pydantic import BaseModel
from typing_extensions import is_typeddict

from nova_drf.services import ServiceDefinitionError, contract_of
from nova_drf.services.base import AnyService
from nova_drf.services.contracts import Contract
from nova_drf.services.model_service import operation_of
from nova_drf.services.signatures import Argument
from nova_drf.views.services.delegation import Delegation
from nova_drf.views.services.objects import overrides

T = TypeVar("T")

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
_COLLECTIONS = (list, tuple, set, frozenset, Sequence, Iterable, Iterator)


class ServiceSignature:
    """What the signature of a delegated method means over HTTP, for one viewset class.

    Args:
        viewset: The class.
        name: The action.
        delegation: What :func:`delegate` was told.
    """

    def __init__(self, viewset: type[Any], name: str, delegation: Delegation) -> None:
        self.viewset = viewset
        self.name = name
        self.delegation = delegation
        self.contract = _contract_in(viewset, contract_of(delegation.method))
        if name in STANDARD:
            method, self.detail = STANDARD[name]
            self.methods = [method]
        else:
            self.methods, self.detail = delegation.methods, delegation.detail
        self.options = delegation.options
        self.has_body = bool(_WITH_BODY.intersection(self.methods))
        self._path = (*delegation.path, *_groups_in(self.options.get("url_path")))

    @property
    def where(self) -> str:
        """How messages name the action."""
        return f"{self.viewset.__module__}.{self.viewset.__qualname__}.{self.name}"

    @cached_property
    def _arguments(self) -> Mapping[str, Argument]:
        return {
            name: argument
            for name, argument in self.contract.arguments.all.items()
            if not argument.is_variadic
        }

    @cached_property
    def object_argument(self) -> str | None:
        """The argument that takes the object itself, as the viewset's ``get_object()`` finds it."""
        return self._only(lambda annotation: model_in(annotation) is not None)

    @cached_property
    def queryset_argument(self) -> str | None:
        """The argument that takes the queryset that the viewset lets the client see."""
        return self._only(is_queryset)

    def _only(self, takes: Callable[[object], bool]) -> str | None:
        names = [name for name, each in self._arguments.items() if takes(each.annotation)]
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
        others = (
            name
            for name, argument in self._arguments.items()
            if name not in (*self._path, self.queryset_argument)
            and schema_in(argument.annotation) is None
        )
        return next(others, None)

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The arguments that come from the URL, besides :attr:`lookup`."""
        return tuple(name for name in self._path if name in self._arguments)

    @cached_property
    def _from_view(self) -> frozenset[str | None]:
        """The arguments that the client does not send as data."""
        return frozenset((self.lookup, self.object_argument, self.queryset_argument, *self.path))

    @cached_property
    def data_argument(self) -> str | None:
        """The argument that is the whole body, or the whole query string."""
        names = [
            name
            for name, argument in self._arguments.items()
            if name not in self._from_view
            and (schema_in(argument.annotation) is not None or self._takes_dictionary(argument))
        ]
        return names[0] if len(names) == 1 else None

    @property
    def data_schema(self) -> type[BaseModel] | None:
        """The schema of :attr:`data_argument`, if it has one."""
        name = self.data_argument
        return None if name is None else schema_in(self._arguments[name].annotation)

    def _takes_dictionary(self, argument: Argument) -> bool:
        """Whether an argument takes the dictionary that a named serializer reads."""
        if not (self.has_body and self.reads_by_serializer):
            return False
        origin = get_origin(argument.annotation) or argument.annotation
        return origin is Any or origin in (dict, Mapping) or is_typeddict(origin)

    @cached_property
    def _other_arguments(self) -> dict[str, Argument]:
        taken = {self.data_argument, *self._from_view}
        return {name: each for name, each in self._arguments.items() if name not in taken}

    @property
    def _named_request(self) -> object:
        if self.delegation.request is not None:
            return self.delegation.request
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
        if origin not in _COLLECTIONS:
            return False
        item = get_args(self.result)[:1]
        return bool(item) and (schema_in(item[0]) is not None or is_model(item[0]))

    @property
    def has_nulls(self) -> bool:
        """Whether the result, or some of several, may be ``None``."""
        annotation = self.item
        while get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        return NoneType in get_args(annotation)

    @property
    def item(self) -> Any:
        """The annotation of the result, or of each of several."""
        return next(iter(get_args(self.result)), None) if self.many else self.result

    @cached_property
    def has_optional_items(self) -> bool:
        """Whether the result is several objects of which any may be ``None``."""
        return self.many and self.has_nulls

    @property
    def status(self) -> int:
        """The status code of success."""
        if self.delegation.status is not None:
            return self.delegation.status
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


def _contract_in(viewset: type, contract: Contract) -> Contract:
    """Return the contract of a method as the viewset's service has it, which may override it."""
    service_class = getattr(viewset, "service_class", None)
    if service_class is None or not issubclass(service_class, contract.owner):
        return contract
    return contract_of(operation_of(service_class, contract.name))


def contract_for(service_class: type[AnyService], contract: Contract) -> Contract:
    """Return the contract of a delegated method in a subclass of the viewset's service.

    Args:
        service_class: The class; if it is no such subclass, the contract comes back as it is.
        contract: The method's, as the viewset's service has it.
    """
    if service_class is contract.owner or not issubclass(service_class, contract.owner):
        return contract
    return contract_of(operation_of(service_class, contract.name))


# Annotations


def schema_in(annotation: object) -> type[BaseModel] | None:
    """Return the Pydantic model that an annotation is, ``| None`` and ``Annotated`` aside."""
    return _class_in(annotation, BaseModel)


def model_in(annotation: object) -> type[Model] | None:
    """Return the Django model that an annotation is, ``| None`` and ``Annotated`` aside."""
    return _class_in(annotation, Model)


def _class_in(annotation: object, base: type[T]) -> type[T] | None:
    if get_origin(annotation) is Annotated:
        return _class_in(get_args(annotation)[0], base)
    if isinstance(annotation, type) and issubclass(annotation, base):
        return annotation
    members = [member for member in get_args(annotation) if member is not type(None)]
    if len(members) == 1 and type(None) in get_args(annotation):
        return _class_in(members[0], base)
    return None


def is_queryset(annotation: object) -> bool:
    """Whether an annotation is a queryset, of whatever model."""
    origin = get_origin(annotation) or annotation
    return isinstance(origin, type) and issubclass(origin, QuerySet)


def is_model(annotation: object) -> bool:
    """Whether an annotation names a Django model."""
    if isinstance(annotation, type):
        return issubclass(annotation, Model)
    return any(is_model(member) for member in get_args(annotation) if isinstance(member, type))


def _groups_in(url_path: str | None) -> tuple[str, ...]:
    groups = re.findall(r"\(\?P<(\w+)>|<(?:\w+:)?(\w+)>", url_path or "")
    return tuple(named or converted for named, converted in groups)
