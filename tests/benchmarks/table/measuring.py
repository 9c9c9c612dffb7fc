"""What is asked of the sides, whether they answer the same, and how long each takes."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.benchmarks.table.contracts import SHAPES

NEW = {
    "title": "Emma",
    "isbn": "978",
    "price": "9.50",
    "pages": 400,
    "rating": 4.0,
    "in_print": True,
    "published": "1815-12-23",
}
WRONG: dict[str, Any] = {name: [] for name in NEW}


@dataclass(frozen=True)
class Cell:
    """One request to all sides.

    Attributes:
        handler: ``"WSGI"`` or ``"ASGI"``.
        action: What it does.
        shape: What it prints.
        rows: How many books there are.
    """

    handler: str
    action: str
    shape: str
    rows: int

    def __str__(self) -> str:
        number = f" of {self.rows}" if self.action == "list" else ""
        return f"{self.handler} {self.action}{number}, {self.shape}"

    @property
    def request(self) -> tuple[str, str, bytes]:
        """The method, the address below that of the side, and the body."""
        place = f"{self.shape.replace(' ', '-')}/{self.rows}/"
        return {
            "list": ("GET", place, b""),
            "detail": ("GET", f"{place}1/", b""),
            "create": ("POST", place, json.dumps(NEW).encode()),
            "update": ("PUT", f"{place}1/", json.dumps(NEW).encode()),
            "errors": ("POST", place, json.dumps(WRONG).encode()),
            "nothing": ("GET", "nothing/", b""),
        }[self.action]

    @property
    def calls(self) -> int:
        """How often it is asked in one round.

        Several times, for the first request after other sides finds the processor's caches cold.
        To print a thousand rows takes long enough.
        """
        if self.action != "list":
            return 10
        return 1 if self.rows >= 1000 else 5


def cells(rows: list[int]) -> Iterator[Cell]:
    """Yield what is measured: not all that could be, so that it ends in a few minutes."""
    for shape in SHAPES:
        for number in rows:
            yield Cell("WSGI", "list", shape, number)
    for handler in ("WSGI", "ASGI"):
        if handler == "ASGI":
            yield Cell(handler, "list", "foreign key", rows[len(rows) // 2])
            yield Cell(handler, "nothing", "flat", rows[0])
        for action in ("detail", "create", "update", "errors"):
            yield Cell(handler, action, "foreign key", rows[0])


Answer = tuple[int, bytes]
Sender = Callable[[str, str, bytes], Answer]


def wsgi() -> Sender:
    """Return what sends a request as a WSGI server does."""
    from django.core.handlers.wsgi import WSGIHandler

    handler = WSGIHandler()

    def send(method: str, address: str, body: bytes) -> Answer:
        started: list[Any] = []
        response = handler(_environ(method, address, body), lambda *line: started.append(line))
        content = b"".join(response)
        response.close()
        return int(started[0][0][:3]), content

    return send


def _environ(method: str, address: str, body: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": address,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "HTTP_ACCEPT": "application/json",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }


def asgi() -> Sender:
    """Return what sends a request as an ASGI server does, on one event loop."""
    from django.core.handlers.asgi import ASGIHandler

    handler = ASGIHandler()
    loop = asyncio.new_event_loop()

    async def ask(method: str, address: str, body: bytes) -> Answer:
        sent: list[Any] = []
        received = asyncio.Queue[Any]()
        received.put_nowait({"type": "http.request", "body": body, "more_body": False})

        async def send(message: Any) -> None:
            sent.append(message)

        await handler(_scope(method, address, body), received.get, send)
        content = b"".join(message.get("body", b"") for message in sent)
        return sent[0]["status"], content

    return lambda *request: loop.run_until_complete(ask(*request))


def _scope(method: str, address: str, body: bytes) -> Any:
    headers = {
        "host": "testserver",
        "accept": "application/json",
        "content-type": "application/json",
        "content-length": str(len(body)),
    }
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": address,
        "raw_path": address.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 1),
    }


def agreeing(cell: Cell, sides: dict[str, str], send: Sender) -> dict[str, str]:
    """Return the sides that answer a request, each with its address; all have to say the same.

    Args:
        cell: The request.
        sides: The addresses of the sides, DRF's first.
        send: What sends it.

    Raises:
        AssertionError: A side says something else, or one of ours other bytes than DRF.
    """
    method, place, body = cell.request
    answers = {side: send(method, address + place, body) for side, address in sides.items()}
    found = {side: answer for side, answer in answers.items() if answer[0] not in (404, 405)}
    status, content = found["DRF"]
    for side, answer in found.items():
        is_ours = side.startswith("nova_drf")
        if cell.action == "errors":
            # Each library has words of its own.
            assert 400 <= answer[0] < 500, (str(cell), side, answer)
            assert not is_ours or answer == (status, content), (str(cell), side, answer)
            continue
        assert answer[0] == status, (str(cell), side, answer)
        assert _said(answer[1]) == _said(content), (str(cell), side, answer[1], content)
        assert not is_ours or cell.action == "create" or answer[1] == content, (str(cell), side)
    return {side: sides[side] for side in found}


_SLOW, _ENOUGH = 0.2, 3
"""After how many rounds a side is left out that takes longer than so many seconds for a request."""


def _said(content: bytes) -> Any:
    body = json.loads(content)
    # A database counts them up.
    return {**body, "id": None} if isinstance(body, dict) else body


def measured(cell: Cell, sides: dict[str, str], send: Sender, rounds: int) -> dict[str, float]:
    """Return the median of the processor time of each side, in seconds a request.

    Args:
        cell: The request.
        sides: The addresses of the sides, which take turns in each round.
        send: What sends it.
        rounds: How many rounds there are.
    """
    method, place, body = cell.request
    spent: dict[str, list[float]] = {side: [] for side in sides}
    for turn in range(rounds):
        for side, address in sides.items():
            if turn >= _ENOUGH and spent[side][0] > _SLOW:
                continue
            start = time.process_time()
            for _ in range(cell.calls):
                send(method, address + place, body)
            spent[side].append((time.process_time() - start) / cell.calls)
    return {side: median(times) for side, times in spent.items()}
