"""A project of two views, the same in DRF and in ours, that ask another service and wait for it.

``slow`` is that service: it answers each request after 100 ms.
"""

from __future__ import annotations

import asyncio
import os
from http.client import HTTPConnection
from typing import Any

from django.conf import settings

UPSTREAM = 0.1
"""How many seconds the other service takes."""

PORT = int(os.environ.get("UPSTREAM_PORT", "0"))
"""Where the other service listens, on loopback."""

settings.configure(
    SECRET_KEY="only-for-benchmarks",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)

import django

django.setup()

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from nova_drf.views.base import AsyncAPIView
from tests.benchmarks.servers import answer


class Classic(APIView):
    """Asks the other service, and waits in its thread."""

    def get(self, request: Request) -> Response:
        connection = HTTPConnection("127.0.0.1", PORT)
        try:
            connection.request("GET", "/")
            return Response({"upstream": connection.getresponse().read().decode()})
        finally:
            connection.close()


class Awaited(AsyncAPIView):
    """Asks the other service, and waits on the event loop."""

    async def get(self, request: Request) -> Response:
        _, body = await answer(PORT, ("GET", "/", b""))
        return Response({"upstream": body.decode()})


async def slow(scope: Any, receive: Any, send: Any) -> None:
    """Answer as the other service does; an ASGI application without Django."""
    await receive()
    await asyncio.sleep(UPSTREAM)
    length = (b"content-length", b"4")
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": b"done"})


urlpatterns: list[Any] = [path("classic", Classic.as_view()), path("awaited", Awaited.as_view())]
asgi, wsgi = ASGIHandler(), WSGIHandler()
