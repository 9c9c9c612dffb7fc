"""Real workers of Celery on Redis and RabbitMQ, killed and cut off: nothing is lost or done twice.

``make workers`` runs these; they take a minute.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import amqp
import pytest

from tests.services.processes import (
    RABBITMQ,
    REDIS,
    Cable,
    Database,
    Processes,
    answers,
    children,
    shared_database,
    until,
)

redis = pytest.importorskip("redis")
pytestmark = [pytest.mark.workers, pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")]
JOBS = 300
WAIT = 60


class Site:
    """A project with a database, a broker behind a cable, and processes.

    Args:
        broker: ``redis`` or ``rabbitmq``.
        database: The database.
        folder: Where files go.
    """

    def __init__(self, broker: str, database: Database, folder: Path) -> None:
        self.broker = broker
        self.database = database
        self.folder = folder
        self.queue = f"nova-{uuid4().hex[:8]}"
        self.cable = Cable(REDIS if broker == "redis" else RABBITMQ)
        self.processes = Processes({}, folder / f"{broker}.log")
        self.processes.environment = {**database.environment, "NOVA_QUEUE": self.queue}
        self.name_broker()

    def name_broker(self) -> None:
        """Tell the processes where the cable is."""
        self.processes.environment["NOVA_BROKER"] = (
            f"redis://127.0.0.1:{self.cable.port}/13"
            if self.broker == "redis"
            else f"amqp://guest:guest@127.0.0.1:{self.cable.port}//"
        )

    def run(self, code: str, **environment: str) -> str:
        """Run code of the project in a process of its own."""
        return self.processes.run(f"from tests.servicesapp.workers import *\n{code}", **environment)

    def length(self, queue: str) -> int:
        """Return how many messages wait in a queue."""
        if self.broker == "redis":
            return int(redis.Redis(port=REDIS[1], db=13).llen(f"{self.queue}:{queue}"))
        with amqp.Connection("127.0.0.1:5672") as connection:
            try:
                return int(connection.channel().queue_declare(queue, passive=True).message_count)
            except amqp.NotFound:
                return 0

    def purge(self) -> None:
        """Lose what waits in the queue."""
        if self.broker == "redis":
            redis.Redis(port=REDIS[1], db=13).delete(f"{self.queue}:{self.queue}")
            return
        with amqp.Connection("127.0.0.1:5672") as connection:
            connection.channel().queue_purge(self.queue)

    def log(self) -> str:
        """Return what the processes printed."""
        return self.processes.log.read_text()

    def close(self) -> None:
        """End all processes, and leave nothing at the broker."""
        self.processes.kill_all()
        self.cable.close()
        client = redis.Redis(port=REDIS[1], db=13)
        for key in client.scan_iter(f"{self.queue}:*"):
            client.delete(key)
        if self.broker == "redis":
            return
        with amqp.Connection("127.0.0.1:5672") as connection:
            channel = connection.channel()
            for queue in (self.queue, f"{self.queue}.dead"):
                channel.queue_delete(queue)
                channel.exchange_delete(queue)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with shared_database(tmp_path_factory.mktemp("database")) as database:
        yield database


@pytest.fixture(params=["redis", "rabbitmq"])
def site(request: Any, database: Database, tmp_path: Path) -> Iterator[Site]:
    if not answers(REDIS) or (request.param == "rabbitmq" and not answers(RABBITMQ)):
        pytest.skip(f"{request.param} does not answer on 127.0.0.1")
    site = Site(request.param, database, tmp_path)
    site.run("""
from nova_drf.outbox.models import Job
Mark.objects.all().delete()
Job.objects.all().delete()
""")
    yield site
    site.close()


ENQUEUE = f"""
from django.db import transaction
for start in range(0, {JOBS}, 10):
    with transaction.atomic():
        for number in range(start, start + 10):
            if number % 3 or app.conf.broker_url.startswith("redis"):
                mark.enqueue_in_transaction(number, 0.05)
            else:
                mark.enqueue_on_commit(number, 0.05)
        begin.enqueue_in_transaction(1000 + start, 0.05)
try:
    with transaction.atomic():
        mark.enqueue_in_transaction(-1)
        raise RuntimeError
except RuntimeError:
    pass
"""


def test_none_is_lost_and_none_is_run_twice(site: Site) -> None:
    """Of 300 atomic jobs each is run once; of those that are not atomic none is run twice.

    On Redis all go through the outbox. On RabbitMQ a third is sent directly, and confirmed.
    """
    site.run(ENQUEUE)
    relay_options = ("--interval=0.2", "--batch=20", "--resend-after=4")
    workers = [site.processes.worker() for _ in range(2)]
    relay = site.processes.relay(*relay_options)
    assert until(lambda: len(site.database.marks()) > 5, WAIT), site.log()
    killed = 0
    for blow in range(6):
        time.sleep(0.7)
        if blow % 3 == 0:
            for pid in random.sample(children(workers[0]), k=1):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        elif blow % 3 == 1:
            site.cable.cut(0.5)
        else:
            site.processes.kill(workers.pop())
            site.processes.kill(relay)
            workers.append(site.processes.worker())
            relay = site.processes.relay(*relay_options)
    wanted = set(range(JOBS))
    assert until(lambda: wanted <= set(site.database.marks()), WAIT), site.log()
    time.sleep(5)  # whatever is delivered again comes now
    marks = site.database.marks()
    assert set(marks.values()) == {1}
    assert set(marks) <= wanted | set(range(1000, 1000 + JOBS, 10))
    assert killed == 2
    assert site.cable.cuts > 4


def test_what_happens_to_a_job(site: Site) -> None:
    """Each row of the guide's table of events, for Celery."""
    worker = site.processes.worker()
    traps = [site.folder / name for name in ("atomic", "early", "group")]
    site.run(f"""
fall.enqueue(1, {str(traps[0])!r})
fall_early.enqueue(2, {str(traps[1])!r})
""")
    # A process of the pool is killed: the atomic method runs again, the other one does not.
    assert until(lambda: all(trap.exists() for trap in traps[:2]), WAIT), site.log()
    for trap in traps[:2]:
        os.kill(int(trap.read_text()), signal.SIGKILL)
    assert until(lambda: site.database.marks() == {1: 1, 2: 1}, WAIT), site.log()
    interrupted = site.database.rows(
        "SELECT method FROM nova_outbox_job WHERE started IS NOT NULL AND finished IS NULL"
    )
    assert interrupted == [("tests.servicesapp.workers.Marks.fall_early",)]
    # A message is delivered twice.
    site.run("""
for task, number in ((mark, 3), (begin, 4)):
    for _ in range(2):
        kwargs = {"call": task.call(number).model_dump()}
        task.queue.task.apply_async(kwargs=kwargs, task_id=f"the same {number}")
""")
    # The user is inactive, or no longer there.
    refused = site.run("""
from django.contrib.auth.models import User
from nova_drf.services import ServiceContext
users = [User.objects.create(username=name) for name in ("idle", "gone")]
tasks = [mark.using(context=ServiceContext(user=user)) for user in users]
calls = [task.call(5).model_dump() for task in tasks]
User.objects.filter(username="idle").update(is_active=False)
User.objects.filter(username="gone").delete()
for call in calls:
    print(repr(mark.queue.send(call, {}).get(timeout=20, propagate=False)))
User.objects.all().delete()
""")
    assert refused.count("is inactive") == refused.count("no longer exists") == 1
    # Jobs of another version are kept in a queue of their own, and run by its workers.
    site.run("changed.enqueue(6, step=2)\nnewer.enqueue(7)", NOVA_VERSION="2")
    dead = f"{site.queue}.dead"
    assert until(lambda: site.length(dead) == 2, WAIT), site.log()
    expected = {1: 1, 2: 1, 3: 1, 4: 1}
    assert site.database.marks() == expected
    # The whole worker is killed.
    site.run(f"fall.enqueue(8, {str(traps[2])!r})")
    assert until(traps[2].exists, WAIT), site.log()
    site.processes.kill(worker)
    site.processes.worker(NOVA_VERSION="2", NOVA_QUEUE=dead)
    site.processes.worker()
    expected |= {6: 1, 7: 1, 8: 1}
    assert until(lambda: site.database.marks() == expected, WAIT), site.log()
    assert site.length(dead) == 0


def test_the_broker_is_down_at_commit(site: Site) -> None:
    """Sent after the commit, a job is lost, loudly; through the outbox it is sent later."""
    site.cable.close()
    code = """
from django.db import transaction
try:
    with transaction.atomic():
        Mark.objects.create(number=1)
        mark.enqueue_on_commit(2)
except mark.queue.task.OperationalError as error:
    print("raised")
with transaction.atomic():
    mark.enqueue_in_transaction(3)
from django.core.management import call_command
try:
    call_command("nova_relay", "--once", "--resend-after=2")
except SystemExit as ended:
    print(ended.code)
"""
    assert site.run(code).splitlines() == ["raised", "0 sent.", "1"]
    assert site.database.marks() == {1: 1}
    site.cable = Cable(site.cable.target)
    site.name_broker()
    site.processes.worker()
    site.processes.relay("--interval=0.2", "--resend-after=2")
    assert until(lambda: site.database.marks() == {1: 1, 3: 1}, WAIT), site.log()


def test_the_broker_forgets_what_it_was_sent(site: Site) -> None:
    """A job of the outbox is sent again until it has run."""
    site.run("mark.enqueue_in_transaction(1)")
    relay = site.processes.relay("--interval=0.2", "--resend-after=2")
    assert until(lambda: site.length(site.queue) == 1, WAIT), site.log()
    site.purge()
    site.processes.worker()
    assert until(lambda: site.database.marks() == {1: 1}, WAIT), site.log()
    assert relay.poll() is None
    os.kill(relay.pid, signal.SIGTERM)
    assert relay.wait(10) == 0
