"""Async views: DRF's ``APIView``, each step of which may be ``async def``."""

from __future__ import annotations

from nova_drf.views.base import AsyncAPIView, async_api_view
from nova_drf.views.explanation import explain

__all__ = ["AsyncAPIView", "async_api_view", "explain"]
