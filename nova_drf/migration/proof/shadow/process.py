"""In the worker process: the child, as what can be asked and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from django.conf import settings
from django.db import connections

from nova_drf.core.exceptions import NovaError
from nova_drf.migration.proof.choices import Choice
from nova_drf.migration.proof.shadow.causes import Outcome
from nova_drf.migration.proof.shadow.options import ShadowSettings
from nova_drf.migration.proof.shadow.samples import Sample
from nova_drf.migration.proof.shadow.transactions import environment

_MODULE = "nova_drf.migration.proof.shadow.child"
_STARTING = 120.0
"""How many seconds the child has to set Django up."""


class ChildError(NovaError):
    """The child process cannot be started."""


class Child:
    """The child process; it is started at its first question, and again after it was killed.

    Args:
        said: The settings of shadows.
    """

    def __init__(self, said: ShadowSettings) -> None:
        self._said = said
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """The id of the process, if it is running."""
        return self._process.pid if self._process is not None else None

    def compare(self, sample: Sample) -> dict[str, Any]:
        """Let the child compare a request; return what came of it.

        Args:
            sample: The request.

        Raises:
            ChildError: It cannot be started.
        """
        connection = self._running()
        side = ""
        try:
            connection.send_bytes(sample.encoded())
            while True:
                # The system kills it in time; this is for a child that took its alarm away.
                if not connection.poll(sample.seconds * 2 + 5):
                    return self._ended(Outcome.TIME, side)
                answer: dict[str, Any] = json.loads(connection.recv_bytes())
                if "outcome" in answer:
                    break
                side = answer["side"]
        except (EOFError, OSError):
            return self._ended(None, side)
        if answer["outcome"] == Outcome.MEMORY:
            # It ends itself: what lacks memory is in no known state.
            self.stop()
        return answer

    def _ended(self, outcome: Outcome | None, side: str) -> dict[str, Any]:
        process = self._process
        code = 0
        if process is not None and outcome is None:
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(5)
        self.stop()
        if code == -signal.SIGALRM:
            outcome = Outcome.TIME
        reason = f"ended with {code}" if code else ""
        if side == Choice.OLD:
            # Whatever the old code did here: the new code has an answer.
            outcome, reason = Outcome.NOT_REPEATABLE, "the old code ended the child"
        told = {"outcome": outcome or Outcome.DIED, "reason": reason}
        return {**told, "findings": [], "seconds": 0.0}

    # Its life

    def _running(self) -> Connection:
        if self._connection is None:
            self._start()
        assert self._connection is not None  # noqa: S101  (it was started)
        return self._connection

    def _start(self) -> None:
        ours, theirs = Pipe()
        descriptor = theirs.fileno()
        try:
            self._process = subprocess.Popen(  # noqa: S603  (this module, by this interpreter)
                [self._said.python or sys.executable, "-m", _MODULE, str(descriptor)],
                pass_fds=[descriptor],
                env=_environment(self._said),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        except OSError as error:
            raise ChildError(f"The child process cannot be started: {error}") from error
        finally:
            theirs.close()
        self._connection = ours
        self.starts += 1
        try:
            ours.send_bytes(json.dumps(_hello(self._said)).encode())
            answer = json.loads(ours.recv_bytes()) if ours.poll(_STARTING) else {"error": "time"}
        except (EOFError, OSError) as error:
            answer = {"error": type(error).__name__}
        if answer["error"]:
            self.stop()
            raise ChildError(f"The child process cannot set Django up: {answer['error']}")

    def stop(self) -> None:
        """Kill the child, if it is running."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is not None:
            process.kill()
            process.wait()

    def forget(self) -> None:
        """Let a child be that belongs to another process, after a fork."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            # Nobody is to wait for a process that is no child of this one.
            self._process.returncode = 0
        self._process = self._connection = None


def _environment(said: ShadowSettings) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "NOVA_DRF_SHADOW": "1",
        **environment(said.read_only_sessions),
    }


def _hello(said: ShadowSettings) -> Mapping[str, Any]:
    return {
        "settings": {"ROOT_URLCONF": settings.ROOT_URLCONF},
        "databases": {
            alias: str(connections[alias].settings_dict["NAME"]) for alias in connections
        },
        "names": list(said.redact_names),
        "patterns": list(said.redact_patterns),
        "memory": said.memory,
    }
