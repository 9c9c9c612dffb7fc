"""DRF's viewsets, each step of which may be ``async def``, and those of services."""

from __future__ import annotations

from nova_drf.views.viewsets import (
    AsyncGenericViewSet,
    AsyncModelViewSet,
    AsyncReadOnlyModelViewSet,
    AsyncViewSet,
    ModelServiceViewSet,
    ServiceViewSet,
    delegate,
)

__all__ = [
    "AsyncGenericViewSet",
    "AsyncModelViewSet",
    "AsyncReadOnlyModelViewSet",
    "AsyncViewSet",
    "ModelServiceViewSet",
    "ServiceViewSet",
    "delegate",
]
