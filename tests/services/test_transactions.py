"""``atomic``: methods, blocks and single calls; what cannot be atomic says so."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction

from nova_drf.services import ContractError, Service, ServiceDefinitionError, atomic, service_action
from nova_drf.services.transactions import Atomic
from tests.servicesapp.models import Topic

pytestmark = pytest.mark.django_db


class Topics(Service):
    @atomic
    def add_two(self, first: str, second: str) -> int:
        Topic.objects.create(name=first)
        Topic.objects.create(name=second)
        return Topic.objects.count()

    @service_action(atomic=True)
    def add_and_fail(self, name: str) -> None:
        Topic.objects.create(name=name)
        raise RuntimeError(name)

    @atomic(savepoint=False)
    def add_and_lie(self, name: str) -> int:
        Topic.objects.create(name=name)
        return "a lie"

    @atomic(durable=True)
    def add_durably(self, name: str) -> None:
        Topic.objects.create(name=name)

    @service_action
    def add_loosely(self, name: str) -> None:
        Topic.objects.create(name=name)
        raise RuntimeError(name)

    @atomic
    async def add_impossibly(self, name: str) -> None: ...

    async def add_in_one_go(self, *names: str) -> None:
        await atomic.arun(self._add_all, names)

    def _add_all(self, names: tuple[str, ...]) -> None:
        for name in names:
            Topic.objects.create(name=name)


def names() -> set[str]:
    return set(Topic.objects.values_list("name", flat=True))


def test_all_or_nothing() -> None:
    Topics().add_two("a", "b")
    with pytest.raises(ValueError):
        Topics().add_two("c", "a")
    with pytest.raises(RuntimeError):
        Topics().add_and_fail("d")
    assert names() == {"a", "b"}


def test_without_atomic_nothing_is_undone() -> None:
    with pytest.raises(RuntimeError):
        Topics().add_loosely("a")
    assert names() == {"a"}


@pytest.mark.django_db(transaction=True)
def test_a_broken_promise_undoes_what_was_written() -> None:
    with pytest.raises(ContractError):
        Topics().add_and_lie("a")
    assert names() == set()


def test_options_are_djangos() -> None:
    Topics().add_durably("a")
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        Topics().add_durably("b")


@pytest.mark.django_db(transaction=True)
async def test_a_method_is_atomic_in_a_thread_too() -> None:
    with pytest.raises(RuntimeError):
        await sync_to_async(Topics().add_and_fail)("a")
    assert not await Topic.objects.aexists()


@pytest.mark.django_db(transaction=True)
async def test_an_atomic_coroutine_is_refused_with_the_remedy() -> None:
    with pytest.raises(ServiceDefinitionError, match=r"atomic\.arun"):
        await Topics().add_impossibly("a")


@pytest.mark.django_db(transaction=True)
async def test_a_unit_of_a_coroutine() -> None:
    await Topics().add_in_one_go("a", "b")
    with pytest.raises(ValueError):
        await Topics().add_in_one_go("c", "a")
    assert await Topic.objects.acount() == 2
    with pytest.raises(ServiceDefinitionError, match="must be a `def`"):
        await atomic.arun(Topics().add_in_one_go)


@pytest.mark.django_db(transaction=True)
async def test_an_atomic_block_cannot_be_awaited() -> None:
    with pytest.raises(ServiceDefinitionError, match="async with atomic"):
        async with atomic:
            pass


def test_blocks_nest() -> None:
    with atomic:
        Topic.objects.create(name="a")
        with pytest.raises(IntegrityError), atomic:
            Topic.objects.bulk_create([Topic(name="b"), Topic(name="a")])
        Topic.objects.create(name="c")
    assert names() == {"a", "c"}


def test_outside_of_services_it_is_djangos_decorator() -> None:
    @atomic
    def add(name: str) -> None:
        Topic.objects.create(name=name)
        raise RuntimeError(name)

    @Atomic(durable=True)
    async def never() -> None: ...

    with pytest.raises(RuntimeError):
        add("a")
    assert names() == set()
    with pytest.raises(ServiceDefinitionError, match="cannot be atomic"):
        never().send(None)
