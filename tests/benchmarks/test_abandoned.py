"""Clients that leave, under real servers: their streams end, and their threads are free again."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.benchmarks.servers import UVICORN, serving

pytestmark = pytest.mark.bench

PROJECT = "tests.benchmarks.abandoned_project"
GUNICORN = ["gunicorn", "--workers", "1", "--timeout", "60", "--log-level", "critical"]
SERVERS = {
    "gunicorn, sync": [*GUNICORN, "--worker-class", "sync"],
    "gunicorn, gthread": [*GUNICORN, "--worker-class", "gthread", "--threads", "2"],
    "uvicorn": UVICORN,
}
SOON = 6.0


class Server:
    """A server and what its project tells of itself."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.port = port

    def open(self, method: str, path: str) -> socket.socket:
        """Send a request, and return the connection."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        return connection

    def state(self) -> Any:
        with closing(self.ask("GET")) as connection:
            return json.load(connection.getresponse())

    def ask(self, method: str) -> HTTPConnection:
        """Ask for the state, or to forget what was written."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, "/state/", headers={"Host": "localhost"})
        return connection

    def until(self, holds: Any) -> Any:
        """Wait until something holds of the state, and return it."""
        end = time.monotonic() + SOON
        while time.monotonic() < end:
            state = self.state()
            if holds(state):
                return state
            time.sleep(0.05)
        raise AssertionError(state)


@pytest.fixture(params=SERVERS, scope="module")
def server(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    database = tmp_path_factory.mktemp("abandoned") / "database"
    application = "asgi" if request.param == "uvicorn" else "wsgi"
    asked = ("GET", "/state/", b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ABANDONED_DATABASE", str(database))
        with serving(SERVERS[request.param], PROJECT, asked, application) as running:
            yield Server(request.param, running.port)


@pytest.mark.parametrize("name", ["waits", "steady", "endless"])
def test_a_client_that_leaves_in_the_middle(server: Server, name: str) -> None:
    before = server.state()
    closed = before["closed"].get(name, 0)
    for _ in range(3):
        connection = server.open("GET", f"/streams/{name}/")
        assert b"200 OK" in connection.recv(200)
        connection.close()
    server.until(lambda state: state["closed"].get(name) == closed + 3)
    # A server may start the threads that it keeps only when there is something to do.
    server.until(lambda state: state["threads"] <= before["threads"] + 2)


def test_a_client_that_reads_nothing(server: Server) -> None:
    if server.name == "uvicorn":
        pytest.skip("no thread is at work for it")
    closed = server.state()["closed"].get("endless", 0)
    connection = server.open("GET", "/streams/endless/")
    try:
        server.until(lambda state: state["closed"].get("endless") == closed + 1)
    finally:
        connection.close()


WRITTEN = {
    "def": {"def", "def, later"},
    "async-def": {"async def", "async def, later"},
    "def-among-async": {"def among async", "def among async, later"},
    "loose/async-def": {"async def", "async def, later"},
    "loose/def-among-async": {"def among async", "def among async, later"},
}
CANCELLED: dict[str, set[str]] = {
    "async-def": set(),
    "def-among-async": set(),
    "loose/async-def": {"async def"},
}
"""What is left where the view is cancelled: with a transaction around it, nothing."""


@pytest.mark.parametrize("name", WRITTEN)
def test_an_action_whose_client_left(server: Server, name: str) -> None:
    with closing(server.ask("DELETE")) as asked:
        assert asked.getresponse().status == 204
    connection = server.open("POST", f"/{name}/")
    time.sleep(0.3)
    connection.close()
    time.sleep(2)
    cancels = server.name == "uvicorn"
    assert set(server.state()["written"]) == {**WRITTEN, **(CANCELLED if cancels else {})}[name]
