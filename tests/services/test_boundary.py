"""What holds at the boundary of a method: types, digits, names; for ``def`` and ``async def``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from traceback import format_exception
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db.models import QuerySet
from pydantic import BaseModel, Field
from pydantic_core import core_schema
from typing_extensions import TypedDict, Unpack

from nova_drf.services import (
    ContractError,
    InvalidArguments,
    Service,
    ServiceContext,
    ServiceDefinitionError,
    contract_of,
    service_action,
)
from nova_drf.services.contracts import Exact
from tests.servicesapp.models import Topic


class Color(Enum):
    RED = "red"


class Line(BaseModel):
    sku: str
    price: Decimal


class Options(TypedDict, total=False):
    loud: bool
    price: Decimal


class Till(Service):
    """One method of each kind of parameter."""

    def pay(self, amount: Decimal, when: date = date(2024, 1, 2)) -> Decimal:
        return amount

    async def fetch(self, key: UUID) -> str:
        return str(key)

    def total(self, *prices: Decimal, **named: Decimal) -> Decimal:
        return sum(prices, Decimal(0)) + sum(named.values(), Decimal(0))

    def shout(self, text: str, /, **options: Unpack[Options]) -> str:
        return text.upper() if options.get("loud") else text

    def lines(self, lines: Iterable[Line], color: Color = Color.RED) -> list[Line]:
        return list(lines)

    def prices(self, by_name: dict[str, list[Decimal | None]]) -> dict[str, list[Decimal | None]]:
        return by_name

    def stars(self, count: Annotated[int, Field(ge=1, le=5)]) -> int:
        return count

    def anything(self, value):
        return value

    def wrong(self) -> int:
        return "many"

    def _own_business(self, value: int) -> int:
        return value


class StrictTill(Till):
    strict = True

    @service_action(strict=False)
    def lax(self, count: int) -> int:
        return count

    def exact(self, count: int, amount: Decimal) -> int:
        return count


def problems(call: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str | int, Any]:
    """Return the codes of what a call refuses, by argument."""
    with pytest.raises(InvalidArguments) as caught:
        call(*args, **kwargs)
    detail = caught.value.detail
    assert isinstance(detail, dict)
    return detail


@pytest.mark.parametrize("amount", [Decimal("0.10"), 1, "0.10"])
def test_what_means_a_decimal_becomes_one(amount: Any) -> None:
    paid = Till().pay(amount)
    assert type(paid) is Decimal
    assert paid == Decimal(str(amount))
    assert str(Till().pay(Decimal("0.10"))) == "0.10"


def test_a_float_in_place_of_a_decimal_names_the_argument() -> None:
    found = problems(Till().pay, 0.1)
    assert [problem.code for problem in found["amount"]] == ["decimal_from_float"]
    with pytest.raises(InvalidArguments, match=r"Till\.pay\(\): amount: "):
        Till().pay(amount=0.1)


def test_a_float_is_refused_at_any_depth_but_in_models() -> None:
    assert list(problems(Till().total, 0.1)) == ["prices"]
    assert list(problems(Till().total, tip=0.1)) == ["named"]
    assert list(problems(Till().prices, {"a": [0.1]})["by_name"]) == ["a"]
    assert list(problems(Till().shout, "a", price=0.5)) == ["options"]
    assert Till().lines([{"sku": "a", "price": 0.5}])[0].price == Decimal("0.5")


def test_items_of_an_iterable_are_checked_before_the_method_runs() -> None:
    good: Iterator[Any] = iter([{"sku": "a", "price": "1"}])
    assert Till().lines(good) == [Line(sku="a", price=Decimal(1))]
    bad = problems(Till().lines, iter([{"sku": "a"}, {"price": 1}]))
    assert set(bad["lines"]) == {0, 1}


def test_values_and_internals_stay_out_of_what_is_said() -> None:
    with pytest.raises(InvalidArguments) as caught:
        Till().pay("secret")
    assert "secret" not in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_constraints_hold() -> None:
    assert Till().stars(5) == 5
    (problem,) = problems(Till().stars, 6)["count"]
    assert problem.code == "less_than_equal"


def test_defaults_and_names() -> None:
    assert Till().shout("a", loud=True) == "A"
    assert Till().total(Decimal(1), Decimal(2), tip=Decimal(3)) == Decimal(6)
    assert Till().anything("x") == "x"
    with pytest.raises(TypeError, match=r"Till\.pay\(\): missing a required argument: 'amount'"):
        Till().pay()
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'amonut'"):
        Till().pay(1, amonut=1)
    with pytest.raises(TypeError, match=r"too many positional"):
        Till().pay(1, date(2024, 1, 1), 3)
    with pytest.raises(TypeError, match=r"multiple values for argument 'amount'"):
        Till().pay(Decimal(1), amount=Decimal(1))


def test_a_private_method_is_nobodys_contract() -> None:
    assert Till()._own_business("x") == "x"


def test_a_broken_promise_is_a_mistake_in_the_program() -> None:
    with pytest.raises(
        ContractError, match=r"Till\.wrong\(\) broke its contract: result: .* \(int_parsing\)"
    ) as caught:
        Till().wrong()
    traceback = "".join(format_exception(caught.value))
    assert "'many'" not in traceback.replace('return "many"', "")


def test_strict_per_class_and_per_method() -> None:
    assert Till().stars("3") == 3
    assert list(problems(StrictTill().exact, "3", Decimal(1))) == ["count"]
    assert list(problems(StrictTill().exact, 3, "1")) == ["amount"]
    assert list(problems(StrictTill().stars, "3")) == ["count"]
    assert StrictTill().lax("3") == 3


async def test_what_blocks_and_what_is_awaited_validate_alike() -> None:
    till: Any = Till()
    key = UUID(int=1)
    assert await till.fetch(str(key)) == str(key)
    assert await sync_to_async(till.pay)("1") == Decimal(1)
    with pytest.raises(InvalidArguments) as caught:
        await till.fetch("x")
    assert caught.value.method == "Till.fetch"
    with pytest.raises(InvalidArguments):
        await sync_to_async(till.pay)(0.1)


def test_a_coroutine_called_by_what_blocks() -> None:
    assert async_to_sync(Till().fetch)(UUID(int=2)) == str(UUID(int=2))


async def test_a_function_awaited_in_a_thread() -> None:
    assert await sync_to_async(Till().pay)(Decimal(2)) == Decimal(2)


class Reader(Service):
    def rows(self) -> Iterator[int]:
        yield from (1, 2)

    def later(self) -> AsyncIterator[int]:
        async def numbers() -> AsyncIterator[int]:
            yield 1

        return numbers()


async def test_a_lazy_result_stays_lazy() -> None:
    rows = Reader().rows()
    assert type(rows).__name__ == "generator"
    assert list(rows) == [1, 2]
    assert [number async for number in Reader().later()] == [1]


T = TypeVar("T")


class Box(Service, Generic[T]):
    def put(self, thing: T, others: list[T]) -> T:
        return thing


class NumberBox(Box[int]):
    pass


class SpecialBox(NumberBox):
    pass


def test_type_variables_are_what_the_subclass_says() -> None:
    assert SpecialBox().put("3", ["4"]) == 3
    assert list(problems(SpecialBox().put, "x", [1])) == ["thing"]
    assert contract_of(SpecialBox.put).path.endswith("SpecialBox.put")
    assert repr(contract_of(NumberBox.put)).endswith("NumberBox.put>")


def test_a_class_in_a_function_may_name_what_is_there() -> None:
    class Local(BaseModel):
        x: int

    class LocalService(Service):
        def take(self, local: Local) -> Local:
            return local

        def myself(self) -> LocalService:
            return self

    service = LocalService()
    assert service.take({"x": "1"}).x == 1
    assert service.myself() is service


def test_a_name_that_cannot_be_resolved_is_explained() -> None:
    class Lost(Service):
        def find(self, thing: Nowhere) -> None: ...  # noqa: F821  # there is no such name, which the test is about

    with pytest.raises(ServiceDefinitionError, match=r"Nowhere.*if TYPE_CHECKING"):
        Lost().find(1)


def test_a_type_that_cannot_be_validated_is_explained() -> None:
    class Odd(Service):
        def find(self, thing: Annotated[int | str, Field(discriminator="kind")]) -> None: ...

    with pytest.raises(ServiceDefinitionError, match=r"Odd\.find: an argument has a type"):
        Odd().find(1)


class ShopContext(ServiceContext):
    warehouse: str = "main"


class Warehouse(Service[ShopContext]):
    def place(self) -> str:
        return f"{self.context.warehouse} {self.context.now():%Y}"


class BusyWarehouse(Warehouse):
    pass


def test_the_context() -> None:
    clock = lambda: datetime(2031, 1, 1, tzinfo=UTC)  # noqa: E731  # a lambda is what is tested
    assert Warehouse().place().startswith("main 2")
    assert BusyWarehouse(ShopContext(warehouse="west", clock=clock)).place() == "west 2031"
    with pytest.raises(TypeError, match="BusyWarehouse: the context must be a ShopContext"):
        BusyWarehouse(ServiceContext())
    with pytest.raises(ValueError, match="frozen"):
        ShopContext().warehouse = "east"


class NamedWarehouse(Service[Any]):
    context_class = ShopContext


def test_a_context_class_that_is_named() -> None:
    assert NamedWarehouse().context.warehouse == "main"


class Rows(Service):
    def topics(self) -> QuerySet[Topic]:
        return Topic.objects.all()

    def wrong(self) -> QuerySet[Topic]:
        return []


def test_a_queryset_is_returned_as_it_is() -> None:
    assert isinstance(Rows().topics(), QuerySet)
    with pytest.raises(ContractError):
        Rows().wrong()


def test_a_models_node_stays_its_own() -> None:
    """Pydantic mostly refers to a model by name, but may put its node in the place."""
    node = core_schema.model_schema(Line, core_schema.model_fields_schema({}))
    assert Exact().__get_pydantic_core_schema__(Line, lambda _: node) == node


class Tree(TypedDict):
    weight: Decimal
    below: list[Tree]


class Forest(Service):
    def weigh(self, tree: Tree) -> Decimal:
        return tree["weight"]


def test_a_type_that_contains_itself() -> None:
    assert (
        Forest().weigh({"weight": Decimal(1), "below": [{"weight": Decimal(2), "below": []}]}) == 1
    )
    assert list(problems(Forest().weigh, {"weight": 0.5, "below": []})["tree"]) == ["weight"]


def test_what_is_no_action() -> None:
    with pytest.raises(ServiceDefinitionError, match="'len' is not an action"):
        contract_of(len)
