"""How values nest, and what a serializer of ours makes of each kind of nesting."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple

import pytest
from annotated_types import Len
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    Field,
    Json,
    PlainSerializer,
    RootModel,
    WrapSerializer,
    computed_field,
    field_serializer,
    model_serializer,
    model_validator,
)
from typing_extensions import TypedDict

from nova_drf import Schema, serializer_from_schema
from nova_drf.core.core_schema import compiled, has_own_serializer, rewrite, union_choices
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.mapping.from_pydantic import core_of, shape_of
from nova_drf.mapping.shape import Kind, TypeShape


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str


class Color(StrEnum):
    RED = "red"


class Red(BaseModel):
    color: Literal[Color.RED]


class Green(BaseModel):
    color: Literal["green"]


class Names(RootModel[list[str]]):
    pass


class Pair(NamedTuple):
    x: int
    cat: Cat


class Extent(TypedDict):
    width: int
    cat: Cat


@dataclass
class Spot:
    x: int
    cats: list[Cat]


class Everything(BaseModel):
    """One value of each kind."""

    either: Cat | int
    tagged: Annotated[Cat | Dog, Field(discriminator="kind")]
    by_member: Annotated[Red | Green, Field(discriminator="color")]
    names: Names
    pair: Pair
    extent: Extent
    spot: Spot
    parsed: Json[list[int]]
    fixed: tuple[int, str]
    open_: tuple[int, ...] = Field(alias="open")
    unique: set[int]
    last: deque[int]
    counted: Counter[str]
    sequence: Sequence[int]
    nothing: None
    literal: Literal["a", None]
    checked: Annotated[list[int], AfterValidator(sorted)]
    short: Annotated[dict[str, int], Len(1)]
    shorter: Annotated[dict[str, int], Len(0, 3)]
    keyed: dict[int, Cat]


KINDS: dict[str, Kind] = {
    "either": Kind.UNION,
    "tagged": Kind.TAGGED_UNION,
    "by_member": Kind.TAGGED_UNION,
    "names": Kind.ROOT,
    "pair": Kind.RECORD,
    "extent": Kind.RECORD,
    "spot": Kind.RECORD,
    "parsed": Kind.ROOT,
    "fixed": Kind.RECORD,
    "open_": Kind.LIST,
    "unique": Kind.LIST,
    "last": Kind.LIST,
    "short": Kind.DICT,
    "keyed": Kind.DICT,
    "checked": Kind.LIST,
    "literal": Kind.SCALAR,
}


def shapes() -> dict[str, TypeShape]:
    return {name: field.type for name, field in shape_of(Everything).fields.items()}


@pytest.mark.parametrize("name", KINDS)
def test_each_value_has_its_kind(name: str) -> None:
    found = shapes()[name]
    # Pydantic 2.11 makes a deque of a list, with a serializer of its own around it.
    made_of_list = name == "last" and found.core["type"] == "lax-or-strict"
    assert found.kind is (Kind.ROOT if made_of_list else KINDS[name])


def test_parts_are_described() -> None:
    found = shapes()
    assert list(found["either"].choices) == ["0", "1"]
    assert found["either"].choices["0"].schema is Cat
    assert {tag: one.schema for tag, one in found["tagged"].choices.items()} == {
        "cat": Cat,
        "dog": Dog,
    }
    assert {*found["by_member"].choices} == {"red", "green"}
    assert found["names"].item is not None
    assert found["names"].item.kind is Kind.LIST
    assert found["pair"].choices["cat"].schema is Cat
    assert found["pair"].choices["1"].schema is Cat
    assert found["extent"].choices["cat"].schema is Cat
    assert found["spot"].choices["cats"].kind is Kind.LIST
    assert found["fixed"].choices["1"].kind is Kind.SCALAR
    assert found["literal"].nullable
    assert found["short"].options == {"allow_empty": False}
    assert found["shorter"].rest
    assert found["keyed"].rest
    assert not found["checked"].bare


GOOD: dict[str, Any] = {
    "either": {"kind": "cat"},
    "tagged": {"kind": "dog", "name": "Rex"},
    "by_member": {"color": "red"},
    "names": ["a"],
    "pair": [1, {"kind": "cat"}],
    "extent": {"width": 1, "cat": {"kind": "cat"}},
    "spot": {"x": 1, "cats": [{"kind": "cat"}]},
    "parsed": "[1, 2]",
    "fixed": [1, "a"],
    "open": [1, 2],
    "unique": [1, 1],
    "last": [1],
    "counted": {"a": 2},
    "sequence": [1],
    "nothing": None,
    "literal": None,
    "checked": [2, 1],
    "short": {"a": 1},
    "shorter": {},
    "keyed": {"5": {"kind": "cat"}},
}

BAD: dict[str, Any] = {
    "either": {"kind": "cow"},
    "tagged": {"kind": "cow"},
    "by_member": {"color": "blue"},
    "names": [5],
    "pair": [1],
    "extent": {"width": "x"},
    "spot": {"x": 1, "cats": [{}]},
    "parsed": "[",
    "fixed": [1],
    "open": ["x"],
    "unique": ["x"],
    "last": 5,
    "counted": {"a": "x"},
    "sequence": ["x"],
    "nothing": 1,
    "literal": "b",
    "checked": ["x"],
    "short": {},
    "shorter": {"a": 1, "b": 2, "c": 3, "d": 4},
    "keyed": {"x": {"kind": "cat"}},
}


@pytest.mark.parametrize("base", [BaseModel, Schema])
def test_good_values_are_printed_as_pydantic_prints_them(base: Any) -> None:
    model = Everything if base is BaseModel else type("Wired", (Schema, Everything), {})
    serializer = serializer_from_schema(model)(data=GOOD)
    assert serializer.is_valid(), serializer.errors
    expected = json.loads(Everything.model_validate(GOOD).model_dump_json(by_alias=True))
    printed = serializer_from_schema(model)(serializer.validated_schema).data
    assert json.loads(json.dumps(printed, default=list)) == expected


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("base", [BaseModel, Schema])
def test_bad_values_are_reported_under_their_field(name: str, base: Any) -> None:
    model = Everything if base is BaseModel else type("Wired", (Schema, Everything), {})
    serializer = serializer_from_schema(model)(data={**GOOD, name: BAD[name]})
    assert not serializer.is_valid()
    assert [*serializer.errors] == [name]


# The schema as a whole


class Computed(Schema):
    """A property that is printed."""

    width: int
    made: int = Field(default_factory=lambda data: data["width"] * 2)
    aliased: str = Field(default="x", validation_alias=AliasChoices(AliasPath("a", 0), "b"))

    @computed_field(alias="doubleWidth", title="Twice")
    def double_width(self) -> int:
        return self.width * 2


def test_computed_fields_are_read_only() -> None:
    shape = shape_of(Computed)
    field = shape.fields["double_width"]
    assert (field.field_name, field.label, field.read_only) == ("doubleWidth", "Twice", True)
    assert shape.fields["aliased"].input_name == "a"
    assert not shape.fields["made"].required
    serializer = serializer_from_schema(Computed)(data={"width": 2, "doubleWidth": 7})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_schema.made == 4
    assert serializer.data["doubleWidth"] == 4


class OwnField(Schema):
    v: int

    @field_serializer("v")
    def as_text(self, v: int) -> str:
        return f"<{v}>"


class OwnPlain(Schema):
    v: Annotated[int, PlainSerializer(str)] | None


class OwnWrap(Schema):
    v: list[int]

    @model_serializer(mode="wrap")
    def wrapped(self, handler: Any) -> Any:
        return {"wrapped": handler(self)}


class OwnComputed(Schema):
    v: int = 1

    @computed_field
    def twice(self) -> Annotated[int, WrapSerializer(lambda value, handler: f"{value}!")]:
        return 2


class AfterAll(Schema):
    v: int

    @model_validator(mode="after")
    def check(self) -> Any:
        return self


@pytest.mark.parametrize(
    ("schema", "itself", "whole"),
    [
        (OwnField, True, False),
        (OwnPlain, True, False),
        (OwnWrap, True, False),
        (OwnComputed, True, False),
        (AfterAll, False, True),
        (Computed, False, False),
    ],
)
def test_what_a_schema_does_itself_is_known(schema: Any, itself: bool, whole: bool) -> None:
    shape = shape_of(schema)
    assert (shape.serializes_itself, shape.validates_whole) == (itself, whole)


def test_a_root_model_is_no_payload() -> None:
    with pytest.raises(SchemaDefinitionError, match="has no fields"):
        shape_of(Names)


def test_an_open_reference_says_what_to_do() -> None:
    class Open(BaseModel):
        v: NowhereToBeFound  # noqa: F821  # there is no such name, which the test is about

    with pytest.raises(SchemaDefinitionError, match="call model_rebuild"):
        core_of(Open)


class Late(BaseModel):
    v: Later


class Later(BaseModel):
    n: int


def test_a_reference_to_a_later_class_is_resolved() -> None:
    assert not Late.__pydantic_complete__
    assert shape_of(Late).fields["v"].type.schema is Later
    assert Late.__pydantic_complete__


# Walking


def test_every_kind_of_node_is_walked() -> None:
    core = core_of(Everything)
    seen: list[str] = []

    def note(node: Any) -> None:
        seen.append(node["type"])

    assert rewrite(core, note) == core
    assert {"tagged-union", "union", "typed-dict", "dataclass", "json"} <= {*seen}
    swapped = rewrite(core, lambda node: {"type": "any"} if node["type"] == "int" else None)
    odd = {
        "pair": ["x", {"kind": "cat", "lives": "y"}],
        "spot": {"x": "x", "cats": []},
        "extent": {"width": "w", "cat": {"kind": "cat"}},
        "tagged": {"kind": "cat", "lives": "many"},
        "parsed": '["z"]',
        "counted": {"a": "x"},
    }
    made = compiled(swapped).validate_python({**GOOD, **odd})
    assert (made.pair.x, made.pair.cat.lives, made.tagged.lives) == ("x", "y", "many")
    assert (made.spot.x, made.extent["width"], made.parsed) == ("x", "w", ["z"])


def test_labels_of_a_union_do_not_count() -> None:
    choices = [{"type": "int"}, ({"type": "str"}, "text")]
    assert list(union_choices({"type": "union", "choices": choices})) == [
        {"type": "int"},
        {"type": "str"},
    ]


def test_whose_serializer_it_is() -> None:
    assert not has_own_serializer({"type": "int"})
    assert has_own_serializer(
        {"type": "int", "serialization": {"function": test_whose_serializer_it_is}}
    )
