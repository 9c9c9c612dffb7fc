"""What the tests of the views share: volumes, and one client for WSGI and ASGI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from threading import current_thread, main_thread
from typing import Any

import pytest
from asgiref.sync import SyncToAsync, sync_to_async
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from nova_drf.testing import AsyncAPIClient
from tests.viewsapp.models import Country, House, Volume, Writer


@dataclass(frozen=True)
class Answer:
    """What a client can observe of a response."""

    status: int
    headers: dict[str, str]
    body: bytes


class Api:
    """Sends the same request through WSGI or through ASGI.

    Args:
        server: ``"wsgi"`` or ``"asgi"``.
        raises: Whether an exception that no handler took reaches the test.
    """

    def __init__(self, server: str, raises: bool = True) -> None:
        self.server = server
        client: Any = APIClient if server == "wsgi" else AsyncAPIClient
        self.client = client(raise_request_exception=raises)

    async def response(self, method: str, path: str, data: Any = None, **extra: Any) -> Any:
        """Send a request and return Django's response."""
        if data is not None and not isinstance(data, bytes):
            extra.setdefault("format", "json")
        send = getattr(self.client, method)
        if self.server == "wsgi":
            return await sync_to_async(send)(path, data, **extra)
        return await send(path, data, **extra)

    async def answer(self, method: str, path: str, data: Any = None, **extra: Any) -> Answer:
        """Send a request and return what its client sees."""
        response = await self.response(method, path, data, **extra)
        names = ("Content-Type", "Allow", "Location", "Vary", "WWW-Authenticate", "Retry-After")
        headers = {name: response[name] for name in names if response.has_header(name)}
        body = re.sub(rb'csrfToken&?[^ ]*?: ?"[^"]+"', b"", response.content)
        return Answer(response.status_code, headers, body)


@pytest.fixture(autouse=True)
def _closing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let threads close their connections to SQLite in memory, which Django keeps open.

    The database lives as long as the connection of the main thread.
    """
    monkeypatch.setattr(
        DatabaseWrapper, "is_in_memory_db", lambda self: current_thread() is main_thread()
    )


@pytest.fixture(params=["wsgi", "asgi"])
def api(request: pytest.FixtureRequest) -> Api:
    """A client for each kind of server."""
    return Api(request.param)


@pytest.fixture
def volumes(transactional_db: None) -> list[Volume]:
    """Three volumes, nested to depth three, and a user with a token."""
    cache.clear()
    Token.objects.create(user=User.objects.create_user("reader"), key="0123456789")
    return make_volumes(3)


def make_volumes(count: int) -> list[Volume]:
    """Store volumes of five writers each of whom has a house in a country."""
    country = Country.objects.create(name="Iceland")
    house = House.objects.create(name="Grey", country=country)
    writers = [Writer.objects.create(name=f"writer {n}", house=house) for n in range(5)]
    made = Volume.objects.bulk_create(
        Volume(id=n, title=f"volume {n}", pages=n, writer=writers[n % 5])
        for n in range(1, count + 1)
    )
    number_from(count + 1)
    return made


def number_from(number: int) -> None:
    """Let the next volume that is stored get a certain number, on every database."""
    statements = {
        "postgresql": "ALTER SEQUENCE viewsapp_volume_id_seq RESTART WITH {}",
        "sqlite": "UPDATE sqlite_sequence SET seq = {} - 1 WHERE name = 'viewsapp_volume'",
    }
    with connection.cursor() as cursor:
        cursor.execute(statements[connection.vendor].format(number))


class Hops(list[str]):
    """The names of the functions that went to a worker thread."""


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> Hops:
    """Note each hop to a worker thread."""
    seen = Hops()
    call = SyncToAsync.__call__

    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(getattr(self.func, "__qualname__", "?"))
        return await call(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", counted)
    return seen
