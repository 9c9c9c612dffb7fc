"""DRF's viewsets, each step of which may be ``async def``, and those of services.

``action`` is DRF's own; from here, type checkers let it decorate an ``async def``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova_drf.core.first_use import on_first_use
from nova_drf.views.viewsets import (
    AsyncGenericViewSet,
    AsyncModelViewSet,
    AsyncReadOnlyModelViewSet,
    AsyncViewSet,
    action,
)

if TYPE_CHECKING:
    from nova_drf.views.services.delegation import delegate
    from nova_drf.views.services.viewsets import ModelServiceViewSet, ServiceViewSet

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

# On first use: a project without services does not import ours.
__getattr__ = on_first_use(
    __name__,
    {
        "nova_drf.views.services.delegation": ("delegate",),
        "nova_drf.views.services.viewsets": ("ModelServiceViewSet", "ServiceViewSet"),
    },
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
