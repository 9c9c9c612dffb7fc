"""DRF's viewsets, each step of which may be ``async def``.

They go on DRF's routers beside classic ones: the actions keep their names, and so do the URLs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nova_drf.views.base import AsyncAPIView
from nova_drf.views.generics import AsyncGenericAPIView
from nova_drf.views.mixins import (
    AsyncCreateModelMixin,
    AsyncDestroyModelMixin,
    AsyncListModelMixin,
    AsyncRetrieveModelMixin,
    AsyncUpdateModelMixin,
)

if TYPE_CHECKING:
    from nova_drf.views import stubs as viewsets
    from nova_drf.views.stubs import M, S, action
else:
    from rest_framework import viewsets
    from rest_framework.decorators import action

    M, S = Any, Any

__all__ = [
    "AsyncGenericViewSet",
    "AsyncModelViewSet",
    "AsyncReadOnlyModelViewSet",
    "AsyncViewSet",
    "action",
]


class AsyncViewSet(AsyncAPIView, viewsets.ViewSet):
    """DRF's ``ViewSet``, each action and hook of which may be ``def`` or ``async def``.

    Follows:
        ``rest_framework.viewsets.ViewSet``.
    """


class AsyncGenericViewSet(AsyncGenericAPIView[M, S], viewsets.GenericViewSet[M, S]):
    """DRF's ``GenericViewSet``, each action and hook of which may be ``def`` or ``async def``.

    Follows:
        ``rest_framework.viewsets.GenericViewSet``.
    """


class AsyncReadOnlyModelViewSet(
    AsyncRetrieveModelMixin,
    AsyncListModelMixin,
    AsyncGenericViewSet[M, S],
    viewsets.ReadOnlyModelViewSet[M, S],
):
    """DRF's ``ReadOnlyModelViewSet``, each action and hook ``def`` or ``async def``.

    Follows:
        ``rest_framework.viewsets.ReadOnlyModelViewSet``.
    """


class AsyncModelViewSet(
    AsyncCreateModelMixin,
    AsyncRetrieveModelMixin,
    AsyncUpdateModelMixin,
    AsyncDestroyModelMixin,
    AsyncListModelMixin,
    AsyncGenericViewSet[M, S],
    viewsets.ModelViewSet[M, S],
):
    """DRF's ``ModelViewSet``, each action and hook of which may be ``def`` or ``async def``.

    >>> class BookViewSet(AsyncModelViewSet):
    ...     queryset = Book.objects.all()
    ...     serializer_class = BookSerializer
    ...
    ...     async def perform_create(self, serializer):
    ...         await serializer.asave()
    ...         await announce(serializer.instance)

    Follows:
        ``rest_framework.viewsets.ModelViewSet``.
    """
