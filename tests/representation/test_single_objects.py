"""One object, all of whose attributes are read at once, against DRF's loop."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Annotated, Any

import pytest
from django.test import override_settings
from rest_framework import serializers

from nova_drf import Schema, SchemaBackedMixin, Source
from nova_drf.serializers.schema_serializer import serializer_from_schema


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
        ClassicThing(thing).data  # noqa: B018
    with pytest.raises(expected.type):
        ours(thing).data  # noqa: B018


@OURS
def test_what_printing_itself_raises_is_raised_once(ours: Any) -> None:
    """It is no missing attribute, and the object is not read again."""
    seen = []

    class Odd:
        def __str__(self) -> str:
            seen.append(self)
            raise KeyError("of the value")

    with pytest.raises(KeyError, match="of the value"):
        ours(SimpleNamespace(name=Odd(), day=None, number=1)).data  # noqa: B018
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
