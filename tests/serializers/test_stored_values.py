"""Whatever an attribute holds, it goes out as DRF sends it, alone and in a column of many."""

from __future__ import annotations

import collections
import fractions
import ipaddress
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from pydantic import create_model
from rest_framework import serializers

from nova_drf import Schema
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import assert_same_print
from tests.strategies import Colour, Level, Plain
from tests.test_hostile_requests import Body, ClassicBody


class Text(str):
    """A subclass of a primitive."""


class Whole(int):
    """A subclass of a primitive."""


class Real(float):
    """A subclass of a primitive."""


class Amount(Decimal):
    """A subclass of a class that is printed directly."""


class Moment(datetime):
    """A subclass of a class that is printed directly."""


class Table(dict[str, Any]):
    """A subclass of a collection."""


class Called:
    """Something that can be called."""

    def __call__(self) -> int:
        return 7


def seven() -> int:
    return 7


def one_of(value: Any) -> Any:
    return value


FAR = timezone(timedelta(hours=-12))
STORED: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.0, 2.5, 1e22, 1e-7, 10**30, float("nan"), float("inf")),
    *("", "a", "5", "2.5", "2024-01-02", "2024-01-02T03:04:05Z", " x ", "\ud800", "\u2028", "\x00"),
    *(b"a", b"\xff", bytearray(b"a"), Text("s"), Whole(5), Real(1.5), mark_safe("<b>")),
    *map(Decimal, ("1.005", "1E+2", "NaN", "Infinity", "-0", "1E-20", "12345678901234567890.12")),
    *(Amount("1.5"), fractions.Fraction(1, 3), complex(1, 2), gettext_lazy("Yes"), UUID(int=7)),
    *(date(2024, 1, 2), datetime(2024, 1, 2, 3, 4, 5), datetime(2024, 1, 2, 3, 4, 5, 678)),
    *(datetime(2024, 1, 2, tzinfo=UTC), datetime(1, 1, 1), datetime(1, 1, 1, tzinfo=UTC)),
    *(datetime(9999, 12, 31, 23, tzinfo=FAR), datetime(2024, 3, 31, 2, 30), Moment(2024, 1, 2, 3)),
    datetime(2024, 10, 27, 2, 30, fold=1),
    datetime(2024, 1, 2, tzinfo=zoneinfo.ZoneInfo("America/New_York")),
    *(time(1, 2, 3), time(1, 2, 3, 4), time(1, 2, tzinfo=UTC), timedelta(1), timedelta(-1, 5)),
    *(timedelta(microseconds=5), timedelta.max, Colour.RED, Level.HIGH, Plain.ONE),
    *([], [1], ["1"], [None], [[1]], [{"n": 1}], [{}], (1,), {1}, frozenset({1}), range(3)),
    *({}, {"a": 1}, {"a": None}, {1: 2}, {"n": 1}, {"n": None}, {"n": "5"}, Table(a=1)),
    *(collections.deque([1]), collections.OrderedDict(n=1), ipaddress.ip_address("1.2.3.4")),
    *(SimpleNamespace(n=3), SimpleNamespace(n=None), SimpleNamespace(), seven, one_of, Called()),
    *(Called, object, ...),
]


@pytest.mark.parametrize("name", list(Body.model_fields))
def test_a_stored_value_goes_out_as_drf_sends_it(name: str) -> None:
    declared = {name: ClassicBody._declared_fields[name], "other": serializers.CharField()}
    classic: Any = type("Classic", (serializers.Serializer,), declared)
    annotations: Any = {name: Body.__annotations__[name], "other": str}
    schema = create_model(
        "One",
        __base__=Schema,
        __module__=Body.__module__,
        **{key: (said, ...) if key == "other" else said for key, said in annotations.items()},
    )
    ours = serializer_from_schema(schema)
    for value in STORED:
        row = {name: value, "other": "o"}
        for instance in (row, SimpleNamespace(**row)):
            assert_same_print(classic, ours, instance)
            assert_same_print(classic, ours, [instance, instance], many=True)
    rows = [{name: value, "other": "o"} for value in STORED[:3]]
    assert_same_print(classic, ours, rows, many=True)
