"""Async iterators for threads without an event loop: told to end, they do."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from nova_drf.views import pump
from nova_drf.views.clients import client_left, patience_in_sending
from nova_drf.views.pump import Pump
from nova_drf.views.streaming import StreamResponse

pytestmark = pytest.mark.django_db

closed: list[str] = []


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    closed.clear()
    monkeypatch.setattr(pump, "LOOKS", 0.02)
    monkeypatch.setattr(pump, "PATIENCE", 0.3)


async def waiting() -> AsyncGenerator[bytes, None]:
    try:
        yield b"first"
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        closed.append("waiting")


async def stubborn() -> AsyncGenerator[bytes, None]:
    """It takes no notice of being cancelled, once."""
    try:
        yield b"first"
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            yield b"second"
    finally:
        closed.append("stubborn")


async def cleaning_up() -> AsyncGenerator[bytes, None]:
    """It waits for ever to clean up, if nobody tells it again."""
    try:
        yield b"first"
        await asyncio.Event().wait()
    finally:
        try:
            await asyncio.Event().wait()
        finally:
            closed.append("cleaning_up")


def abandoned(parts: AsyncGenerator[bytes, None]) -> Pump:
    """Return a pump that is told to end while its iterator waits."""
    made = Pump(parts)
    taken = iter(made)
    assert next(taken) == b"first"
    threading.Timer(0.1, made.stop).start()
    made._tell(made._ask)
    time.sleep(0.05)
    return made


@pytest.mark.parametrize("parts", [waiting, stubborn, cleaning_up])
def test_what_waits_is_cancelled_and_closed(parts: Any) -> None:
    made = abandoned(parts())
    made._thread.join(2)
    assert not made._thread.is_alive()
    assert closed == [parts.__name__]


def test_code_that_blocks_is_waited_for_only_so_long(caplog: pytest.LogCaptureFixture) -> None:
    ends = threading.Event()

    async def blocking() -> AsyncGenerator[bytes, None]:
        yield b"first"
        await sync_to_async(ends.wait)(5)
        closed.append("blocking")
        yield b"second"

    made = abandoned(blocking())
    made.stop()
    assert made._thread.is_alive()
    assert "blocks a thread" in caplog.text
    ends.set()
    made._thread.join(2)
    assert not made._thread.is_alive()


def test_an_iterator_that_ends_itself_waits_for_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def parts() -> AsyncGenerator[bytes, None]:
        yield b"first"
        pumps[0].stop()
        yield b"last"

    pumps = [Pump(parts())]
    assert list(pumps[0]) == [b"first", b"last"]
    pumps[0].stop()
    assert not caplog.records


def test_an_iterator_that_nobody_started_is_closed() -> None:
    made = Pump(waiting())
    made.stop()
    made.stop()
    assert not made._thread.is_alive()


def test_errors_reach_who_waits() -> None:
    async def broken() -> AsyncGenerator[bytes, None]:
        yield b"first"
        raise asyncio.CancelledError

    taken = iter(Pump(broken()))
    assert next(taken) == b"first"
    with pytest.raises(asyncio.CancelledError):
        next(taken)


# The client


@pytest.fixture
def ends() -> Any:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_client_that_leaves_while_nothing_is_sent(ends: Any) -> None:
    ours, theirs = ends
    response = StreamResponse(waiting(), environ={"gunicorn.socket": ours})
    parts = iter(response)
    assert next(parts) == b"first"
    threading.Timer(0.1, theirs.close).start()
    assert list(parts) == []
    assert closed == ["waiting"]


def test_what_a_client_sends_does_not_count_as_leaving(ends: Any) -> None:
    ours, theirs = ends
    left = client_left({"gunicorn.socket": ours})
    assert left is not None
    assert not left()
    theirs.sendall(b"GET")
    assert not left()
    assert ours.recv(3) == b"GET"
    theirs.close()
    assert left()
    ours.close()
    assert left()


def test_what_waitress_tells() -> None:
    response = StreamResponse(waiting(), environ={"waitress.client_disconnected": lambda: True})
    assert list(response) == [b"first"]
    assert closed == ["waiting"]


def test_servers_that_tell_nothing() -> None:
    assert client_left({}) is None
    with patience_in_sending({}, 1):
        """There is no connection to set anything of."""


def test_a_client_that_takes_nothing(ends: Any) -> None:
    ours, _ = ends
    with patience_in_sending({"gunicorn.socket": ours}, 0.1):
        start = time.monotonic()
        with pytest.raises(BlockingIOError):
            ours.sendall(b"x" * 10_000_000)
        assert time.monotonic() - start < 5
        ours.close()
    with patience_in_sending({"gunicorn.socket": ours}, None):
        """Nothing is set."""


def test_closing_a_response_closes_its_iterator() -> None:
    response = StreamResponse(waiting())
    assert next(iter(response)) == b"first"
    response.close()
    assert closed == ["waiting"]
    StreamResponse(waiting()).close()
