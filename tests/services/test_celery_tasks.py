"""Celery's side of a job: acknowledgements, other versions, and what logs and events show."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery, Task
from celery.contrib.testing.worker import start_worker
from celery.exceptions import Reject, Retry
from django.test import override_settings
from kombu.exceptions import OperationalError

from nova_drf.services import (
    Conflict,
    ContractMismatch,
    InvalidArguments,
    Service,
    atomic,
    service_task,
)
from nova_drf.services import celery_tasks as module
from tests.services.test_records import WITHOUT

QUEUE, DEAD, SEEN = "celery_tasks", "celery_tasks.dead", "celery_tasks.seen"


class Kept(Service):
    """Tasks of either kind."""

    @atomic
    def whole(self, password: str) -> str:
        return password

    def partly(self, password: str) -> str:
        return password

    def wrong(self, password: str) -> None:
        raise Conflict("Taken.")


class BaseTask(Task):
    """A project's own class of tasks."""

    abstract = True
    failures: list[Any] = []

    def on_failure(self, exc: Any, *args: Any) -> None:
        self.failures.append(exc)


app = Celery("celery_tasks", broker="memory://", backend="cache+memory://", set_as_current=False)
app.conf.update(
    task_default_queue=QUEUE,
    worker_hijack_root_logger=False,
    broker_transport_options={"polling_interval": 0.01},
)
whole = service_task(Kept.whole, celery=app)
partly = service_task(Kept.partly, celery=app)
wrong = service_task(
    Kept.wrong, celery=app, base=BaseTask, autoretry_for=(Exception,), max_retries=0
)
celery: Any = whole.queue


def call_of(task: Any, **changes: Any) -> dict[str, Any]:
    return {**task.call("hunter2").model_dump(), **changes}


def test_only_atomic_tasks_are_acknowledged_late() -> None:
    assert (celery.task.acks_late, celery.task.reject_on_worker_lost) == (True, True)
    other: Any = partly.queue
    assert (other.task.acks_late, other.task.reject_on_worker_lost) == (False, None)
    chosen: Any = service_task(
        Kept.whole, celery=Celery("chosen", set_as_current=False), acks_late=False
    ).queue
    assert chosen.task.acks_late is False


@pytest.fixture
def channel() -> Iterator[Any]:
    """The broker; its queues are empty before and after."""
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        for queue in (SEEN, DEAD):
            app.amqp.queues[queue].bind(channel).declare()
            channel.queue_purge(queue)
        yield channel
        for queue in (SEEN, DEAD):
            channel.queue_purge(queue)


@pytest.fixture(scope="module")
def worker() -> Iterator[None]:
    """A worker in a thread, without an outbox."""
    settings = override_settings(NOVA_DRF={"TASK_MISMATCH_DELAYS": (0, 0)})
    options = {"pool": "solo", "loglevel": "INFO", "perform_ping_check": False}
    with WITHOUT, settings, start_worker(app, **options):
        yield


def waiting(channel: Any, queue: str) -> list[Any]:
    found = []
    while True:
        message = channel.basic_get(queue, no_ack=True)
        if message is None:
            return found
        found.append(message)


def test_logs_and_events_show_no_values(channel: Any) -> None:
    whole.using(queue=SEEN).enqueue("hunter2")
    whole.queue.send(call_of(whole, id="a-1"), {"queue": SEEN})
    celery.task.apply_async(kwargs={"call": "hunter2"}, queue=SEEN)
    plain, stored, other = waiting(channel, SEEN)
    fingerprint = whole.fingerprint
    assert plain.headers["argsrepr"] == "()"
    assert plain.headers["kwargsrepr"] == (
        "{'call': Call(method='tests.services.test_celery_tasks:Kept.whole', "
        f"contract='{fingerprint}', id=None)}}"
    )
    assert "hunter2" in json.dumps(plain.payload)
    assert "hunter2" not in json.dumps(plain.headers)
    assert stored.headers["id"] == "a-1"
    assert other.headers["kwargsrepr"] == "{'call': None}"


def work(call: Any, name: str) -> Any:
    """Send a message, and wait until the worker has dealt with it."""
    sent = app.send_task(name, kwargs={"call": call})
    sent.get(timeout=20, propagate=False, interval=0.05)
    return sent


@pytest.mark.usefixtures("worker")
def test_a_worker_runs_the_call() -> None:
    assert work(call_of(partly), partly.contract.path).result == "hunter2"


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"contract": "another"}, "enqueued for contract another"),
        ({"method": "os:system"}, "was sent a call of another method"),
        ({"arguments": '{"password": 1}'}, "Input should be a valid string"),
        ({"context": '{"moon": 1}'}, "context does not fit"),
        ({"novel": 1}, "no call of a service"),
    ],
)
def test_a_job_of_another_contract_is_tried_again_and_then_kept(
    channel: Any, changes: Any, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    call = call_of(whole, **changes)
    with caplog.at_level(logging.INFO):
        sent = work(call, whole.contract.path)
    assert sent.state == "FAILURE"
    assert words in str(sent.result)
    (kept,) = waiting(channel, DEAD)
    assert kept.payload[1] == {"call": call}
    assert (kept.headers["id"], kept.headers["retries"]) == (sent.id, 0)
    assert "hunter2" not in json.dumps(kept.headers)
    assert f"job {sent.id} waits in the queue {DEAD}" in caplog.text
    assert sum("Retry in" in line for line in caplog.messages) == 2
    assert "hunter2" not in caplog.text


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), ((1,), {}), ((), {"call": {}, "more": 1}), (({},), {"call": {}}), ((), {"x": 1})],
)
def test_arguments_that_are_no_call_are_kept(channel: Any, args: Any, kwargs: Any) -> None:
    sent = app.send_task(whole.contract.path, args=args, kwargs=kwargs)
    assert "no call of a service" in str(sent.get(timeout=20, propagate=False, interval=0.05))
    (kept,) = waiting(channel, DEAD)
    assert kept.payload[:2] == [list(args), kwargs]


@pytest.mark.usefixtures("worker")
def test_a_job_of_a_task_that_is_not_here_is_kept(channel: Any) -> None:
    call = call_of(whole)
    sent = work(call, "shop.services.OrderService.later")
    assert sent.state == "FAILURE"
    (kept,) = waiting(channel, DEAD)
    assert kept.payload[1] == {"call": call}
    assert (kept.headers["id"], kept.headers["task"]) == (
        sent.id,
        "shop.services.OrderService.later",
    )


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("call", [None, 3, {"method": "x"}])
def test_an_unknown_task_that_is_none_of_ours_is_celerys_business(channel: Any, call: Any) -> None:
    work(call, "somebody.elses.task")
    assert waiting(channel, DEAD) == []


def test_a_broker_that_takes_nothing_keeps_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """The retry, or the move to the other queue, cannot be sent."""

    def down(*args: Any, **kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(Task, "apply_async", down)
    celery.task.push_request(id="a-1", called_directly=False, delivery_info={}, kwargs={}, args=())
    try:
        for delays in ((1,), ()):
            with override_settings(NOVA_DRF={"TASK_MISMATCH_DELAYS": delays}):
                with pytest.raises(Reject) as caught:
                    module._retry_or_set_aside(celery.task, ContractMismatch("x"))
                assert caught.value.requeue is True
    finally:
        celery.task.pop_request()


def test_a_queue_of_kept_jobs_has_none_of_its_own() -> None:
    assert module._dead(app, {"routing_key": "slow"}) == "slow.dead"
    assert module._dead(app, {"routing_key": "slow.dead"}) == "slow.dead"
    assert module._dead(app, None) == module._dead(app, {}) == DEAD


def test_a_direct_call_raises() -> None:
    with pytest.raises(ContractMismatch):
        celery.task.run(call=call_of(whole, contract="another"))
    with pytest.raises(InvalidArguments):
        celery.task.apply(kwargs={"call": call_of(whole, arguments="{}")}, throw=True)


def test_a_projects_own_class_of_tasks_stays_in_charge() -> None:
    task: Any = wrong.queue.task
    BaseTask.failures.clear()
    task.apply(kwargs={"call": call_of(wrong)})
    task.apply(kwargs={"call": call_of(wrong, contract="another")})
    assert [type(error) for error in BaseTask.failures] == [Conflict, ContractMismatch]
    assert ContractMismatch in task.dont_autoretry_for
    assert not isinstance(BaseTask.failures[1], Retry)
