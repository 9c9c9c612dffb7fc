"""A project that is asked for everything at once: good and bad, awaited and not, cut off or not."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from django.conf import settings

settings.configure(
    SECRET_KEY="only-for-benchmarks",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["SOAK_DATABASE"],
            "ATOMIC_REQUESTS": True,
            "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
        }
    },
    LOGGING={"version": 1, "disable_existing_loggers": True},
)

import django  # noqa: E402

django.setup()

from django.contrib.auth.models import Group  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.pagination import PageNumberPagination  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402

from nova_drf import schema_from_model, serializer_from_schema  # noqa: E402
from nova_drf.views import AsyncAPIView  # noqa: E402
from tests.benchmarks.routes import routes  # noqa: E402


def fill() -> None:
    """Make the table, and some rows."""
    call_command("migrate", verbosity=0)
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(20))


class Pages(PageNumberPagination):
    page_size = 5


class Waiting(AsyncAPIView):
    async def get(self, request: Request) -> Response:
        await asyncio.sleep(0.02)
        return Response({"groups": await Group.objects.acount()})


class Streaming(AsyncAPIView):
    async def get(self, request: Request) -> AsyncIterator[dict[str, int]]:
        for number in range(20):
            await asyncio.sleep(0.002)
            yield {"number": number}


class Failing(AsyncAPIView):
    """Writes, and fails: nothing of it may be left."""

    async def post(self, request: Request) -> Response:
        await Group.objects.acreate(name=request.data["name"])
        await asyncio.sleep(0.005)
        return Response({"nothing": object()})


class State(AsyncAPIView):
    """What is there when nothing else is under way."""

    async def get(self, request: Request) -> Response:
        gc.collect()
        alive = Counter(type(one).__name__ for one in gc.get_objects())
        # asyncio keeps a few threads of its own, up to a limit.
        threads = [one for one in threading.enumerate() if not one.name.startswith("asyncio_")]
        return Response(
            {
                "objects": sum(alive.values()),
                "requests": alive["Request"],
                "tasks": alive["Task"],
                "connections": alive["DatabaseWrapper"],
                "threads": len(threads),
                "files": len(os.listdir("/proc/self/fd")),
                "groups": await Group.objects.acount(),
            }
        )


serializer: Any = serializer_from_schema(schema_from_model(Group, fields=["name"]), model=Group)
urlpatterns = [
    *routes(Group.objects.order_by("id"), serializer, pagination_class=Pages),
    path("waiting", Waiting.as_view()),
    path("streaming", Streaming.as_view()),
    path("failing", Failing.as_view()),
    path("state", State.as_view()),
]
asgi = ASGIHandler()
