"""Forms against the same body as JSON, for what DRF has no fields for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import parse_qsl

import pytest
import typing_extensions
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Json,
    RootModel,
    Tag,
    create_model,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from typing_extensions import TypedDict

from nova_drf import NotRequired, ReadOnly, Schema, serializer_from_schema
from nova_drf.mapping.drf_versions import dictionary_of_form
from tests.oracle import Outcome, assert_same_verdict, outcome

BASES = [Schema, BaseModel]


def same_as_json(schema: Any, form: str, body: dict[str, Any], **arguments: Any) -> Outcome:
    serializer_class = serializer_from_schema(schema)
    expected = outcome(serializer_class, body, **arguments)
    assert outcome(serializer_class, QueryDict(form), **arguments) == expected
    return expected


class Kind(Enum):
    BANK = "bank"
    CASH = "cash"


class Card(Schema):
    kind: Literal["card"]
    number: str
    saved: bool
    digits: NotRequired[list[int]]


class Iban(Schema):
    kind: Literal["iban"]
    iban: str


class First(BaseModel):
    version: Literal[1]
    a: int


class Second(BaseModel):
    version: Literal[2]
    b: int


class Bank(BaseModel):
    kind: Literal[Kind.BANK]
    name: str


class Cash(BaseModel):
    kind: Literal[Kind.CASH] = Field(validation_alias="how")
    amount: float


class Till(BaseModel):
    kind: Literal[Kind.BANK] = Field(validation_alias="how")
    till: int


class Circle(Schema):
    radius: float


class Square(Schema):
    side: float
    filled: bool


class Point(TypedDict):
    x: int
    y: int


@dataclass
class Size:
    width: int
    height: int


class Flagged(TypedDict):
    x: Annotated[int, Field(alias="theX")]
    on: bool
    off: typing_extensions.NotRequired[bool]


@pydantic_dataclass
class Span:
    first: int = Field(alias="theFirst")
    last: int = Field(7, validation_alias=AliasPath("ends", "last"))


class Placed(Schema):
    x: int = Field(validation_alias=AliasPath("pos", "x"), serialization_alias="shown")
    flag: bool = Field(validation_alias="theFlag")


class Named(NamedTuple):
    first: int
    second: str


class Item(Schema):
    name: str
    tags: list[str] = []
    gift: bool


Method = Annotated[Card | Iban, Field(discriminator="kind")]
Versioned = Annotated[First | Second, Field(discriminator="version")]
Paid = Annotated[Bank | Card, Field(discriminator="kind")]
Aliased = Annotated[Cash | Till, Field(discriminator="kind")]
Called = Annotated[
    Annotated[Circle, Tag("circle")] | Annotated[Square, Tag("square")],
    Discriminator(lambda data: "square" if "side" in data else "circle"),
]

LOST = {
    "v.a=1&v.b=2": {},
    "v.1=2": {},
    "v.a.b=1&v.a.c=2": {"a": {}},
    "v[0]=1&v[0]=2&v[1].a=3": [["1", "2"], {}],
}
"""What DRF 3.17 and older, which find nothing in the dictionaries of forms, make of some values."""

READS_DICTIONARIES = bool(dictionary_of_form(MultiValueDict({"a": ["1"]})))

VALUES: list[tuple[Any, str, Any]] = [
    # Unions of schemas
    (Method, "v.kind=iban&v.iban=q", {"kind": "iban", "iban": "q"}),
    (
        Method,
        "v.kind=card&v.number=1&v.digits=4&v.digits=5",
        {"kind": "card", "number": "1", "digits": ["4", "5"], "saved": False},
    ),
    (Method, "v.kind=cheque", {"kind": "cheque"}),
    (Method, "v.iban=q", {"iban": "q"}),
    (Method, "v=iban", "iban"),
    (Versioned, "v.version=2&v.b=1", {"version": 2, "b": "1"}),
    (Versioned, "v.version=3&v.b=1", {"version": "3", "b": "1"}),
    (Paid, "v.kind=bank&v.name=q", {"kind": "bank", "name": "q"}),
    (Aliased, "v.how=cash&v.amount=1.5", {"how": "cash", "amount": "1.5"}),
    (Called, "v.side=1&v.filled=on", {"side": "1", "filled": "on"}),
    (Called, "v.radius=1", {"radius": "1"}),
    (Circle | Square, "v.side=1&v.filled=on", {"side": "1", "filled": "on"}),
    (Circle | Square, "v.side=1", {"side": "1", "filled": False}),
    (Circle | Square, "v.radius=x", {"radius": "x"}),
    (Circle | Square | None, "v=", None),
    (Circle | int, "v=5", "5"),
    (Circle | int, "v.radius=5", {"radius": "5"}),
    # Unions of other types
    (int | str, "v=5", "5"),
    (int | str, "v=a", "a"),
    (int | list[int], "v=5", "5"),
    (int | list[int], "v=5&v=6", ["5", "6"]),
    (int | list[int], "v[0]=5", ["5"]),
    (int | None | list[str], "v=", None),
    (list[Circle] | Circle, "v[0]radius=1&v[1]radius=2", [{"radius": "1"}, {"radius": "2"}]),
    (list[Circle] | list[int], "v[0]radius=1", [{"radius": "1"}]),
    (list[Circle] | list[int], "v=1&v=2", ["1", "2"]),
    (int | dict[str, int], "v.a=1&v.b=2", {"a": "1", "b": "2"}),
    (tuple[int, int] | int, "v=1&v=2", ["1", "2"]),
    # Lists and dictionaries of unions
    (list[Method], "v[0]kind=iban&v[0]iban=q", [{"kind": "iban", "iban": "q"}]),
    (
        list[Method],
        "v[1].kind=card&v[1].number=2&v[1].digits=1&v[1].digits=2&v[0]kind=iban&v[0]iban=q",
        [
            {"kind": "iban", "iban": "q"},
            {"kind": "card", "number": "2", "digits": ["1", "2"], "saved": False},
        ],
    ),
    (list[Method], "v[0]kind=iban&v[1]kind=x", [{"kind": "iban"}, {"kind": "x"}]),
    (dict[str, Method], "v.a.kind=iban&v.a.iban=q", {"a": {"kind": "iban", "iban": "q"}}),
    (list[list[Method]], "v[0][0]kind=iban&v[0][0]iban=q", [[{"kind": "iban", "iban": "q"}]]),
    (list[int | list[int]], "v[0]=1&v[1]=2&v[1]=3", ["1", ["2", "3"]]),
    (list[int | str], "v=1&v=a", ["1", "a"]),
    # Tuples, and the like
    (tuple[int, str], "v[0]=1&v[1]=b", ["1", "b"]),
    (tuple[int, str], "v=1&v=b", ["1", "b"]),
    (tuple[int, str], "v=1&v=b&v=c", ["1", "b", "c"]),
    (tuple[int, str], "v=1", ["1"]),
    (tuple[int, bool], "v[0]=1&v[1]=on", ["1", "on"]),
    (tuple[int, ...], "v=1&v=2&v=3", ["1", "2", "3"]),
    (tuple[int, ...], "v[0]=1&v[1]=x", ["1", "x"]),
    (tuple[int, Circle], "v[0]=1&v[1].radius=2", ["1", {"radius": "2"}]),
    (list[tuple[int, int]], "v[0][0]=1&v[0][1]=2&v[1]=3&v[1]=4", [["1", "2"], ["3", "4"]]),
    (dict[str, tuple[int, int]], "v.a=1&v.a=2", {"a": ["1", "2"]}),
    (tuple[int, int] | None, "v=", None),
    (tuple[list[int], dict[str, int]], "v[0]=1&v[0]=2&v[1].a=3", [["1", "2"], {"a": "3"}]),
    (Named, "v[0]=1&v[1]=b", ["1", "b"]),
    (set[int], "v=1&v=1&v=2", ["1", "1", "2"]),
    (frozenset[str], "v[0]=a", ["a"]),
    (deque[int], "v=1&v=2", ["1", "2"]),
    (set[tuple[int, int]], "v[0][0]=1&v[0][1]=2", [["1", "2"]]),
    # Records and containers of containers
    (Point, "v.x=1&v.y=2", {"x": "1", "y": "2"}),
    (Point, "v.x=1&v.y=q", {"x": "1", "y": "q"}),
    (Size, "v.width=1&v.height=2", {"width": "1", "height": "2"}),
    (Flagged, "v.theX=1", {"theX": "1", "on": False}),
    (Flagged, "v.theX=q&v.on=on&v.off=on&v.z=1", {"theX": "q", "on": "on", "off": "on", "z": "1"}),
    (Span, "v.theFirst=1&v.ends.last=2", {"theFirst": "1", "ends": {"last": "2"}}),
    (Span, "v.theFirst=q&v.ends.last=q", {"theFirst": "q", "ends": {"last": "q"}}),
    (Placed, "v.pos.x=1&v.theFlag=on", {"pos": {"x": "1"}, "theFlag": "on"}),
    (list[Placed], "v[0]pos.x=q", [{"pos": {"x": "q"}, "theFlag": False}]),
    (Placed | int, "v.pos.x=1", {"pos": {"x": "1"}, "theFlag": False}),
    (list[Point], "v[0]x=1&v[0]y=2", [{"x": "1", "y": "2"}]),
    (dict[str, Point], "v.a.x=1&v.a.y=2", {"a": {"x": "1", "y": "2"}}),
    (dict[str, list[int]], "v.a=1&v.a=2&v.b[0]=3", {"a": ["1", "2"], "b": ["3"]}),
    (dict[str, dict[str, int]], "v.a.b=1&v.a.c=2", {"a": {"b": "1", "c": "2"}}),
    (
        dict[str, Item],
        "v.a.name=n&v.a.tags=x&v.a.tags=y",
        {"a": {"name": "n", "tags": ["x", "y"], "gift": False}},
    ),
    (dict[str, list[Circle]], "v.a[0]radius=1", {"a": [{"radius": "1"}]}),
    (dict[int, int], "v.1=2", {"1": "2"}),
    (RootModel[list[int]], "v=1&v=2", ["1", "2"]),
    (RootModel[Point], "v.x=1&v.y=2", {"x": "1", "y": "2"}),
    (Json[list[int]], "v=[1, 2]", "[1, 2]"),
    (bytes, "v=abc", "abc"),
    # What a validator takes apart
    (
        Annotated[tuple[int, int], BeforeValidator(lambda text: text.split(","))],
        "v=1,2",
        "1,2",
    ),
    (
        Annotated[Circle, BeforeValidator(lambda text: {"radius": text})],
        "v=3",
        "3",
    ),
    (Annotated[int, BeforeValidator(lambda text: text.replace(",", ""))], "v=1,000", "1,000"),
]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(("type_", "form", "value"), VALUES, ids=[one[1] for one in VALUES])
def test_a_form_means_what_json_means(base: Any, type_: Any, form: str, value: Any) -> None:
    schema = create_model("One", __base__=base, v=(type_, ...))
    same_as_json(schema, form, {"v": value if READS_DICTIONARIES else LOST.get(form, value)})


@pytest.mark.parametrize("base", BASES)
def test_absent_and_empty_values(base: Any) -> None:
    schema = create_model(
        "Absent", __base__=base, pair=(tuple[int, str], (0, "")), v=(int | list[int] | None, None)
    )
    for partial in (False, True):
        same_as_json(schema, "", {}, partial=partial)
        same_as_json(schema, "v=", {"v": None}, partial=partial)
        same_as_json(schema, "pair=", {}, partial=partial)
    required = create_model("Required", __base__=base, pair=(tuple[int, str], ...))
    assert same_as_json(required, "", {}).errors == {
        "pair": [(str(serializers.Field().error_messages["required"]), "required")]
    }


# What validators of the model see


class Between(Schema):
    low: int
    high: int

    @model_validator(mode="before")
    @classmethod
    def split(cls, data: Any) -> Any:
        if isinstance(data, dict) and "range" in data:
            low, _, high = data["range"].partition("..")
            return {"low": low, "high": high}
        return data


class Wrapped(Schema):
    low: int
    high: int

    @model_validator(mode="wrap")
    @classmethod
    def split(cls, data: Any, handler: Any) -> Any:
        if isinstance(data, dict) and "ends" in data:
            data = {"low": data["ends"][0], "high": data["ends"][1]}
        return handler(data)


class Holder(Schema):
    between: Between
    several: list[Between] = []


class Textual(Schema):
    x: int

    @model_validator(mode="before")
    @classmethod
    def from_text(cls, data: Any) -> Any:
        return {"x": data} if isinstance(data, str) else data


class OfTexts(Schema):
    one: Textual
    maybe: NotRequired[Textual | None]


@pytest.mark.parametrize(
    ("schema", "form", "body"),
    [
        (Between, "range=1..5&csrfmiddlewaretoken=x", {"range": "1..5"}),
        (Between, "low=1&high=x", {"low": "1", "high": "x"}),
        (Wrapped, "ends=1&ends=5", {"ends": ["1", "5"]}),
        (Wrapped, "ends[0]=1&ends[1]=5", {"ends": ["1", "5"]}),
        (Holder, "between.range=1..5", {"between": {"range": "1..5"}}),
        (
            Holder,
            "between.range=1..5&several[0]range=2..3",
            {"between": {"range": "1..5"}, "several": [{"range": "2..3"}]},
        ),
        (OfTexts, "one=5", {"one": "5"}),
        (OfTexts, "one=5&maybe=", {"one": "5"}),
        (OfTexts, "one.x=5&maybe.x=6", {"one": {"x": "5"}, "maybe": {"x": "6"}}),
    ],
)
def test_validators_see_all_that_was_sent(schema: Any, form: str, body: dict[str, Any]) -> None:
    same_as_json(schema, form, body)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("extra", ["ignore", "allow", "forbid"])
def test_unknown_keys(base: Any, extra: Any) -> None:
    class Open(base):
        model_config = ConfigDict(extra=extra)
        name: str
        id: ReadOnly[int] = 0

    form = "name=a&colour=red&sizes=1&sizes=2&deep.a=1&csrfmiddlewaretoken=x"
    body = {"name": "a", "colour": "red", "sizes": ["1", "2"], "deep": {"a": "1"}}
    found = same_as_json(Open, form, body)
    assert (found.verdict == "valid") is (extra != "forbid")
    if extra == "allow":
        serializer = serializer_from_schema(Open)(data=QueryDict(form))
        assert serializer.is_valid()
        assert serializer.validated_schema.model_extra == {
            key: value for key, value in body.items() if key != "name"
        }


def test_validators_of_fields_see_the_values_of_drfs_fields() -> None:
    class Tagged(Schema):
        tags: list[str]

        @field_validator("tags", mode="before")
        @classmethod
        def flat(cls, value: list[str]) -> list[str]:
            return [part for text in value for part in text.split(",")]

    same_as_json(Tagged, "tags=a,b&tags=c", {"tags": ["a,b", "c"]})


# Names


class Names(Schema):
    model_config = ConfigDict(validate_by_name=True)
    x: int = Field(validation_alias=AliasPath("pos", "x"))
    flag: bool = Field(validation_alias=AliasPath("pos", "flag"))
    first: int = Field(validation_alias=AliasPath("all", 0))
    last: int = Field(validation_alias=AliasPath("all", -1))
    deep: str = Field("d", validation_alias=AliasPath("deep", 0, "name"))
    town: str = Field("t", validation_alias=AliasChoices("city", AliasPath("address", "city")))
    items: list[Item] = Field([], validation_alias="theItems", serialization_alias="items")
    plain: int = Field(0, alias="thePlain")


ON = "&all=1&pos.flag=on"


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    ("form", "body"),
    [
        (
            "pos.x=1&pos.flag=on&all=1&all=2&all=3",
            {"pos": {"x": "1", "flag": "on"}, "all": [*"123"]},
        ),
        (
            "pos.x=1&pos.flag=on&all[0]=1&all[1]=z",
            {"pos": {"x": "1", "flag": "on"}, "all": [*"1z"]},
        ),
        ("pos.x=q" + ON, {"pos": {"x": "q", "flag": "on"}, "all": ["1"]}),
        ("x=1" + ON, {"x": "1", "pos": {"flag": "on"}, "all": ["1"]}),
        ("x=q" + ON, {"x": "q", "pos": {"flag": "on"}, "all": ["1"]}),
        ("pos.x=1&city=a" + ON, {"pos": {"x": "1", "flag": "on"}, "all": ["1"], "city": "a"}),
        (
            "pos.x=1&address.city=a" + ON,
            {"pos": {"x": "1", "flag": "on"}, "all": ["1"], "address": {"city": "a"}},
        ),
        ("pos.x=1&town=%20" + ON, {"pos": {"x": "1", "flag": "on"}, "all": ["1"], "town": " "}),
        (
            "pos.x=1&deep[0]name=n" + ON,
            {"pos": {"x": "1", "flag": "on"}, "all": ["1"], "deep": [{"name": "n"}]},
        ),
        (
            "pos.x=1&theItems[0]name=n&theItems[0]gift=on&thePlain=z" + ON,
            {
                "pos": {"x": "1", "flag": "on"},
                "all": ["1"],
                "theItems": [{"name": "n", "gift": "on"}],
                "thePlain": "z",
            },
        ),
    ],
)
def test_names_are_those_of_json(form: str, body: dict[str, Any], partial: bool) -> None:
    same_as_json(Names, form, body, partial=partial)


def test_an_unchecked_box_below_a_path() -> None:
    same_as_json(Names, "pos.x=1&all=1", {"pos": {"x": "1", "flag": False}, "all": ["1"]})


# Multipart bodies


def multipart(fields: list[tuple[str, str]]) -> Any:
    """Return a body as DRF's parser makes it of one that a browser sends."""
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    )
    request = APIRequestFactory().generic(
        "POST", "/", f"{parts}--x--\r\n".encode(), content_type="multipart/form-data; boundary=x"
    )
    return Request(request, parsers=[MultiPartParser()]).data


@pytest.mark.parametrize(("type_", "form", "value"), VALUES, ids=[one[1] for one in VALUES])
def test_a_multipart_body_means_the_same(type_: Any, form: str, value: Any) -> None:
    serializer_class = serializer_from_schema(create_model("One", __base__=Schema, v=(type_, ...)))
    body = multipart(parse_qsl(form, keep_blank_values=True))
    expected = value if READS_DICTIONARIES else LOST.get(form, value)
    assert outcome(serializer_class, body) == outcome(serializer_class, {"v": expected})


def test_files_inside_of_a_union() -> None:
    class Scan(Schema):
        title: str
        file: UploadedFile

    class Sent(Schema):
        scan: Scan | int
        names: Names

    file = SimpleUploadedFile("a.txt", b"x")
    data: MultiValueDict[str, Any] = MultiValueDict(
        {
            "scan.title": ["t"],
            "scan.file": [file],
            "names.pos.x": ["1"],
            "names.pos.flag": ["on"],
            "names.all": ["1", "2"],
        }
    )
    serializer = serializer_from_schema(Sent)(data=data)
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data["scan"] == {"title": "t", "file": file}
    assert serializer.validated_data["names"]["last"] == 2


# Hostile names


def test_names_that_go_too_deep() -> None:
    class Tree(Schema):
        model_config = ConfigDict(extra="allow")
        below: NotRequired[list[Any] | dict[str, Any]]

    for name in ("below" + ".a" * 20_000, "x" + ".a" * 20_000, "x" + "[0]" * 20_000):
        serializer = serializer_from_schema(Tree)(data=QueryDict(f"{name}=1"))
        assert not serializer.is_valid()


def test_an_index_of_too_many_digits_is_none() -> None:
    schema = create_model("One", __base__=Schema, v=(tuple[int, int], ...))
    serializer = serializer_from_schema(schema)(data=QueryDict(f"v[{'9' * 5000}]=1"))
    assert not serializer.is_valid()


# What DRF has fields for is DRF's


class ClassicParts(serializers.Serializer[Any]):
    texts = serializers.DictField(child=serializers.CharField(), required=False)
    numbers = serializers.ListField(child=serializers.IntegerField(), required=False)
    grid = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()), required=False
    )


class Parts(Schema):
    texts: NotRequired[dict[str, str]]
    numbers: NotRequired[list[int]]
    grid: NotRequired[list[list[int]]]


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    "form",
    [
        "texts.a=1&texts.a=2&texts.b.c=3",
        "texts=x",
        "numbers=1&numbers[0]=2",
        "numbers[1]=2&numbers[0]=1",
        "grid[0][0]=1&grid[0][1]=2&grid[1][0]=x",
        "grid[0]=1&grid[0]=2",
        "grid=1",
    ],
)
def test_containers_that_drf_reads(form: str, partial: bool) -> None:
    assert_same_verdict(
        ClassicParts, serializer_from_schema(Parts), QueryDict(form), partial=partial
    )
