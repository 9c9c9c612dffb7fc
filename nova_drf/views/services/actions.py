"""An action of a viewset that is a method of a service: reads, asks the viewset, calls, prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, ParamSpec, TypeVar

from pydantic import BaseModel
from rest_framework.decorators import action as drf_action
from rest_framework.response import Response
from rest_framework.utils.serializer_helpers import ReturnDict

from nova_drf.core.concurrency import in_sync, settled
from nova_drf.core.value_classes import VALUE_CLASSES
from nova_drf.services import (
    InvalidArguments,
    ModelService,
    NotFound,
    Service,
    ServiceDefinitionError,
    contract_of,
)
from nova_drf.services.attributes import may_be_stored
from nova_drf.services.base import AnyService
from nova_drf.services.signatures import Method
from nova_drf.views.hops import in_thread, shared_by
from nova_drf.views.services.docstrings import text_for_clients
from nova_drf.views.services.errors import refused_arguments
from nova_drf.views.services.guards import GuardedSignature
from nova_drf.views.services.hooks import NOTHING, HookedCall, Prepared, overridden_hook
from nova_drf.views.services.inputs import (
    avalidated,
    data_with_defaults,
    declared_data,
    query_data,
    value_of,
)
from nova_drf.views.services.objects import (
    ServiceView,
    has_own,
    has_own_queryset,
    key_of,
    object_of,
    visible_objects,
    visible_queryset,
)
from nova_drf.views.services.responses import NullResponse
from nova_drf.views.services.signatures import (
    SERIALIZER_HOOKS,
    STANDARD,
    contract_for,
    schema_in,
)

P = ParamSpec("P")
R = TypeVar("R")
Body = TypeVar("Body", bound=BaseModel)

_HOOKS = (
    *("get_permissions", "get_serializer_context", "get_service", "get_service_context"),
    *SERIALIZER_HOOKS,
)


class ServiceAction(GuardedSignature):
    """One delegated action of one viewset class: reads the request, calls, prints the result."""

    def handler(self) -> Method:
        """Return the method of the viewset: ``async def`` if the service's is, else ``def``."""
        handler = self._async_handler() if self.contract.is_async else self._sync_handler()
        handler.__name__ = self.name
        handler.__qualname__ = f"{self.viewset.__qualname__}.{self.name}"
        handler.__module__ = self.viewset.__module__
        handler.__doc__ = text_for_clients(self.contract.function)
        vars(handler)["service_action"] = self
        decorated: Method = handler
        if self.name not in STANDARD:
            methods: Any = self.methods
            decorated = drf_action(methods=methods, detail=self.detail, **self.options)(handler)
        if self.delegation.kwargs:
            attributes = vars(decorated)
            attributes["kwargs"] = {**attributes.get("kwargs", {}), **self.delegation.kwargs}
        return decorated

    def _sync_handler(self) -> Method:
        name = self.name

        def handler(
            view: ServiceView, request: object, *args: object, **kwargs: object
        ) -> Response:
            # A subclass of the viewset has the action anew, with what it says itself.
            response: Response = view.service_actions[name].answer(view)
            return response

        return handler

    def _async_handler(self) -> Method:
        name = self.name

        async def handler(
            view: ServiceView, request: object, *args: object, **kwargs: object
        ) -> Response:
            response: Response = await view.service_actions[name].aanswer(view)
            return response

        return handler

    def answer(self, view: ServiceView) -> Response:
        """Answer a request, in a thread."""
        prepared = self.prepare(view)
        for serializer in prepared.inputs.values():
            settled(serializer.is_valid(raise_exception=True))
        return self.perform(view, prepared)

    async def aanswer(self, view: ServiceView) -> Response:
        """Answer a request on the event loop; what may ask the database runs in a thread."""
        if self.looks_up_objects or asks_first(view):
            prepared = await in_thread(view, self.prepare)(view)
        else:
            prepared = self.prepare(view)
        for serializer in prepared.inputs.values():
            await avalidated(serializer)
        contract = contract_for(type(prepared.service), self.contract)
        if overridden_hook(view, self.name) is not None or not contract.is_async:
            return await in_thread(view, self.perform)(view, prepared)
        arguments = self.arguments_for(view, prepared)
        with prepared.adding(self.where):
            result = await shared_by(view).awaited(contract.arun(prepared.service, arguments))
        if self.prints_without_queries and not self.asks_view(view):
            return self.respond(view, result)
        return await in_thread(view, self.respond)(view, result)

    @property
    def looks_up_objects(self) -> bool:
        """Whether the view is asked for its object, or for its queryset, before the service is."""
        return self.detail or self.queryset_argument is not None

    def prepare(self, view: ServiceView) -> Prepared:
        """Return the object, what validates the request, and the service.

        The object is looked up first, as DRF does, so that a client who may not see it learns
        nothing of what is wrong with the input.
        """
        self.check_guards()
        instance = object_of(view, self.where) if self.detail else None
        queryset = None if self.queryset_argument is None else visible_queryset(view)
        return Prepared(view.get_service(), instance, queryset, self._inputs(view, instance))

    def _inputs(self, view: ServiceView, instance: object) -> dict[str, object]:
        """Return the serializers of what was sent, not yet validated."""
        inputs: dict[str, object] = {}
        if self.asks_view(view) and self.has_body:
            inputs["body"] = self._serializer_of_view(view, instance)
        elif self.request_serializer is not None:
            inputs["body"] = self.request_serializer(
                instance,
                data=view.request.data,
                partial=self.name == "partial_update",
                context=view.get_serializer_context(),
            )
        if self.query_serializer is not None:
            data = query_data(self.query_serializer, view.request.query_params)
            context = view.get_serializer_context()
            inputs["query"] = self.query_serializer(data=data, context=context)
        return inputs

    def _serializer_of_view(self, view: ServiceView, instance: object) -> object:
        """Return what the view's own ``get_serializer()`` makes, called as DRF's mixins do."""
        data = view.request.data
        if self.name == "create":
            return settled(view.get_serializer(data=data))
        partial_ = self.name == "partial_update"
        return settled(view.get_serializer(instance, data=data, partial=partial_))

    def asks_view(self, view: ServiceView) -> bool:
        """Whether a hook of the project's chooses the serializers of one of DRF's six actions."""
        return self.name in STANDARD and any(has_own(view, name) for name in SERIALIZER_HOOKS)

    def perform(self, view: ServiceView, prepared: Prepared) -> Response:
        """Call the service, by way of ``perform_create()`` and the like where the view has its own.

        The service's transaction is open until the response has been made.
        """
        hook = overridden_hook(view, self.name)
        if hook is not None:
            return HookedCall(self, view, prepared).respond(hook)
        arguments = self.arguments_for(view, prepared)
        finish = partial(self.respond, view)
        response: Response = shared_by(view).run(self.run, prepared, arguments, finish)
        return response

    def run(
        self,
        prepared: Prepared,
        arguments: dict[str, object],
        finish: Callable[[Any], object] | None = None,
    ) -> Any:
        """Call the service's method in a thread, and return its result.

        Args:
            prepared: What :meth:`prepare` returned. The method of the service's own class is
                called, which may override that of the viewset's ``service_class``.
            arguments: From :meth:`arguments_for`.
            finish: Turns the result into what is returned, inside the method's transaction.
        """
        service = prepared.service
        contract = contract_for(type(service), self.contract)
        with prepared.adding(self.where):
            if not contract.is_async:
                return contract.run(service, arguments, finish)
            result = in_sync(contract.arun)(service, arguments)
        return result if finish is None else finish(result)

    def arguments_for(
        self, view: ServiceView, prepared: Prepared, data: Any = NOTHING, instance: Any = NOTHING
    ) -> dict[str, Any]:
        """Return the validated arguments of the method.

        Args:
            view: The view of the request.
            prepared: What :meth:`prepare` returned, with valid inputs.
            data: What to pass as the body instead of what was sent.
            instance: The object to pass instead of the one that was found.

        Raises:
            nova_drf.services.NotFound: What the URL says cannot be the key of anything; DRF
                answers so, too.
            rest_framework.exceptions.ValidationError: The serializers let something pass that the
                signature does not.
        """
        target = prepared.instance if instance is NOTHING else instance
        arguments: dict[str, Any] = {}
        for source, serializer in prepared.inputs.items():
            changed = NOTHING if source != "body" else data
            if self.data_argument is not None and (source == "body" or not self.has_body):
                value = self._data(source, prepared) if changed is NOTHING else changed
                arguments[self.data_argument] = value
            else:
                arguments.update(declared_data(serializer) if changed is NOTHING else changed)
        # Last, so that nothing in a body can take the place of what was looked up.
        arguments.update(self._from_view_of(view, prepared, target))
        try:
            return contract_for(type(prepared.service), self.contract).validated((), arguments)
        except InvalidArguments as refused:
            raise self._refusal(refused) from None

    def _from_view_of(
        self, view: ServiceView, prepared: Prepared, instance: object
    ) -> dict[str, Any]:
        arguments: dict[str, object] = {name: view.kwargs[name] for name in self.path}
        if self.lookup is not None:
            annotation = self.contract.arguments.all[self.lookup].annotation
            arguments[self.lookup] = (
                instance
                if instance is not None and self._takes_object(view, prepared.service)
                else key_of(view, instance, self.lookup, annotation)
            )
        if not all(map(may_be_stored, arguments.values())):
            raise NotFound()
        if self.object_argument is not None:
            arguments[self.object_argument] = instance
        if self.queryset_argument is not None:
            arguments[self.queryset_argument] = prepared.queryset
        return arguments

    def _takes_object(self, view: ServiceView, service: AnyService) -> bool:
        """Whether a method of ``ModelService`` itself would look the same object up again."""
        if contract_for(type(service), self.contract).function not in _OF_OBJECTS:
            return False
        cls: Any = type(service)
        if cls.get_object is not ModelService.get_object:
            return False
        found_by_service = not (has_own_queryset(view) or has_own(view, "get_object"))
        return found_by_service or _shows_all_objects(cls)

    def _refusal(self, refused: InvalidArguments) -> Exception:
        """Return what to raise for arguments that do not fit: by whom they were given."""
        names = set(refused.detail)
        if names <= {self.lookup, *self.path}:
            return NotFound()
        if names <= {self.object_argument, self.queryset_argument}:
            return ServiceDefinitionError(
                f"{self.where}: {refused} The view's get_object() or get_queryset() finds "
                "something else than the method takes."
            )
        return refused_arguments(refused, self.data_argument)

    def _data(self, source: str, prepared: Prepared) -> object:
        return self.body_of(prepared) if source == "body" else value_of(prepared.inputs[source])

    def body_of(self, prepared: Prepared) -> object:
        """Return what a valid body becomes as one argument of the method.

        What a serializer of another kind has read for a method that writes columns, or by the
        choice of a hook, is taken as it is: what the method's schema names, and the rest beside it.
        """
        serializer = prepared.inputs["body"]
        wanted = self.data_schema
        if wanted is None:
            return declared_data(serializer)
        value = data_with_defaults(serializer) if self.name in STANDARD else value_of(serializer)
        data = declared_data(serializer)
        taken_as_it_is = self.writes_columns or self.is_chosen_by_hook
        if isinstance(value, wanted) or not taken_as_it_is or not isinstance(data, Mapping):
            return value
        named = prepared.divided(wanted, data)
        return wanted.model_construct(_fields_set=set(named), **named)

    def respond(self, view: ServiceView, result: object) -> Response:
        """Return the response: filtered, a page of it, printed."""
        if self.is_empty:
            return Response(status=self.status)
        if self.many:
            return self._respond_many(view, result)
        data = None if result is None else self._printed(view, result)
        if data is None:
            return NullResponse(status=self.status)
        headers = view.get_success_headers(data) if self.name == "create" else None
        if isinstance(data, ReturnDict) and type(data.serializer) is not self.request_serializer:
            # The browsable API would show its fields as the form of the next request.
            data = dict(data)
        return Response(data, status=self.status, headers=headers)

    def _respond_many(self, view: ServiceView, objects: object) -> Response:
        if self.detail:
            return Response(self._printed_many(view, objects), status=self.status)
        if self.queryset_argument is None:
            objects = visible_objects(view, objects, all_of_model=self._lists_all)
        page = settled(view.paginate_queryset(objects))
        if page is not None:
            data = self._printed_many(view, page)
            response: Response = settled(view.get_paginated_response(data))
            return response
        return Response(self._printed_many(view, objects), status=self.status)

    def _printed_many(self, view: ServiceView, objects: Any) -> object:
        if not self.has_optional_items:
            return self._printed(view, objects, many=True)
        items = list(objects)
        there: Any = self._printed(view, [item for item in items if item is not None], many=True)
        printed = iter(there)
        return [None if item is None else next(printed) for item in items]

    def _printed(self, view: ServiceView, result: object, **many: bool) -> object:
        if self.asks_view(view):
            view.prints_result = True
            try:
                return settled(view.get_serializer(result, **many)).data
            finally:
                # Forms that are shown with the response are for requests again.
                view.prints_result = False
        serializer_class: Any = self.response_serializer
        context = view.get_serializer_context()
        if serializer_class is not None:
            return serializer_class(result, context=context, **many).data
        return self.value_serializer({"value": result}, context=context).data["value"]

    @cached_property
    def _lists_all(self) -> bool:
        """Whether the method is ``ModelService.list``, over all objects of the model."""
        if self.contract.function is not contract_of(ModelService.list).function:
            return False
        return _shows_all_objects(self.viewset.service_class)

    @cached_property
    def prints_without_queries(self) -> bool:
        """Whether printing the result cannot ask the database, whatever the method returned."""
        if self.is_empty:
            return True
        if self.delegation.response is not None or self.many:
            return False
        if schema_in(self.result) is not None:
            return True
        return isinstance(self.result, type) and self.result in VALUE_CLASSES


_OF_OBJECTS = tuple(
    contract_of(method).function
    for method in (ModelService.retrieve, ModelService.update, ModelService.delete)
)
"""What takes an object as well as its key."""


def _shows_all_objects(service: type[Any]) -> bool:
    """Whether a ``ModelService`` shows everybody all objects of its model."""
    return service.queryset is None and service.get_queryset is ModelService.get_queryset


def asks_first(view: ServiceView) -> bool:
    """Whether a hook of the project runs before the service is called; it may use the ORM."""
    own_init = type(view).service_class.__init__ is not Service.__init__
    return own_init or any(has_own(view, name) for name in _HOOKS)
