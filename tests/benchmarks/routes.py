"""The same resource as three viewsets: DRF's, ours, and ours with async handlers."""

from __future__ import annotations

from typing import Any

from django.urls import include, path
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from nova_drf.viewsets import AsyncModelViewSet


class Created:
    """Deletes what is created, so that the next one is as new."""

    queryset: Any

    def perform_create(self, serializer: Any) -> None:
        """Save, and delete."""
        serializer.save()
        self.queryset.filter(pk=serializer.instance.pk).delete()


class PassedOn(AsyncModelViewSet):
    """Ours, with async handlers that pass on to the methods of the base class."""

    async def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List, through the event loop."""
        return await super().list(request, *args, **kwargs)

    async def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Retrieve, through the event loop."""
        return await super().retrieve(request, *args, **kwargs)

    async def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create, through the event loop."""
        return await super().create(request, *args, **kwargs)


BASES: dict[str, type] = {
    "classic": viewsets.ModelViewSet,
    "sync": AsyncModelViewSet,
    "handlers": PassedOn,
}


def routes(queryset: Any, serializer: type, **attributes: Any) -> list[Any]:
    """Return the URL patterns of all three, each under its name in :data:`BASES`.

    Args:
        queryset: The rows.
        serializer: The serializer class of all three.
        attributes: Further attributes of all three.
    """
    router = SimpleRouter()
    for name, base in BASES.items():
        body = {"queryset": queryset, "serializer_class": serializer, **attributes}
        router.register(name, type(name, (Created, base), body), basename=name)
    return [path("", include(router.urls))]
