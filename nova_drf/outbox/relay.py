"""The relay: sends what waits in the outbox, and sends again what never came to its end."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import F
from django.utils import timezone

from nova_drf.outbox.models import Job, JobQuerySet, jobs_in
from nova_drf.services.declarations import declaration_of
from nova_drf.services.records import options_of

RESEND_AFTER = timedelta(hours=1)
LEASE = timedelta(minutes=1)
"""For how long at most a relay has the jobs to itself that it took, should it be killed, and when
it tries again to send one."""
_LONGEST = timedelta(days=1)
_log = logging.getLogger(__name__)


class Round(NamedTuple):
    """What one round of the relay did."""

    sent: int
    failed: bool
    """Whether it ended at a job that could not be sent."""


def send_due(
    *,
    database: str = DEFAULT_DB_ALIAS,
    batch: int = 100,
    resend_after: timedelta = RESEND_AFTER,
) -> Round:
    """Send the jobs that are due, oldest first, until one cannot be sent.

    A job stays in the outbox until a worker has run it, and is sent again after ``resend_after``,
    then after twice as long and so on, at most a day: brokers lose messages. A worker recognises
    a job that it gets twice.

    Args:
        database: The alias of the outbox's database.
        batch: How many at most.
        resend_after: When a job is sent again that no worker has finished.
    """
    jobs = _taken(database, batch, min(LEASE, resend_after))
    for sent, job in enumerate(jobs):
        if not _send(job, resend_after):
            _give_back(jobs[sent + 1 :], database)
            return Round(sent, failed=True)
    return Round(len(jobs), failed=False)


def _taken(database: str, batch: int, lease: timedelta) -> list[Job]:
    """Take jobs for this relay alone, where the database can lock rows.

    The locks are not held while the broker is asked, since workers write to these rows.
    """
    now = timezone.now()
    with transaction.atomic(using=database):
        taken = list(_unlocked(jobs_in(database).due(now), database)[:batch])
        jobs_in(database).filter(pk__in=_keys(taken)).update(send_at=now + lease)
    return taken


def _send(job: Job, resend_after: timedelta) -> bool:
    database = job._state.db or DEFAULT_DB_ALIAS
    try:
        call = json.loads(job.call)
        queue = declaration_of(call["method"], job.engine).queue
        queue.send(call, options_of(job.options))
    except Exception as error:  # any engine's own, or this process lacks the declaration
        kind = type(error)
        _log.warning("%s: job %s could not be sent: %s", job.method, job.pk, error)
        _update([job], database, error=f"{kind.__module__}.{kind.__qualname__}"[:255])
        return False
    later = min(resend_after * 2**job.sent, max(_LONGEST, resend_after))
    _update([job], database, send_at=timezone.now() + later, sent=F("sent") + 1, error="")
    return True


def _give_back(jobs: Sequence[Job], database: str) -> None:
    _update(jobs, database, send_at=timezone.now())


def _update(jobs: Sequence[Job], database: str, **values: object) -> None:
    """Write to the rows of jobs that still wait.

    A worker may have begun already, and locks the row for as long as the job takes.
    """
    with transaction.atomic(using=database):
        waiting = jobs_in(database).filter(pk__in=_keys(jobs), started=None, finished=None)
        unlocked = list(_unlocked(waiting.exclude(send_at=None), database))
        jobs_in(database).filter(pk__in=_keys(unlocked)).update(**values)


def _unlocked(jobs: JobQuerySet, database: str) -> JobQuerySet:
    """Lock the rows that nobody else has locked, where the database can tell."""
    skip = connections[database].features.has_select_for_update_skip_locked
    return jobs.select_for_update(skip_locked=skip)


def _keys(jobs: Sequence[Job]) -> list[UUID]:
    return [job.pk for job in jobs]
