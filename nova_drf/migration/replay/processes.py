"""Requests that are answered in this project by several processes at once.

Each process is a copy of this one, with connections, mail, files and caches of its own, and rolls
back what a request wrote before it takes the next. Their transactions may still wait for each
other's locks. So what differs is asked once more afterwards, alone; only what then differs is told.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass

from django.db import connections

from nova_drf.core.exceptions import NovaError
from nova_drf.migration.proof.approvals import ApprovedDifferences
from nova_drf.migration.proof.cases import Case
from nova_drf.migration.proof.sandbox import sandbox, sandboxed_settings
from nova_drf.migration.proof.verification import Judge, Progress
from nova_drf.migration.replay.replaying import (
    AHEAD,
    Answers,
    EndpointReplay,
    ReplayReport,
    Sides,
    compare,
    in_order,
    note,
)


class ReplayError(NovaError):
    """A process that answered requests has ended."""


@dataclass(frozen=True)
class _Work:
    """What each process has from the beginning."""

    sides: Sides
    sent: Sequence[Case]
    context: ExitStack


_work: _Work | None = None


def why_not_at_once() -> str:
    """Return why this process cannot be copied; empty if it can."""
    if not hasattr(os, "fork"):
        return "this system does not copy processes"
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            return "what a transaction has not committed is seen by no other process"
    for alias in connections:
        in_memory = getattr(connections[alias], "is_in_memory_db", lambda: False)
        if in_memory():
            return f"the database {alias!r} is in the memory of this process"
    return ""


def replay_in_processes(
    sides: Sides,
    sent: Sequence[Case],
    report: ReplayReport,
    *,
    processes: int,
    approved: ApprovedDifferences | None = None,
    progress: Progress | None = None,
) -> ReplayReport:
    """Send requests to two URL configurations of this project, several at once.

    Args:
        sides: The side that is expected to be right, and the other one.
        sent: The requests.
        report: Where it is noted, in the order of the requests.
        processes: How many requests are under way at once.
        approved: The differences that are approved.
        progress: Is told how far it is.

    Raises:
        ReplayError: A process has ended, for want of memory or by the code that it ran.
        SandboxError: What they write could not be rolled back.
    """
    judge = Judge(approved or ApprovedDifferences())
    for case in sent:
        report.endpoints.setdefault(case.endpoint, EndpointReplay())
    # Copies of a connection would be one and the same for the server.
    connections.close_all()
    alone: list[int] = []
    with ProcessPoolExecutor(
        processes, multiprocessing.get_context("fork"), _begin, (sides, sent)
    ) as pool:
        try:
            answers = in_order(pool, _answer, iter(range(len(sent))), processes * AHEAD)
            for number, answered in enumerate(answers):
                if progress is not None:
                    progress(sent[number].endpoint, number, len(sent))
                if answered.is_same:
                    note(report, judge, sent[number], answered)
                else:
                    alone.append(number)
        except BrokenProcessPool as error:
            raise ReplayError(
                "A process that answered requests has ended. Write --concurrency 1 to see at which."
            ) from error
    with sandbox():
        for number in alone:
            note(report, judge, sent[number], compare(sides, number, sent[number]))
    report.approved = judge.report.approved
    return report


def _begin(sides: Sides, sent: Sequence[Case]) -> None:
    """Set up a process; what it writes is rolled back request by request."""
    global _work
    context = ExitStack()
    context.enter_context(sandboxed_settings())
    _work = _Work(sides, sent, context)


def _answer(number: int) -> Answers:
    assert _work is not None  # noqa: S101  (each process begins with it)
    return compare(_work.sides, number, _work.sent[number])
