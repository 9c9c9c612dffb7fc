"""``Service``: which methods are actions, and that each is what its author wrote."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import SynchronousOnlyOperation

from nova_drf.services import (
    InvalidArguments,
    ModelService,
    Service,
    ServiceDefinitionError,
    atomic,
    contract_of,
    service_classes,
)
from nova_drf.services.base import Action
from nova_drf.services.model_service import operation_of
from tests.servicesapp.models import Topic


class Orders(Service):
    """``def`` and ``async def``, two of them with a counterpart."""

    def complete(self, number: int) -> str:
        return f"completed {number}"

    async def capture(self, number: int) -> str:
        return f"captured {number}"

    def close(self, number: int) -> str:
        return f"closed {number}"

    async def close_soon(self, number: int) -> str:
        return await sync_to_async(self.close)(number)

    async def ship(self, number: int) -> str:
        return f"shipped {number}"

    def ship_now(self, number: int) -> str:
        return async_to_sync(self.ship)(number)

    def count(self, number: int) -> str:
        return f"counted {number}"

    async def acount(self, number: int) -> str:
        return f"counted {number} later"


async def test_each_method_blocks_or_is_awaited_as_it_is_written() -> None:
    orders: Any = Orders()
    assert orders.complete("1") == "completed 1"
    assert await sync_to_async(orders.complete)("1") == "completed 1"
    assert await orders.capture("1") == "captured 1"
    assert await orders.close_soon("1") == "closed 1"
    assert await orders.ship("1") == "shipped 1"
    assert orders.count("1") == "counted 1"
    assert await orders.acount("1") == "counted 1 later"
    with pytest.raises(RuntimeError, match="async event loop"):
        orders.ship_now("1")


def test_a_counterpart_that_blocks() -> None:
    assert Orders().ship_now(2) == "shipped 2"


def test_nothing_is_added_to_a_class() -> None:
    written = {"complete", "capture", "close", "close_soon", "ship", "ship_now", "count", "acount"}
    added = {name for name in vars(Orders) if not name.startswith("_")} - written
    assert added <= {"context_class"}


class AsyncOrders(Orders):
    """Replaces methods by others, of which one is awaited now."""

    def complete(self, number: int) -> str:
        return f"completed {number} again"

    async def capture(self, number: int) -> str:
        return f"captured {number} again"

    async def count(self, number: int) -> str:
        return f"counted {number} asynchronously"


async def test_a_replaced_method_is_what_the_subclass_writes() -> None:
    orders: Any = AsyncOrders()
    assert orders.complete("1") == "completed 1 again"
    assert await orders.capture("1") == "captured 1 again"
    assert await orders.count("1") == "counted 1 asynchronously"
    assert await orders.acount("1") == "counted 1 later"


def test_super_goes_through_the_same_boundary() -> None:
    class Loud(Orders):
        def complete(self, number: int) -> str:
            return super().complete(number).upper()

    assert Loud().complete(3) == "COMPLETED 3"


def test_the_actions_of_a_class_are_listed() -> None:
    assert set(Orders.actions()) == {
        *("complete", "capture", "close", "close_soon"),
        *("ship", "ship_now", "count", "acount"),
    }
    assert set(AsyncOrders.actions()) == set(Orders.actions())
    assert Orders.actions()["capture"].is_async
    assert not Orders.actions()["complete"].is_async
    assert Orders in service_classes()


def test_an_action_is_a_function_of_the_class_that_is_asked() -> None:
    assert isinstance(vars(Orders)["complete"], Action)
    assert Orders.close is Orders.close
    assert contract_of(Orders.close) is contract_of(Orders().close)
    assert contract_of(AsyncOrders.close) is not contract_of(Orders.close)
    assert contract_of(AsyncOrders.close).owner is AsyncOrders


def test_a_mixin_brings_actions_along() -> None:
    class Counting:
        def add(self, number: int) -> int:
            return number + 1

    class Counter(Counting, Service):
        pass

    assert Counter().add("1") == 2


def test_a_name_that_is_taken_stays() -> None:
    class Stable(Service):
        amount = 3

        def mount(self) -> int:
            return self.amount

    assert Stable().mount() == 3


# The event loop


class Topics(ModelService[Topic]):
    @atomic
    def create(self, data: dict[str, str]) -> Topic:
        return Topic.objects.create(**data)

    @atomic
    def complete(self, name: str) -> bool:
        return Topic.objects.filter(name=name).exists()


@pytest.mark.django_db(transaction=True)
async def test_the_event_loop_cannot_call_what_blocks() -> None:
    with pytest.raises(SynchronousOnlyOperation, match="sync_to_async"):
        Topics().complete("a")
    assert await sync_to_async(Topics().complete)("a") is False


@pytest.mark.django_db(transaction=True)
async def test_an_awaitable_operation_follows_the_one_that_blocks() -> None:
    assert (await Topics().acreate({"name": "a"})).name == "a"
    with pytest.raises(InvalidArguments) as caught:
        await Topics().acreate({"name": 1})
    assert caught.value.method == "Topics.create"
    with pytest.raises(ServiceDefinitionError, match="is not an action"):
        contract_of(Topics.acreate)
    assert set(ModelService.actions()) == {"list", "retrieve", "create", "update", "delete"}


async def test_an_operation_that_became_awaitable() -> None:
    class Awaited(ModelService[Topic]):
        async def create(self, data: Any) -> Topic:
            return Topic(name=data)

    assert (await Awaited().acreate("a")).name == "a"


def test_a_viewset_calls_the_operation_that_a_class_has_written_last() -> None:
    class Awaited(Topics):
        async def acreate(self, data: Any) -> Topic:
            return Topic(**data)

    class Blocking(Awaited):
        def create(self, data: Any) -> Topic:
            return Topic(**data)

    class Inheriting(Blocking):
        pass

    names = [
        contract_of(operation_of(cls, name)).name
        for cls in (ModelService, Topics, Awaited, Blocking, Inheriting)
        for name in ("create", "list")
    ]
    assert names == [
        *("create", "list", "create", "list"),
        *("acreate", "list", "create", "list", "create", "list"),
    ]
    assert contract_of(operation_of(Blocking, "acreate")).name == "create"
    assert contract_of(operation_of(Orders, "acount")).name == "acount"
