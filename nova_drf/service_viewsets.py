"""Viewsets whose actions are methods of services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic
from weakref import WeakSet

from django.db.models import Model
from django.utils.translation import get_language
from pydantic import BaseModel
from rest_framework import viewsets
from rest_framework.mixins import CreateModelMixin
from rest_framework.serializers import Serializer
from typing_extensions import TypeVar

from nova_drf.generics import AsyncGenericAPIView
from nova_drf.service_actions import ServiceAction, delegate
from nova_drf.service_errors import api_error
from nova_drf.service_signatures import Delegation, schema_in
from nova_drf.services import (
    ModelService,
    Service,
    ServiceContext,
    ServiceDefinitionError,
    contract_of,
)
from nova_drf.services.signatures import substituted, type_arguments
from nova_drf.transactions import answered_at_commit

S = TypeVar("S", bound=Service[Any], default=Service[Any])
_SERVICE: Any = S

_REQUEST_ID_LENGTH = 200

_viewsets: WeakSet[type[ServiceViewSet[Any]]] = WeakSet()


def service_viewset_classes() -> list[type[ServiceViewSet[Any]]]:
    """Return the viewset classes with a service that have been made, for system checks."""
    return sorted(_viewsets, key=lambda cls: (cls.__module__, cls.__qualname__))


class ServiceViewSet(AsyncGenericAPIView, viewsets.GenericViewSet[Any], Generic[S]):
    """A viewset some or all of whose actions are methods of a service.

    >>> class OrderViewSet(ServiceViewSet[OrderService]):
    ...     create = delegate(OrderService.create)
    ...     complete = delegate(OrderService.complete, detail=True)
    ...
    ...     @action(detail=True)
    ...     def history(self, request, pk): ...          # as classic as ever

    It is an ``AsyncGenericViewSet`` in all else: permissions, throttles, filters, pagination,
    ``queryset``, ``serializer_class`` and classic actions do what they do in DRF. What a service
    raises becomes DRF's answer; see :func:`nova_drf.service_errors.api_error`.

    Attributes:
        service_class: The service; it follows from the type argument, or else from the first
            method that is delegated to.
        response_schema: What prints the results of methods that return objects of a model;
            ``serializer_class`` when left out.
    """

    service_class: ClassVar[type[Service[Any]]]
    response_schema: ClassVar[type[BaseModel] | None] = None
    service_actions: ClassVar[Mapping[str, ServiceAction]] = {}
    answers_at_commit = True
    """Whether ``handle_exception()`` is asked about what the database refuses at the end."""

    if not TYPE_CHECKING:

        @classmethod
        def __class_getitem__(cls, service: Any) -> Any:
            # DRF's generic views drop their type arguments; here the argument is the service.
            return vars(Generic)["__class_getitem__"].__get__(None, cls)(service)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        service_class = substituted(_SERVICE, type_arguments(cls))
        if isinstance(service_class, type) and "service_class" not in vars(cls):
            cls.service_class = service_class
        cls.service_actions = {
            name: made
            for name, made in cls.service_actions.items()
            if getattr(getattr(cls, name, None), "service_action", None) is made
        }
        delegations = cls._delegations()
        if delegations and not hasattr(cls, "service_class"):
            cls.service_class = contract_of(next(iter(delegations.values())).method).owner
        for name, delegation in delegations.items():
            made = ServiceAction(cls, name, delegation)
            setattr(cls, name, made.handler())
            cls.service_actions = {**cls.service_actions, name: made}
        super().__init_subclass__(**kwargs)
        _viewsets.add(cls)

    @classmethod
    def as_view(cls, *args: Any, **initkwargs: Any) -> Any:
        """Return DRF's view function, which with ``ATOMIC_REQUESTS`` holds the transaction."""
        return answered_at_commit(super().as_view(*args, **initkwargs))

    @classmethod
    def _delegations(cls) -> dict[str, Delegation]:
        """Return what the class body, and its plain mixins, delegate."""
        found: dict[str, Delegation] = {}
        for base in cls.__mro__:
            for name, value in vars(base).items():
                if isinstance(value, Delegation) and getattr(cls, name) is value:
                    found.setdefault(name, value)
        return found

    # What the actions ask for

    @classmethod
    def model_of_service(cls) -> type[Model] | None:
        """Return the model whose rows the service is about, if it is about one."""
        return getattr(getattr(cls, "service_class", None), "model", None)

    @classmethod
    def schema_of_objects(cls) -> Any:
        """Return the schema or serializer class that prints objects of a model."""
        return cls.response_schema or getattr(cls, "serializer_class", None)

    def has_queryset(self) -> bool:
        """Whether there are rows to look an object up in."""
        own: Any = type(self).queryset
        return own is not None or issubclass(self.service_class, ModelService)

    def get_queryset(self) -> Any:
        """Return the viewset's own queryset, or the rows that the service lets the caller see."""
        service = self.get_service()
        own: Any = type(self).queryset
        if own is None and isinstance(service, ModelService):
            return service.get_queryset()
        return super().get_queryset()

    def get_service(self) -> S:
        """Return the service for this request.

        Raises:
            ServiceDefinitionError: The class names no service.
        """
        if not hasattr(self, "service_class"):
            raise ServiceDefinitionError(
                f"{type(self).__qualname__}: no service. Write ServiceViewSet[YourService], or "
                "set service_class."
            )
        service: Any = self.service_class(self.get_service_context())
        return service  # type: ignore[no-any-return]

    def get_service_context(self) -> ServiceContext:
        """Return on whose behalf the service works; override it to fill fields of your own."""
        request_id: str | None = self.request.META.get("HTTP_X_REQUEST_ID")
        return self.service_class.context_class(
            user=self.request.user,
            locale=get_language(),
            request_id=request_id and request_id[:_REQUEST_ID_LENGTH],
        )

    def get_serializer_class(self) -> Any:
        """Return what reads the action's body, or prints its result: for forms and ``OPTIONS``."""
        chosen = self._current_action()
        if chosen is not None:
            return chosen.request_serializer or chosen.response_serializer or Serializer
        return super().get_serializer_class()

    get_success_headers = CreateModelMixin.get_success_headers

    def _current_action(self) -> ServiceAction | None:
        """Return the delegated action that is asked for, or that ``OPTIONS`` asks about."""
        actions: dict[str, str] = getattr(self, "action_map", None) or {}
        method = (self.request.method or "").lower() if getattr(self, "request", None) else ""
        name = getattr(self, "action", None)
        if name not in self.service_actions:
            name = actions.get(method)
        return self.service_actions.get(name or "")

    def handle_exception(self, exc: Exception) -> Any:
        """Answer what a service raised as DRF would have."""
        chosen = self._current_action()
        whole = chosen.whole if chosen is not None else None
        names = chosen.wire_names if chosen is not None else None
        translated = api_error(exc, whole=whole, names=names)
        if translated is not exc:
            translated.__cause__ = exc
        return super().handle_exception(translated)


class ModelServiceViewSet(ServiceViewSet[S], Generic[S]):
    """DRF's six actions, each a method of a :class:`~nova_drf.services.ModelService`.

    >>> class BookViewSet(ModelServiceViewSet[BookService]):
    ...     permission_classes = [IsAuthenticated]

    ``list``, ``retrieve``, ``create``, ``update`` and ``destroy`` call the service's methods of
    the same name (``delete`` for the last); ``partial_update`` calls ``update`` with what the
    client sent. An action that the class body defines itself stays as it is.

    The schemas are those of the service's type arguments, unless ``serializer_class`` names a
    serializer, classic or not, or ``response_schema`` another one for output.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "__orig_bases__" in vars(cls) or "service_class" in vars(cls):
            cls._delegate_standard_actions()
        super().__init_subclass__(**kwargs)

    @classmethod
    def _delegate_standard_actions(cls) -> None:
        service_class: Any = vars(cls).get("service_class")
        service_class = service_class or substituted(_SERVICE, type_arguments(cls))
        if not (isinstance(service_class, type) and issubclass(service_class, ModelService)):
            return
        for name, method in _METHODS.items():
            written = getattr(cls, name, None)
            if written is None or hasattr(written, "service_action"):
                setattr(cls, name, delegate(getattr(service_class, method)))

    @classmethod
    def schema_of_objects(cls) -> Any:
        """Return what prints objects: what ``create`` takes, where nothing else is said."""
        annotation = contract_of(cls.service_class.create).hints.get("data")  # type: ignore[attr-defined]
        return super().schema_of_objects() or schema_in(annotation)


_METHODS = {
    "list": "list",
    "create": "create",
    "retrieve": "retrieve",
    "update": "update",
    "partial_update": "update",
    "destroy": "delete",
}
