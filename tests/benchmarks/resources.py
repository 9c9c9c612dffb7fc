"""``python -m tests.benchmarks.resources``: list, detail and create under uvicorn, against DRF.

Each server runs on loopback, in a process of its own; all of them answer the same, from the same
file of SQLite. What is compared is the processor time that a request takes, in all threads.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.benchmarks.servers import UVICORN, Request, Server, serving

PROJECT = "tests.benchmarks.resources_project"
REQUESTS = 150
ROUNDS = 9
REQUESTS_OF: Mapping[str, tuple[str, str, bytes]] = {
    "list": ("GET", "", b""),
    "detail": ("GET", "1/", b""),
    "create": ("POST", "", b'{"name": "new"}'),
}
LEAST = {"sync": 0.97, "handlers": 0.9}
"""Of DRF's speed: a sync view is DRF's own code, measured with some noise; a view with an async
handler makes one more turn of the event loop, for which it gets nothing here."""


def measured(action: str) -> dict[str, Server]:
    """Ask all three servers in turn for the same."""
    method, path, body = REQUESTS_OF[action]
    with ExitStack() as stack:
        servers: dict[str, Server] = {}
        for name in ("classic", "sync", "handlers"):
            request: Request = (method, f"/{name}/{path}", body)
            servers[name] = stack.enter_context(serving(UVICORN, PROJECT, request))
        assert len({server.answered for server in servers.values()}) == 1
        for _ in range(ROUNDS):
            for server in servers.values():
                server.measure(REQUESTS, 1)
    return servers


def main() -> int:
    """Print all figures; fail if ours take more than we promise."""
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RESOURCES_DATABASE"] = str(Path(folder) / "db.sqlite3")
        code = f"from {PROJECT} import fill; fill()"
        subprocess.run([sys.executable, "-c", code], check=True)
        for action in REQUESTS_OF:
            spent = {name: median(one.spent) for name, one in measured(action).items()}
            said = [f"DRF {spent['classic']:.2f} ms"]
            for name, least in LEAST.items():
                ratio = spent["classic"] / spent[name]
                failed |= ratio < least
                said.append(f"{name} {spent[name]:.2f} ms, {ratio:.2f} times as fast")
            print(f"{action:7} " + "; ".join(said), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
