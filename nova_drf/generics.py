"""DRF's generic views, each step of which may be ``async def``."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import generics

from nova_drf.policies import Replaced, has_async_methods, synchronous
from nova_drf.views import AsyncAPIView


class AsyncGenericAPIView(AsyncAPIView, generics.GenericAPIView[Any]):
    """DRF's ``GenericAPIView``, each method of which may be ``def`` or ``async def``."""

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter; a backend's ``filter_queryset`` may be ``async def``."""
        backends = list(self.filter_backends)
        if not any(has_async_methods(backend) for backend in backends):
            return super().filter_queryset(queryset)
        made = [lambda backend=backend: synchronous(backend()) for backend in backends]
        with Replaced(self, "filter_backends", made):
            return super().filter_queryset(queryset)

    @property
    def paginator(self) -> Any:
        """The paginator; its ``paginate_queryset`` may be ``async def``."""
        return synchronous(super().paginator)


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
