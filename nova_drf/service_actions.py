"""``delegate``: an action of a viewset that is a method of a service, read from its signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, cached_property, partial
from typing import Any, Concatenate, ParamSpec, TypeVar, overload
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from pydantic import BaseModel
from rest_framework.decorators import action as drf_action
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from nova_drf.serializers import SchemaSerializer
from nova_drf.service_signatures import STANDARD, Delegation, ServiceSignature, schema_in
from nova_drf.services import InvalidArguments, NotFound, Service

P = ParamSpec("P")
R = TypeVar("R")
Body = TypeVar("Body", bound=BaseModel)
_SCALARS = (str, int, float, bool, Decimal, date, datetime, time, timedelta, UUID)

_HOOKS = ("get_permissions", "get_serializer_context", "get_service", "get_service_context")

ServiceT = TypeVar("ServiceT", bound=Service[Any])


@overload
def delegate(
    method: Callable[[ServiceT, Body], Any],
    *,
    request: type[Body],
    detail: bool = ...,
    methods: Sequence[str] = ...,
    response: type[Any] | None = ...,
    status: int | None = ...,
    path: Sequence[str] = ...,
    **options: Any,
) -> Any: ...


@overload
def delegate(
    method: Callable[[ServiceT, Any, Body], Any],
    *,
    request: type[Body],
    detail: bool = ...,
    methods: Sequence[str] = ...,
    response: type[Any] | None = ...,
    status: int | None = ...,
    path: Sequence[str] = ...,
    **options: Any,
) -> Any: ...


@overload
def delegate(
    method: Callable[Concatenate[ServiceT, P], Any],
    *,
    request: type[BaseSerializer[Any]] | None = ...,
    detail: bool = ...,
    methods: Sequence[str] = ...,
    response: type[Any] | None = ...,
    status: int | None = ...,
    path: Sequence[str] = ...,
    **options: Any,
) -> Any: ...


def delegate(
    method: Callable[..., Any],
    *,
    request: type[Any] | None = None,
    detail: bool = False,
    methods: Sequence[str] = ("post",),
    response: type[Any] | None = None,
    status: int | None = None,
    path: Sequence[str] = (),
    **options: Any,
) -> Any:
    """Let a method of a service answer an action of a viewset.

    >>> class OrderViewSet(ServiceViewSet[OrderService]):
    ...     create = delegate(OrderService.create)
    ...     complete = delegate(OrderService.complete, detail=True)

    The signature says the rest. A parameter that is a schema is the body (for ``GET`` and
    ``DELETE`` the query string); other parameters are the query string where there is such a
    body, or no body at all, and else the keys of the body. With ``detail`` the first parameter
    that is no schema, or the one named like the URL's, is the object's key. What the method
    returns is printed by the schema that it is annotated with; ``None`` is a 204.

    Args:
        method: The action of a service, ``OrderService.complete``.
        request: A schema or serializer class to read the body with instead.
        detail: Whether the action is about one object. DRF's six actions know by themselves.
        methods: The HTTP methods of an action that is not one of DRF's six.
        response: A schema or serializer class to print the result with.
        status: The status code of success.
        path: Further parameters that come from the URL, as with nested routers.
        options: Attributes of the viewset that differ for this action, and ``url_path`` and
            ``url_name``: what DRF's ``@action`` takes.
    """
    said = {
        "request": request,
        "detail": detail,
        "methods": [one.lower() for one in methods],
        "response": response,
        "status": status,
        "path": tuple(path),
        "options": options,
    }
    return Delegation(method, said)


class ServiceAction(ServiceSignature):
    """One delegated action of one viewset class: reads the request, calls, prints the result."""

    def handler(self) -> Callable[..., Any]:
        """Return the method of the viewset: ``async def`` if the service's is, else ``def``."""
        made = self._async_handler() if self.contract.is_async else self._sync_handler()
        made.__name__ = self.name
        made.__qualname__ = f"{self.viewset.__qualname__}.{self.name}"
        made.__module__ = self.viewset.__module__
        made.__doc__ = self.contract.function.__doc__
        made.service_action = self  # type: ignore[attr-defined]
        if self.name in STANDARD:
            return made
        methods: Any = self.methods
        decorated: Any = drf_action(methods=methods, detail=self.detail, **self.options)(made)
        return decorated  # type: ignore[no-any-return]

    def _sync_handler(self) -> Callable[..., Any]:
        def handler(view: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
            inputs, service = self.prepared(view)
            for one in inputs.values():
                one.is_valid(raise_exception=True)
            arguments = self.collected(view, inputs)
            return self.contract.run(service, arguments, partial(self.respond, view))  # type: ignore[no-any-return]

        return handler

    def _async_handler(self) -> Callable[..., Any]:
        async def handler(view: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
            # On the loop, unless the object is looked up or a hook of the project's runs.
            if _asks_first(view) or self.is_guarded(view):
                inputs, service = await sync_to_async(self.prepared)(view)
            else:
                inputs, service = self.prepared(view)
            for one in inputs.values():
                await _avalidated(one)
            result = await self.contract.arun(service, self.collected(view, inputs))
            if self.prints_purely:
                return self.respond(view, result)
            return await sync_to_async(self.respond)(view, result)

        return handler

    def prepared(self, view: Any) -> tuple[dict[str, Any], Any]:
        """Return what validates the request, and the service."""
        return self.inputs(view), view.get_service()

    def inputs(self, view: Any) -> dict[str, Any]:
        """Return the serializers of what was sent, not yet validated.

        The object is looked up first, where permissions, filters or a merge ask for it, so that a
        client who may not see it learns nothing of what is wrong with the input.
        """
        instance = view.get_object() if self.is_guarded(view) else None
        made: dict[str, Any] = {}
        context = view.get_serializer_context()
        if self.request_serializer is not None:
            partial_ = self.name == "partial_update"
            made["body"] = self.request_serializer(
                instance, data=view.request.data, partial=partial_, context=context
            )
        if self.query_serializer is not None:
            data = _query_data(self.query_serializer, view.request.query_params)
            made["query"] = self.query_serializer(data=data, context=context)
        return made

    def is_guarded(self, view: Any) -> bool:
        """Whether the object must be looked up before the service is asked."""
        if not self.detail or not view.has_queryset():
            return False
        if self.name in ("update", "partial_update") or view.filter_backends:
            return True
        return any(
            getattr(type(one), "has_object_permission", None)
            is not BasePermission.has_object_permission
            for one in view.get_permissions()
        )

    def collected(self, view: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the validated arguments of the method.

        Raises:
            nova_drf.services.NotFound: What the URL says cannot be the key of anything; DRF
                answers so, too.
            nova_drf.services.InvalidArguments: The serializers let something pass that the
                signature does not.
        """
        given: dict[str, Any] = {name: view.kwargs[name] for name in self.path}
        if self.lookup is not None:
            in_url = self.lookup in view.kwargs
            key = self.lookup if in_url else view.lookup_url_kwarg or view.lookup_field
            given[self.lookup] = view.kwargs[key]
        for part, serializer in inputs.items():
            if self.whole is not None and (part == "body" or not self.has_body):
                given[self.whole] = _value(serializer, of_row=self.name in STANDARD)
            else:
                given.update(serializer.validated_data)
        try:
            return self.contract.validated((), given)
        except InvalidArguments as refused:
            if {self.lookup, *self.path}.issuperset(refused.detail):
                raise NotFound() from refused
            raise

    def respond(self, view: Any, result: Any) -> Response:
        """Return the response: filtered, a page of it, printed."""
        if self.is_empty:
            return Response(status=self.status)
        serializer_class: Any = self.response_serializer
        context = view.get_serializer_context()
        if serializer_class is None:
            printed = self.value_serializer({"value": result}, context=context).data
            return Response(printed["value"], status=self.status)
        if self.many:
            return self._respond_many(view, result, serializer_class, context)
        data = serializer_class(result, context=context).data
        headers = view.get_success_headers(data) if self.name == "create" else None
        return Response(data, status=self.status, headers=headers)

    def _respond_many(
        self, view: Any, rows: Any, serializer_class: Any, context: dict[str, Any]
    ) -> Response:
        if self.detail:
            return Response(
                serializer_class(rows, many=True, context=context).data, status=self.status
            )
        if isinstance(rows, QuerySet):
            rows = view.filter_queryset(rows)
        page = view.paginate_queryset(rows)
        if page is not None:
            data = serializer_class(page, many=True, context=context).data
            response: Response = view.get_paginated_response(data)
            return response
        return Response(serializer_class(rows, many=True, context=context).data, status=self.status)

    @cached_property
    def prints_purely(self) -> bool:
        """Whether printing the result cannot ask the database, whatever the method returned."""
        if self.is_empty:
            return True
        if self._response is not None or self.many:
            return False
        return schema_in(self.result) is not None or self.result in _SCALARS


def _asks_first(view: Any) -> bool:
    """Whether a hook of the project's runs before the service is called; it may use the ORM."""
    viewset: Any = type(view)
    return has_own_hooks(viewset)


@cache
def has_own_hooks(viewset: Any) -> bool:
    """Whether a project replaced a hook that runs before the service is called."""
    if viewset.service_class.__init__ is not Service.__init__:
        return True
    return any(
        not getattr(getattr(viewset, name), "__module__", "").startswith(
            ("nova_drf.", "rest_framework.")
        )
        for name in _HOOKS
    )


def _value(serializer: Any, *, of_row: bool) -> Any:
    """Return what a whole body becomes: the typed instance, or a classic serializer's dictionary.

    After a partial update ``model_fields_set`` of the instance names what the client sent.

    Args:
        serializer: It found the body valid.
        of_row: Whether the body is a row of a model.
    """
    if not isinstance(serializer, SchemaSerializer):
        return serializer.validated_data
    instance = serializer.validated_schema
    if not of_row:
        return instance
    # What a serializer adds to what was sent, DRF writes too: defaults, and those of constraints.
    data, given = serializer.validated_data, instance.model_fields_set
    added = {
        field.name: data[field.source]
        for field in serializer.get_blueprint().request.fields.values()
        if field.name not in given and field.source in data
    }
    return instance.model_copy(update=added) if added else instance


def _query_data(serializer_class: Any, query: Any) -> dict[str, Any]:
    """Return a query string as plain data: lists where the schema has lists, else the last value.

    DRF reads a form's missing checkbox as false; a query string has no checkboxes.
    """
    shape = serializer_class.get_blueprint().request
    data: dict[str, Any] = {}
    for field in shape.fields.values():
        if field.wire_name in query:
            several = field.type.item is not None
            name = field.wire_name
            data[name] = query.getlist(name) if several else query.get(name)
    return data


async def _avalidated(serializer: Any) -> None:
    if hasattr(serializer, "ais_valid"):
        await serializer.ais_valid(raise_exception=True)
    else:
        await sync_to_async(serializer.is_valid)(raise_exception=True)
