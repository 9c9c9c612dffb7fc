"""``validated_data`` is plain all the way down: what Django code can pop, pass on and store."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address, IPv4Network
from pathlib import PurePosixPath
from typing import Annotated, Any, NamedTuple

import pytest
from pydantic import (
    AnyUrl,
    BaseModel,
    ConfigDict,
    HttpUrl,
    NameEmail,
    RootModel,
    SecretBytes,
    SecretStr,
)

from nova_drf import UNSET, NotRequired, Schema, Source
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.validated_data import (
    set_at,
    source_attributes,
    unwrapped,
    validated_data_function,
)
from nova_drf.serializers.schema_serializer import serializer_from_schema


class Kind(Enum):
    """An enumeration of Python's."""

    FIRST = "first"


class Point(NamedTuple):
    """A tuple with names."""

    x: Any
    y: Any


@dataclass
class Pair:
    """A dataclass."""

    left: Any
    right: Any


class Inner(BaseModel):
    """A nested model."""

    model_config = ConfigDict(frozen=True, extra="allow")
    v: Any = None


class Root(RootModel[Any]):
    """A root model."""


WRAPPED: dict[str, tuple[Any, Any]] = {
    "model": (Inner(v=Kind.FIRST), {"v": "first"}),
    "model with more": (Inner(v=1, w=2), {"v": 1, "w": 2}),
    "root": (Root([Kind.FIRST]), ["first"]),
    "member": (Kind.FIRST, "first"),
    "secret": (SecretStr("x"), "x"),
    "secret bytes": (SecretBytes(b"x"), b"x"),
    "url": (AnyUrl("redis://a"), "redis://a"),
    "web address": (HttpUrl("http://a.io"), "http://a.io/"),
    "address": (IPv4Address("1.2.3.4"), "1.2.3.4"),
    "network": (IPv4Network("10.0.0.0/8"), "10.0.0.0/8"),
    "path": (PurePosixPath("/a"), "/a"),
    "named address": (NameEmail("A", "a@b.co"), "A <a@b.co>"),
    "dataclass": (Pair(Kind.FIRST, [Inner()]), {"left": "first", "right": [{"v": None}]}),
    "list": ([Inner(), Kind.FIRST, None], [{"v": None}, "first", None]),
    "tuple": ((Inner(), 1), ({"v": None}, 1)),
    "named tuple": (Point(Kind.FIRST, 2), Point("first", 2)),
    "set": ({Kind.FIRST}, {"first"}),
    "frozen set": (frozenset([Kind.FIRST]), frozenset(["first"])),
    "set of models": ({Inner(v=1)}, [{"v": 1}]),
    "deque": (deque([Kind.FIRST]), ["first"]),
    "dictionary": ({Kind.FIRST: Inner()}, {"first": {"v": None}}),
    "ordered dictionary": (OrderedDict(a=Kind.FIRST), {"a": "first"}),
    "default dictionary": (defaultdict(list, a=[Kind.FIRST]), {"a": ["first"]}),
    "counter": (Counter("aab"), {"a": 2, "b": 1}),
    "date": (date(2024, 1, 2), date(2024, 1, 2)),
    "decimal": (Decimal("1.5"), Decimal("1.5")),
    "nothing": (None, None),
    "class": (Pair, Pair),
}


@pytest.mark.parametrize("row", WRAPPED.values(), ids=list(WRAPPED))
def test_what_only_a_schema_has_is_unwrapped(row: tuple[Any, Any]) -> None:
    value, expected = row
    actual = unwrapped(value)
    assert actual == expected
    assert type(actual) is type(expected)


def test_validated_data_can_be_popped_and_passed_on() -> None:
    class Line(Schema):
        product: str
        amount: int

    class Order(Schema):
        lines: list[Line]
        note: NotRequired[str]

    serializer = serializer_from_schema(Order)(data={"lines": [{"product": "a", "amount": 1}]})
    assert serializer.is_valid()
    data = serializer.validated_data
    lines = data.pop("lines")
    assert dict(**lines[0]) == {"product": "a", "amount": 1}
    assert type(lines[0]) is dict
    assert data == {}


def test_a_field_goes_where_its_source_says() -> None:
    class Moved(Schema):
        a: Annotated[int, Source("x.p")]
        b: Annotated[int, Source("x.q")]
        c: Annotated[Inner, Source("*")]
        d: Annotated[int, Source("e")]

    serializer = serializer_from_schema(Moved)(data={"a": 1, "b": 2, "c": {"v": 3}, "d": 4})
    assert serializer.is_valid()
    assert serializer.validated_data == {"x": {"p": 1, "q": 2}, "v": 3, "e": 4}


def test_only_named_attributes_are_taken_and_unset_ones_never() -> None:
    class Partial(Schema):
        a: int
        b: NotRequired[int]
        c: int = 5

    plain = validated_data_function(shape_of(Partial))
    instance = Partial.model_validate({"a": 1})
    assert instance.__dict__["b"] is UNSET
    assert plain(instance) == {"a": 1, "c": 5}
    assert plain(instance, {"a", "b"}) == {"a": 1}


def test_values_are_set_as_drf_sets_them() -> None:
    target: dict[str, Any] = {"a": 1}
    set_at(target, source_attributes("b.c"), 2)
    set_at(target, source_attributes("b.d"), 3)
    set_at(target, source_attributes("*"), {"e": 4})
    assert target == {"a": 1, "b": {"c": 2, "d": 3}, "e": 4}


def test_a_member_of_an_enumeration_never_reaches_the_orm() -> None:
    class Mixed(Schema):
        one: Kind
        many: dict[Kind, list[Kind | int]]

    serializer = serializer_from_schema(Mixed)(
        data={"one": "first", "many": {"first": ["first", 2]}}
    )
    assert serializer.is_valid()
    assert serializer.validated_data == {"one": "first", "many": {"first": ["first", 2]}}
    assert str(serializer.validated_data["one"]) == "first"
