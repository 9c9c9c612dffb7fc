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
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

REQUESTS = 200
ROUNDS = 15
DEADLINE = 60.0

UVICORN = ["uvicorn", "--no-access-log", "--log-level", "error", "--lifespan", "off"]
GUNICORN = ["gunicorn", "--workers", "1", "--worker-class", "sync", "--timeout", "120"]
PROJECT = "tests.benchmarks.upstream_project"


@dataclass
class Server:
    """A running server, and what was measured of it.

    Attributes:
        pid: The process.
        port: Where it listens.
        path: The view that is asked.
        seconds: How long it took until all requests were answered, in the best round.
        spent: How many milliseconds of processor time a request took, in each round.
        megabytes: The most memory that a process of it ever had.
    """

    pid: int
    port: int
    path: str
    seconds: float = float("inf")
    spent: list[float] = field(default_factory=list)
    megabytes: float = 0.0

    def measure(self) -> None:
        """Send all requests at once."""
        before, start = processor(self.pid), time.perf_counter()
        assert asyncio.run(answers(self.port, self.path, REQUESTS)) == [200] * REQUESTS
        self.seconds = min(self.seconds, time.perf_counter() - start)
        self.spent.append((processor(self.pid) - before) / REQUESTS * 1000)
        self.megabytes = max(map(peak, family(self.pid)))


@contextmanager
def serving(command: list[str], path: str) -> Iterator[Server]:
    """Run a server on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = (
        ["--host", "127.0.0.1", "--port", str(port), f"{PROJECT}:asgi"]
        if command is UVICORN
        else ["--bind", f"127.0.0.1:{port}", "--backlog", "1024", f"{PROJECT}:wsgi"]
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen([sys.executable, "-m", *command, *where], env=environment)
    try:
        wait_for(port, process)
        assert asyncio.run(answers(port, path, 1)) == [200]
        yield Server(process.pid, port, path)
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


def processor(pid: int) -> float:
    """Return how many seconds of processor time a process has spent."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Print all figures; fail if ours are not better by what we promise."""
    with serving(GUNICORN, "/classic") as gunicorn:
        gunicorn.measure()
    with serving(UVICORN, "/classic") as threads, serving(UVICORN, "/awaited") as ours:
        for _ in range(ROUNDS):
            threads.measure()
            ours.measure()
    names = ("DRF, gunicorn, 1 sync worker", "DRF, uvicorn", "nova_drf, uvicorn")
    for name, one in zip(names, (gunicorn, threads, ours), strict=True):
        print(
            f"{name:30} {one.seconds:6.2f} s {median(one.spent):6.2f} ms of processor time each"
            f" {one.megabytes:6.1f} MB at most"
        )
    print(f"\n{gunicorn.seconds / ours.seconds:.1f} times as fast as DRF under gunicorn")
    print(f"{threads.seconds / ours.seconds:.2f} times as fast as DRF under uvicorn")
    faster = gunicorn.seconds >= 20 * ours.seconds and threads.seconds > ours.seconds
    # Django itself keeps a thread for each request under ASGI, so neither needs much less memory.
    return 0 if faster and ours.megabytes < 1.02 * threads.megabytes else 1


if __name__ == "__main__":
    sys.exit(main())
