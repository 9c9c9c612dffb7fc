"""Many requests at once: each on its own connection, and every connection comes back."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connection, connections
from django.urls import path
from django.utils import timezone, translation
from rest_framework.request import Request
from rest_framework.response import Response

from nova_drf.views import AsyncAPIView
from tests.views.conftest import Api
from tests.viewsapp.models import Note

REQUESTS = 100

tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant", default="nobody")


class Busy(AsyncAPIView):
    """Writes and reads, in a worker thread and on the loop, and fails every third time."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        Note.objects.create(text=f"{request.query_params['n']} before")

    async def get(self, request: Request) -> Response:
        number = int(request.query_params["n"])
        await asyncio.sleep(0.01)
        await Note.objects.acreate(text=f"{number} within")
        if number % 3 == 0:
            raise ZeroDivisionError
        return Response({"n": number, "notes": await Note.objects.acount() > 0})


class Contextual(AsyncAPIView):
    """Sets context variables on one side of a hop and reads them on the other."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        tenant.set("set in a thread")
        translation.activate("fr")
        timezone.activate("Asia/Tokyo")

    async def get(self, request: Request) -> Response:
        in_thread = tenant.get()
        tenant.set("set on the loop")
        seen = await sync_to_async(self.seen)()
        return Response({"in_thread": in_thread, "loop": [*self.seen()], "thread": seen})

    def seen(self) -> list[str]:
        return [tenant.get(), translation.get_language(), timezone.get_current_timezone_name()]

    def finalize_response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(*args, **kwargs)
        response["X-Tenant"] = tenant.get()
        return response


urlpatterns = [path("busy", Busy.as_view()), path("contextual", Contextual.as_view())]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db(transaction=True)]


async def send(handler: ASGIHandler, address: str, query: str) -> int:
    """Send one request as a server does, in a task of its own; return the status."""
    pending = [{"type": "http.request", "body": b"", "more_body": False}]
    gone = asyncio.Event()
    statuses: list[int] = []

    async def receive() -> Any:
        if pending:
            return pending.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def answered(message: Any) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": address,
        "query_string": query.encode(),
        "headers": [(b"host", b"testserver")],
    }
    await handler(scope, receive, answered)
    return statuses[0]


def sessions() -> int:
    """Return how many connections the server has to our database, besides the one that asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("is_atomic", [True, False])
async def test_every_connection_comes_back(is_atomic: bool, settings: Any) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite in memory has one writer")
    before = await sync_to_async(sessions)()
    connections.settings["default"]["ATOMIC_REQUESTS"] = is_atomic
    try:
        handler = ASGIHandler()
        async with asyncio.timeout(60):
            statuses = await asyncio.gather(
                *(send(handler, "/busy", f"n={number}") for number in range(REQUESTS))
            )
    finally:
        connections.settings["default"]["ATOMIC_REQUESTS"] = False
    failed = sum(number % 3 == 0 for number in range(REQUESTS))
    assert statuses == [500 if number % 3 == 0 else 200 for number in range(REQUESTS)]
    kept = REQUESTS - failed if is_atomic else REQUESTS
    assert await Note.objects.acount() == 2 * kept
    async with asyncio.timeout(10):
        # The server takes its time to end the process of a connection that was closed.
        while await sync_to_async(sessions)() > before:
            await asyncio.sleep(0.05)


async def test_one_after_the_other_is_as_good(api: Api) -> None:
    """The same on SQLite, in which the requests of a test share a thread."""
    quiet = Api(api.server, raises=False)
    statuses = [(await quiet.response("get", f"/busy?n={n}")).status_code for n in range(6)]
    assert statuses == [500, 200, 200] * 2
    assert await Note.objects.acount() == 12


async def test_context_variables_are_the_same_on_both_sides(api: Api) -> None:
    async with ThreadSensitiveContext():
        response = await api.response("get", "/contextual")
    translation.deactivate()
    timezone.deactivate()
    expected = ["set on the loop", "fr", "Asia/Tokyo"]
    assert response.json() == {
        "in_thread": "set in a thread",
        "loop": expected,
        "thread": expected,
    }
    assert response["X-Tenant"] == "set on the loop"
