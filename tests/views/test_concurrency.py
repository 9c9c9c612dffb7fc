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

from nova_drf.views.base import AsyncAPIView
from tests.views.conftest import Api
from tests.viewsapp.models import Note

REQUESTS = {False: 100, True: 30}
"""How many at once; a transaction (``True``) holds its connection from the beginning."""

CONNECTIONS = 30
"""How many of them may ask the database at once: servers take about a hundred connections."""

tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant", default="nobody")
arrival: dict[str, asyncio.Barrier] = {}
turns: dict[str, asyncio.Semaphore] = {}


class Busy(AsyncAPIView):
    """Waits until all requests are there; then writes, on both sides, or fails every third time."""

    async def get(self, request: Request) -> Response:
        number = int(request.query_params["n"])
        await arrival["busy"].wait()
        await turns["busy"].acquire()
        await Note.objects.acreate(text=f"{number} within")
        if number % 3 == 0:
            raise ZeroDivisionError
        return Response({"n": number, "notes": await Note.objects.acount() > 0})

    def finalize_response(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        Note.objects.create(text=f"{request.query_params['n']} after")
        return super().finalize_response(request, *args, **kwargs)


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
async def test_every_connection_comes_back(is_atomic: bool) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite in memory has one writer")
    count = REQUESTS[is_atomic]
    arrival["busy"], turns["busy"] = asyncio.Barrier(count), asyncio.Semaphore(CONNECTIONS)
    before = await sync_to_async(sessions)()
    connections.settings["default"]["ATOMIC_REQUESTS"] = is_atomic
    handler = ASGIHandler()

    async def one(number: int) -> int:
        status = await send(handler, "/busy", f"n={number}")
        turns["busy"].release()
        return status

    try:
        async with asyncio.timeout(60):
            statuses = await asyncio.gather(*map(one, range(count)))
    finally:
        connections.settings["default"]["ATOMIC_REQUESTS"] = False
    assert statuses == [500 if number % 3 == 0 else 200 for number in range(count)]
    failed = statuses.count(500)
    assert await Note.objects.acount() == 2 * (count - failed) + (0 if is_atomic else failed)
    assert await closed_down_to(before)


async def closed_down_to(count: int) -> bool:
    """Whether no more connections are left; the server takes its time to end their processes."""
    for _ in range(100):
        if await sync_to_async(sessions)() <= count:
            return True
        await asyncio.sleep(0.1)
    return False


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
