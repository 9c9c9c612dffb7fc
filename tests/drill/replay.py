"""Two servers, of the classic clinic and of the migrated one, which answer recorded requests."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from time import monotonic, sleep

from tests.drill.steps import REPLAY
from tests.drill.workshop import DrillError, Workshop

USER = "manager@lakeside.example"
_PATIENCE = 60.0
"""For how many seconds a server may start."""


def replayed(classic: Workshop, clinic: Workshop) -> str:
    """Send the recorded requests that only read to both clinics, and compare the answers.

    Args:
        classic: The classic clinic; it reads the rows of the other one.
        clinic: The clinic as it is.

    Returns:
        The last line of what the command prints.

    Raises:
        DrillError: An answer differs, or a server does not start.
    """
    token = clinic.manage("drf_create_token", USER).split()[2]
    with _serving(classic, clinic.database) as old, _serving(clinic, clinic.database) as new:
        command = REPLAY.format(old=old, new=new).split()
        header = ("--header", f"Authorization: Token {token}", "--concurrency", "1")
        return clinic.manage(*command, *header).splitlines()[-1]


@contextmanager
def _serving(workshop: Workshop, database: str) -> Iterator[str]:
    """Start a server, and end it afterwards.

    Args:
        workshop: The clinic.
        database: The file of the database that it reads.
    """
    port = _free_port()
    process = workshop.start(
        *("manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"), CLINIC_DATABASE=database
    )
    try:
        until = monotonic() + _PATIENCE
        while not _answers(port):
            if process.poll() is not None or monotonic() > until:
                raise DrillError(f"The server of {workshop.folder} does not start.")
            sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
