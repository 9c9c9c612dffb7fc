"""Lists are written by one statement, where nobody could see the difference."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, router, transaction
from django.db.models import F
from django.db.models.signals import post_save, pre_save
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers

from nova_drf import Schema, SchemaBackedMixin, SchemaSerializer
from tests.queries.test_instances import picture
from tests.queriesapp.models import Cafe, Copy, Initialized, Label, Reader, Shelf
from tests.serializers.test_reading_ahead import unordered
from tests.testapp.models import Author, Book

pytestmark = pytest.mark.django_db

CAN = pytest.mark.skipif(
    "not connection.features.can_return_rows_from_bulk_insert", reason="It returns no keys."
)


class Classic(serializers.ModelSerializer[Copy]):
    class Meta:
        model = Copy
        fields = ["code", "shelf", "reader"]


class Backed(SchemaBackedMixin, Classic):
    class Meta(Classic.Meta):
        pass


class CopySchema(Schema):
    code: int
    shelf: int
    reader: int | None


class Ours(SchemaSerializer[CopySchema]):
    class Meta:
        model = Copy


@pytest.fixture
def items() -> list[dict[str, Any]]:
    shelf, reader = Shelf.objects.create(name="top"), Reader.objects.create(name="Ada")
    return [
        {"code": at, "shelf": shelf.pk, "reader": reader.pk if at % 2 else None} for at in range(5)
    ]


def save(serializer_class: Any, items: Any, **kwargs: Any) -> tuple[Any, int]:
    """Return pictures of what is saved, and how many INSERTs did it."""
    serializer = serializer_class(data=items, many=True)
    serializer.is_valid(raise_exception=True)
    with CaptureQueriesContext(connection) as context:
        saved = serializer.save(**kwargs)
    inserts = [query for query in context.captured_queries if "INSERT" in query["sql"]]
    return saved, len(inserts)


@CAN
@pytest.mark.parametrize("serializer_class", [Backed, Ours])
def test_one_statement(serializer_class: Any, items: Any) -> None:
    expected, before = save(Classic, items)
    expected_pictures = [unordered(picture(copy)) for copy in expected]
    keys = [copy.pk for copy in expected]
    Copy.objects.all().delete()
    saved, after = save(serializer_class, items)
    assert (before, after) == (5, 1)
    for copy, key, other in zip(saved, keys, expected, strict=True):
        assert Copy.objects.get(pk=copy.pk).code == copy.code == other.code
        copy.pk = key
    assert [unordered(picture(copy)) for copy in saved] == expected_pictures
    assert [copy.code for copy in saved] == list(range(5))


@pytest.mark.django_db(transaction=True)
async def test_async() -> None:
    shelf = await Shelf.objects.acreate(name="a")
    data = [{"code": at, "shelf": shelf.pk, "reader": None} for at in range(3)]
    serializer = Ours(data=data, many=True)
    assert await serializer.ais_valid()
    assert [copy.code for copy in await serializer.asave()] == [0, 1, 2]


def test_further_values(items: Any) -> None:
    other = Shelf.objects.create(name="other")
    saved, _ = save(Ours, items, shelf=other)
    assert {copy.shelf_id for copy in saved} == {other.pk}


class Own(Backed):
    def create(self, validated_data: Any) -> Any:
        return super().create({**validated_data, "reader": None})


class CreatingClassic(Classic):
    def create(self, validated_data: Any) -> Any:
        return super().create({**validated_data, "reader": None})


class Behind(SchemaBackedMixin, CreatingClassic):
    class Meta(Classic.Meta):
        pass


class OwnAsync(Ours):
    async def acreate(self, validated_data: Any) -> Any:
        return await Copy.objects.acreate(**{**validated_data, "reader": None})


@pytest.mark.parametrize("serializer_class", [Own, Behind])
def test_a_create_of_a_projects_own(serializer_class: Any, items: Any) -> None:
    saved, inserts = save(serializer_class, items)
    assert inserts == 5
    assert all(copy.reader is None for copy in saved)


@pytest.mark.django_db(transaction=True)
async def test_an_acreate_of_a_projects_own() -> None:
    shelf, reader = await Shelf.objects.acreate(name="a"), await Reader.objects.acreate(name="b")
    data = [{"code": at, "shelf": shelf.pk, "reader": reader.pk} for at in range(2)]
    serializer = OwnAsync(data=data, many=True)
    assert await serializer.ais_valid()
    assert [copy.reader_id for copy in await serializer.asave()] == [None, None]


@pytest.mark.parametrize("signal", [pre_save, post_save])
@pytest.mark.parametrize("sender", [Copy, None])
def test_receivers_see_each_object(signal: Any, sender: Any, items: Any) -> None:
    seen: list[Any] = []

    def receiver(instance: Any, **kwargs: Any) -> None:
        seen.append(instance)

    signal.connect(receiver, sender=sender)
    try:
        saved, inserts = save(Ours, items)
    finally:
        signal.disconnect(receiver, sender=sender)
    assert seen == saved
    assert inserts == 5


@pytest.fixture
def saving(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    seen: list[Any] = []
    original = Copy.save

    def own_save(self: Copy, *args: Any, **kwargs: Any) -> None:
        seen.append(self)
        original(self, *args, **kwargs)

    monkeypatch.setattr(Copy, "save", own_save)
    return seen


def test_a_save_of_the_models_own(saving: list[Any], items: Any) -> None:
    saved, inserts = save(Ours, items)
    assert saving == saved
    assert inserts == 5


@pytest.mark.parametrize("asked", [True, False, None])
def test_what_meta_says(asked: bool | None, items: Any) -> None:
    class Meta(Classic.Meta):
        bulk_create = asked

    chosen = type("Chosen", (SchemaBackedMixin, Classic), {"Meta": Meta})
    can = connection.features.can_return_rows_from_bulk_insert
    assert save(chosen, items)[1] == (5 if asked is False or not can else 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("asked", [True, None])
def test_outside_of_a_transaction_what_is_written_stays(asked: bool | None, items: Any) -> None:
    class Meta(Classic.Meta):
        bulk_create = asked
        extra_kwargs = {"code": {"validators": []}}

    chosen: Any = type("Chosen", (SchemaBackedMixin, Classic), {"Meta": Meta})
    twice = [*items[:2], items[0]]
    with pytest.raises(IntegrityError):
        save(chosen, twice)
    can = connection.features.can_return_rows_from_bulk_insert
    assert Copy.objects.count() == (0 if asked and can else 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        save(chosen, [{**item, "code": 10 + item["code"]} for item in twice])
    assert not Copy.objects.filter(code__gte=10).exists()


def test_what_the_database_refuses_is_told_of_the_item(items: Any) -> None:
    class Meta(Classic.Meta):
        constraint_errors = True
        extra_kwargs = {"code": {"validators": []}}

    told: Any = type("Told", (SchemaBackedMixin, Classic), {"Meta": Meta})
    with pytest.raises(serializers.ValidationError) as caught:
        save(told, [*items[:2], items[0]])
    assert "code" in str(caught.value.detail)


MODELS: dict[str, tuple[Any, list[str], list[dict[str, Any]]]] = {
    "tables of parents": (Cafe, ["name", "seats"], [{"name": "a"}, {"name": "b"}]),
    "an __init__": (Initialized, ["name"], [{"name": "a"}, {"name": "b"}]),
    "files": (Book, ["title", "isbn", "author"], [{"title": "a", "isbn": "1"}, {"isbn": "2"}]),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_that_are_written_one_by_one(name: str) -> None:
    chosen, names, values = MODELS[name]
    author = Author.objects.create(name="Ada", email="a@a.io")
    more = {"author": author.pk, "title": "t"} if chosen is Book else {}

    class Meta:
        model = chosen
        fields = names

    ours = type("Ours", (SchemaBackedMixin, serializers.ModelSerializer), {"Meta": Meta})
    saved, inserts = save(ours, [{**more, **item} for item in values])
    assert len(saved) == 2
    assert inserts >= 2


@CAN
@pytest.mark.parametrize("changed", ["relations", "expressions", "routers", "keys", "one"])
def test_values_that_are_written_one_by_one(
    changed: str, items: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = Label.objects.create(name="new")
    further: dict[str, Any] = {}
    serializer = Ours(data=items[:1] if changed == "one" else items, many=True)
    assert serializer.is_valid()
    if changed == "relations":
        further = {"labels": [label]}
    elif changed == "expressions":
        further = {"reader_id": F("shelf_id") * 0 + items[1]["reader"]}
    elif changed == "routers":
        monkeypatch.setattr(router, "routers", [object()])
    elif changed == "keys":
        serializer.validated_data[0]["id"] = 12345
    if changed == "expressions":
        with pytest.raises(Exception, match="reader"):
            serializer.save(**further)
        return
    with CaptureQueriesContext(connection) as context:
        saved = serializer.save(**further)
    inserts = [one for one in context.captured_queries if 'INTO "queriesapp_copy" ' in one["sql"]]
    assert len(saved) == len(serializer.validated_data)
    if connection.vendor != "mysql":
        assert len(inserts) == len(saved)


def test_a_related_object_that_is_not_stored(items: Any) -> None:
    messages = []
    for serializer_class in (Classic, Backed):
        with pytest.raises(ValueError, match="unsaved related object") as caught:
            save(serializer_class, items, shelf=Shelf(name="new"))
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_without_a_model() -> None:
    class Plain(SchemaSerializer[CopySchema]):
        pass

    serializer = Plain(data=[{"code": 1, "shelf": 1, "reader": 1}] * 2, many=True)
    assert serializer.is_valid()
    with pytest.raises(NotImplementedError):
        serializer.save()
