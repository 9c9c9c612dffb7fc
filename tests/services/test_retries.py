"""``atomic(retries=...)`` with real transactions that are in each other's way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.db.utils import IntegrityError
from pydantic import BaseModel
from rest_framework.decorators import action
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient

from nova_drf.services import (
    Conflict,
    Service,
    ServiceDefinitionError,
    Unavailable,
    atomic,
    service_action,
)
from nova_drf.services.retries import is_transient
from nova_drf.views.services.errors import api_error
from nova_drf.viewsets import ServiceViewSet, delegate
from tests.constraintsapp.models import Counter
from tests.servicesapp.models import Topic

IS_SQLITE = connection.vendor == "sqlite"
of_servers = pytest.mark.skipif(IS_SQLITE, reason="SQLite in memory has one writer.")
real = pytest.mark.django_db(transaction=True)


def deadlock() -> OperationalError:
    """Return what a database says of a deadlock."""
    return OperationalError(1213, "Deadlock found when trying to get lock; try restarting")


@contextmanager
def isolated(level: str) -> Iterator[None]:
    """Run the transactions of this thread at an isolation level."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL {level}")
        else:
            cursor.execute(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")
    yield


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Call a function in threads that start at once; return results and errors."""
    results: list[Any] = [None] * count
    barrier = threading.Barrier(count)

    def run(at: int) -> None:
        try:
            with isolated("SERIALIZABLE"):
                barrier.wait()
                results[at] = work(at)
        except Exception as error:
            # The test looks at it, not the thread.
            results[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class Change(BaseModel):
    by: int
    seen: list[int] = []


both_have_read = threading.Barrier(2)


class Counters(Service):
    @atomic(retries=60)
    def add(self, pk: int, change: Change) -> int:
        change.seen.append(1)
        assert len(change.seen) == 1
        counter = Counter.objects.get(pk=pk)
        counter.value += change.by
        counter.save()
        return counter.value

    @atomic
    def add_once(self, pk: int) -> None:
        counter = Counter.objects.get(pk=pk)
        both_have_read.wait(30)
        counter.value += 1
        counter.save()


@of_servers
@real
def test_forty_at_once_lose_nothing() -> None:
    counter = Counter.objects.create()
    results = together(40, lambda at: Counters().add(counter.pk, Change(by=1)))
    assert sorted(results) == list(range(1, 41))
    counter.refresh_from_db()
    assert counter.value == 40


@of_servers
@real
def test_without_retries_it_is_503() -> None:
    counter = Counter.objects.create()
    results = together(2, lambda at: Counters().add_once(counter.pk))
    (failed,) = [one for one in results if one is not None]
    assert type(failed) is Unavailable
    told: Any = api_error(failed)
    assert (told.status_code, told.wait) == (503, 1)
    raw: Any = api_error(failed.__cause__)
    assert raw.status_code == 503
    counter.refresh_from_db()
    assert counter.value == 1


@of_servers
@real
@pytest.mark.parametrize("nested", [False, True])
def test_a_deadlock(nested: bool) -> None:
    first, second = Counter.objects.create(), Counter.objects.create()
    barrier = threading.Barrier(2)
    tries: list[int] = []

    @atomic(retries=5)
    def swap(one: int, other: int) -> None:
        tries.append(one)
        Counter.objects.filter(pk=one).update(value=one)
        if len(tries) <= 2:
            barrier.wait(30)
        if nested:
            with atomic:
                Counter.objects.filter(pk=other).update(value=one)
        else:
            Counter.objects.filter(pk=other).update(value=one)

    def work(at: int) -> None:
        swap(*((first.pk, second.pk) if at else (second.pk, first.pk)))

    assert together(2, work) == [None, None]
    assert len(tries) >= 3


@real
def test_what_a_failed_attempt_did_is_forgotten() -> None:
    done: list[str] = []

    class Topics(Service):
        @service_action(atomic=atomic(retries=3))
        def add(self, name: str) -> int:
            transaction.on_commit(lambda: done.append(name))
            Topic.objects.create(name=f"{name}{len(attempts)}")
            attempts.append(name)
            if len(attempts) < 3:
                raise deadlock()
            return len(attempts)

    attempts: list[str] = []
    assert Topics().add("a") == 3
    assert done == ["a"]
    assert [one.name for one in Topic.objects.all()] == ["a2"]


@real
def test_when_the_retries_are_used_up() -> None:
    attempts: list[int] = []

    class Topics(Service):
        @atomic(retries=2)
        def add(self) -> None:
            attempts.append(1)
            raise deadlock()

        @atomic(retries=2)
        def refuse(self) -> None:
            attempts.append(1)
            raise Conflict("No.")

        @atomic(retries=2)
        def duplicate(self) -> None:
            attempts.append(1)
            raise IntegrityError("A trigger says no.")

        @atomic(retries=2)
        def call(self) -> None:
            Topics().inner()

        @atomic
        def inner(self) -> None:
            attempts.append(1)
            raise deadlock()

        @atomic(retries=2)
        def go_on(self) -> None:
            attempts.append(1)
            with transaction.atomic():
                transaction.set_rollback(True)
                raise DatabaseError("lost") from deadlock()

    for method, error, count in (
        (Topics().add, Unavailable, 3),
        (Topics().refuse, Conflict, 1),
        (Topics().duplicate, IntegrityError, 1),
        (Topics().call, Unavailable, 3),
        (Topics().go_on, Unavailable, 3),
    ):
        attempts.clear()
        with pytest.raises(error):
            method()
        assert len(attempts) == count


class Busy(Service):
    def wait(self) -> None:
        raise deadlock()

    async def wait_later(self) -> None:
        raise deadlock()


class BusyViewSet(ServiceViewSet[Busy]):
    permission_classes = []

    wait = delegate(Busy.wait)
    wait_later = delegate(Busy.wait_later)

    @action(detail=False, methods=["post"])
    def classic(self, request: Any) -> Any:
        raise deadlock()


router = SimpleRouter()
router.register("busy", BusyViewSet, basename="busy")
urlpatterns = router.urls


@real
@pytest.mark.urls(__name__)
@pytest.mark.parametrize("path", ["wait", "wait_later", "classic"])
def test_over_http_it_is_503(path: str) -> None:
    response: Any = APIClient().post(f"/busy/{path}/")
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert response.data["detail"].code == "unavailable"


@real
def test_inside_another_block_nothing_is_tried_again() -> None:
    attempts: list[int] = []

    @atomic(retries=3)
    def fail() -> None:
        attempts.append(1)
        raise deadlock()

    with pytest.raises(OperationalError), transaction.atomic():
        fail()
    assert len(attempts) == 1
    with pytest.raises(OperationalError):
        atomic(fail)()
    assert len(attempts) == 2
    outer: list[int] = []

    @atomic(retries=2)
    def around() -> None:
        outer.append(1)
        fail()

    with pytest.raises(OperationalError):
        around()
    assert (len(outer), len(attempts)) == (3, 5)
    transaction.set_autocommit(False)
    try:
        with pytest.raises(OperationalError):
            fail()
        assert len(attempts) == 6
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)


@real
def test_what_is_committed_is_never_done_again() -> None:
    def hook() -> None:
        raise deadlock()

    @atomic(retries=3)
    def add() -> None:
        transaction.on_commit(hook)
        Topic.objects.create(name=f"a{Topic.objects.count()}")

    with pytest.raises(OperationalError):
        add()
    assert Topic.objects.count() == 1


@real
async def test_a_unit_of_a_coroutine_is_tried_again() -> None:
    attempts: list[int] = []

    class Topics(Service):
        async def add(self, name: str) -> str:
            return await atomic(retries=2).arun(self._add, name)

        def _add(self, name: str) -> str:
            attempts.append(1)
            Topic.objects.create(name=name)
            if len(attempts) < 3:
                raise deadlock()
            return name

    assert await Topics().add("a") == "a"
    assert await Topic.objects.acount() == 1
    attempts.extend([1, 1])

    class Loser(Topics):
        def _add(self, name: str) -> str:
            raise deadlock()

    with pytest.raises(Unavailable):
        await Loser().add("b")


@real
def test_objects_get_back_what_they_held() -> None:
    topic = Topic.objects.create(name="a")

    class Topics(Service):
        @atomic(retries=2)
        def rename(self, topic: Any, names: list[str], others: dict[str, Any], log: Any) -> str:
            topic.name += names.pop()
            others["x"] = others["topics"].pop().name
            topic.save()
            log.write("x")
            if log.tell() < 3:
                raise deadlock()
            return topic.name

    import tempfile

    with tempfile.TemporaryFile("w") as log:
        others = {"topics": [topic, topic]}
        assert Topics().rename(topic, ["b"], others, log) == "ab"
    topic.refresh_from_db()
    assert topic.name == "ab"


def test_a_block_cannot_be_tried_again() -> None:
    with pytest.raises(ServiceDefinitionError, match="cannot be run again"), atomic(retries=2):
        pass
    for wrong in (-1, True):
        with pytest.raises(ServiceDefinitionError, match="how many retries"):
            atomic(retries=wrong)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (type("E", (Exception,), {"sqlstate": "40001"})(), True),
        (type("E", (Exception,), {"pgcode": "40P01"})(), True),
        (type("E", (Exception,), {"sqlstate": "42601"})(), False),
        (type("E", (Exception,), {"sqlite_errorcode": 5})(), True),
        (type("E", (Exception,), {"sqlite_errorcode": 262})(), True),
        (type("E", (Exception,), {"sqlite_errorcode": 1})(), False),
        (Exception(1205, "Lock wait timeout exceeded"), True),
        (Exception(2006, "Server has gone away"), False),
        (Exception("gone"), False),
    ],
)
def test_which_errors_pass_by(cause: Exception, expected: bool) -> None:
    error = OperationalError(*cause.args)
    error.__cause__ = cause
    assert is_transient(error) is expected
    later = transaction.TransactionManagementError("An error occurred in the current transaction.")
    later.__cause__ = error
    assert is_transient(later) is expected
    assert not is_transient(cause)
    assert not is_transient(Unavailable())


@real
def test_sqlite_that_is_locked(tmp_path: Any) -> None:
    import sqlite3

    path = tmp_path / "db"
    one, other = sqlite3.connect(path, timeout=0), sqlite3.connect(path, timeout=0)
    one.execute("CREATE TABLE t (x)")
    one.commit()
    one.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as caught:
        other.execute("BEGIN IMMEDIATE")
    error = OperationalError(*caught.value.args)
    error.__cause__ = caught.value
    assert is_transient(error)
    one.close()
    other.close()
