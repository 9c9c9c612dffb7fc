"""Each action in both colours, whichever of the two a class writes or replaces."""

from __future__ import annotations

from typing import Any

import pytest

from nova_drf.services import Service, ServiceDefinitionError, contract_of, service_classes, twin
from nova_drf.services.actions import Action


class Orders(Service):
    """``def`` and ``async def``, with and without declared twins."""

    def complete(self, number: int) -> str:
        return f"completed {number}"

    async def capture(self, number: int) -> str:
        return f"captured {number}"

    def close(self, number: int) -> str:
        return f"closed {number}"

    close_soon = twin(close)

    async def ship(self, number: int) -> str:
        return f"shipped {number}"

    ship_now = twin(ship)

    def count(self, number: int) -> str:
        return f"counted {number}"

    async def acount(self, number: int) -> str:
        return f"counted {number} later"


async def test_each_name_has_its_colour() -> None:
    orders: Any = Orders()
    assert orders.complete("1") == "completed 1"
    assert await orders.acomplete("1") == "completed 1"
    assert await orders.capture("1") == await orders.acapture("1") == "captured 1"
    assert await orders.close_soon("1") == "closed 1"
    assert await orders.ship("1") == "shipped 1"
    assert orders.count("1") == "counted 1"
    assert await orders.acount("1") == "counted 1 later"
    with pytest.raises(RuntimeError, match="async event loop"):
        orders.ship_now("1")


def test_a_named_blocking_twin() -> None:
    assert Orders().ship_now(2) == "shipped 2"


class AsyncOrders(Orders):
    """Replaces blocking methods by awaitable ones."""

    async def acomplete(self, number: int) -> str:
        return f"completed {number} asynchronously"

    async def close(self, number: int) -> str:  # type: ignore[override]
        return f"closed {number} asynchronously"


def test_a_blocking_name_follows_its_replaced_twin() -> None:
    orders: Any = AsyncOrders()
    assert orders.complete(1) == "completed 1 asynchronously"
    assert orders.close(1) == "closed 1 asynchronously"


async def test_an_awaitable_name_follows_too() -> None:
    orders: Any = AsyncOrders()
    assert await orders.acomplete(1) == "completed 1 asynchronously"
    assert await orders.close_soon(1) == "closed 1 asynchronously"
    assert await orders.close(1) == "closed 1 asynchronously"


class SyncOrders(AsyncOrders):
    """And back again; the private alias of a coroutine follows as well."""

    def complete(self, number: int) -> str:
        return f"completed {number} at once"

    async def capture(self, number: int) -> str:
        return f"captured {number} again"


async def test_replacing_back() -> None:
    orders: Any = SyncOrders()
    assert orders.complete(1) == await orders.acomplete(1) == "completed 1 at once"
    assert await orders.capture(1) == await orders.acapture(1) == "captured 1 again"


def test_super_goes_through_the_same_boundary() -> None:
    class Loud(Orders):
        def complete(self, number: int) -> str:
            return super().complete(number).upper()

    assert Loud().complete(3) == "COMPLETED 3"


def test_the_actions_of_a_class_are_listed_without_twins() -> None:
    assert set(Orders.actions()) == {"complete", "capture", "close", "ship", "count"}
    assert set(AsyncOrders.actions()) == set(Orders.actions())
    assert Orders.actions()["capture"].is_async
    assert not Orders.actions()["complete"].is_async
    assert Orders in service_classes()


def test_a_twin_knows_its_contract_and_its_name() -> None:
    assert contract_of(Orders.acomplete) is contract_of(Orders.complete)  # type: ignore[attr-defined]
    assert Orders.acomplete.__name__ == "acomplete"  # type: ignore[attr-defined]
    assert Orders.acomplete.__qualname__ == "Orders.acomplete"  # type: ignore[attr-defined]
    assert isinstance(vars(Orders)["complete"], Action)


def test_a_mixin_brings_actions_along() -> None:
    class Counting:
        def add(self, number: int) -> int:
            return number + 1

    class Counter(Counting, Service):
        pass

    assert Counter().add("1") == 2  # type: ignore[arg-type]


def test_a_name_that_is_taken_stays() -> None:
    class Stable(Service):
        amount = 3

        def mount(self) -> int:
            return self.amount

    assert Stable().mount() == 3


def test_the_awaitable_name_of_a_pair_must_be_awaitable() -> None:
    with pytest.raises(ServiceDefinitionError, match=r"acomplete: this is the awaitable name"):

        class Confused(Orders):
            def acomplete(self, number: int) -> str:
                return ""


def test_a_twin_needs_a_method_of_the_same_body() -> None:
    async def elsewhere() -> None: ...

    with pytest.raises(ServiceDefinitionError, match=r"twin\(\) takes a public method"):

        class Strange(Service):
            other = twin(elsewhere)
