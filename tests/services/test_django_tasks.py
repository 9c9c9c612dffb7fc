"""Django Tasks with a real worker, that of ``django-tasks-db``, killed and of another version."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

from tests.services.processes import Database, Processes, shared_database, until

pytest.importorskip("django_tasks_db")
pytestmark = [
    pytest.mark.workers,
    pytest.mark.skipif(django.VERSION < (6, 0), reason="Django Tasks came in 6.0"),
    pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL"),
]
WAIT = 40
WORK = """
from django.core.management import call_command
call_command("db_worker", batch=True, startup_delay=False, verbosity=0, reload=False)
"""
RELAY = """
from django.core.management import call_command
call_command("nova_relay", "--once", "--resend-after=0.1")
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with shared_database(tmp_path_factory.mktemp("database"), NOVA_TASKS="1") as database:
        yield database


@pytest.fixture
def processes(database: Database, tmp_path: Path) -> Iterator[Processes]:
    processes = Processes({**database.environment, "NOVA_TASKS": "1"}, tmp_path / "log")
    processes.run("""
from django_tasks_db.models import DBTaskResult
from nova_drf.outbox.models import Job
from tests.servicesapp.models import Mark
for model in (DBTaskResult, Job, Mark):
    model.objects.all().delete()
""")
    yield processes
    processes.kill_all()


STATES = """
from django_tasks_db.models import DBTaskResult
print([
    (result.status, result.exception_class_path.rpartition(".")[2])
    for result in DBTaskResult.objects.order_by("enqueued_at")
])
"""


def run(processes: Processes, code: str, **environment: str) -> str:
    return processes.run(f"from tests.servicesapp.workers import *\n{code}", **environment).strip()


def test_a_worker_imports_the_declarations_and_runs_the_job(
    processes: Processes, database: Database
) -> None:
    run(processes, "mark.enqueue(1)\nbegin.enqueue(2)\nmark.enqueue_in_transaction(3)")
    run(processes, RELAY)
    run(processes, RELAY)  # as if the message had been lost: the job is sent again
    processes.run(WORK)
    assert database.marks() == {1: 1, 2: 1, 3: 1}
    assert processes.run(STATES).count("SUCCESSFUL") == 4


def test_jobs_that_are_refused(processes: Processes, database: Database) -> None:
    run(
        processes,
        """
from django.contrib.auth.models import User
from nova_drf.services import ServiceContext
user = User.objects.create(username="idle")
mark.using(context=ServiceContext(user=user)).enqueue(1)
mark.using(context=ServiceContext(user=user)).enqueue_in_transaction(2)
User.objects.update(is_active=False)
newer.enqueue(3)
changed.enqueue(4, step=2)
changed.enqueue_in_transaction(5, step=2)
""",
        NOVA_VERSION="2",
    )
    run(processes, RELAY)
    processes.run(WORK)
    assert database.marks() == {}
    refused = [("FAILED", "PermissionDenied"), ("FAILED", "ContractMismatch")]
    states = eval(processes.run(STATES))
    assert sorted(states) == sorted([*refused, *refused, refused[1]])
    # What failed is kept, and is enqueued again where a worker of the right version takes it.
    run(
        processes,
        """
from django.tasks import default_task_backend
from django_tasks_db.models import DBTaskResult
for row in DBTaskResult.objects.filter(exception_class_path__endswith="Mismatch"):
    result = default_task_backend.get_result(str(row.pk))
    if "newer" in str(result.kwargs):
        result.task.enqueue(*result.args, **result.kwargs)
""",
    )
    # The relay sends a job of another contract again by itself, but not one that was refused.
    run(processes, RELAY)
    processes.run(WORK, NOVA_VERSION="2")
    assert database.marks() == {3: 1, 5: 1}


def test_a_worker_that_is_killed(processes: Processes, database: Database, tmp_path: Path) -> None:
    traps = [str(tmp_path / name) for name in ("outbox", "direct", "early")]
    run(
        processes,
        f"""
fall.enqueue_in_transaction(1, {traps[0]!r})
from django.core.management import call_command
call_command("nova_relay", "--once", "--resend-after=0.1")
fall.enqueue(2, {traps[1]!r})
fall_early.enqueue_in_transaction(3, {traps[2]!r})
call_command("nova_relay", "--once", "--resend-after=1")
""",
    )
    for trap in traps:
        worker = processes.start(WORK)
        assert until(Path(trap).exists, WAIT), processes.log.read_text()
        assert int(Path(trap).read_text()) == worker.pid
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(WAIT)
    assert database.marks() == {3: 1}
    run(processes, RELAY)
    processes.run(WORK)
    assert database.marks() == {1: 1, 3: 1}
    assert "RUNNING" in processes.run(STATES)  # the direct one, which nobody takes up again
