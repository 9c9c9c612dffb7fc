"""The everyday operations, and what becomes of the data on its way into columns."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import QuerySet
from pydantic import BaseModel, Field, HttpUrl, SecretStr

from nova_drf import NotRequired, ReadOnly, Schema, Source
from nova_drf.services import (
    AlreadyExists,
    ConstraintViolated,
    InvalidArguments,
    ModelService,
    NotFound,
    ServiceDefinitionError,
)
from tests.servicesapp.models import Item, Shelf, Topic

pytestmark = pytest.mark.django_db


class NewItem(BaseModel):
    code: str
    name: str
    state: Item.State = Item.State.NEW
    price: Decimal = Decimal(0)
    shelf: int | None = None
    topics: list[int] = []
    link: HttpUrl | None = None
    extra: dict[str, Any] = {}


class ItemChanges(BaseModel):
    name: str | None = None
    price: Decimal | None = None
    shelf_id: int | None = None
    topics: list[int] | None = None


class ItemService(ModelService[Item, NewItem, ItemChanges]):
    queryset = Item.objects.select_related("shelf")

    def get_values(self, data: Any, *, only_given: bool) -> dict[str, Any]:
        values = super().get_values(data, only_given=only_given)
        return {name: value for name, value in values.items() if value is not None}


class AnyItemService(ModelService[Item]):
    """Takes whatever there is."""


def item(**changes: Any) -> Item:
    return ItemService().create(NewItem(**{"code": "a", "name": "A", **changes}))


def test_the_operations() -> None:
    shelf, topic = Shelf.objects.create(name="s"), Topic.objects.create(name="t")
    made = item(price="1.50", shelf=shelf.pk, topics=[topic.pk], link="http://a.io", extra={"x": 1})
    items = ItemService()
    kept = items.retrieve(made.pk)
    assert (kept.price, kept.shelf, kept.link) == (Decimal("1.50"), shelf, "http://a.io/")
    assert (list(kept.topics.all()), kept.extra, kept.state) == ([topic], {"x": 1}, "new")
    rows = items.list()
    assert isinstance(rows, QuerySet)
    assert list(rows) == [kept]
    changed = items.update(made.pk, ItemChanges(name="B"))
    assert (changed.name, changed.price) == ("B", Decimal("1.50"))
    assert items.delete(made.pk) is None
    with pytest.raises(NotFound):
        items.retrieve(made.pk)


@pytest.mark.django_db(transaction=True)
async def test_the_operations_awaited() -> None:
    items = ItemService()
    made = await items.acreate(NewItem(code="a", name="A"))
    assert (await items.aupdate(made.pk, ItemChanges(price=Decimal(2)))).price == 2
    assert (await items.aretrieve(made.pk)).name == "A"
    assert [one.name async for one in await items.alist()] == ["A"]
    await items.adelete(made.pk)
    assert not await Item.objects.aexists()


@pytest.mark.parametrize("key", ["x", None, 10**30, UUID(int=1), "\x00"])
def test_a_key_that_cannot_be_one_is_not_found(key: Any) -> None:
    with pytest.raises(NotFound):
        ItemService().retrieve(key)


def test_arguments_are_checked_by_the_type_arguments() -> None:
    with pytest.raises(InvalidArguments) as caught:
        ItemService().create({"code": "a"})
    assert set(caught.value.detail) == {"data"}


def test_the_models_own_rules_hold() -> None:
    with pytest.raises(ValidationError) as caught:
        item(price="-1")
    assert set(caught.value.message_dict) == {"price"}
    with pytest.raises(ValidationError):
        item(code="more than ten characters")
    with pytest.raises(ValidationError) as caught:
        item(topics=[7])
    assert caught.value.error_dict["topics"][0].code == "does_not_exist"
    assert not Item.objects.exists()


@dataclass
class Named:
    code: str
    label: str


class Sourced(Schema):
    id: ReadOnly[int] | None
    code: str
    title: Annotated[str, Source("name")]
    link: NotRequired[str]
    price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)] = Decimal(1)


@pytest.mark.parametrize(
    "data",
    [
        {"code": "a", "name": "A"},
        Named("a", "A"),
        Sourced.model_validate({"id": 7, "code": "a", "title": "A"}),
    ],
)
def test_what_data_may_be(data: Any) -> None:
    made = AnyItemService().create(data)
    made.refresh_from_db()
    assert (made.code, made.name, made.link) == ("a", "A", "")


def test_an_update_leaves_defaults_alone() -> None:
    class Service(ModelService[Item, Sourced]):
        pass

    made = item(price="3")
    data = Sourced.model_validate({"id": 7, "code": "b", "title": "B"})
    assert Service().update(made.pk, data).price == Decimal(3)


class Secret(BaseModel):
    code: SecretStr
    name: str = "A"
    shelf: Any = None


class Nested(BaseModel):
    code: str = "a"
    name: Secret = Secret(code=SecretStr("x"))


def test_secrets_objects_and_what_is_no_column() -> None:
    shelf = Shelf.objects.create(name="s")
    service = AnyItemService()
    assert service.create(Secret(code=SecretStr("b"), shelf=shelf)).code == "b"
    for wrong, words in [
        (Nested(), "a nested Secret is no column"),
        ({"nothing": 1}, "no attribute 'nothing'"),
        (3, "cannot be read as columns"),
    ]:
        with pytest.raises(ServiceDefinitionError, match=words):
            service.create(wrong)
    with pytest.raises(ServiceDefinitionError, match="a relation of another model"):
        ModelService[Shelf]().save(Shelf(), {"items": []})


def test_objects_for_many_to_many() -> None:
    topic = Topic.objects.create(name="t")
    made = AnyItemService().create({"code": "a", "name": "A", "topics": [topic]})
    assert list(made.topics.all()) == [topic]


def test_a_locked_row() -> None:
    from nova_drf.services import atomic

    made = item()
    with atomic:
        assert ItemService().get_object(made.pk, lock=True) == made
        assert AnyItemService().get_object(made.pk, lock=True) == made


def test_a_service_without_a_model() -> None:
    class Nothing(ModelService[Any]):
        pass

    with pytest.raises(ServiceDefinitionError, match="no model"):
        Nothing().list()


def test_the_model_of_a_queryset_or_of_the_class() -> None:
    class ByQueryset(ModelService[Any]):
        queryset = Item.objects.all()

    class ByAttribute(ModelService[Any]):
        model = Item

    assert ByQueryset.model is ByAttribute.model is Item


@pytest.mark.parametrize(
    ("change", "detail", "constraint"),
    [
        (
            {"code": "a", "name": "B"},
            {"code": [("Item with this Code already exists.", "unique")]},
            None,
        ),
        (
            {"name": "A", "price": "5"},
            [("Item with this Name and Shelf already exists.", "unique_together")],
            None,
        ),
        ({"name": "A", "shelf": None}, [("There is one at that price.", "priced")], "price"),
        pytest.param(
            {"name": "C", "link": "http://a.io"},
            {"link": [("Item with this Link already exists.", "unique")]},
            "link_if_any",
            marks=pytest.mark.skipif(
                not connection.features.supports_partial_indexes, reason="No partial indexes."
            ),
        ),
    ],
)
def test_a_duplicate_is_said_in_djangos_words(
    change: dict[str, Any], detail: Any, constraint: str | None
) -> None:
    shelf = Shelf.objects.create(name="s")
    item(shelf=shelf.pk, link="http://a.io")
    with pytest.raises(AlreadyExists) as caught:
        item(**{"code": "b", "shelf": shelf.pk, **change})
    assert caught.value.model is Item
    assert (caught.value.constraint or "").endswith(constraint or "")
    if isinstance(detail, dict):
        assert caught.value.detail == detail
    else:
        assert [tuple(one) for one in caught.value.detail] == detail


def test_a_unique_expression() -> None:
    if not connection.features.supports_expression_indexes:
        pytest.skip("This database has no indexes on expressions.")

    class Shelves(ModelService[Shelf]):
        pass

    Shelves().create({"name": "a"})
    with pytest.raises(AlreadyExists) as caught:
        Shelves().create({"name": "A"})
    assert caught.value.constraint == "shelf_name_whatever_its_case"
    assert caught.value.fields == ()


@pytest.mark.django_db(transaction=True)
async def test_a_duplicate_in_a_coroutine() -> None:
    class Topics(ModelService[Topic]):
        async def acreate(self, data: Any) -> Topic:
            return await Topic.objects.acreate(**data)

    await Topics().acreate({"name": "a"})
    with pytest.raises(AlreadyExists):
        await Topics().acreate({"name": "a"})


@pytest.mark.django_db(transaction=True)
async def test_a_check_of_the_database() -> None:
    with pytest.raises(ConstraintViolated) as caught:
        await ItemService().acreate(NewItem(code="a", name="A", price=Decimal(9000)))
    assert caught.value.constraint == "item_affordable"

    class Items(ModelService[Item]):
        async def acreate(self, data: Any) -> Item:
            if "price" not in data:
                raise IntegrityError("A trigger says no.")
            return await Item.objects.acreate(**data)

    with pytest.raises(ConstraintViolated):
        await Items().acreate({"price": 9000})
    with pytest.raises(IntegrityError, match="A trigger says no") as refused:
        await Items().acreate({})
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        ((1062, "Duplicate entry 'a' for key 'servicesapp_item.code'"), ("code",)),
        ((1062, "Duplicate entry 'a' for key 'code'"), None),
        ((1062, "Duplicate entry 'a' for key 'item_once_per_price'"), ("name", "price")),
        ((1062, "something else"), None),
        ((1048, "Column 'code' cannot be null"), None),
        ((), None),
    ],
)
def test_what_mysql_says(arguments: tuple[Any, ...], fields: tuple[str, ...] | None) -> None:
    """These are MySQL's words, whatever database the tests run on."""
    from nova_drf.services.constraints import violation

    error = IntegrityError()
    error.__cause__ = Exception(*arguments)
    found = violation(error)
    assert (found and found.fields) == fields


def test_a_table_of_nobody() -> None:
    from nova_drf.services.constraints import violation

    for words in ("nowhere.code", "servicesapp_item.rowid"):
        error = IntegrityError()
        error.__cause__ = Exception(f"UNIQUE constraint failed: {words}")
        assert violation(error) is None
