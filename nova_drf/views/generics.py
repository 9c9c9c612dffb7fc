"""DRF's generic views, each step of which may be ``async def``."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import generics

from nova_drf.core.concurrency import settled
from nova_drf.serializers.async_hooks import settle_instance
from nova_drf.views.base import AsyncAPIView
from nova_drf.views.members import answers_at_once, settling
from nova_drf.views.policies import Replaced


class AsyncGenericAPIView(AsyncAPIView, generics.GenericAPIView[Any]):
    """DRF's ``GenericAPIView``, each method of which may be ``def`` or ``async def``."""

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter; what a backend's ``filter_queryset`` returns may be awaitable."""
        backends = list(self.filter_backends)
        if all(map(answers_at_once, backends)):
            return super().filter_queryset(queryset)
        made = [lambda backend=backend: settling(backend()) for backend in backends]
        with Replaced(self, "filter_backends", made):
            return super().filter_queryset(queryset)

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Return a serializer; what its hooks return may be awaitable."""
        return settle_instance(super().get_serializer(*args, **kwargs))

    @property
    def paginator(self) -> Any:
        """The paginator; what its methods return may be awaitable."""
        found = super().paginator
        return None if found is None else settling(found)

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return a page of objects, or ``None`` without pagination."""
        return settled(super().paginate_queryset(queryset))

    def get_paginated_response(self, data: Any) -> Any:
        """Return the response of a page of objects."""
        return settled(super().get_paginated_response(data))


class AsyncCreateAPIView(AsyncGenericAPIView, generics.CreateAPIView[Any]):
    """DRF's ``CreateAPIView``, each method of which may be ``def`` or ``async def``."""


class AsyncListAPIView(AsyncGenericAPIView, generics.ListAPIView[Any]):
    """DRF's ``ListAPIView``, each method of which may be ``def`` or ``async def``."""


class AsyncRetrieveAPIView(AsyncGenericAPIView, generics.RetrieveAPIView[Any]):
    """DRF's ``RetrieveAPIView``, each method of which may be ``def`` or ``async def``."""


class AsyncDestroyAPIView(AsyncGenericAPIView, generics.DestroyAPIView[Any]):
    """DRF's ``DestroyAPIView``, each method of which may be ``def`` or ``async def``."""


class AsyncUpdateAPIView(AsyncGenericAPIView, generics.UpdateAPIView[Any]):
    """DRF's ``UpdateAPIView``, each method of which may be ``def`` or ``async def``."""


class AsyncListCreateAPIView(AsyncGenericAPIView, generics.ListCreateAPIView[Any]):
    """DRF's ``ListCreateAPIView``, each method of which may be ``def`` or ``async def``."""


class AsyncRetrieveUpdateAPIView(AsyncGenericAPIView, generics.RetrieveUpdateAPIView[Any]):
    """DRF's ``RetrieveUpdateAPIView``, each method of which may be ``def`` or ``async def``."""


class AsyncRetrieveDestroyAPIView(AsyncGenericAPIView, generics.RetrieveDestroyAPIView[Any]):
    """DRF's ``RetrieveDestroyAPIView``, each method of which may be ``def`` or ``async def``."""


class AsyncRetrieveUpdateDestroyAPIView(
    AsyncGenericAPIView, generics.RetrieveUpdateDestroyAPIView[Any]
):
    """DRF's ``RetrieveUpdateDestroyAPIView``, each method ``def`` or ``async def``."""
