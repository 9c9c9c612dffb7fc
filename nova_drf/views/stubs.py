"""DRF's generic views, mixins and viewsets as type checkers see them below ours.

DRF's stubs say that ``create()`` returns a response and ``get_object()`` an object, which no
``async def`` may override, and nobody await. Here, a view that names its model,
``AsyncModelViewSet[Book]``, says what an ``async def`` gets when it awaits; a view that does not
returns anything. Nothing of this runs.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, Literal, Protocol, TypeAlias, overload

from django.db.models import Manager, Model, QuerySet
from rest_framework.decorators import ViewSetAction
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet as ViewSet
from rest_framework.viewsets import ViewSetMixin
from typing_extensions import TypeVar


class UnnamedModel(Model):
    """The model of a view that names none."""

    class Meta:
        abstract = True


T = TypeVar("T")
M = TypeVar("M", bound=Model, default=UnnamedModel)
S = TypeVar("S", default=Any)

ToAwait: TypeAlias = Coroutine[Any, Any, T] | Any
"""What an ``async def`` awaits. Both ``def`` and ``async def`` may override what returns it."""


class Unnamed(Protocol):
    """A view that names no model: it may call its steps from both ``def`` and ``async def``."""

    def model_of_view(self) -> UnnamedModel: ...


class CreateModelMixin:
    @overload
    def create(self: Unnamed, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def create(self, request: Request, *args: Any, **kwargs: Any) -> ToAwait[Response]: ...
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...

    @overload
    def perform_create(self: Unnamed, serializer: Any) -> Any: ...
    @overload
    def perform_create(self, serializer: Any) -> ToAwait[None]: ...
    def perform_create(self, serializer: Any) -> Any: ...

    def get_success_headers(self, data: Any) -> dict[str, str]:
        raise NotImplementedError


class ListModelMixin:
    @overload
    def list(self: Unnamed, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def list(self, request: Request, *args: Any, **kwargs: Any) -> ToAwait[Response]: ...
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class RetrieveModelMixin:
    @overload
    def retrieve(self: Unnamed, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> ToAwait[Response]: ...
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class UpdateModelMixin:
    @overload
    def update(self: Unnamed, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def update(self, request: Request, *args: Any, **kwargs: Any) -> ToAwait[Response]: ...
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...

    @overload
    def perform_update(self: Unnamed, serializer: Any) -> Any: ...
    @overload
    def perform_update(self, serializer: Any) -> ToAwait[None]: ...
    def perform_update(self, serializer: Any) -> Any: ...

    @overload
    def partial_update(self: Unnamed, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> ToAwait[Response]: ...
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class DestroyModelMixin:
    @overload
    def destroy(self: Unnamed, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> ToAwait[Response]: ...
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...

    @overload
    def perform_destroy(self: Unnamed, instance: Any) -> Any: ...
    @overload
    def perform_destroy(self, instance: Any) -> ToAwait[None]: ...
    def perform_destroy(self, instance: Any) -> Any: ...


class GenericAPIView(Generic[M, S]):
    queryset: QuerySet[Any] | Manager[Any] | None
    serializer_class: type[Any] | None
    lookup_field: str
    lookup_url_kwarg: str | None
    filter_backends: Sequence[Any]
    pagination_class: type[BasePagination] | None

    def model_of_view(self) -> M:
        raise NotImplementedError

    @property
    def paginator(self) -> Any: ...
    @overload
    def get_queryset(self: Unnamed) -> Any: ...
    @overload
    def get_queryset(self) -> QuerySet[M] | Any: ...
    def get_queryset(self) -> Any: ...
    @overload
    def get_object(self: Unnamed) -> Any: ...
    @overload
    def get_object(self) -> ToAwait[M]: ...
    def get_object(self) -> Any: ...
    @overload
    def get_serializer(self, *args: Any, many: Literal[True], **kwargs: Any) -> Any: ...
    @overload
    def get_serializer(self, *args: Any, **kwargs: Any) -> S: ...
    def get_serializer(self, *args: Any, **kwargs: Any) -> Any: ...
    def get_serializer_class(self) -> Any: ...
    def get_serializer_context(self) -> dict[str, Any]:
        raise NotImplementedError

    @overload
    def filter_queryset(self: Unnamed, queryset: QuerySet[Any]) -> Any: ...
    @overload
    def filter_queryset(self, queryset: QuerySet[Any]) -> ToAwait[QuerySet[M]]: ...
    def filter_queryset(self, queryset: QuerySet[Any]) -> Any: ...
    @overload
    def paginate_queryset(self: Unnamed, queryset: Any) -> Any: ...
    @overload
    def paginate_queryset(self, queryset: Any) -> ToAwait[builtins.list[M] | None]: ...
    def paginate_queryset(self, queryset: Any) -> Any: ...
    def get_paginated_response(self, data: Any) -> Response | Any: ...


class Get:
    @overload
    def get(self: Unnamed, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def get(self, request: Request, *args: Any, **kwargs: Any) -> ToAwait[Response]: ...
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class Post:
    @overload
    def post(self: Unnamed, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def post(self, request: Request, *args: Any, **kwargs: Any) -> ToAwait[Response]: ...
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class Put:
    @overload
    def put(self: Unnamed, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def put(self, request: Request, *args: Any, **kwargs: Any) -> ToAwait[Response]: ...
    def put(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class Patch:
    @overload
    def patch(self: Unnamed, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> ToAwait[Response]: ...
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class Delete:
    @overload
    def delete(self: Unnamed, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> ToAwait[Response]: ...
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class CreateAPIView(CreateModelMixin, Post, GenericAPIView[M, S]): ...


class ListAPIView(ListModelMixin, Get, GenericAPIView[M, S]): ...


class RetrieveAPIView(RetrieveModelMixin, Get, GenericAPIView[M, S]): ...


class DestroyAPIView(DestroyModelMixin, Delete, GenericAPIView[M, S]): ...


class UpdateAPIView(UpdateModelMixin, Put, Patch, GenericAPIView[M, S]): ...


class ListCreateAPIView(ListModelMixin, CreateModelMixin, Get, Post, GenericAPIView[M, S]): ...


class RetrieveUpdateAPIView(
    RetrieveModelMixin, UpdateModelMixin, Get, Put, Patch, GenericAPIView[M, S]
): ...


class RetrieveDestroyAPIView(
    RetrieveModelMixin, DestroyModelMixin, Get, Delete, GenericAPIView[M, S]
): ...


class RetrieveUpdateDestroyAPIView(
    RetrieveModelMixin,
    UpdateModelMixin,
    DestroyModelMixin,
    Get,
    Put,
    Patch,
    Delete,
    GenericAPIView[M, S],
): ...


class GenericViewSet(ViewSetMixin, GenericAPIView[M, S]): ...


class ReadOnlyModelViewSet(RetrieveModelMixin, ListModelMixin, GenericViewSet[M, S]): ...


class ModelViewSet(
    CreateModelMixin,
    RetrieveModelMixin,
    UpdateModelMixin,
    DestroyModelMixin,
    ListModelMixin,
    GenericViewSet[M, S],
): ...


def action(
    methods: Sequence[str] | None = None,
    detail: bool | None = None,
    url_path: str | None = None,
    url_name: str | None = None,
    **kwargs: Any,
) -> Callable[[Callable[..., Any]], ViewSetAction[Any]]:
    raise NotImplementedError


F = TypeVar("F", bound=Callable[..., Any])


def authentication_classes(authentication_classes: Sequence[Any]) -> Callable[[F], F]:
    raise NotImplementedError


def parser_classes(parser_classes: Sequence[Any]) -> Callable[[F], F]:
    raise NotImplementedError


def permission_classes(permission_classes: Sequence[Any]) -> Callable[[F], F]:
    raise NotImplementedError


def renderer_classes(renderer_classes: Sequence[Any]) -> Callable[[F], F]:
    raise NotImplementedError


def throttle_classes(throttle_classes: Sequence[Any]) -> Callable[[F], F]:
    raise NotImplementedError
