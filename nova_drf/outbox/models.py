"""``Job``: what waits to be sent, what is under way, and what was run already."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import models
from django.utils import timezone


class JobQuerySet(models.QuerySet["Job"]):
    """Questions about jobs."""

    def due(self, now: datetime) -> JobQuerySet:
        """Return those that the relay is to send."""
        return self.filter(send_at__lte=now, started=None, finished=None).order_by("send_at")

    def failed(self) -> JobQuerySet:
        """Return those that ended with an error and are not sent again by themselves."""
        return self.filter(send_at=None, finished=None).exclude(error="")

    def interrupted(self, longer_than: timedelta) -> JobQuerySet:
        """Return those that began and did not come to their end: the worker was killed.

        Args:
            longer_than: How long a job may take that still runs.
        """
        return self.filter(finished=None, started__lt=timezone.now() - longer_than)

    def send_again(self) -> int:
        """Let the relay send these, and workers run them, even if they were started before.

        Finished jobs are left out, and those that were not written into the outbox, of which
        there is nothing to send.
        """
        return (
            self.filter(finished=None)
            .exclude(call="")
            .update(send_at=timezone.now(), started=None, error="")
        )

    def prune(self, older_than: timedelta) -> int:
        """Forget jobs that were finished long ago; returns how many."""
        deleted, _ = self.filter(finished__lt=timezone.now() - older_than).delete()
        return deleted


class Job(models.Model):
    """One background job.

    Its row is written when it is enqueued through the outbox, or else when it is first run. The
    row of an atomic method is finished in the method's own transaction.

    Attributes:
        id: The job's id; the id of a Celery task, if that is a UUID.
        method: Where Python finds the method.
        engine: What carries it.
        call: The call as JSON; forgotten when the job is finished.
        options: The options for the engine as JSON; forgotten, too.
        created: When it was enqueued, or first run.
        send_at: When the relay sends it, or sends it again; ``None`` if it does not.
        sent: How often it was sent.
        started: When a worker began with it.
        finished: When it came to its end without an error.
        result: The result as JSON.
        error: The class of the last error.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    method = models.CharField(max_length=255)
    engine = models.CharField(max_length=255, blank=True)
    call = models.TextField(blank=True)
    options = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now)
    send_at = models.DateTimeField(null=True, blank=True, db_index=True)
    sent = models.PositiveIntegerField(default=0)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True, db_index=True)
    result = models.TextField(blank=True)
    error = models.CharField(max_length=255, blank=True)

    objects = JobQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.method} ({self.id})"


def jobs_in(database: str) -> JobQuerySet:
    """Return the jobs of one database, by its alias."""
    return JobQuerySet(Job, using=database)
