"""Jobs for real workers of Celery, which tests kill and cut off from their broker.

The settings are those that the guide recommends.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from celery import Celery

from nova_drf.services import Service, atomic, service_task
from tests.servicesapp.models import Mark

BROKER = os.environ.get("NOVA_BROKER", "memory://")
QUEUE = os.environ.get("NOVA_QUEUE", "workers")
PREFIX = {"global_keyprefix": f"{QUEUE.removesuffix('.dead')}:"}
"""What is in Redis belongs to one test."""
OPTIONS = (
    # Longer than the longest job; here, so that the test need not wait.
    {"visibility_timeout": 4, "unacked_restore_throttle": 1, **PREFIX}
    if BROKER.startswith("redis")
    else {"confirm_publish": True}
)

app = Celery("workers")
app.conf.update(
    broker_url=BROKER,
    broker_transport_options=OPTIONS,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    result_backend="redis://127.0.0.1:6379/13",
    result_backend_transport_options=PREFIX,
    result_expires=120,
    task_default_queue=QUEUE,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
)


class Marks(Service):
    """Leaves a mark for each job that comes to its end."""

    @atomic
    def mark(self, number: int, seconds: float = 0.0) -> int:
        """Leave a mark that is committed with the job."""
        Mark.objects.create(number=number)
        time.sleep(seconds)
        return number

    def begin(self, number: int, seconds: float = 0.0) -> int:
        """Leave a mark at once, as a payment or a letter does."""
        Mark.objects.create(number=number)
        time.sleep(seconds)
        return number

    @atomic
    def fall(self, number: int, trap: str) -> int:
        """Leave a mark, and wait for the test to kill the worker the first time."""
        Mark.objects.create(number=number)
        _wait_once(trap)
        return number

    def fall_early(self, number: int, trap: str) -> int:
        """Do the same without a transaction."""
        Mark.objects.create(number=number)
        _wait_once(trap)
        return number

    @atomic
    def newer(self, number: int) -> int:
        """Exist only in one of two versions."""
        Mark.objects.create(number=number)
        return number

    if os.environ.get("NOVA_VERSION") == "2":

        @atomic
        def changed(self, number: int, step: int = 1) -> int:
            """Take one argument more than in the other version."""
            Mark.objects.create(number=number)
            return number

    else:

        @atomic
        def changed(self, number: int) -> int:
            """Take one argument less than in the other version."""
            Mark.objects.create(number=number)
            return number


def _wait_once(trap: str) -> None:
    """Write this process's id where the test finds it, and wait, unless it is there already."""
    file = Path(trap)
    if not file.exists():
        file.write_text(str(os.getpid()))
        time.sleep(60)


ENGINE = None if "NOVA_TASKS" in os.environ else app
mark = service_task(Marks.mark, celery=ENGINE)
begin = service_task(Marks.begin, celery=ENGINE)
fall = service_task(Marks.fall, celery=ENGINE)
fall_early = service_task(Marks.fall_early, celery=ENGINE)
changed = service_task(Marks.changed, celery=ENGINE)
if os.environ.get("NOVA_VERSION") == "2":
    newer = service_task(Marks.newer, celery=ENGINE)
