"""Reading objects in unusual shapes: kept fields, own serializers, nested and missing parts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import Enum
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from pydantic import (
    BaseModel,
    Field,
    PrivateAttr,
    SecretStr,
    computed_field,
    field_serializer,
    model_serializer,
)
from rest_framework import serializers

from nova_drf import (
    UNSET,
    NotRequired,
    ReadOnly,
    Schema,
    SchemaSerializer,
    Source,
    UseField,
    WriteOnly,
)
from nova_drf.representation.objects import reader_of
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import assert_same_print

BASES = pytest.mark.parametrize("base", [Schema, BaseModel])


class Part(Schema):
    n: int


class Shade(Enum):
    DARK = "dark"


@BASES
def test_kept_fields_beside_serializers_of_the_schema(base: type[BaseModel]) -> None:
    class Own(base):
        model_config = {"arbitrary_types_allowed": True}
        n: int
        kept: Annotated[str, UseField(serializers.SerializerMethodField())]
        secret: WriteOnly[str]
        parts: list[Part]
        by_name: dict[str, Part]
        maybe: Part | None = None

        @field_serializer("n")
        def as_text(self, value: int) -> str:
            return f"<{value}>"

    class OwnSerializer(SchemaSerializer[Own]):
        def get_kept(self, instance: Any) -> str:
            return f"kept {instance['n']}"

    row = {"n": 1, "secret": "s", "parts": [{"n": 2}], "by_name": {"a": {"n": 3}}, "maybe": None}
    expected = {
        "n": "<1>",
        "kept": "kept 1",
        "parts": [{"n": 2}],
        "by_name": {"a": {"n": 3}},
        "maybe": None,
    }
    assert OwnSerializer(row).data == expected
    assert OwnSerializer([row], many=True).data == [expected]
    assert list(OwnSerializer(row).data) == list(expected)


@BASES
def test_computed_fields_see_nested_schemas(base: type[BaseModel]) -> None:
    class Inner(base):
        n: int

        @property
        def double(self) -> int:
            return self.n * 2

    class Outer(base):
        inner: Inner
        inners: list[Inner]
        note: NotRequired[str]

        @computed_field
        @property
        def total(self) -> int | None:
            numbers = [self.inner, *self.inners]
            return sum(one.double for one in numbers) if self.inners else None

    serializer_class = serializer_from_schema(Outer)
    row = {"inner": {"n": 1}, "inners": [{"n": 2}]}
    data = serializer_class(row).data
    assert data["total"] == 6
    assert serializer_class({**row, "inners": []}).data["total"] is None
    assert serializer_class(Outer.model_validate(row)).data["total"] == 6


def test_private_attributes_are_there_for_computed_fields() -> None:
    class Counted(Schema):
        n: int
        _factor: int = PrivateAttr(default=3)

        @computed_field
        @property
        def times(self) -> int:
            return self.n * self._factor

    assert serializer_from_schema(Counted)({"n": 2}).data == {"n": 2, "times": 6}


def test_missing_parts_are_decided_by_drf() -> None:
    class Classic(serializers.Serializer[Any]):
        a = serializers.IntegerField(default=5)
        b = serializers.IntegerField(required=False)
        c = serializers.IntegerField(allow_null=True)
        d = serializers.IntegerField(source="deep.n", default=7)

    class Loose(Schema):
        a: int = 5
        b: NotRequired[int]
        c: int | None
        d: Annotated[int, Source("deep.n")] = 7

    ours = serializer_from_schema(Loose)
    for row in ({}, {"a": 1}, {"deep": {"n": 1}}, {"deep": None}, {"a": None, "b": None}):
        assert_same_print(Classic, ours, row)
        assert_same_print(Classic, ours, SimpleNamespace(**row))
    assert_same_print(Classic, ours, [{}, {"a": 1}], many=True)


def test_a_partial_update_prints_no_default_for_what_is_missing() -> None:
    class Part(serializers.Serializer[Any]):
        a = serializers.IntegerField(default=5)
        b = serializers.IntegerField(default=6)

    class Classic(serializers.Serializer[Any]):
        a = serializers.IntegerField(default=5)
        part = Part()
        parts = Part(many=True)

    class PartSchema(Schema):
        a: int = 5
        b: int = 6

    class Whole(Schema):
        a: int = 5
        part: PartSchema
        parts: list[PartSchema]

    ours = serializer_from_schema(Whole)
    row = {"part": {"b": 1}, "parts": [{}, {"a": 1}]}
    for partial in (True, False, True):
        assert_same_print(Classic, ours, row, partial=partial)
        assert_same_print(Classic, ours, [row, row], many=True, partial=partial)
    inside = type("Inside", (serializers.Serializer,), {"whole": ours()})
    outside = type("Inside", (serializers.Serializer,), {"whole": Classic()})
    assert_same_print(outside, inside, {"whole": row}, partial=True)


def test_unset_values_stay_out() -> None:
    class Loose(Schema):
        a: int
        b: NotRequired[int]

    ours = serializer_from_schema(Loose)
    loose = Loose.model_validate({"a": 1})
    assert ours(loose).data == {"a": 1}
    assert ours([loose, Loose(a=2, b=3)], many=True).data == [{"a": 1}, {"a": 2, "b": 3}]


def test_iterables_of_all_kinds_can_be_printed() -> None:
    def rows() -> Iterator[dict[str, int]]:
        yield {"n": 1}
        yield {"n": 2}

    ours = serializer_from_schema(Part)
    assert ours(rows(), many=True).data == [{"n": 1}, {"n": 2}]
    assert ours((row for row in ()), many=True).data == []


class Cat(Schema):
    kind: Literal["cat"]
    lives: int


class Dog(Schema):
    kind: Literal["dog"]
    tricks: list[str]


def test_members_of_unions_are_found_by_class_tag_and_attributes() -> None:
    class Zoo(Schema):
        tagged: Annotated[Cat | Dog, Field(discriminator="kind")]
        plain: Cat | Dog | int | date | Shade | list[Cat] | dict[str, int]

    ours = serializer_from_schema(Zoo)
    cat, dog = {"kind": "cat", "lives": 1}, {"kind": "dog", "tricks": []}

    def printed(tagged: Any, plain: Any) -> Any:
        return ours({"tagged": tagged, "plain": plain}).data["plain"]

    assert ours({"tagged": dog, "plain": 1}).data["tagged"] == dog
    assert ours({"tagged": SimpleNamespace(**cat), "plain": 1}).data["tagged"] == cat
    assert ours({"tagged": Dog(**dog), "plain": 1}).data["tagged"] == dog
    assert printed(cat, dog) == dog
    assert printed(cat, SimpleNamespace(**dog)) == dog
    assert printed(cat, 7) == 7
    assert printed(cat, date(2024, 1, 2)) == "2024-01-02"
    assert printed(cat, Shade.DARK) == "dark"
    assert printed(cat, [cat]) == [cat]
    assert printed(cat, {"a": 1}) == {"a": 1}
    assert printed(cat, "of an earlier contract") == "of an earlier contract"


def test_a_secret_from_a_column_stays_masked() -> None:
    class Account(Schema):
        secret: SecretStr

    assert serializer_from_schema(Account)({"secret": "plain"}).data == {"secret": "**********"}


def test_a_reader_is_made_once() -> None:
    assert reader_of(Part) is reader_of(Part)


def test_rows_of_ever_new_classes_do_not_pile_up() -> None:
    class Classic(serializers.Serializer[Any]):
        a = serializers.CharField()
        b = serializers.CharField()

    class Row(Schema):
        a: str
        b: str

    ours = serializer_from_schema(Row)
    for at in range(600):
        fresh: Any = type(f"Fresh{at}", (str,), {})
        assert_same_print(Classic, ours, {"a": fresh("x"), "b": fresh("y")})
    assert ours({"a": "x", "b": None}).data == {"a": "x", "b": None}


def test_kept_fields_find_what_others_have_not() -> None:
    class Classic(serializers.Serializer[Any]):
        n = serializers.IntegerField()
        free = serializers.CharField(required=False)
        given = serializers.CharField(default="d")

    class Kept(Schema):
        n: int
        free: Annotated[str, UseField(serializers.CharField(required=False))]
        given: Annotated[str, UseField(serializers.CharField(default="d"))]

    class KeptToo(Kept):
        @model_serializer(mode="wrap")
        def whole(self, handler: Any) -> Any:
            return {**handler(self), "more": True}

    for row in ({"n": 1}, {"n": 1, "free": "f", "given": None}, SimpleNamespace(n=2)):
        assert_same_print(Classic, serializer_from_schema(Kept), row)
        expected = {**Classic(row).data, "more": True}
        assert serializer_from_schema(KeptToo)(row).data == expected


def test_what_nobody_sent_stays_out_of_computed_fields() -> None:
    class Sized(Schema):
        width: int
        height: NotRequired[int]

        @computed_field
        @property
        def area(self) -> int | None:
            return None if self.height is UNSET else self.width * self.height

        @computed_field
        @property
        def sides(self) -> list[int]:
            return [self.width]

    ours = serializer_from_schema(Sized)
    assert ours(Sized.model_validate({"width": 2})).data == {"width": 2, "area": None, "sides": [2]}
    assert ours({"width": 2, "height": 3}).data["area"] == 6
    assert [row["area"] for row in ours([{"width": 1, "height": 1}] * 2, many=True).data] == [1, 1]


def test_a_field_in_the_place_of_a_computed_one_prints_itself() -> None:
    class Sized(Schema):
        width: int

        @computed_field
        @property
        def area(self) -> int:
            return self.width * 2

        @computed_field
        @property
        def volume(self) -> int:
            return self.width * 3

    serializer = serializer_from_schema(Sized)({"width": 2, "surface": "large"})
    serializer.fields["area"] = serializers.CharField(source="surface")
    assert list(serializer.data.items()) == [("width", 2), ("area", "large"), ("volume", 6)]


@pytest.mark.parametrize("partial", [False, True])
def test_defaults_of_a_unions_member_do_not_count_in_a_partial_update(partial: bool) -> None:
    class Line(serializers.Serializer[Any]):
        kind = serializers.CharField()
        count = serializers.IntegerField(default=5)

    class Classic(serializers.Serializer[Any]):
        lines = Line(many=True)

    class Counted(Schema):
        kind: Literal["counted"]
        count: int = 5

    class Basket(Schema):
        lines: list[Annotated[Counted | Cat, Field(discriminator="kind")]]

    row = {"lines": [{"kind": "counted"}, {"kind": "counted", "count": 1}]}
    assert_same_print(Classic, serializer_from_schema(Basket), row, partial=partial)


class Side(Schema):
    side: str


class Late(Schema):
    """What is read-only is missing after ``is_valid()``, whatever stands for it in DRF."""

    many: ReadOnly[int | str]
    nested: ReadOnly[Side]
    listed: ReadOnly[list[Side]]
    given: int


class ClassicLate(serializers.Serializer[Any]):
    many = serializers.CharField(read_only=True)
    nested = serializers.DictField(read_only=True)
    listed = serializers.ListField(read_only=True)
    given = serializers.IntegerField()


def test_read_only_values_that_are_missing_stay_out() -> None:
    class Ours(SchemaSerializer[Late]):
        pass

    data = {"given": 1, "many": {}}
    classic, ours = ClassicLate(data=data), Ours(data=data)
    assert classic.is_valid()
    assert ours.is_valid()
    assert ours.data == classic.data == {"given": 1}
    assert Ours([{"given": 1}] * 20, many=True).data == [{"given": 1}] * 20
