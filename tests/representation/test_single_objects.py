"""One object, all of whose attributes are read at once, against DRF's loop."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from types import SimpleNamespace
from typing import Annotated, Any, NamedTuple

import pytest
from django.test import override_settings
from rest_framework import serializers
from rest_framework.relations import PrimaryKeyRelatedField

from nova_drf import Schema, SchemaBackedMixin, SchemaSerializer, Source, UseField
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.testapp.models import Author, Book, Publisher


class Thing(Schema):
    name: str
    day: date | None
    count: Annotated[int, Source("number")]


class ClassicThing(serializers.Serializer[Any]):
    name = serializers.CharField()
    day = serializers.DateField(allow_null=True)
    count = serializers.IntegerField(source="number")


class BackedThing(SchemaBackedMixin, ClassicThing):
    pass


OURS = pytest.mark.parametrize("ours", [serializer_from_schema(Thing), BackedThing])
DAY = date(2024, 1, 2)


class Loud:
    """An object whose attributes are methods, one of which changes another one."""

    number = 3
    day = DAY

    def name(self) -> str:
        self.number = 4
        return "called"


@OURS
@pytest.mark.parametrize(
    "thing",
    [
        SimpleNamespace(name="x", day=DAY, number=1),
        SimpleNamespace(name="x", day=None, number=1),
        SimpleNamespace(name=5, day="2024-01-02", number=True),
        SimpleNamespace(name=lambda: "called", day=lambda: DAY, number=2),
        {"name": "x", "day": DAY, "number": 1},
        {"name": None, "day": None, "number": None},
    ],
)
def test_objects_and_dictionaries(ours: Any, thing: Any) -> None:
    for _again in range(2):
        assert ours(thing).data == ClassicThing(thing).data


@OURS
def test_attributes_are_called_in_the_order_of_the_fields(ours: Any) -> None:
    assert (
        ours(Loud()).data
        == ClassicThing(Loud()).data
        == {
            "name": "called",
            "day": "2024-01-02",
            "count": 4,
        }
    )


@OURS
@pytest.mark.parametrize("thing", [SimpleNamespace(name="x"), {"name": "x"}])
def test_a_missing_attribute_is_reported_as_drf_reports_it(ours: Any, thing: Any) -> None:
    with pytest.raises((AttributeError, KeyError)) as expected:
        ClassicThing(thing).data
    with pytest.raises(expected.type):
        ours(thing).data


@OURS
def test_what_printing_itself_raises_is_raised_once(ours: Any) -> None:
    """It is no missing attribute, and the object is not read again."""
    seen = []

    class Odd:
        def __str__(self) -> str:
            seen.append(self)
            raise KeyError("of the value")

    with pytest.raises(KeyError, match="of the value"):
        ours(SimpleNamespace(name=Odd(), day=None, number=1)).data
    assert len(seen) == 1


@OURS
def test_settings_that_come_and_go(ours: Any) -> None:
    thing = SimpleNamespace(name="x", day=DAY, number=1)
    for form in ("%d.%m.%Y", "%Y", "iso-8601", "%Y"):
        with override_settings(REST_FRAMEWORK={"DATE_FORMAT": form}):
            assert ours(thing).data == ClassicThing(thing).data
        assert ours(thing).data == ClassicThing(thing).data


def test_names_that_are_no_identifiers() -> None:
    fields = {
        name: serializers.CharField(source="name")
        for name in ("a-b", "quote'd", "class", "zwei\nZeilen", "größe", "{}")
    }
    classic: Any = type("Odd", (serializers.Serializer,), dict(fields))
    backed: Any = type(BackedThing)(
        "Odd", (SchemaBackedMixin, serializers.Serializer), dict(fields)
    )
    thing = SimpleNamespace(name="x")
    assert backed(thing).data == classic(thing).data


def test_more_classes_than_are_remembered() -> None:
    for n in range(300):
        name: Any = type(f"Text{n}", (str,), {})("x")
        thing = SimpleNamespace(name=name, day=None, number=n)
        assert BackedThing(thing).data == ClassicThing(thing).data


# Foreign keys, whose columns models have


class ClassicNovel(serializers.ModelSerializer[Book]):
    class Meta:
        model = Book
        fields = ["title", "author"]


class BackedNovel(SchemaBackedMixin, ClassicNovel):
    class Meta(ClassicNovel.Meta):
        pass


class Novel(Schema):
    title: str
    author: Annotated[Any, UseField(PrimaryKeyRelatedField(queryset=Author.objects.all()))]


class SchemaNovel(SchemaSerializer[Novel]):
    class Meta:
        model = Book


class Row(NamedTuple):
    title: str
    author: Any
    author_id: int


class Asked(SimpleNamespace):
    """DRF asks this method, whosever object it is."""

    def serializable_value(self, name: str) -> int:
        return 7


def printed(serializer_class: Any, novel: Any, count: int) -> Any:
    try:
        if count == 1:
            return serializer_class(novel).data
        return serializer_class([novel] * count, many=True).data
    except (AttributeError, KeyError) as error:
        return type(error)


ADA = Author(pk=5)
NOVELS: dict[str, Any] = {
    "model": Book(title="x", author_id=5),
    "dictionary": {"title": "x", "author": ADA, "author_id": 9},
    "dictionary without": {"title": "x", "author": None, "author_id": 9},
    "only the key": {"title": "x", "author_id": 9},
    "a key for an object": {"title": "x", "author": 5},
    "ordered": OrderedDict(title="x", author=ADA, author_id=9),
    "object": SimpleNamespace(title="x", author=ADA, author_id=9),
    "object without": SimpleNamespace(title="x", author=None, author_id=9),
    "method": SimpleNamespace(title="x", author=lambda: ADA, author_id=9),
    "tuple": Row("x", ADA, 9),
    "asked": Asked(title="x", author=ADA, author_id=9),
    "another model": Publisher(name="x"),
}


@pytest.mark.parametrize("count", [1, 2, 9])
@pytest.mark.parametrize("ours", [BackedNovel, SchemaNovel])
@pytest.mark.parametrize("novel", NOVELS)
def test_only_models_have_the_column_of_a_key(novel: str, ours: Any, count: int) -> None:
    assert printed(ours, NOVELS[novel], count) == printed(ClassicNovel, NOVELS[novel], count)
