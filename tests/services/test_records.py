"""A job that is delivered twice is run once, where the outbox is installed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from celery import Celery
from celery.app.task import Context
from celery.signals import task_revoked
from django.apps import apps
from django.db import DatabaseError, connection, connections, transaction
from django.test import override_settings

from nova_drf.outbox.models import Job
from nova_drf.services import (
    Conflict,
    Service,
    ServiceDefinitionError,
    atomic,
    celery_tasks,
    service_task,
)
from nova_drf.services.calls import Call, fail_call, read_call
from nova_drf.services.records import AlreadyStarted, key_of, options_of
from tests.servicesapp.models import Mark, Topic

pytestmark = pytest.mark.django_db
WITHOUT = override_settings(
    INSTALLED_APPS=[one.name for one in apps.get_app_configs() if one.name != "nova_drf.outbox"]
)
app = Celery("records", set_as_current=False)


class Runs(Service):
    """Leaves a mark for each run."""

    failing = False

    @atomic
    def whole(self, number: int) -> list[float]:
        Mark.objects.create(number=number)
        return self._end(number)

    @atomic(durable=True)
    def durable(self, number: int) -> list[float]:
        Mark.objects.create(number=number)
        return self._end(number)

    @atomic
    def topic(self, number: int) -> Topic:
        return Topic.objects.create(name=str(number))

    def partly(self, number: int) -> list[float]:
        Mark.objects.create(number=number)
        return self._end(number)

    async def awaited(self, number: int) -> list[float]:
        await Mark.objects.acreate(number=number)
        return self._end(number)

    def _end(self, number: int) -> list[float]:
        if Runs.failing:
            raise Conflict("Not now.")
        return [number, float("inf")]


whole, durable, topic, partly, awaited = (
    service_task(method, celery=app)
    for method in (Runs.whole, Runs.durable, Runs.topic, Runs.partly, Runs.awaited)
)
every: Any = pytest.mark.parametrize("task", [whole, partly, awaited], ids=repr)


@pytest.fixture(autouse=True)
def _failing() -> Any:
    yield
    Runs.failing = False


def deliver(call: Call, key: str | None, **options: Any) -> Any:
    return read_call(call).run(key, **options)


@every
def test_a_second_delivery_gives_the_first_result(task: Any) -> None:
    call, key = task.call(1), str(uuid4())
    assert deliver(call, key) == deliver(call, key) == [1, float("inf")]
    assert Mark.objects.count() == 1
    job = Job.objects.get()
    assert (job.pk, job.call, job.error) == (UUID(key), "", "")
    assert job.finished is not None
    assert job.method.startswith("tests.services.test_records.Runs.")
    deliver(call, str(uuid4()))
    assert Mark.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_durable_transaction() -> None:
    assert deliver(durable.call(1), "a") == deliver(durable.call(1), "a") == [1, float("inf")]
    assert Mark.objects.count() == 1


def test_a_result_that_is_an_object() -> None:
    assert deliver(topic.call(1), "a") == deliver(topic.call(1), "a") == Topic.objects.get().pk


@every
def test_without_a_key_or_an_outbox_each_delivery_is_run(task: Any) -> None:
    deliver(task.call(1), None)
    with WITHOUT:
        deliver(task.call(1), "a")
        deliver(task.call(1), "a")
    assert Mark.objects.count() == 3


@every
def test_a_failed_job_is_run_again(task: Any) -> None:
    """An engine that retries, or somebody who sends it again, gets another run."""
    Runs.failing = True
    for _ in range(2):
        with pytest.raises(Conflict):
            deliver(task.call(1), "a")
    Runs.failing = False
    left = Mark.objects.count()
    assert deliver(task.call(1), "a") == [1, float("inf")]
    assert Mark.objects.count() == left + 1
    assert left == (0 if task is whole else 2)


def test_an_atomic_job_that_fails_leaves_no_record() -> None:
    Runs.failing = True
    with pytest.raises(Conflict):
        deliver(whole.call(1), "a")
    assert Job.objects.count() == 0


def test_a_killed_job_that_is_not_atomic_is_not_run_again() -> None:
    Job.objects.create(pk=key_of("a"), method="m", started=datetime.now(UTC))
    with pytest.raises(AlreadyStarted, match=r"Runs\.partly: job .* is not run again"):
        deliver(partly.call(1), "a")
    task: Any = partly.queue.task
    again = partly.call(1).model_copy(update={"id": "a"})
    assert task.apply(kwargs={"call": again.model_dump()}).state == "IGNORED"
    assert (Mark.objects.count(), Job.objects.get().error) == (0, "")
    assert deliver(partly.call(1), "a", again=True) == [1, float("inf")]
    assert deliver(partly.call(1), "a", again=True) == [1, float("inf")]
    assert Mark.objects.count() == 1


@pytest.mark.parametrize("key", ["a" * 1000, "é", "", "The Same", str(UUID(int=7))])
def test_any_id_of_an_engine_is_a_key(key: str) -> None:
    deliver(whole.call(1), key)
    deliver(whole.call(1), key)
    deliver(whole.call(1), f"{key} other")
    assert Mark.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="has one writer at a time")
@pytest.mark.parametrize("task", [whole, partly], ids=repr)
@pytest.mark.parametrize("stored", [True, False])
def test_two_deliveries_at_once(task: Any, stored: bool) -> None:
    key = task.enqueue_in_transaction(1) if stored else str(uuid4())
    start = Barrier(4)

    def attempt() -> None:
        start.wait(10)
        try:
            deliver(task.call(1), key)
        except AlreadyStarted:
            assert task is partly
        finally:
            connections.close_all()

    _together(attempt, 4)
    assert Mark.objects.count() == 1
    assert Job.objects.get().finished is not None


def _together(attempt: Callable[[], None], times: int) -> None:
    threads = [Thread(target=attempt) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


# The outbox


@pytest.mark.django_db(transaction=True)
def test_a_stored_job_belongs_to_the_transaction() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        _store_and_fail()
    assert Job.objects.count() == 0
    with transaction.atomic():
        key = whole.using(
            queue="slow", eta=datetime(2031, 1, 1, tzinfo=UTC)
        ).enqueue_in_transaction(1)
    job = Job.objects.get()
    assert (str(job.pk), job.engine, job.sent) == (key, "celery:records", 0)
    assert options_of(job.options) == {"queue": "slow", "eta": datetime(2031, 1, 1, tzinfo=UTC)}
    call = Call.model_validate_json(job.call)
    assert call == whole.call(1).model_copy(update={"id": key})


def _store_and_fail() -> None:
    whole.enqueue_in_transaction(1)
    raise RuntimeError


@every
def test_running_a_stored_job_finishes_it(task: Any) -> None:
    key = task.enqueue_in_transaction(1)
    call = Call.model_validate_json(Job.objects.get().call)
    assert deliver(call, key) == [1, float("inf")]
    job = Job.objects.get()
    assert (job.send_at, job.call, job.options) == (None, "", "")


@every
def test_a_stored_job_that_fails(task: Any) -> None:
    key = task.enqueue_in_transaction(1)
    call = Call.model_validate_json(Job.objects.get().call)
    Runs.failing = True
    with pytest.raises(Conflict):
        deliver(call, key)
    job = Job.objects.get()
    assert job.send_at is not None
    assert (job.started, job.finished) == (None, None)
    fail_call(call, key, Conflict("hunter2"))
    job = Job.objects.get()
    assert (job.send_at, job.error) == (None, "nova_drf.services.errors.Conflict")
    assert job.call != ""
    fail_call(call.model_copy(update={"method": "gone:Gone.gone"}), key, ValueError("hunter2"))
    assert Job.objects.get().error == "builtins.ValueError"
    with WITHOUT:
        fail_call(call, key, ValueError())


def test_what_cannot_be_stored() -> None:
    with WITHOUT, pytest.raises(ServiceDefinitionError, match=r'Add "nova_drf\.outbox" to'):
        whole.enqueue_in_transaction(1)
    with pytest.raises(ServiceDefinitionError, match="options of the engine as JSON"):
        whole.using(link=object()).enqueue_in_transaction(1)
    assert Job.objects.count() == 0


def test_a_task_of_celery_that_failed_for_good_is_noted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    partly.enqueue_in_transaction(1)
    call = json.loads(Job.objects.get().call)
    task: Any = partly.queue.task
    Runs.failing = True
    task.apply(kwargs={"call": call})
    job = Job.objects.get()
    assert (job.send_at, job.error) == (None, "nova_drf.services.errors.Conflict")

    def down(*args: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(celery_tasks, "fail_call", down)
    task.apply(kwargs={"call": call})
    assert "the outbox cannot be written" in caplog.text


def test_a_task_of_celery_that_runs_in_this_process_needs_no_record() -> None:
    task: Any = whole.queue.task
    assert task.apply(kwargs={"call": whole.call(1).model_dump()}).get()[0] == 1
    assert Job.objects.count() == 0


@pytest.mark.parametrize("expired", [True, False])
def test_a_task_of_celery_that_is_revoked_is_not_sent_again(expired: bool) -> None:
    partly.enqueue_in_transaction(1)
    call = json.loads(Job.objects.get().call)
    task: Any = partly.queue.task
    request = Context(id=call["id"], kwargs={"call": call})
    for sender in (Celery("others", set_as_current=False).Task(), task):
        assert Job.objects.get().error == ""
        task_revoked.send(
            sender=sender, request=request, terminated=False, signum=None, expired=expired
        )
    job = Job.objects.get()
    assert (job.send_at, job.error) == (None, "celery.exceptions.TaskRevokedError")
