"""Background jobs: Django Tasks where Django has them, and Celery with a real worker on Redis."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import django
import pytest
from celery import Celery
from django.db import transaction

from nova_drf.services import (
    InvalidArguments,
    Service,
    ServiceContext,
    ServiceDefinitionError,
    service_task,
)
from nova_drf.services import tasks as module
from tests.servicesapp import jobs
from tests.servicesapp.jobs import Color, Echo, Everything, JobContext
from tests.servicesapp.models import Topic

redis = pytest.importorskip("redis")
needs_django_tasks = pytest.mark.skipif(django.VERSION < (6, 0), reason="Django Tasks came in 6.0")
WAIT = 10


class Shared(Service):
    def go(self) -> None: ...


class Sent:
    """A queue that keeps what it is sent."""

    engine = "sent"

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def send(self, call: dict[str, Any], options: dict[str, Any]) -> int:
        self.calls.append((call, options))
        return len(self.calls)


@pytest.fixture
def queue() -> Sent:
    return Sent()


@pytest.fixture
def task(queue: Sent) -> module.ServiceTask[Any]:
    return module.ServiceTask(jobs.echo_later.contract, queue)


def test_arguments_are_validated_when_enqueued(task: Any, queue: Sent) -> None:
    with pytest.raises(InvalidArguments):
        task.enqueue(0.1)
    with pytest.raises(TypeError, match="missing a required argument"):
        task.enqueue()
    assert queue.calls == []
    assert task.enqueue("1.50") == 1
    assert queue.calls[0][0]["arguments"] == '{"amount":"1.50"}'
    assert queue.calls[0][0]["contract"] == task.fingerprint
    assert repr(task) == "<ServiceTask of tests.servicesapp.jobs.Echo.later>"


async def test_enqueueing_from_async_code(task: Any, queue: Sent) -> None:
    assert await task.aenqueue(1) == 1


def test_using_makes_another_task(task: Any, queue: Sent) -> None:
    slow = task.using(queue_name="slow").using(context=JobContext(shop=UUID(int=1)), priority=3)
    slow.enqueue(1)
    task.enqueue(1)
    (first, first_options), (second, second_options) = queue.calls
    assert (first_options, second_options) == ({"queue_name": "slow", "priority": 3}, {})
    assert str(UUID(int=1)) in first["context"]
    assert str(UUID(int=1)) not in second["context"]
    with pytest.raises(TypeError, match=r"Echo\.later: the context must be a JobContext"):
        task.using(context=ServiceContext())


@pytest.mark.django_db(transaction=True)
def test_enqueueing_on_commit(task: Any, queue: Sent) -> None:
    with transaction.atomic():
        task.enqueue_on_commit(1)
        with pytest.raises(InvalidArguments):
            task.enqueue_on_commit(0.1)
        assert queue.calls == []
    assert len(queue.calls) == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        _enqueue_and_fail(task)
    assert len(queue.calls) == 1
    task.using(database="default").enqueue_on_commit(2)
    assert len(queue.calls) == 2


@pytest.mark.django_db(transaction=True)
def test_the_engine_is_down_at_commit(task: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written stays written, and whoever ended the transaction hears of it."""

    def down(call: Any, options: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(task.queue, "send", down)
    with pytest.raises(ConnectionRefusedError):
        _write_and_enqueue(task)
    assert Topic.objects.get().name == "kept"


@transaction.atomic
def _write_and_enqueue(task: Any) -> None:
    Topic.objects.create(name="kept")
    task.enqueue_on_commit(1)


def _enqueue_and_fail(task: Any) -> None:
    task.enqueue_on_commit(1)
    raise RuntimeError


@pytest.mark.parametrize(
    ("missing", "options", "words"),
    [
        ("nova_drf.services.django_tasks", {}, r"Django 6\.0"),
        ("nova_drf.services.celery_tasks", {"celery": True}, r"nova_drf\[celery\]"),
    ],
)
def test_an_engine_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, missing: str, options: Any, words: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ServiceDefinitionError, match=words):
        service_task(Echo.later, **options)


@needs_django_tasks
@pytest.mark.django_db
def test_django_tasks() -> None:
    later = service_task(Echo.later)
    result = later.enqueue("1.50")
    assert result.status == "SUCCESSFUL"
    assert result.return_value == "1.50"
    assert later.using(priority=5).enqueue(1).task.priority == 5
    failed = service_task(Echo.fail).enqueue("a")
    assert failed.status == "FAILED"
    assert failed.errors[0].exception_class.__name__ == "Conflict"


@needs_django_tasks
@pytest.mark.django_db(transaction=True)
async def test_django_tasks_from_async_code() -> None:
    result = await service_task(Echo.later).aenqueue("1.50")
    assert result.return_value == "1.50"


def test_a_shared_task_of_celery() -> None:
    shared = service_task(Shared.go, celery=True)
    assert shared.queue.engine == "celery"
    assert shared.queue.task.name == "tests.services.test_tasks.Shared.go"
    shared.queue.task.apply(kwargs={"call": shared.call().model_dump()}, throw=True)


def test_a_celery_task_runs_the_call() -> None:
    eager = Celery("eager")
    eager.conf.task_always_eager = True
    assert service_task(Echo.later, celery=eager).enqueue("1.50").get() == "1.50"


def redis_answers() -> bool:
    try:
        return bool(redis.Redis(port=6379, db=15, socket_connect_timeout=1).ping())
    except redis.ConnectionError:
        return False


@pytest.fixture(scope="module")
def worker() -> Iterator[None]:
    """A Celery worker in a process of its own, as an older deployment that lacks a parameter."""
    if not redis_answers():
        pytest.skip("Redis does not answer on 127.0.0.1:6379")
    name = f"servicesapp-{uuid4()}"
    jobs.app.conf.task_default_queue = name
    code = (
        "import django; django.setup(); from tests.servicesapp.jobs import app;"
        "app.worker_main(['worker', '--pool=solo', '--loglevel=error', '--without-gossip',"
        " '--without-mingle', '--without-heartbeat'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.servicesapp.worker_settings",
            "NOVA_NO_OUTBOX": "1",
            "SERVICESAPP_QUEUE": name,
            "SERVICESAPP_OLD_WORKER": "1",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield
    process.kill()
    process.wait(WAIT)
    redis.Redis(port=6379, db=15).delete(name)
    jobs.app.close()


@pytest.mark.usefixtures("worker")
def test_a_celery_worker() -> None:
    thing = Everything(
        amount=Decimal("0.10"),
        at=datetime(2024, 10, 27, 2, 30, 0, 123456, tzinfo=UTC),
        day=date(2024, 2, 29),
        hour=time(23, 59),
        length=timedelta(days=-1, microseconds=1),
        key=UUID(int=7),
        color=Color.RED,
        ratio=0.1 + 0.2,
        by_key={3: Decimal("1.50")},
    )
    sent = jobs.echo_types.enqueue(thing, Decimal("1.0"), best=Color.RED)
    later = jobs.echo_later.enqueue("1.50")
    failed = jobs.echo_fail.enqueue("The book")
    changed = jobs.changing_take.enqueue(3, factor=4)
    tampered = jobs.echo_later.queue.task.apply_async(
        kwargs={"call": {**jobs.echo_later.call(1).model_dump(), "arguments": '{"amount": 0.1}'}}
    )
    assert sent.get(timeout=WAIT) == Echo().types(thing, Decimal("1.0"), best=Color.RED)
    assert later.get(timeout=WAIT) == "1.50"
    with pytest.raises(Exception, match="The book is sold"):
        failed.get(timeout=WAIT)
    with pytest.raises(Exception, match=r"enqueued for contract .* this worker has"):
        changed.get(timeout=WAIT)
    with pytest.raises(Exception, match="amount"):
        tampered.get(timeout=WAIT)
