"""DRF's generic views, mixins and viewsets as type checkers see them below ours.

DRF's stubs say that ``create()`` returns a response and ``get_object()`` an object, which no
``async def`` may override, and nobody await. Here they return anything. Nothing of this runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db.models import Manager, Model, QuerySet
from rest_framework.decorators import ViewSetAction
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet as ViewSet
from rest_framework.viewsets import ViewSetMixin

M_co = TypeVar("M_co", bound=Model, covariant=True)


class CreateModelMixin:
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    def perform_create(self, serializer: Any) -> Any: ...
    def get_success_headers(self, data: Any) -> dict[str, str]:
        raise NotImplementedError


class ListModelMixin:
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class RetrieveModelMixin:
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class UpdateModelMixin:
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    def perform_update(self, serializer: Any) -> Any: ...
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class DestroyModelMixin:
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    def perform_destroy(self, instance: Any) -> Any: ...


class GenericAPIView(Generic[M_co]):
    queryset: QuerySet[Any] | Manager[Any] | None
    serializer_class: type[Any] | None
    lookup_field: str
    lookup_url_kwarg: str | None
    filter_backends: Sequence[Any]
    pagination_class: type[BasePagination] | None

    @property
    def paginator(self) -> Any: ...
    def get_queryset(self) -> Any: ...
    def get_object(self) -> Any: ...
    def get_serializer(self, *args: Any, **kwargs: Any) -> Any: ...
    def get_serializer_class(self) -> Any: ...
    def get_serializer_context(self) -> dict[str, Any]:
        raise NotImplementedError

    def filter_queryset(self, queryset: Any) -> Any: ...
    def paginate_queryset(self, queryset: Any) -> Any: ...
    def get_paginated_response(self, data: Any) -> Any: ...


class CreateAPIView(CreateModelMixin, GenericAPIView[M_co]):
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class ListAPIView(ListModelMixin, GenericAPIView[M_co]):
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class RetrieveAPIView(RetrieveModelMixin, GenericAPIView[M_co]):
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class DestroyAPIView(DestroyModelMixin, GenericAPIView[M_co]):
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class UpdateAPIView(UpdateModelMixin, GenericAPIView[M_co]):
    def put(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class ListCreateAPIView(ListModelMixin, CreateModelMixin, GenericAPIView[M_co]):
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class RetrieveUpdateAPIView(RetrieveModelMixin, UpdateModelMixin, GenericAPIView[M_co]):
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    def put(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class RetrieveDestroyAPIView(RetrieveModelMixin, DestroyModelMixin, GenericAPIView[M_co]):
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class RetrieveUpdateDestroyAPIView(
    RetrieveModelMixin, UpdateModelMixin, DestroyModelMixin, GenericAPIView[M_co]
):
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    def put(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Any: ...


class GenericViewSet(ViewSetMixin, GenericAPIView[M_co]): ...


class ReadOnlyModelViewSet(RetrieveModelMixin, ListModelMixin, GenericViewSet[M_co]): ...


class ModelViewSet(
    CreateModelMixin,
    RetrieveModelMixin,
    UpdateModelMixin,
    DestroyModelMixin,
    ListModelMixin,
    GenericViewSet[M_co],
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
