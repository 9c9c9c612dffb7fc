"""DRF's viewsets, each step of which may be ``async def``, and those of services.

``action`` is DRF's own; from here, type checkers let it decorate an ``async def``.
"""

from __future__ import annotations

from nova_drf.views.viewsets import (
    AsyncGenericViewSet,
    AsyncModelViewSet,
    AsyncReadOnlyModelViewSet,
    AsyncViewSet,
    ModelServiceViewSet,
    ServiceViewSet,
    action,
    delegate,
)

__all__ = [
    "AsyncGenericViewSet",
    "AsyncModelViewSet",
    "AsyncReadOnlyModelViewSet",
    "AsyncViewSet",
    "ModelServiceViewSet",
    "ServiceViewSet",
    "action",
    "delegate",
]
