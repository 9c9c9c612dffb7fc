"""What Python is about to do is looked at before it does it."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nova_drf.migration.proof.shadow import outside as module
from nova_drf.migration.proof.shadow.outside import (
    Outside,
    RefusedConnection,
    RefusedFile,
    RefusedProgram,
)

DATABASES: dict[str, dict[str, Any]] = {
    "default": {"ENGINE": "django.db.backends.postgresql", "HOST": "db.internal", "NAME": "shop"},
    "other": {"ENGINE": "django.db.backends.mysql", "HOST": "10.0.0.7", "PORT": "3307"},
    "gone": {"ENGINE": "django.db.backends.postgresql", "HOST": "gone.internal", "PORT": 6432},
    "local": {"ENGINE": "django.db.backends.postgresql", "HOST": "/run/db"},
    "file": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/shop.sqlite3"},
}
WRITE = os.O_WRONLY | os.O_CREAT


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Return what would be the audit hook of a child, and is none of this process."""

    def addresses(host: str, port: int, **more: Any) -> list[Any]:
        if host == "gone.internal":
            raise OSError
        return [(None, None, None, "", ("10.0.0.5" if host == "db.internal" else host, port))]

    monkeypatch.setattr(sys, "addaudithook", lambda hook: None)
    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    told: list[str] = []
    outside = Outside(DATABASES, told.append)

    def closed(event: str, *args: object) -> list[str]:
        outside.close()
        try:
            outside._look(event, args)
        finally:
            outside.open()
        return told

    assert outside._look("os.system", ("x",)) is None, "it is open"
    return closed


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("socket.connect", (None, ("db.internal", 5432))),
        ("socket.connect", (None, ("10.0.0.5", 5432))),
        ("socket.connect", (None, ("10.0.0.7", 3307, 0, 0))),
        ("socket.connect", (None, ("gone.internal", 6432))),
        ("socket.connect", (None, "/run/db/.s.PGSQL.5432")),
        ("socket.getaddrinfo", ("db.internal", 5432)),
        ("socket.getaddrinfo", (b"10.9.9.9", 80)),
        ("open", (__file__, "r", os.O_RDONLY)),
        ("open", (3, "w", WRITE)),
        ("open", (os.devnull, "w", WRITE)),
        ("open", (str(Path(tempfile.gettempdir(), "x")), "w", WRITE)),
        ("open", ("x", "r", None)),
        ("sqlite3.connect", ("/srv/shop.sqlite3",)),
        ("sqlite3.connect", (":memory:",)),
        ("import", ("os",)),
    ],
)
def test_what_is_allowed(look: Any, event: str, args: tuple[object, ...]) -> None:
    assert look(event, *args) == []


@pytest.mark.parametrize(
    ("event", "args", "error", "told"),
    [
        ("socket.connect", (None, ("10.0.0.5", 80)), RefusedConnection, "connect to 10.0.0.5:80"),
        ("socket.connect", (None, "/run/x.sock"), RefusedConnection, "connect to /run/x.sock"),
        ("socket.sendto", (None, ("10.0.0.9", 53)), RefusedConnection, "connect to 10.0.0.9:53"),
        ("socket.getaddrinfo", ("nowhere.example", 80), RefusedConnection, "look up nowhere.ex"),
        ("subprocess.Popen", ("true",), RefusedProgram, "subprocess.Popen"),
        ("os.kill", (1, 9), RefusedProgram, "os.kill"),
        ("open", ("/srv/x.txt", "w", WRITE), RefusedFile, "open x.txt"),
        ("os.remove", (b"/srv/x.txt", -1), RefusedFile, "os.remove x.txt"),
        ("sqlite3.connect", ("/srv/x.sqlite3",), RefusedFile, "sqlite3.connect x.sqlite3"),
    ],
)
def test_what_is_refused(
    look: Any, event: str, args: tuple[object, ...], error: type[OSError], told: str
) -> None:
    with pytest.raises(error, match="A shadow may not do this"):
        look(event, *args)
    assert look("import", "os")[0].startswith(told)


def test_the_port_is_that_of_the_database_where_none_is_said() -> None:
    said = {"ENGINE": "django.db.backends.mysql", "HOST": "127.0.0.1"}
    assert ("127.0.0.1", 3306) in set(module._addresses([said]))
