"""The relay sends what is due, keeps what it cannot send, and leaves to others what they have."""

from __future__ import annotations

import signal
from datetime import timedelta
from io import StringIO
from threading import Event
from typing import Any

import pytest
from celery import Celery
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from nova_drf.outbox.management.commands import nova_relay
from nova_drf.outbox.models import Job
from nova_drf.outbox.relay import LEASE, Round, send_due
from nova_drf.services import Service, atomic, service_task
from nova_drf.services.calls import Call, read_call

pytestmark = pytest.mark.django_db
app = Celery("relay", set_as_current=False)
HOUR = timedelta(hours=1)


class Relayed(Service):
    @atomic
    def go(self, number: int) -> int:
        return number


task = service_task(Relayed.go, celery=app)


class Broker:
    """What the engine is asked to send."""

    def __init__(self) -> None:
        self.sent: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.down = False

    def send(self, call: dict[str, Any], options: dict[str, Any]) -> None:
        if self.down:
            raise ConnectionRefusedError
        self.sent.append((call, options))


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker()
    monkeypatch.setattr(task.queue, "send", broker.send)
    return broker


def seconds_until_sent(job: Job) -> float:
    assert job.send_at is not None
    return (job.send_at - timezone.now()).total_seconds()


def test_jobs_are_sent_in_order(broker: Broker) -> None:
    keys = [task.using(priority=number).enqueue_in_transaction(number) for number in range(5)]
    assert send_due(batch=3) == Round(3, failed=False)
    assert send_due(batch=3) == Round(2, failed=False)
    assert send_due() == Round(0, failed=False)
    assert [call["id"] for call, _ in broker.sent] == keys
    assert [options for _, options in broker.sent] == [{"priority": n} for n in range(5)]


def test_an_unfinished_job_is_sent_again_ever_later(broker: Broker) -> None:
    task.enqueue_in_transaction(1)
    for expected in (1, 2, 4, 8, 16, 24, 24):
        assert send_due(resend_after=HOUR).sent == 1
        job = Job.objects.get()
        assert seconds_until_sent(job) == pytest.approx(expected * 3600, abs=60)
        Job.objects.update(send_at=timezone.now())
    assert job.sent == 7
    send_due(resend_after=timedelta(days=3))
    assert seconds_until_sent(Job.objects.get()) == pytest.approx(3 * 86400, abs=60)


def test_a_finished_or_failed_job_is_not_sent_again(broker: Broker) -> None:
    task.enqueue_in_transaction(1)
    send_due(resend_after=timedelta(0))
    read_call(Call.model_validate(broker.sent[0][0])).run(broker.sent[0][0]["id"])
    assert send_due().sent == 0
    task.enqueue_in_transaction(2)
    Job.objects.filter(finished=None).update(send_at=None, error="x")
    assert send_due().sent == 0


def test_what_was_done_while_it_was_sent_stays(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker may be faster than the relay."""

    def send(call: dict[str, Any], options: Any) -> None:
        read_call(Call.model_validate(call)).run(call["id"])

    monkeypatch.setattr(task.queue, "send", send)
    task.enqueue_in_transaction(1)
    assert send_due().sent == 1
    job = Job.objects.get()
    assert (job.send_at, job.sent) == (None, 0)


def test_the_broker_is_down(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    broker.down = True
    for number in range(3):
        task.enqueue_in_transaction(number)
    assert send_due() == Round(0, failed=True)
    assert "could not be sent" in caplog.text
    first, *others = Job.objects.order_by("created")
    assert first.error == "builtins.ConnectionRefusedError"
    assert seconds_until_sent(first) == pytest.approx(LEASE.total_seconds(), abs=10)
    assert all(seconds_until_sent(other) <= 0 for other in others)
    broker.down = False
    assert send_due().sent == 2
    Job.objects.filter(sent=0).update(send_at=timezone.now())
    assert send_due().sent == 1
    assert Job.objects.filter(error="").count() == 3


@pytest.mark.parametrize(
    "changes",
    [{"call": "{}"}, {"call": "null"}, {"options": "x"}, {"engine": "another"}, {"call": ""}],
)
def test_a_job_that_this_version_cannot_send_is_kept(broker: Broker, changes: Any) -> None:
    task.enqueue_in_transaction(1)
    Job.objects.update(**changes)
    task.enqueue_in_transaction(2)
    assert send_due() == Round(0, failed=True)
    assert send_due() == Round(1, failed=False)
    assert Job.objects.exclude(error="").count() == 1


def other_connection() -> Any:
    """Return another session of the same database, in a transaction."""
    other = connection.copy()
    other.set_autocommit(False)
    return other


@pytest.fixture
def _locked_rows(transactional_db: None) -> None:
    # Asked in the test: MariaDB has to be connected to for an answer.
    if not connection.features.has_select_for_update_skip_locked:
        pytest.skip("locks no rows")


@pytest.mark.usefixtures("_locked_rows")
@pytest.mark.django_db(transaction=True)
def test_two_relays_send_different_jobs(broker: Broker) -> None:
    keys = [task.enqueue_in_transaction(number) for number in range(4)]
    other = other_connection()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM nova_outbox_job ORDER BY send_at LIMIT 2 FOR UPDATE")
        assert send_due() == Round(2, failed=False)
        assert [call["id"] for call, _ in broker.sent] == keys[2:]
    finally:
        other.rollback()
        other.close()
    assert send_due() == Round(2, failed=False)


@pytest.mark.usefixtures("_locked_rows")
@pytest.mark.django_db(transaction=True)
def test_a_relay_does_not_wait_for_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker has the job before the relay has noted that it was sent, and works on."""
    other = other_connection()

    def send(call: Any, options: Any) -> None:
        with other.cursor() as cursor:
            cursor.execute("UPDATE nova_outbox_job SET result = 'x'")

    monkeypatch.setattr(task.queue, "send", send)
    task.enqueue_in_transaction(1)
    with connection.cursor() as cursor:
        limit = (
            "innodb_lock_wait_timeout = 2"
            if connection.vendor == "mysql"
            else "lock_timeout = 2000"
        )
        cursor.execute(f"SET {limit}")
    try:
        assert send_due() == Round(1, failed=False)
    finally:
        other.rollback()
        other.close()
        connection.close()
    job = Job.objects.get()
    assert job.sent == 0
    assert seconds_until_sent(job) == pytest.approx(LEASE.total_seconds(), abs=10)


def test_questions_about_jobs(broker: Broker) -> None:
    hour_ago = timezone.now() - HOUR
    failed, killed, done = (task.enqueue_in_transaction(number) for number in range(3))
    Job.objects.filter(pk=failed).update(send_at=None, error="x")
    Job.objects.filter(pk=killed).update(started=hour_ago)
    Job.objects.filter(pk=done).update(started=hour_ago, finished=hour_ago, send_at=None, call="")
    assert str(Job.objects.failed().get().pk) == failed
    assert str(Job.objects.interrupted(timedelta(minutes=1)).get().pk) == killed
    assert not Job.objects.interrupted(timedelta(hours=2)).exists()
    assert send_due().sent == 0
    assert Job.objects.all().send_again() == 2
    assert send_due().sent == 2
    assert Job.objects.prune(timedelta(hours=2)) == 0
    assert Job.objects.prune(timedelta(minutes=1)) == 1
    assert str(Job.objects.first()).startswith("tests.outbox.test_relay.Relayed.go (")


# The command


def test_the_command_once(broker: Broker) -> None:
    for number in range(3):
        task.enqueue_in_transaction(number)
    out = StringIO()
    call_command("nova_relay", "--once", "--batch=2", stdout=out)
    assert out.getvalue() == "3 sent.\n"
    assert [seconds_until_sent(job) > 3000 for job in Job.objects.all()] == [True] * 3
    broker.down = True
    task.enqueue_in_transaction(4)
    with pytest.raises(SystemExit):
        call_command("nova_relay", "--once", stdout=out)


def test_the_command_says_that_there_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_table(**_: Any) -> None:
        raise OperationalError("no such table: nova_outbox_job")

    monkeypatch.setattr(nova_relay, "send_due", no_table)
    with pytest.raises(CommandError, match=r"nova_outbox_job\. Run manage\.py migrate") as raised:
        call_command("nova_relay", "--once")
    assert raised.value.returncode == 2


class Stop(Event):
    """Ends the loop when its script of rounds is over; notes how long it was to pause."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.rounds = rounds
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0)
        if len(self.pauses) == self.rounds:
            self.set()
        return True


def loop(monkeypatch: pytest.MonkeyPatch, rounds: int) -> list[float]:
    stop, handlers = Stop(rounds), dict[int, Any]()
    monkeypatch.setattr(nova_relay, "Event", lambda: stop)
    monkeypatch.setattr(nova_relay, "close_old_connections", lambda: None)
    monkeypatch.setattr(nova_relay.signal, "signal", handlers.__setitem__)
    call_command("nova_relay", "--interval=0.5", "--batch=2")
    assert set(handlers) == {signal.SIGTERM, signal.SIGINT}
    stop.clear()
    handlers[signal.SIGTERM](signal.SIGTERM, None)
    assert stop.is_set()
    return stop.pauses


def test_the_command_goes_on(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        task.enqueue_in_transaction(number)
    assert loop(monkeypatch, 2) == [0.5, 0.5]
    assert len(broker.sent) == 5


def test_the_command_waits_longer_while_something_is_down(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.down = True
    for number in range(3):
        task.enqueue_in_transaction(number)
    assert loop(monkeypatch, 3) == [1, 2, 4]

    def down(**options: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(nova_relay, "send_due", down)
    assert loop(monkeypatch, 8) == [1, 2, 4, 8, 16, 30, 30, 30]
