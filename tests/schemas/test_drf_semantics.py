"""Every kind of type in a ``Schema``: what it takes, what it holds, what it sends."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, Required, TypeVar

import pytest
from django.db import models
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    AnyUrl,
    Base64Str,
    BaseModel,
    ByteSize,
    ConfigDict,
    Discriminator,
    Field,
    IPvAnyNetwork,
    Json,
    NameEmail,
    PlainSerializer,
    PositiveInt,
    PrivateAttr,
    RootModel,
    SecretBytes,
    SecretStr,
    StringConstraints,
    Tag,
    computed_field,
    create_model,
    field_validator,
    model_validator,
)
from pydantic import ValidationError as PydanticValidationError
from pydantic.dataclasses import dataclass as pydantic_dataclass
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from typing_extensions import TypeAliasType, TypedDict

from nova_drf import NotRequired, ReadOnly, Schema, WriteOnly
from nova_drf.mapping.drf_versions import list_serializer_errors
from nova_drf.serializers.schema_serializer import SchemaSerializer, serializer_from_schema

T = TypeVar("T")
PARIS = "+01:00"


class Cat(Schema):
    """A member of unions."""

    kind: Literal["cat"]
    meows: int


class Dog(Schema):
    """A member with several tags."""

    kind: Literal["dog", "wolf"]
    weight: Annotated[Decimal, Field(max_digits=5, decimal_places=1)]


class Genus(StrEnum):
    """Tags that are an enumeration."""

    OAK = "oak"
    ELM = "elm"


class Tree(Schema):
    """A member whose tag is an enumeration."""

    kind: Genus
    planted: date


class First(Schema):
    """A member whose tag is a number."""

    version: Literal[1]
    name: str


class Second(Schema):
    """The other one."""

    version: Literal[2, 3]
    names: list[str]


class PlainCat(BaseModel):
    """A member with Pydantic's semantics."""

    kind: Literal["cat"]
    meows: int


class PlainDog(BaseModel):
    """The other one."""

    kind: Literal["dog"]
    born: datetime


class Page(Schema, Generic[T]):
    """A generic schema."""

    items: list[T]
    total: int


class Node(Schema):
    """A schema that contains itself."""

    name: str
    children: list[Node] = []
    parent: Node | None = None


class Tags(RootModel[list[str]]):
    """A root model of plain values."""


class Places(RootModel[dict[str, "Places | int"]]):
    """A root model that contains itself."""


class Span(TypedDict, total=False):
    """Keys and their types."""

    start: Required[datetime]
    length: timedelta


class Herd(TypedDict):
    """Schemas in a dictionary."""

    cats: list[Cat]


class Point(NamedTuple):
    """A tuple with names."""

    x: int
    y: str = "origin"


@dataclass
class Card:
    """A standard dataclass."""

    holder: str
    expires: date = date(2030, 1, 1)


@pydantic_dataclass
class CheckedCard:
    """Pydantic's own."""

    holder: str
    expires: date = date(2030, 1, 1)


UserId = TypeAliasType("UserId", Annotated[int, Field(gt=0)])
Tree_ = TypeAliasType("Tree_", "list[Tree_] | dict[str, Tree_] | int | str")


def kind_of(value: Any) -> Any:
    """Tell the members of a union apart."""
    return value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)


Animal = Annotated[Cat | Dog, Field(discriminator="kind")]
Living = Annotated[Cat | Dog | Tree, Field(discriminator="kind")]
Versioned = Annotated[First | Second, Field(discriminator="version")]
PlainAnimal = Annotated[PlainCat | PlainDog, Field(discriminator="kind")]
Called = Annotated[Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")], Discriminator(kind_of)]


def aware(text: str) -> datetime:
    """Return a moment in the test settings' time zone."""
    return datetime.fromisoformat(text + PARIS)


ACCEPTED: dict[str, tuple[Any, Any, Any, Any]] = {
    # annotation, what is sent, validated_data, what goes out
    "first tag": (
        Animal,
        {"kind": "cat", "meows": "3"},
        {"kind": "cat", "meows": 3},
        {"kind": "cat", "meows": 3},
    ),
    "third tag": (
        Animal,
        {"kind": "wolf", "weight": 1.5},
        {"kind": "wolf", "weight": Decimal("1.5")},
        {"kind": "wolf", "weight": "1.5"},
    ),
    "tag of an enumeration": (
        Living,
        {"kind": "elm", "planted": "2024-1-2"},
        {"kind": "elm", "planted": date(2024, 1, 2)},
        {"kind": "elm", "planted": "2024-01-02"},
    ),
    "number as a tag": (
        Versioned,
        {"version": 3, "names": ["a"]},
        {"version": 3, "names": ["a"]},
        {"version": 3, "names": ["a"]},
    ),
    "number as a tag, as text": (
        Versioned,
        {"version": "1", "name": "a"},
        {"version": 1, "name": "a"},
        {"version": 1, "name": "a"},
    ),
    "plain members": (
        PlainAnimal,
        {"kind": "dog", "born": "2024-01-02T03:04:05Z"},
        {"kind": "dog", "born": datetime.fromisoformat("2024-01-02T03:04:05+00:00")},
        {"kind": "dog", "born": "2024-01-02T03:04:05Z"},
    ),
    "called tag": (
        Called,
        {"kind": "cat", "meows": 1},
        {"kind": "cat", "meows": 1},
        {"kind": "cat", "meows": 1},
    ),
    "union of models": (
        Cat | Dog,
        {"kind": "dog", "weight": "2"},
        {"kind": "dog", "weight": Decimal("2.0")},
        {"kind": "dog", "weight": "2.0"},
    ),
    "number in a union": (int | str, 5, 5, 5),
    "text in a union": (int | str, "5", "5", "5"),
    "trimmed text in a union": (int | str, " x ", "x", "x"),
    "moment in a union": (
        datetime | int,
        "2024-01-02T03:04:05",
        aware("2024-01-02T03:04:05"),
        "2024-01-02T03:04:05+01:00",
    ),
    "list in a union": (list[int] | str, ["1", 2], [1, 2], [1, 2]),
    "dictionary in a union": (
        dict[str, date] | int,
        {"a": "2024-1-2"},
        {"a": date(2024, 1, 2)},
        {"a": "2024-01-02"},
    ),
    "model in a union": (Cat | int, 7, 7, 7),
    "null in a union": (Cat | int | None, None, None, None),
    "generic": (
        Page[Cat],
        {"items": [{"kind": "cat", "meows": "1"}], "total": "1"},
        {"items": [{"kind": "cat", "meows": 1}], "total": 1},
        {"items": [{"kind": "cat", "meows": 1}], "total": 1},
    ),
    "recursive": (
        Node,
        {"name": " a ", "children": [{"name": "b"}], "parent": {"name": "c"}},
        {
            "name": "a",
            "children": [{"name": "b", "children": [], "parent": None}],
            "parent": {"name": "c", "children": [], "parent": None},
        },
        {
            "name": "a",
            "children": [{"name": "b", "children": [], "parent": None}],
            "parent": {"name": "c", "children": [], "parent": None},
        },
    ),
    "root": (Tags, ["a", "b"], ["a", "b"], ["a", "b"]),
    "recursive root": (Places, {"a": {"b": 1}}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    "typed dictionary": (
        Span,
        {"start": "2024-01-02T03:04:05", "length": "1 00:00:00"},
        {"start": aware("2024-01-02T03:04:05"), "length": timedelta(days=1)},
        {"start": "2024-01-02T03:04:05+01:00", "length": "1 00:00:00"},
    ),
    "named tuple": (Point, ["1"], Point(1), [1, "origin"]),
    "named tuple by name": (Point, {"x": 1, "y": "z"}, Point(1, "z"), [1, "z"]),
    "dataclass": (
        Card,
        {"holder": "A"},
        {"holder": "A", "expires": date(2030, 1, 1)},
        {"holder": "A", "expires": "2030-01-01"},
    ),
    "pydantic's dataclass": (
        CheckedCard,
        {"holder": "A", "expires": "2031-02-03"},
        {"holder": "A", "expires": date(2031, 2, 3)},
        {"holder": "A", "expires": "2031-02-03"},
    ),
    "tuple": (
        tuple[int, str, datetime],
        ["1", " a ", "2024-01-02T03:04:05"],
        (1, "a", aware("2024-01-02T03:04:05")),
        [1, "a", "2024-01-02T03:04:05+01:00"],
    ),
    "tuple of any length": (tuple[int, ...], ["1", 2], (1, 2), [1, 2]),
    "set": (set[int], ["1", 1], {1}, [1]),
    "frozen set": (frozenset[str], [" a ", "a"], frozenset({"a"}), ["a"]),
    "set of anything": (set, [1, 1], {1}, [1]),
    "sequence": (Sequence[str], [" a "], ["a"], ["a"]),
    "iterable": (Iterable[int], ["1", 2], [1, 2], [1, 2]),
    "mapping": (Mapping[str, int], {"a": "1"}, {"a": 1}, {"a": 1}),
    "default dictionary": (defaultdict[str, list[int]], {"a": ["1"]}, {"a": [1]}, {"a": [1]}),
    "counter": (Counter[str], {"a": 2}, {"a": 2}, {"a": 2}),
    "deque": (deque[int], [1, 2], [1, 2], [1, 2]),
    "numbers as keys": (dict[int, str], {"1": " a "}, {1: "a"}, {"1": "a"}),
    "members as keys": (dict[Genus, int], {"oak": "1"}, {"oak": 1}, {"oak": 1}),
    "dictionary of models": (
        dict[str, Cat],
        {"a": {"kind": "cat", "meows": 1}},
        {"a": {"kind": "cat", "meows": 1}},
        {"a": {"kind": "cat", "meows": 1}},
    ),
    "models or null": (
        list[Cat | None],
        [None, {"kind": "cat", "meows": 1}],
        [None, {"kind": "cat", "meows": 1}],
        [None, {"kind": "cat", "meows": 1}],
    ),
    "lists of lists": (list[list[int]], [["1"], []], [[1], []], [[1], []]),
    "lists of lists of models": (
        list[list[Cat]],
        [[{"kind": "cat", "meows": 1}]],
        [[{"kind": "cat", "meows": 1}]],
        [[{"kind": "cat", "meows": 1}]],
    ),
    "lists of sets": (list[set[int]], [["1", 1]], [{1}], [[1]]),
    "bytes": (bytes, "abc", b"abc", "abc"),
    "secret": (SecretStr, "hunter2", "hunter2", "**********"),
    "secret bytes": (SecretBytes, "hunter2", b"hunter2", "**********"),
    "json": (Json[list[int]], "[1, 2]", [1, 2], [1, 2]),
    "alias of a type": (UserId, "5", 5, 5),
    "recursive alias": (Tree_, [1, {"a": ["x"]}], [1, {"a": ["x"]}], [1, {"a": ["x"]}]),
    "path": (Path, "/a/b", "/a/b", "/a/b"),
    "true and nothing else": (Literal[True], True, True, True),
    "byte size": (ByteSize, "1kB", ByteSize(1000), 1000),
    "base 64": (Base64Str, "YWJj", "abc", "YWJj"),
    "any url": (AnyUrl, "redis://a", "redis://a", "redis://a"),
    "network": (IPvAnyNetwork, "10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/8"),
    "named address": (NameEmail, "A <a@b.co>", "A <a@b.co>", "A <a@b.co>"),
    "null": (None, None, None, None),
}


def one_value(annotation: Any) -> type[SchemaSerializer[Any]]:
    """Return the serializer of a schema with one value."""
    return serializer_from_schema(create_model("OneValue", __base__=Schema, v=(annotation, ...)))


def body_of(serializer: Any) -> Any:
    """Return what goes over the wire."""
    return json.loads(JSONRenderer().render(serializer.data))


@pytest.mark.parametrize("row", ACCEPTED.values(), ids=list(ACCEPTED))
def test_a_value_goes_in_and_out(row: tuple[Any, Any, Any, Any]) -> None:
    annotation, sent, validated, printed = row
    serializer_class = one_value(annotation)
    serializer = serializer_class(data={"v": sent})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"v": validated}
    assert type(serializer.validated_data["v"]) is type(validated)
    assert body_of(serializer) == {"v": printed}
    schema = serializer.validated_schema
    assert body_of(serializer_class(schema)) == {"v": printed}
    assert json.loads(schema.model_dump_json()) == {"v": printed}


@pytest.mark.parametrize("row", ACCEPTED.values(), ids=list(ACCEPTED))
@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_a_type_has_a_json_schema(row: tuple[Any, Any, Any, Any], mode: Any) -> None:
    schema = create_model("OneValue", __base__=Schema, v=(row[0], ...))
    plain = create_model("OneValue", __base__=BaseModel, v=(row[0], ...))
    assert schema.model_json_schema(mode=mode) == plain.model_json_schema(mode=mode)


@pytest.mark.parametrize("row", ACCEPTED.values(), ids=list(ACCEPTED))
def test_a_type_has_a_field(row: tuple[Any, Any, Any, Any]) -> None:
    serializer = one_value(row[0])()
    assert serializer.fields["v"].field_name == "v"


def of_items(errors: dict[int, Any], length: int) -> Any:
    """Return the errors of a nested ``many=True`` in the form of the installed DRF."""
    return list_serializer_errors(errors, length)


REFUSED: dict[str, tuple[Any, Any, Any]] = {
    # annotation, what is sent, codes
    "unknown tag": (Animal, {"kind": "cow"}, {"kind": ["invalid_choice"]}),
    "tag that cannot be one": (Animal, {"kind": ["cat"]}, {"kind": ["invalid_choice"]}),
    "no tag": (Animal, {}, {"kind": ["required"]}),
    "no object for a tag": (Animal, 5, {"non_field_errors": ["invalid"]}),
    "tagged field": (Animal, {"kind": "cat", "meows": "x"}, {"meows": ["invalid"]}),
    "number that is no tag": (Versioned, {"version": True}, {"version": ["invalid_choice"]}),
    "unknown called tag": (Called, {"kind": "cow"}, ["invalid_choice"]),
    "no called tag": (Called, {}, ["invalid"]),
    "list of tagged": (
        list[Animal],
        [{"kind": "cat", "meows": 1}, {"kind": "cat"}],
        {1: {"meows": ["required"]}},
    ),
    "union": (int | str, [], ["invalid"]),
    "null for a union": (int | str, None, ["null"]),
    "the closest member of a union": (Cat | Dog, {"kind": "dog"}, {"weight": ["required"]}),
    "generic": (
        Page[int],
        {"items": [1, "x"]},
        {"items": {1: ["invalid"]}, "total": ["required"]},
    ),
    "recursive": (
        Node,
        {"name": "a", "children": [{"name": "b", "children": [{"name": ""}]}]},
        {"children": of_items({0: {"children": of_items({0: {"name": ["blank"]}}, 1)}}, 1)},
    ),
    "models in a member of a union": (
        Cat | Page[Cat],
        {"items": [{"kind": "cat", "meows": 1}, {}], "total": 1},
        {"items": of_items({1: {"kind": ["required"], "meows": ["required"]}}, 2)},
    ),
    "models in a typed dictionary": (
        Herd,
        {"cats": [{"kind": "cat", "meows": "x"}]},
        {"cats": of_items({0: {"meows": ["invalid"]}}, 1)},
    ),
    "models in a tuple": (
        tuple[int, list[Cat]],
        [1, [{"kind": "cat"}]],
        {1: of_items({0: {"meows": ["required"]}}, 1)},
    ),
    "root": (Tags, [1], {0: ["invalid"]}),
    "no list for a root": (Tags, "x", ["not_a_list"]),
    "typed dictionary": (Span, {"start": ""}, {"start": ["invalid"]}),
    "key of a typed dictionary": (Span, {}, {"start": ["required"]}),
    "no object for a typed dictionary": (Span, 5, {"non_field_errors": ["invalid"]}),
    "named tuple": (Point, ["x"], {0: ["invalid"]}),
    "no list for a named tuple": (Point, 5, ["not_a_list"]),
    "dataclass": (Card, {"expires": "x"}, {"holder": ["required"], "expires": ["invalid"]}),
    "no object for a dataclass": (Card, [], {"non_field_errors": ["invalid"]}),
    "dataclasses": (list[CheckedCard], [{}], {0: {"holder": ["required"]}}),
    "tuple": (tuple[int, str], ["x", ""], {0: ["invalid"], 1: ["blank"]}),
    "short tuple": (tuple[int, str], [1], {1: ["required"]}),
    "no list for a tuple": (tuple[int, str], "ab", ["not_a_list"]),
    "set": (set[int], [1, "x"], {1: ["invalid"]}),
    "small set": (Annotated[set[int], Field(min_length=2)], ["1", 1], ["min_length"]),
    "large set": (Annotated[set[int], Field(max_length=1)], [1, 2], ["max_length"]),
    "set of what cannot be in it": (set, [{}], {0: ["set_item_not_hashable"]}),
    "sequence": (Sequence[str], [""], {0: ["blank"]}),
    "text as a sequence": (Sequence[str], "abc", ["not_a_list"]),
    "iterable": (Iterable[int], ["x"], {0: ["invalid"]}),
    "mapping": (Mapping[str, int], {"a": "x"}, {"a": ["invalid"]}),
    "number as a key": (dict[int, str], {"x": "a"}, {"x": ["int_parsing"]}),
    "member as a key": (dict[Genus, int], {"x": 1}, {"x": ["invalid_choice"]}),
    "empty dictionary": (Annotated[dict[str, int], Field(min_length=1)], {}, ["empty"]),
    "large dictionary": (
        Annotated[dict[str, int], Field(max_length=1)],
        {"a": 1, "b": 2},
        ["too_long"],
    ),
    "models or null": (
        list[Cat | None],
        [None, {}],
        {1: {"kind": ["required"], "meows": ["required"]}},
    ),
    "list that is too short for values that pass": (
        Annotated[list[PositiveInt], Field(min_length=2)],
        [1],
        ["min_length"],
    ),
    "list that is too short with a value that fails": (
        Annotated[list[Annotated[int, Field(gt=0)]], Field(min_length=2)],
        [0],
        {0: ["greater_than"]},
    ),
    "lists of lists": (list[list[int]], [[1, "x"], 5], {0: {1: ["invalid"]}, 1: ["not_a_list"]}),
    "bytes": (bytes, 5, ["bytes_type"]),
    "json": (Json[list[int]], '["x"]', {0: ["invalid"]}),
    "broken json": (Json[list[int]], "[", ["json_invalid"]),
    "alias of a type": (UserId, 0, ["greater_than"]),
    "path": (Path, 5, ["invalid"]),
    "true and nothing else": (Literal[True], False, ["invalid_choice"]),
    "something for null": (None, 5, ["invalid"]),
}


@pytest.mark.parametrize("row", REFUSED.values(), ids=list(REFUSED))
def test_a_value_is_refused_in_drfs_shape(row: tuple[Any, Any, Any]) -> None:
    annotation, sent, codes = row
    serializer = one_value(annotation)(data={"v": sent})
    assert not serializer.is_valid()
    assert ValidationError(serializer.errors).get_codes() == {"v": codes}


# What authors of schemas write around types


def accepted(schema: type[BaseModel], data: Any) -> Any:
    """Return the validated data of an input that has to be accepted."""
    serializer = serializer_from_schema(schema)(data=data)
    assert serializer.is_valid(), serializer.errors
    return serializer.validated_data


def codes(schema: type[BaseModel], data: Any) -> Any:
    """Return the codes of an input that has to be refused."""
    serializer = serializer_from_schema(schema)(data=data)
    assert not serializer.is_valid()
    return ValidationError(serializer.errors).get_codes()


def test_validators_run_inside_lists_dictionaries_and_unions() -> None:
    def shout(value: str) -> str:
        if value == "silence":
            raise ValueError("too quiet")
        return value.upper()

    loud = Annotated[str, AfterValidator(shout)]

    class Speech(Schema):
        words: list[loud]
        by_name: dict[str, loud] = {}
        first: loud | int = 0

    data = {"words": [" a "], "by_name": {"x": "b"}, "first": "c"}
    assert accepted(Speech, data) == {"words": ["A"], "by_name": {"x": "B"}, "first": "C"}
    assert codes(Speech, {"words": ["a", "silence", 5, ""]}) == {
        "words": {1: ["invalid"], 3: ["blank"]}
    }


def test_errors_below_a_validated_collection_stand_at_their_items() -> None:
    class Checked(Schema):
        numbers: list[int]
        by_name: dict[str, list[int]] = {}

        @field_validator("numbers", "by_name")
        @classmethod
        def unchanged(cls, value: Any) -> Any:
            return value

    assert codes(Checked, {"numbers": [1, "x"], "by_name": {"a": [1], "b": ["x"]}}) == {
        "numbers": {1: ["invalid"]},
        "by_name": {"b": {0: ["invalid"]}},
    }


def test_validators_of_a_field_see_the_value_of_drfs_field() -> None:
    seen: list[Any] = []

    class Trip(Schema):
        start: datetime
        name: Annotated[str, StringConstraints(max_length=5)]

        @field_validator("start", "name", mode="before")
        @classmethod
        def note_input(cls, value: Any) -> Any:
            seen.append(value)
            return value

        @field_validator("start", "name")
        @classmethod
        def note_value(cls, value: Any) -> Any:
            seen.append(value)
            return value

    accepted(Trip, {"start": "2024-01-02T03:04:05", "name": " a "})
    assert seen == ["2024-01-02T03:04:05", aware("2024-01-02T03:04:05"), " a ", "a"]


def test_aliases_name_the_wire_and_attributes_the_program() -> None:
    class Aliased(Schema):
        first: int = Field(alias="firstOne")
        second: int = Field(
            validation_alias=AliasChoices("two", "2nd"), serialization_alias="second"
        )
        third: int = Field(validation_alias=AliasPath("deep", "third"))

    data = {"firstOne": "1", "2nd": 2, "deep": {"third": 3}}
    assert accepted(Aliased, data) == {"first": 1, "second": 2, "third": 3}
    stored = {"first": 1, "second": 2, "third": 3}
    assert body_of(serializer_from_schema(Aliased)(stored)) == {
        "firstOne": 1,
        "second": 2,
        "third": 3,
    }


def test_names_that_pydantic_dislikes_are_aliases() -> None:
    names = [
        "json",
        "copy",
        "schema",
        "dict",
        "validate",
        "model_config",
        "_x",
        "data",
        "errors",
        "fields",
        "save",
    ]
    fields: Any = {f"field_{at}": (int, Field(alias=name)) for at, name in enumerate(names)}
    schema = create_model("Disliked", __base__=Schema, **fields)
    sent = dict.fromkeys(names, 1)
    assert accepted(schema, sent) == dict.fromkeys(fields, 1)
    assert body_of(serializer_from_schema(schema)(dict.fromkeys(fields, 1))) == sent


def test_a_models_configuration_concerns_its_values() -> None:
    class Configured(Schema):
        model_config = ConfigDict(str_max_length=3, str_to_upper=True, str_min_length=2)
        word: str
        words: list[str] = []

    assert accepted(Configured, {"word": " ab ", "words": ["cd"]}) == {
        "word": "AB",
        "words": ["CD"],
    }
    assert codes(Configured, {"word": "abcd", "words": ["a"]}) == {
        "word": ["max_length"],
        "words": {0: ["min_length"]},
    }


def test_strict_means_the_type_that_json_has() -> None:
    class Strict(Schema):
        model_config = ConfigDict(strict=True)
        number: int
        text: str
        day: date
        price: Decimal
        tags: set[int]

    data = {"number": 1, "text": " a ", "day": "2024-1-2", "price": "1.5", "tags": [1, 1]}
    assert accepted(Strict, data) == {
        "number": 1,
        "text": " a ",
        "day": date(2024, 1, 2),
        "price": Decimal("1.5"),
        "tags": {1},
    }
    assert codes(Strict, {**data, "number": "1", "text": 5, "tags": ["1"]}) == {
        "number": ["invalid"],
        "text": ["invalid"],
        "tags": {0: ["invalid"]},
    }


def test_a_strict_plain_model_takes_what_json_writes_for_a_value() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(strict=True)
        number: int
        text: str
        day: date
        price: Decimal
        genus: Genus
        tags: set[int]
        pair: tuple[int, date]

    data = {
        "number": 1,
        "text": "a",
        "day": "2024-01-02",
        "price": "1.5",
        "genus": "oak",
        "tags": [1, 1],
        "pair": [1, "2024-01-02"],
    }
    assert accepted(Strict, data)["pair"] == (1, date(2024, 1, 2))
    assert codes(Strict, {**data, "number": "1", "text": 5, "tags": ["1"]}) == {
        "number": ["invalid"],
        "text": ["invalid"],
        "tags": {0: ["invalid"]},
    }
    assert codes(Strict, {**data, "day": "x", "genus": "x"}) == {
        "day": ["invalid"],
        "genus": ["invalid_choice"],
    }


def extra_of(schema: type[BaseModel], data: Any) -> Any:
    """Return what a schema keeps beside its fields, of which ``validated_data`` has nothing."""
    serializer = serializer_from_schema(schema)(data=data)
    assert serializer.is_valid(), serializer.errors
    extra = serializer.validated_schema.model_extra
    assert not serializer.validated_data.keys() & extra.keys()
    return extra


def test_extra_keys_are_dropped_kept_or_refused() -> None:
    class Closed(Schema):
        model_config = ConfigDict(extra="forbid")
        v: int

    class Open(Schema):
        model_config = ConfigDict(extra="allow")
        v: int

    assert accepted(Cat, {"kind": "cat", "meows": 1, "x": 2}) == {"kind": "cat", "meows": 1}
    assert extra_of(Open, {"v": 1, "x": 2}) == {"x": 2}
    assert codes(Closed, {"v": 1, "x": 2}) == {"x": ["extra_forbidden"]}


def test_extra_keys_have_the_type_that_the_schema_gives_them() -> None:
    class Typed(Schema):
        model_config = ConfigDict(extra="allow")
        __pydantic_extra__: dict[str, date]
        v: int

    assert extra_of(Typed, {"v": 1, "x": "2024-1-2"}) == {"x": date(2024, 1, 2)}
    assert codes(Typed, {"v": 1, "x": "2024-01-02T00:00:00"}) == {"x": ["invalid"]}


def test_a_root_model_may_be_a_schema() -> None:
    class Names(RootModel[list[str]], Schema):
        pass

    class Team(Schema):
        names: Names

    assert accepted(Team, {"names": [" a "]}) == {"names": ["a"]}
    assert codes(Team, {"names": ["a", ""]}) == {"names": {1: ["blank"]}}


def test_frozen_models_private_attributes_and_defaults() -> None:
    class Frozen(Schema):
        model_config = ConfigDict(frozen=True)
        v: int
        made: list[int] = Field(default_factory=list)
        doubled: int = Field(default_factory=lambda data: data["v"] * 2)
        _hidden: int = PrivateAttr(default=7)

    assert accepted(Frozen, {"v": 1}) == {"v": 1, "made": [], "doubled": 2}
    serializer = serializer_from_schema(Frozen)(data={"v": 1})
    assert serializer.is_valid()
    assert serializer.validated_schema._hidden == 7
    with pytest.raises(PydanticValidationError):
        serializer.validated_schema.v = 2


def test_defaults_are_neither_validated_nor_converted() -> None:
    class Defaulted(Schema):
        v: Annotated[int, Field(ge=5)] = 1
        w: str = None

    assert accepted(Defaulted, {}) == {"v": 1, "w": None}
    assert codes(Defaulted, {"v": 1, "w": None}) == {"v": ["min_value"], "w": ["null"]}


def test_the_whole_is_validated_after_its_parts() -> None:
    class Range(Schema):
        low: int
        high: int

        @model_validator(mode="after")
        def ordered(self) -> Range:
            if self.low > self.high:
                raise ValueError("upside down")
            return self

    class Ranges(Schema):
        ranges: list[Range]

    assert codes(Range, {"low": "2", "high": "1"}) == {"non_field_errors": ["invalid"]}
    assert codes(Range, {"low": "x", "high": "1"}) == {"low": ["invalid"]}
    data = {"ranges": [{"low": 1, "high": 2}, {"low": 2, "high": 1}]}
    assert codes(Ranges, data)["ranges"][1] == {"non_field_errors": ["invalid"]}


def test_computed_fields_are_printed_by_their_type() -> None:
    class Stay(Schema):
        start: datetime
        nights: int

        @computed_field
        @property
        def end(self) -> datetime:
            return self.start + timedelta(days=self.nights)

        @computed_field(alias="priceTotal")
        @property
        def price(self) -> Annotated[Decimal, Field(max_digits=6, decimal_places=2)]:
            return Decimal(self.nights) * 10

    stored = {"start": aware("2024-01-02T03:00:00"), "nights": 2}
    printed = {
        "start": "2024-01-02T03:00:00+01:00",
        "nights": 2,
        "end": "2024-01-04T03:00:00+01:00",
        "priceTotal": "20.00",
    }
    assert body_of(serializer_from_schema(Stay)(stored)) == printed
    assert json.loads(Stay(**stored).model_dump_json(by_alias=True)) == printed


def test_an_authors_serializer_has_the_last_word() -> None:
    class Masked(Schema):
        card: Annotated[str, PlainSerializer(lambda card: card[-4:])]

    serializer_class = serializer_from_schema(Masked)
    assert body_of(serializer_class({"card": "1234567890"})) == {"card": "7890"}
    assert Masked(card="1234567890").model_dump_json() == '{"card":"7890"}'


def test_directions_of_fields_hold_in_a_nested_schema_too() -> None:
    class Account(Schema):
        id: ReadOnly[int]
        password: WriteOnly[str]
        nickname: NotRequired[str]

    class Shop(Schema):
        owner: Account

    assert accepted(Shop, {"owner": {"id": 5, "password": "x"}}) == {"owner": {"password": "x"}}
    stored = {"owner": {"id": 5, "password": "x", "nickname": "n"}}
    assert body_of(serializer_from_schema(Shop)(stored)) == {"owner": {"id": 5, "nickname": "n"}}


def test_a_schema_in_a_plain_model_and_the_reverse_keep_their_own_semantics() -> None:
    class Wired(Schema):
        name: str

    class Plain(BaseModel):
        name: str
        inner: Wired

    class Outer(Schema):
        name: str
        plain: Plain

    data = {"name": " a ", "plain": {"name": " b ", "inner": {"name": " c "}}}
    assert accepted(Outer, data) == {
        "name": "a",
        "plain": {"name": " b ", "inner": {"name": "c"}},
    }


def test_subclasses_inherit_wire_semantics_and_may_narrow_them() -> None:
    class Base(Schema):
        name: str
        note: str = ""

    class Narrow(Base):
        name: Annotated[str, StringConstraints(max_length=2)]

    assert accepted(Narrow, {"name": " ab "}) == {"name": "ab", "note": ""}
    assert codes(Narrow, {"name": "abc"}) == {"name": ["max_length"]}


def test_forward_references_are_resolved_when_they_can_be() -> None:
    class Early(Schema):
        later: Later | None = None

    class Later(Schema):
        name: str

    Early.model_rebuild(_types_namespace={"Later": Later})
    assert accepted(Early, {"later": {"name": " a "}}) == {"later": {"name": "a"}}


class Suit(models.TextChoices):
    """A Django enumeration."""

    HEARTS = "h", "Hearts"
    SPADES = "s", "Spades"


class Rank(IntEnum):
    """Whole numbers."""

    ACE = 1
    KING = 13


class Odd(Enum):
    """Values that JSON does not have as they are."""

    PAIR = (1, 2)
    DAY = date(2024, 1, 2)


def test_members_of_enumerations_are_values_in_validated_data() -> None:
    class Hand(Schema):
        suit: Suit
        rank: Rank
        others: dict[Suit, list[Rank]]
        mixed: Suit | Rank

    data = {"suit": "h", "rank": "13", "others": {"s": [1]}, "mixed": 1}
    values = accepted(Hand, data)
    assert values == {"suit": "h", "rank": 13, "others": {"s": [1]}, "mixed": 1}
    assert type(values["suit"]) is str
    assert type(next(iter(values["others"]))) is str


def test_enumerations_of_other_values_stay_pydantics() -> None:
    class Strange(Schema):
        odd: Odd

    assert accepted(Strange, {"odd": (1, 2)}) == {"odd": (1, 2)}
    assert codes(Strange, {"odd": "x"}) == {"odd": ["invalid_choice"]}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is syntax of Python 3.12")
def test_type_statements_are_aliases() -> None:
    namespace: dict[str, Any] = {"Field": Field, "Annotated": Annotated}
    exec("type Positive = Annotated[int, Field(gt=0)]\ntype Pair[T] = tuple[T, T]", namespace)
    positive, pair = namespace["Positive"], namespace["Pair"]
    schema = create_model("Modern", __base__=Schema, v=(positive, ...), w=(pair[str], ...))
    assert accepted(schema, {"v": "1", "w": [" a ", "b"]}) == {"v": 1, "w": ("a", "b")}
    assert codes(schema, {"v": 0, "w": ["a", ""]}) == {"v": ["greater_than"], "w": {1: ["blank"]}}


def test_a_union_of_schemas_prints_objects_by_what_they_have() -> None:
    serializer_class = one_value(Cat | Tags | PositiveInt)
    assert body_of(serializer_class({"v": {"kind": "cat", "meows": 1}})) == {
        "v": {"kind": "cat", "meows": 1}
    }
    assert body_of(serializer_class({"v": 5})) == {"v": 5}
