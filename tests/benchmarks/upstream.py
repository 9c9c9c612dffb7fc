"""``python -m tests.benchmarks.upstream``: many requests at once that wait for another service.

Each request awaits an upstream call of 100 ms. DRF serves them under gunicorn with one sync worker
and under uvicorn, ours under uvicorn. All servers run on loopback, in processes of their own, and
are stopped at the end.
"""

from __future__ import annotations

import sys
from statistics import median

from tests.benchmarks.servers import GUNICORN, UVICORN, serving

REQUESTS = 200
ROUNDS = 15
PROJECT = "tests.benchmarks.upstream_project"


def main() -> int:
    """Print all figures; fail if ours are not better by what we promise."""
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
    # Django itself keeps a thread for each request under ASGI, so neither needs much less memory.
    return 0 if faster and ours.megabytes < 1.02 * threads.megabytes else 1


if __name__ == "__main__":
    sys.exit(main())
