"""Servers on loopback, each in a process of its own: what they answer, and what that costs."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

DEADLINE = 60.0

UVICORN = ["uvicorn", "--no-access-log", "--log-level", "error", "--lifespan", "off"]
GUNICORN = ["gunicorn", "--workers", "1", "--worker-class", "sync", "--timeout", "120"]


Request = tuple[str, str, bytes]
"""A method, a path and a body."""


@dataclass
class Server:
    """A running server, and what was measured of it.

    Attributes:
        pid: The process.
        port: Where it listens.
        request: What is asked: the method, the path and the body.
        answered: The status and body of the first answer.
        seconds: How long it took until all requests were answered, in the best round.
        spent: How many milliseconds of processor time a request took, in each round.
        megabytes: The most memory that a process of it ever had.
    """

    pid: int
    port: int
    request: Request
    answered: tuple[int, bytes] = (0, b"")
    seconds: float = float("inf")
    spent: list[float] = field(default_factory=list)
    megabytes: float = 0.0

    def processor(self) -> float:
        """Return how many seconds of processor time all its processes have spent."""
        return sum(map(processor, family(self.pid)))

    def measure(self, count: int, at_once: int) -> None:
        """Send the request so many times, and check that all answers are the same.

        Args:
            count: How many requests are sent.
            at_once: How many of them are under way at a time.
        """
        before, start = self.processor(), time.perf_counter()
        answered = asyncio.run(answers(self.port, self.request, count, at_once))
        self.seconds = min(self.seconds, time.perf_counter() - start)
        self.spent.append((self.processor() - before) / count * 1000)
        assert set(answered) == {self.answered}
        self.megabytes = max(map(peak, family(self.pid)))


@contextmanager
def serving(
    command: list[str], project: str, request: Request, application: str = ""
) -> Iterator[Server]:
    """Run a server on a free port until the block ends.

    Args:
        command: :data:`UVICORN` or :data:`GUNICORN`.
        project: The module with the application.
        request: What it will be asked.
        application: The name of the application; ``asgi`` or ``wsgi`` when left out.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = (
        ["--host", "127.0.0.1", "--port", str(port), f"{project}:{application or 'asgi'}"]
        if command is UVICORN
        else [
            "--bind",
            f"127.0.0.1:{port}",
            "--backlog",
            "1024",
            f"{project}:{application or 'wsgi'}",
        ]
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen([sys.executable, "-m", *command, *where], env=environment)
    try:
        wait_for(port, process)
        (answered,) = asyncio.run(answers(port, request, 1, 1))
        assert answered[0] in (200, 201), answered
        yield Server(process.pid, port, request, answered)
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server accepts connections."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        assert process.poll() is None, "the server stopped"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"no server on port {port}")


async def answers(port: int, request: Request, count: int, at_once: int) -> list[tuple[int, bytes]]:
    """Send requests, so many at once; return the status and body of each answer."""
    places = asyncio.Semaphore(at_once)

    async def one() -> tuple[int, bytes]:
        async with places:
            return await answer(port, request)

    async with asyncio.timeout(DEADLINE):
        return await asyncio.gather(*(one() for _ in range(count)))


async def answer(port: int, request: Request) -> tuple[int, bytes]:
    method, path, body = request
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    answered = await reader.read()
    writer.close()
    start, _, content = answered.partition(b"\r\n\r\n")
    return int(start.split(b" ", 2)[1]), content


def family(pid: int) -> list[int]:
    """Return a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def peak(pid: int) -> float:
    """Return the most resident memory that a process ever had, in megabytes."""
    return _memory(pid, "VmHWM")


def resident(pid: int) -> float:
    """Return the resident memory that a process has, in megabytes."""
    return round(_memory(pid, "VmRSS"), 1)


def _memory(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (one for one in status.splitlines() if one.startswith(name))
    return int(line.split()[1]) / 1024


def processor(pid: int) -> float:
    """Return how many seconds of processor time a process has spent."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
