"""The child process: Django set up once more, locked in, and asked one request after the other.

``python -m nova_drf.migration.proof.shadow.child <file descriptor>``; it ends when the process that
started it does.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

import django
from django.conf import settings

Begin = Callable[[str, float], None]
"""Is told which side answers now, and how many seconds it has."""


def prepare(hello: Mapping[str, Any]) -> None:
    """Set Django up as a sandbox.

    Args:
        hello: What the parent process said first.
    """
    from nova_drf.migration.proof.sandbox import email_backend_may_be_set, sandbox_settings
    from nova_drf.migration.proof.shadow.effects import dummy_tasks

    for name, value in hello["settings"].items():
        setattr(settings, name, value)
    for alias, name in hello["databases"].items():
        database: dict[str, Any] = settings.DATABASES[alias]
        database["NAME"] = name
        database["CONN_MAX_AGE"] = None
        # A pool would open connections in threads of its own.
        (database.get("OPTIONS") or {}).pop("pool", None)
    # No handler of logs is opened: a shadow writes none.
    settings.LOGGING_CONFIG = None
    with email_backend_may_be_set():
        for name, value in sandbox_settings().items():
            setattr(settings, name, value)
    if getattr(settings, "TASKS", None):
        settings.TASKS = dummy_tasks(settings.TASKS)
    django.setup()
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018  (imports it)


def limit_memory(mebibytes: int) -> None:
    """Let this process take no more memory than that above what it has.

    Args:
        mebibytes: How much.
    """
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        return
    pages = int(statistics.read_text().split()[0])
    limit = pages * resource.getpagesize() + mebibytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def limit_time(seconds: float) -> None:
    """Let the system end this process after that time, whatever it is doing then.

    Args:
        seconds: How long; 0 is never.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    signal.setitimer(signal.ITIMER_REAL, seconds)


class Worker:
    """Compares the requests that it is sent.

    Args:
        names: Further names whose values are secret.
        patterns: Further regular expressions of what is secret.
        begin: Is told which side answers now.
    """

    def __init__(self, names: list[str], patterns: list[str], begin: Begin) -> None:
        from nova_drf.migration.proof.shadow.answers import Sides
        from nova_drf.migration.proof.shadow.comparing import Comparison
        from nova_drf.migration.proof.shadow.effects import Effects
        from nova_drf.migration.proof.shadow.examples import Examples
        from nova_drf.migration.proof.shadow.outside import Outside
        from nova_drf.migration.proof.shadow.transactions import Databases

        self.effects = Effects()
        self.databases = Databases(self.effects.note_statement, self.effects.note_refusal)
        self.outside = Outside(settings.DATABASES, self.effects.note_refusal)
        self.sides = Sides(self.databases, self.effects, begin)
        self.comparison = Comparison(self.sides, self.databases, Examples(names, patterns))

    def lock(self) -> None:
        """Refuse from now on what a shadow may not do."""
        self.databases.watch()
        self.outside.close()

    def unlock(self) -> None:
        """Refuse nothing from now on."""
        self.databases.release()
        self.outside.open()

    def compare(self, message: bytes) -> dict[str, Any]:
        """Compare one request; return what came of it, as plain data.

        Args:
            message: The sample, encoded.
        """
        from nova_drf.migration.proof.shadow.causes import Outcome
        from nova_drf.migration.proof.shadow.samples import Sample
        from nova_drf.migration.proof.verification import project_approvals

        began = perf_counter()
        answer: dict[str, Any] = {"outcome": Outcome.FAILED, "findings": [], "reason": ""}
        try:
            sample = Sample.decoded(message)
            judgement = self.comparison.judge(sample, project_approvals())
        except MemoryError:
            answer["outcome"] = Outcome.MEMORY
        except Exception as error:
            # Nothing that a message of an exception quotes may be stored.
            answer["reason"] = type(error).__name__
        else:
            answer["outcome"] = judgement.outcome
            answer["findings"] = [finding.as_dict() for finding in judgement.findings]
        return {**answer, "seconds": perf_counter() - began}


def serve(connection: Connection, worker: Worker) -> None:
    """Compare requests until there are none any more, or the memory did not suffice.

    Args:
        connection: To the parent process.
        worker: Compares.
    """
    while True:
        try:
            message = connection.recv_bytes()
        except EOFError:
            return
        answer = worker.compare(message)
        limit_time(0)
        connection.send_bytes(json.dumps(answer).encode())
        if answer["outcome"] == "memory":
            return


def main(descriptor: int) -> None:
    """Set up, say so, and serve.

    Args:
        descriptor: Of the pipe to the parent process.
    """
    from nova_drf.migration.proof.choices import Choice
    from nova_drf.migration.proof.shadow.effects import hold_celery

    connection = Connection(descriptor)
    hello = json.loads(connection.recv_bytes())
    sys.dont_write_bytecode = True
    # The worker process ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(10)

    def begin(side: str, seconds: float) -> None:
        if side == Choice.OLD:
            # What happens from here on is not the new code's doing.
            connection.send_bytes(json.dumps({"side": side}).encode())
        limit_time(seconds)

    try:
        prepare(hello)
        worker = Worker(hello["names"], hello["patterns"], begin)
        # Also where the new code imports it later.
        hold_celery(worker.effects)
        worker.lock()
        limit_memory(hello["memory"])
    except BaseException as error:
        # The parent process waits for a word, also where the project calls sys.exit().
        connection.send_bytes(json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
        raise
    connection.send_bytes(json.dumps({"error": ""}).encode())
    serve(connection, worker)


if __name__ == "__main__":
    main(int(sys.argv[1]))
