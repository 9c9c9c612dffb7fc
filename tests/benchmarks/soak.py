"""``python -m tests.benchmarks.soak``: thousands of requests, many of them cut off; what is left?

A server under uvicorn is asked for everything at once, in rounds: views, services, jobs, streams.
After the first one nothing may grow: no object, task, thread, file or connection, no memory, and no
row that a failed request wrote.

``--requests`` says how many there are in a round. The database is SQLite, or that of
``DATABASE_URL=postgresql://...``, which is made anew. Jobs go to Redis on this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.servers import UVICORN, Request, answer, resident, serving

PROJECT = "tests.benchmarks.soak_project"
ROUNDS = 5
REQUESTS = 1000
"""Requests in a round, unless ``--requests`` says something else."""

AT_ONCE = 40
CUT_OFF = 0.3
"""The share of requests whose client goes away before the answer."""

FEW_OBJECTS = 200
"""Objects that caches of Python and Django may gain in a round."""

FEW_MEGABYTES = 1.0
"""Memory that the allocator may hold back in a round."""

ASKED: tuple[Request, ...] = (
    *(("GET", f"/{name}/", b"") for name in ("classic", "sync", "handlers")),
    *(("GET", f"/{name}/?page=99", b"") for name in ("sync", "handlers")),
    *(("GET", f"/{name}/1/", b"") for name in ("sync", "handlers")),
    *(("GET", f"/{name}/999/", b"") for name in ("sync", "handlers")),
    *(("POST", f"/{name}/", b'{"name": "new"}') for name in ("sync", "handlers")),
    *(("POST", f"/{name}/", b"{bad") for name in ("sync", "handlers")),
    *(("POST", f"/{name}/", b'{"name": [1]}') for name in ("sync", "handlers")),
    *(("OPTIONS", f"/{name}/", b"") for name in ("sync", "handlers")),
    ("DELETE", "/waiting", b""),
    ("GET", "/waiting", b""),
    ("GET", "/streaming", b""),
    ("POST", "/failing", b'{"name": "half"}'),
    ("POST", "/failing", b"{}"),
    *(("GET", f"/services/{path}", b"") for path in ("", "1/", "999/", "x/")),
    ("PATCH", "/services/2/", b'{"name": "second"}'),
    ("PATCH", "/services/2/", b'{"name": "group 3"}'),
    ("POST", "/services/", b'{"name": "half"}'),
    ("POST", "/services/3/remind/", b"{}"),
    ("POST", "/services/3/remind_later/", b"{}"),
    ("POST", "/services/999/remind/", b"{}"),
)


async def cut_off(port: int, request: Request) -> None:
    """Send a request, or the half of it, and go away."""
    method, path, body = request
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
    writer.write(body[: random.choice((len(body) // 2, len(body)))])
    await writer.drain()
    await asyncio.sleep(random.random() * 0.05)
    writer.close()


async def soak(port: int, count: int) -> Counter[int]:
    """Send a round of requests; return how often each status was answered."""
    places = asyncio.Semaphore(AT_ONCE)
    statuses: Counter[int] = Counter()

    async def one() -> None:
        request = random.choice(ASKED)
        async with places:
            if random.random() < CUT_OFF:
                await cut_off(port, request)
            else:
                status, _ = await answer(port, request)
                statuses[status] += 1

    await asyncio.gather(*(one() for _ in range(count)))
    return statuses


def state(port: int) -> dict[str, Any]:
    """Return what is there once the server has had time to clean up."""
    time.sleep(1)
    _, body = asyncio.run(answer(port, ("GET", "/state", b"")))
    found: dict[str, Any] = json.loads(body)
    return found


def make_database(url: str) -> None:
    """Make the database of a URL anew; ``psycopg`` comes with the tests."""
    import psycopg
    import psycopg.sql

    name = urlsplit(url).path.lstrip("/")
    with psycopg.connect(url.removesuffix(name) + "postgres", autocommit=True) as connection:
        quoted = psycopg.sql.Identifier(name)
        drop = psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(drop.format(quoted))
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(quoted))


def main() -> int:
    """Print what is left after each round; fail if anything grows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=REQUESTS)
    count = parser.parse_args().requests
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SOAK_DATABASE"] = str(Path(folder) / "db.sqlite3")
        if os.environ.get("DATABASE_URL"):
            make_database(os.environ["DATABASE_URL"])
        code = f"from {PROJECT} import fill; fill()"
        subprocess.run([sys.executable, "-c", code], check=True)
        with serving(UVICORN, PROJECT, ("GET", "/state", b"")) as server:
            states = []
            for _ in range(ROUNDS):
                statuses = asyncio.run(soak(server.port, count))
                states.append({**state(server.port), "megabytes": resident(server.pid)})
                answered = ", ".join(f"{times} x {status}" for status, times in statuses.items())
                print(f"{answered}: {states[-1]}", flush=True)
    first, last = states[0], states[-1]
    few = {"objects": FEW_OBJECTS, "megabytes": FEW_MEGABYTES}
    grown = {name for name in first if last[name] > first[name] + few.get(name, 0) * (ROUNDS - 1)}
    print("grown: " + (", ".join(sorted(grown)) or "nothing"))
    return int(bool(grown) or last["groups"] != 20)


if __name__ == "__main__":
    sys.exit(main())
