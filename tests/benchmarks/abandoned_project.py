"""A project whose clients leave: streams, and actions that take their time.

``/state/`` tells what runs, what was closed, and what was written.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
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
            "NAME": os.environ.get("ABANDONED_DATABASE", ":memory:"),
            "ATOMIC_REQUESTS": True,
        }
    },
    NOVA_DRF={"STREAM_SEND_TIMEOUT": 1},
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None},
)

import django

django.setup()

from django.contrib.auth.models import Group
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from nova_drf.views.base import AsyncAPIView

with connection.schema_editor() as editor:
    if Group._meta.db_table not in connection.introspection.table_names():
        editor.create_model(Group)

opened: Counter[str] = Counter()
closed: Counter[str] = Counter()


class Stream(AsyncAPIView):
    """Streams ``waits``, ``endless`` or ``steady``."""

    async def get(self, request: Request, name: str) -> AsyncIterator[Any]:
        return _counted(name, globals()[name]())


async def _counted(name: str, items: AsyncIterator[Any]) -> AsyncIterator[Any]:
    opened[name] += 1
    try:
        async for item in items:
            yield item
    finally:
        closed[name] += 1


async def waits() -> AsyncIterator[Any]:
    """Something that never comes."""
    yield "first"
    await asyncio.Event().wait()


async def endless() -> AsyncIterator[Any]:
    """More than any buffer holds."""
    while True:
        yield "x" * 100_000
        await asyncio.sleep(0)


async def steady() -> AsyncIterator[Any]:
    while True:
        yield "tick"
        await asyncio.sleep(0.01)


class Slow(AsyncAPIView):
    """Writes, takes its time, and writes again."""

    def post(self, request: Request) -> Response:
        _write("def")
        time.sleep(1)
        _write("def, later")
        return Response()


class SlowAwaited(AsyncAPIView):
    async def post(self, request: Request) -> Response:
        await Group.objects.acreate(name="async def")
        await asyncio.sleep(1)
        await Group.objects.acreate(name="async def, later")
        return Response()


class SlowAmongAwaited(AsyncAPIView):
    """A ``def`` on a class with an ``async def`` hook."""

    async def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        await super().initial(request, *args, **kwargs)

    def post(self, request: Request) -> Response:
        _write("def among async")
        time.sleep(1)
        _write("def among async, later")
        return Response()


def _write(name: str) -> None:
    Group.objects.create(name=name)


class State(AsyncAPIView):
    def get(self, request: Request) -> Response:
        return Response(
            {
                "opened": opened,
                "closed": closed,
                "threads": threading.active_count(),
                "written": list(Group.objects.order_by("name").values_list("name", flat=True)),
            }
        )

    def delete(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {Group._meta.db_table}")
        return Response(status=204)


urlpatterns = [
    path("state/", transaction.non_atomic_requests(State.as_view())),
    path("streams/<name>/", transaction.non_atomic_requests(Stream.as_view())),
    path("def/", Slow.as_view()),
    path("async-def/", SlowAwaited.as_view()),
    path("def-among-async/", SlowAmongAwaited.as_view()),
    path("loose/async-def/", transaction.non_atomic_requests(SlowAwaited.as_view())),
    path("loose/def-among-async/", transaction.non_atomic_requests(SlowAmongAwaited.as_view())),
]

wsgi = WSGIHandler()
asgi = ASGIHandler()
