"""The two validators of a value: Rust takes the common case, DRF's field has the last word."""

from __future__ import annotations

import gc
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from django.utils.safestring import SafeString
from pydantic import Field, create_model
from rest_framework import serializers
from rest_framework.fields import SkipField

from nova_drf import NotRequired, Schema
from nova_drf.mapping.registry import FieldMapping, registry
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import Side, error_tree


class Shade(Enum):
    """An enumeration, of which a schema holds members."""

    DARK = "dark"
    LIGHT = "light"


class Number(int):
    """A number of a class of its own, as no parser makes."""


def choice() -> Any:
    return serializers.ChoiceField(["dark", "light"])


def many(child: Any, **options: Any) -> Any:
    return serializers.ListField(child=child, **options)


def by_name(child: Any, **options: Any) -> Any:
    return serializers.DictField(child=child, **options)


SIDES = {
    "nullable items": (list[int | None], many(serializers.IntegerField(allow_null=True))),
    "nullable lists": (
        list[list[int] | None],
        many(many(serializers.IntegerField(), allow_null=True)),
    ),
    "nullable values": (dict[str, date | None], by_name(serializers.DateField(allow_null=True))),
    "members by name": (dict[str, Shade], by_name(choice())),
    "nullable members": (
        dict[str, list[Shade | None]],
        by_name(many(serializers.ChoiceField(["dark", "light"], allow_null=True))),
    ),
    "amounts": (
        list[Annotated[Decimal, Field(max_digits=4, decimal_places=2)]],
        many(serializers.DecimalField(4, 2)),
    ),
    "anything": (dict[str, Any], serializers.DictField()),
}
VALUES: list[Any] = [
    *([], {}, None, "x", [1, None], ["1", None], [[1], None], [["x"], [None]], ["1.5", 2, "x"]),
    *({"a": None}, {"a": "2024-1-2", "b": "2024-01-02"}, {"a": "dark"}, {"a": "zz"}, {1: "light"}),
    *({"a": ["dark", None]}, {"a": [None, "zz"]}, {"a": [1, {"b": None}]}, (1, 2), {"a": 1.5}),
]


@pytest.mark.parametrize("name", SIDES)
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_collections_are_checked_as_by_drfs_field(name: str, value: Any) -> None:
    Side(*SIDES[name]).check(value)
    Side(*SIDES[name]).check(value, partial=True)


def test_a_schema_holds_members_also_in_collections() -> None:
    class Painted(Schema):
        shades: dict[str, list[Shade | None]]

    serializer = serializer_from_schema(Painted)(data={"shades": {"a": ["dark", None]}})
    assert serializer.is_valid()
    assert serializer.validated_schema.shades == {"a": [Shade.DARK, None]}
    assert serializer.validated_data == {"shades": {"a": ["dark", None]}}


class Skipping(serializers.IntegerField):
    """A field that does not want some of what it is sent."""

    def to_internal_value(self, data: Any) -> int:
        if data == 13:
            raise SkipField
        return super().to_internal_value(data)


def test_a_field_may_skip_what_it_was_sent() -> None:
    class SkippingMapping(FieldMapping):
        core_type = "int"
        field_class = Skipping

    class Classic(serializers.Serializer[Any]):
        n = Skipping()
        m = Skipping(required=False)

    with registry.override(SkippingMapping()):

        class Row(Schema):
            n: int
            m: NotRequired[int]

    ours = serializer_from_schema(Row)
    for body in ({"n": 13, "m": 13}, {"n": 1, "m": 13}, {"n": "2"}):
        classic, new = Classic(data=body), ours(data=body)
        assert classic.is_valid()
        assert new.is_valid(), new.errors
        assert new.validated_data == classic.validated_data


# Collections that JSON writes as lists


def validated(annotation: Any, value: Any) -> Any:
    """Return a serializer that has validated a value of a type."""
    schema = create_model("Body", __base__=Schema, __module__=__name__, v=(annotation, ...))
    serializer = serializer_from_schema(schema)(data={"v": value})
    serializer.is_valid()
    return serializer


COLLECTIONS: list[tuple[Any, Any, Any]] = [
    (set[int], many(serializers.IntegerField()), set),
    (frozenset[Shade], many(choice()), frozenset),
    (tuple[int | None, ...], many(serializers.IntegerField(allow_null=True)), tuple),
    (list[set[int]], many(many(serializers.IntegerField())), list),
    (dict[str, tuple[Shade, ...]], by_name(many(choice())), dict),
    (
        Annotated[tuple[int, ...], Field(max_length=2)],
        many(serializers.IntegerField(), max_length=2),
        tuple,
    ),
]


@pytest.mark.parametrize(("annotation", "field", "collection"), COLLECTIONS)
@pytest.mark.parametrize(
    "value",
    [
        *([], [1, "2", 2], ["dark", "light", "dark"], ["x"], [None], None, "x", {}, [[1], ["2"]]),
        *([["x"], 1], {"a": ["dark"]}, {"a": ["x", None]}, [1, 2, 3], [[]], [{}]),
    ],
)
def test_a_collection_takes_and_refuses_what_drfs_list_does(
    annotation: Any, field: Any, collection: Any, value: Any
) -> None:
    ours = validated(annotation, value)
    classic = type("Classic", (serializers.Serializer,), {"v": field})(data={"v": value})
    assert ours.is_valid() == classic.is_valid()
    assert error_tree(ours.errors) == error_tree(classic.errors)
    if ours.is_valid():
        assert isinstance(ours.validated_data["v"], collection)


@pytest.mark.parametrize(
    ("annotation", "value", "code"),
    [
        (set[Any], [{}], "set_item_not_hashable"),
        (set[Any], [1, [2]], "set_item_not_hashable"),
        (Annotated[set[int], Field(min_length=2)], [1, "1"], "min_length"),
        (Annotated[frozenset[int], Field(max_length=1)], [1, 2], "max_length"),
    ],
)
def test_what_only_a_set_refuses(annotation: Any, value: Any, code: str) -> None:
    serializer = validated(annotation, value)
    assert code in repr(serializer.errors["v"])


UNIONS: dict[str, tuple[Any, Any, Any]] = {
    "number": (int | str, 5, 5),
    "text": (int | str, "5", "5"),
    "trimmed text": (int | str, " 5 ", "5"),
    "text of a form": (int | str, SafeString("5"), 5),
    "number for a fraction": (str | float, 5, "5"),
    "fraction": (str | float, 5.5, 5.5),
    "number of a subclass": (str | int, Number(5), "5"),
    "number in text": (int | date, "5", 5),
    "truth in text": (bool | int, "1", True),
    "date": (int | date, "2024-01-02", date(2024, 1, 2)),
    "dates alone": (date | timedelta, "2024-01-02", date(2024, 1, 2)),
    "choice": (int | Literal["a", "b"], "a", "a"),
    "null": (int | Literal["a"] | None, None, None),
    "in order": (Annotated[int | str, Field(union_mode="left_to_right")], "5", 5),
    "of what converts in Rust": (int | Decimal, "5.50", Decimal("5.50")),
}


@pytest.mark.parametrize("name", UNIONS)
def test_a_union_takes_the_member_that_fits_best(name: str) -> None:
    annotation, value, expected = UNIONS[name]
    for type_, sent, wanted in (
        (annotation, value, expected),
        (list[annotation], [value], [expected]),
    ):
        schema = create_model("Body", __base__=Schema, value=(type_, ...))
        serializer = serializer_from_schema(schema)(data={"value": sent})
        assert serializer.is_valid(), serializer.errors
        held = serializer.validated_schema.value
        assert (held, repr(held)) == (wanted, repr(wanted))


@pytest.mark.parametrize(
    ("annotation", "value", "first"),
    [
        (int | date, "x", serializers.IntegerField()),
        (date | int, "x", serializers.DateField()),
        (int | str, [], serializers.IntegerField()),
        (int | str | float, {}, serializers.IntegerField()),
        (date | timedelta, "x", serializers.DateField()),
        (Literal["dark", "light"] | int, "x", choice()),
        (Literal["dark", "light"] | int, Shade.DARK, None),
        (int | Literal["dark", "light"], "x", serializers.IntegerField()),
    ],
)
def test_a_union_refuses_in_the_words_of_its_first_member(
    annotation: Any, value: Any, first: Any
) -> None:
    schema = create_model("Body", __base__=Schema, value=(annotation, ...))
    ours = serializer_from_schema(schema)(data={"value": value})
    assert not ours.is_valid()
    if first is None:
        assert [error.code for error in ours.errors["value"]] == ["invalid_choice"]
        return
    classic = type("Classic", (serializers.Serializer,), {"value": first})(data={"value": value})
    assert not classic.is_valid()
    assert error_tree(ours.errors) == error_tree(classic.errors)
    assert str(ours.errors) == str(classic.errors)


def test_a_wrong_item_of_a_union_leaves_no_garbage_behind() -> None:
    schema = create_model("Body", __base__=Schema, value=(list[int | date], ...))
    serializer_class = serializer_from_schema(schema)
    serializer_class(data={"value": ["x"]}).is_valid()
    gc.collect()
    gc.disable()
    try:
        # Other tests leave something behind, too; a cycle for each item would be far more.
        assert not serializer_class(data={"value": ["x"] * 10_000}).is_valid()
        assert gc.collect() < 10_000
    finally:
        gc.enable()
