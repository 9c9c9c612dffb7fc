"""A project of three viewsets for the same rows: DRF's, ours, and ours with async handlers."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings

settings.configure(
    SECRET_KEY="only-for-benchmarks",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["RESOURCES_DATABASE"],
        }
    },
)

import django  # noqa: E402

django.setup()

from django.contrib.auth.models import Group  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.urls import include, path  # noqa: E402
from rest_framework import serializers, viewsets  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.routers import SimpleRouter  # noqa: E402

from nova_drf.viewsets import AsyncModelViewSet  # noqa: E402

ROWS = 100


def fill() -> None:
    """Make the table, and the rows that are listed."""
    call_command("migrate", verbosity=0)
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(ROWS))


class GroupSerializer(serializers.ModelSerializer[Group]):
    class Meta:
        model = Group
        fields = ["name"]


class Groups:
    queryset = Group.objects.order_by("id")
    serializer_class: Any = GroupSerializer

    def perform_create(self, serializer: Any) -> None:
        serializer.save()
        # So that the next one is as new.
        Group.objects.filter(pk=serializer.instance.pk).delete()


class Classic(Groups, viewsets.ModelViewSet[Group]):
    """DRF's."""


class Sync(Groups, AsyncModelViewSet):
    """Ours, with all methods as they were."""


class Handlers(Groups, AsyncModelViewSet):
    """Ours, with async handlers that pass on to the methods of the base class."""

    async def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return await super().list(request, *args, **kwargs)  # type: ignore[misc, no-any-return]

    async def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return await super().retrieve(request, *args, **kwargs)  # type: ignore[misc, no-any-return]

    async def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return await super().create(request, *args, **kwargs)  # type: ignore[misc, no-any-return]


router = SimpleRouter()
for view_class in (Classic, Sync, Handlers):
    router.register(view_class.__name__.lower(), view_class, basename=view_class.__name__)
urlpatterns: list[Any] = [path("", include(router.urls))]
asgi = ASGIHandler()
