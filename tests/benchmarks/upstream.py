"""``python -m tests.benchmarks.upstream``: many requests at once that wait for another service.

Each request asks another service, which answers after 100 ms. DRF serves them under gunicorn with
one sync worker and under uvicorn, ours under uvicorn. All servers, and the other service, run on
loopback, in processes of their own, and are stopped at the end.
"""

from __future__ import annotations

import os
import sys
from statistics import median

from tests.benchmarks.servers import GUNICORN, UVICORN, serving

REQUESTS = 200
ROUNDS = 15
PROJECT = "tests.benchmarks.upstream_project"


def main() -> int:
    """Print all figures; fail if ours are not better by what we promise."""
    with serving(UVICORN, PROJECT, ("GET", "/", b""), "slow") as upstream:
        os.environ["UPSTREAM_PORT"] = str(upstream.port)
        return compare()


def compare() -> int:
    """Measure the three servers; return the status of the command."""
    with serving(GUNICORN, PROJECT, ("GET", "/classic", b"")) as gunicorn:
        gunicorn.measure(REQUESTS, REQUESTS)
    with (
        serving(UVICORN, PROJECT, ("GET", "/classic", b"")) as threads,
        serving(UVICORN, PROJECT, ("GET", "/awaited", b"")) as ours,
    ):
        for _ in range(ROUNDS):
            threads.measure(REQUESTS, REQUESTS)
            ours.measure(REQUESTS, REQUESTS)
    names = ("DRF, gunicorn, 1 sync worker", "DRF, uvicorn", "nova_drf, uvicorn")
    for name, one in zip(names, (gunicorn, threads, ours), strict=True):
        print(
            f"{name:30} {one.seconds:6.2f} s {median(one.spent):6.2f} ms of processor time each"
            f" {one.megabytes:6.1f} MB at most"
        )
    print(f"\n{gunicorn.seconds / ours.seconds:.1f} times as fast as DRF under gunicorn")
    print(f"{threads.seconds / ours.seconds:.2f} times as fast as DRF under uvicorn")
    faster = gunicorn.seconds >= 20 * ours.seconds and threads.seconds > ours.seconds
    return 0 if faster and ours.megabytes < threads.megabytes else 1


if __name__ == "__main__":
    sys.exit(main())
