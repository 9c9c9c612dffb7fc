"""Viewsets whose actions are methods of services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic
from weakref import WeakSet

from django.db.models import Model
from django.utils.translation import get_language
from pydantic import BaseModel
from rest_framework.mixins import CreateModelMixin
from rest_framework.serializers import Serializer
from typing_extensions import TypeVar

from nova_drf.services import (
    ModelService,
    ServiceContext,
    ServiceDefinitionError,
    contract_of,
)
from nova_drf.services.base import AnyService
from nova_drf.services.model_service import operation_of
from nova_drf.services.signatures import substituted, type_arguments
from nova_drf.views.generics import AsyncGenericAPIView
from nova_drf.views.services.actions import ServiceAction
from nova_drf.views.services.delegation import Delegation, delegate
from nova_drf.views.services.errors import api_error
from nova_drf.views.services.hooks import HookedCall
from nova_drf.views.services.signatures import schema_in
from nova_drf.views.steps import is_async, step
from nova_drf.views.transactions import answered_at_commit

if TYPE_CHECKING:
    from nova_drf.views import stubs as viewsets
else:
    from rest_framework import viewsets

S = TypeVar("S", bound=AnyService, default=AnyService)
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
    raises becomes DRF's answer; see :func:`nova_drf.views.services.errors.api_error`.

    Follows:
        ``rest_framework.viewsets.GenericViewSet``.

    Attributes:
        service_class: The service; it follows from the type argument, or else from the first
            method that is delegated to.
        response_schema: What prints the results of methods that return objects of a model;
            ``serializer_class`` when left out.
    """

    service_class: ClassVar[type[AnyService]]
    response_schema: ClassVar[type[BaseModel] | None] = None
    service_actions: ClassVar[Mapping[str, ServiceAction]] = {}
    service_call: HookedCall | None = None
    """The call that a hook of the project makes, in the view of one request."""
    prints_result: bool = False
    """Whether the view of one request has come to printing what the service returned."""
    answers_at_commit = True
    """Whether ``handle_exception()`` is asked about what the database refuses at the end."""

    if not TYPE_CHECKING:

        @classmethod
        def __class_getitem__(cls, service: object) -> object:
            # DRF's generic views drop their type arguments; here the argument is the service.
            return vars(Generic)["__class_getitem__"].__get__(None, cls)(service)

    def __init_subclass__(cls, **kwargs: object) -> None:
        service_class = substituted(_SERVICE, type_arguments(cls))
        if isinstance(service_class, type) and "service_class" not in vars(cls):
            cls.service_class = service_class
        delegations = cls._delegations()
        inherited = cls._inherited_delegations()
        if delegations and not hasattr(cls, "service_class"):
            cls.service_class = contract_of(next(iter(delegations.values())).method).owner
        # Anew in each class, which may say something else of its service, schemas or permissions.
        cls.service_actions = {
            name: ServiceAction(cls, name, delegation)
            for name, delegation in {**inherited, **delegations}.items()
        }
        for name, action in cls.service_actions.items():
            if name in delegations or action.contract.is_async is not is_async(getattr(cls, name)):
                setattr(cls, name, action.handler())
        super().__init_subclass__(**kwargs)
        for action in cls.service_actions.values():
            action.check_guards_if_read()
        _viewsets.add(cls)

    @classmethod
    def as_view(cls, *args: object, **initkwargs: object) -> Any:
        """Return DRF's view function, which with ``ATOMIC_REQUESTS`` holds the transaction."""
        return answered_at_commit(super().as_view(*args, **initkwargs))

    @classmethod
    def _inherited_delegations(cls) -> dict[str, Delegation]:
        """Return what bases delegate, but for what the class writes itself."""
        return {
            name: action.delegation
            for base in reversed(cls.__mro__[1:])
            for name, action in vars(base).get("service_actions", {}).items()
            if hasattr(getattr(cls, name, None), "service_action")
        }

    @classmethod
    def _delegations(cls) -> dict[str, Delegation]:
        """Return what the class body, and its mixins, delegate."""
        delegations: dict[str, Delegation] = {}
        for base in cls.__mro__:
            for name, value in vars(base).items():
                if isinstance(value, Delegation) and getattr(cls, name) is value:
                    delegations.setdefault(name, value)
        return delegations

    # What the actions ask for

    @classmethod
    def model_of_service(cls) -> type[Model] | None:
        """Return the model whose objects the service is about, if it is about one."""
        return getattr(getattr(cls, "service_class", None), "model", None)

    @classmethod
    def schema_of_objects(cls) -> Any:
        """Return the schema or serializer class that prints objects of a model."""
        return cls.response_schema or getattr(cls, "serializer_class", None)

    def get_queryset(self) -> Any:
        """Return the viewset's own queryset, or the one that the service lets the caller see."""
        view: Any = self
        service = self.get_service()
        if view.queryset is None and isinstance(service, ModelService):
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
        return service  # type: ignore[no-any-return]  # of the class that `S` stands for

    def get_service_context(self) -> ServiceContext:
        """Return on whose behalf the service works; override it to fill fields of your own."""
        request_id: str | None = self.request.META.get("HTTP_X_REQUEST_ID")
        return self.service_class.context_class(
            user=self.request.user,
            locale=get_language(),
            request_id=request_id and request_id[:_REQUEST_ID_LENGTH],
        )

    def get_serializer_class(self) -> Any:
        """Return what reads the action's body, or prints its result: for forms and ``OPTIONS``.

        An action that writes and reads no body has a form without inputs.
        """
        chosen = self._current_action()
        if chosen is not None:
            read = None if self.prints_result else chosen.request_serializer
            method = getattr(getattr(self, "request", None), "method", None)
            has_empty_form = method in _WITH_FORMS and not self.prints_result
            return read or (not has_empty_form and chosen.response_serializer) or Serializer
        return super().get_serializer_class()

    get_success_headers = CreateModelMixin.get_success_headers

    # What DRF calls between a valid request and what is written

    @step
    def perform_create(self, serializer: Any) -> None:
        """Let the service write a new object; a hook of DRF's.

        Args:
            serializer: The serializer of a valid request; its ``save()`` calls the service.
        """
        serializer.save()

    @step
    def perform_update(self, serializer: Any) -> None:
        """Let the service write an object; a hook of DRF's.

        Args:
            serializer: The serializer of a valid request; its ``save()`` calls the service.
        """
        serializer.save()

    @step
    def perform_destroy(self, instance: Any) -> None:
        """Let the service delete an object; a hook of DRF's.

        Args:
            instance: The object, which ``get_object()`` found.
        """
        if self.service_call is not None:
            self.service_call.destroy(instance)
        else:
            instance.delete()

    def _current_action(self) -> ServiceAction | None:
        """Return the delegated action that is asked for, or that ``OPTIONS`` asks about."""
        actions: dict[str, str] = getattr(self, "action_map", None) or {}
        method = (self.request.method or "").lower() if getattr(self, "request", None) else ""
        name = getattr(self, "action", None)
        if name not in self.service_actions:
            name = actions.get(method)
        return self.service_actions.get(name or "")

    @step
    def handle_exception(self, exc: Exception) -> Any:
        """Answer what a service raised as DRF would have."""
        chosen = self._current_action()
        translated = api_error(exc, chosen, self.model_of_action(chosen))
        if translated is not exc and translated.__cause__ is None:
            translated.__cause__ = exc
        return super().handle_exception(translated)

    def model_of_action(self, action: ServiceAction | None) -> type[Model] | None:
        """Return the model whose objects a delegated action is about, if anything says it."""
        if action is None:
            return None
        view: Any = self
        model: type[Model] | None = getattr(view.queryset, "model", None)
        return model or self.model_of_service() or action.model


class ModelServiceViewSet(ServiceViewSet[S], Generic[S]):
    """DRF's six actions, each a method of a :class:`~nova_drf.services.ModelService`.

    >>> class BookViewSet(ModelServiceViewSet[BookService]):
    ...     permission_classes = [IsAuthenticated]

    ``list``, ``retrieve``, ``create``, ``update`` and ``destroy`` call the service's methods of
    the same name (``delete`` for the last); ``partial_update`` calls ``update`` with what the
    client sent. An action that the class body defines itself stays as it is.

    The schemas are those of the service's type arguments, unless ``serializer_class`` names a
    serializer, classic or not, or ``response_schema`` another one for output.

    Follows:
        ``rest_framework.viewsets.ModelViewSet``.
    """

    def __init_subclass__(cls, **kwargs: object) -> None:
        if "__orig_bases__" in vars(cls) or "service_class" in vars(cls):
            cls._delegate_standard_actions()
        super().__init_subclass__(**kwargs)

    @classmethod
    def _delegate_standard_actions(cls) -> None:
        service_class: object = vars(cls).get("service_class")
        service_class = service_class or substituted(_SERVICE, type_arguments(cls))
        if not (isinstance(service_class, type) and issubclass(service_class, ModelService)):
            return
        for name, method in _METHODS.items():
            delegated = getattr(getattr(cls, name, None), "service_action", None)
            if not hasattr(cls, name) or (
                delegated is not None and not issubclass(service_class, delegated.contract.owner)
            ):
                setattr(cls, name, delegate(operation_of(service_class, method)))

    @classmethod
    def schema_of_objects(cls) -> Any:
        """Return what prints objects: what ``create`` takes, where nothing else is said."""
        annotation = contract_of(operation_of(cls.service_class, "create")).hints.get("data")
        return super().schema_of_objects() or schema_in(annotation)


_WITH_FORMS = ("POST", "PUT", "PATCH")
_METHODS = {
    "list": "list",
    "create": "create",
    "retrieve": "retrieve",
    "update": "update",
    "partial_update": "update",
    "destroy": "delete",
}
