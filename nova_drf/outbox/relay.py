"""The relay: sends what waits in the outbox, and sends again what never came to its end."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

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
    skip = connections[database].features.has_select_for_update_skip_locked
    now = timezone.now()
    jobs = jobs_in(database)
    with transaction.atomic(using=database):
        taken = list(jobs.due(now).select_for_update(skip_locked=skip)[:batch])
        jobs.filter(pk__in=[job.pk for job in taken]).update(send_at=now + lease)
    return taken


def _give_back(jobs: Sequence[Job], database: str) -> None:
    keys = [job.pk for job in jobs]
    _waiting(database).filter(pk__in=keys).update(send_at=timezone.now())


def _send(job: Job, resend_after: timedelta) -> bool:
    row = _waiting(job._state.db or DEFAULT_DB_ALIAS).filter(pk=job.pk)
    try:
        call = json.loads(job.call)
        queue = declaration_of(call["method"], job.engine).queue
        queue.send(call, options_of(job.options))
    except Exception as error:  # any engine's own, or this process lacks the declaration
        kind = type(error)
        _log.warning("%s: job %s could not be sent: %s", job.method, job.pk, error)
        row.update(error=f"{kind.__module__}.{kind.__qualname__}"[:255])
        return False
    later = min(resend_after * 2**job.sent, max(_LONGEST, resend_after))
    row.update(send_at=timezone.now() + later, sent=F("sent") + 1, error="")
    return True


def _waiting(database: str) -> JobQuerySet:
    """Return the jobs that no worker has begun, or brought to an end, in the meantime."""
    return jobs_in(database).filter(started=None, finished=None).exclude(send_at=None)
