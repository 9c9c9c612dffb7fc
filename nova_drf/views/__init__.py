"""Async views: DRF's ``APIView``, each step of which may be ``async def``.

The decorators are DRF's own; from here, type checkers let them decorate an ``async def``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova_drf.core.first_use import on_first_use

if TYPE_CHECKING:
    from nova_drf.views.base import AsyncAPIView, async_api_view
    from nova_drf.views.explanation import explain, explain_opening
    from nova_drf.views.preparation import prepare
    from nova_drf.views.stubs import (
        authentication_classes,
        parser_classes,
        permission_classes,
        renderer_classes,
        throttle_classes,
    )
else:
    from rest_framework.decorators import (
        authentication_classes,
        parser_classes,
        permission_classes,
        renderer_classes,
        throttle_classes,
    )

__all__ = [
    "AsyncAPIView",
    "async_api_view",
    "authentication_classes",
    "explain",
    "explain_opening",
    "parser_classes",
    "permission_classes",
    "prepare",
    "renderer_classes",
    "throttle_classes",
]

__getattr__ = on_first_use(
    __name__,
    {
        "nova_drf.views.base": ("AsyncAPIView", "async_api_view"),
        "nova_drf.views.explanation": ("explain", "explain_opening"),
        "nova_drf.views.preparation": ("prepare",),
    },
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
