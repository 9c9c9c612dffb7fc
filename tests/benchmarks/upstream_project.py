"""A project of two views, the same in DRF and in ours, that wait 100 ms for another service."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from django.conf import settings

UPSTREAM = 0.1
"""How many seconds the other service takes."""

settings.configure(
    SECRET_KEY="only-for-benchmarks",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)

import django  # noqa: E402

django.setup()

from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from nova_drf.views import AsyncAPIView  # noqa: E402


class Classic(APIView):
    """Waits in its thread."""

    def get(self, request: Request) -> Response:
        time.sleep(UPSTREAM)
        return Response({"waited": UPSTREAM})


class Awaited(AsyncAPIView):
    """Waits on the event loop."""

    async def get(self, request: Request) -> Response:
        await asyncio.sleep(UPSTREAM)
        return Response({"waited": UPSTREAM})


urlpatterns: list[Any] = [path("classic", Classic.as_view()), path("awaited", Awaited.as_view())]
asgi, wsgi = ASGIHandler(), WSGIHandler()
