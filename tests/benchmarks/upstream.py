"""``python -m tests.benchmarks.upstream``: many requests at once that wait for another service.

Each request awaits an upstream call of 100 ms. DRF serves them under gunicorn with one sync worker
and under uvicorn, ours under uvicorn. All servers run on loopback, in processes of their own, and
are stopped at the end.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REQUESTS = 200
ROUNDS = 3
DEADLINE = 60.0

UVICORN = ["uvicorn", "--no-access-log", "--log-level", "error", "--lifespan", "off"]
SERVERS = {
    "DRF, gunicorn, 1 sync worker": (
        "/classic",
        ["gunicorn", "--workers", "1", "--worker-class", "sync", "--timeout", "120"],
        "tests.benchmarks.upstream_project:wsgi",
    ),
    "DRF, uvicorn": ("/classic", UVICORN, "tests.benchmarks.upstream_project:asgi"),
    "nova_drf, uvicorn": ("/awaited", UVICORN, "tests.benchmarks.upstream_project:asgi"),
}


@dataclass(frozen=True)
class Figures:
    """What was measured of one server.

    Attributes:
        seconds: How long it took until all requests were answered, in the best round.
        megabytes: The most memory that the serving process ever had.
    """

    seconds: float
    megabytes: float


def measure(name: str, rounds: int = ROUNDS) -> Figures:
    """Start one of :data:`SERVERS`, send all requests at once, and stop it."""
    path, command, application = SERVERS[name]
    with serving(command, application) as (process, port):
        assert asyncio.run(answers(port, path, 1)) == [200]
        seconds = []
        for _ in range(rounds):
            start = time.perf_counter()
            assert asyncio.run(answers(port, path, REQUESTS)) == [200] * REQUESTS
            seconds.append(time.perf_counter() - start)
        return Figures(min(seconds), max(map(peak, family(process.pid))))


@contextmanager
def serving(command: list[str], application: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a server on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = (
        ["--host", "127.0.0.1", "--port", str(port)]
        if command[0] == "uvicorn"
        else ["--bind", f"127.0.0.1:{port}", "--backlog", "1024"]
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-m", *command, *where, application], env=environment
    )
    try:
        wait_for(port, process)
        yield process, port
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


async def answers(port: int, path: str, count: int) -> list[int]:
    """Send requests, all at once; return the status of each answer."""
    async with asyncio.timeout(DEADLINE):
        return await asyncio.gather(*(answer(port, path) for _ in range(count)))


async def answer(port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    body = await reader.read()
    writer.close()
    return int(body.split(b" ", 2)[1])


def family(pid: int) -> list[int]:
    """Return a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def peak(pid: int) -> float:
    """Return the most resident memory that a process ever had, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main() -> int:
    """Print all figures; fail if ours are not better by what we promise."""
    figures = {}
    for name in SERVERS:
        figures[name] = measure(name, rounds=1 if "gunicorn" in name else ROUNDS)
        one = figures[name]
        print(f"{name:30} {one.seconds:7.2f} s {one.megabytes:8.1f} MB peak")
    gunicorn, threads, ours = figures.values()
    print(f"\n{gunicorn.seconds / ours.seconds:.1f} times as fast as DRF under gunicorn")
    print(f"{threads.seconds / ours.seconds:.1f} times as fast as DRF under uvicorn")
    kept = (
        gunicorn.seconds >= 20 * ours.seconds,
        threads.seconds > ours.seconds,
        threads.megabytes > ours.megabytes,
    )
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
