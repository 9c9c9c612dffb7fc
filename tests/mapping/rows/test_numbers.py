"""Numbers and truth values: DRF's field and the schema agree on every value."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import pytest
from django.test import override_settings
from pydantic import Field, FiniteFloat, NonNegativeInt
from rest_framework import fields as drf

from nova_drf import Schema
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import UNKNOWN, Side, assert_same_print, printed
from tests.strategies import Level

NUMBERS: tuple[Any, ...] = (
    *(0, 1, -1, 3, 10, 11, 2**31, -(2**63) - 1, 10**30, 10**400, True, False, None, 1.0, 1.5, -0.0),
    *(
        1e22,
        1e308,
        1e-7,
        float("nan"),
        float("inf"),
        float("-inf"),
        Decimal("1.50"),
        Decimal("NaN"),
    ),
    *(
        "",
        " ",
        "1",
        " 1 ",
        "+1",
        "-1",
        "01",
        "1.",
        "1.0",
        "1.50",
        "1.500",
        "1_000",
        "\u0661",
        "1,5",
    ),
    *("1e2", "1E-1", "-0", ".5", "5.", "0x1", "nan", "NaN", "inf", "-Infinity", "1e400", "1e-400"),
    *(
        "sNaN",
        "9" * 40,
        "9" * 1001,
        "9" * 5000,
        "0." + "0" * 990 + "1",
        "abc",
        "true",
        "null",
        "\x00",
    ),
    *([], [1], {}, {"a": 1}, b"1", (1,), {1}, Level.HIGH, UNKNOWN),
)


def limited(type_: Any, **limits: Any) -> Any:
    """Return the annotation of a number within limits."""
    return Annotated[type_, Field(**limits)]


def decimal_of(digits: int | None, places: int | None, **limits: Any) -> Any:
    """Return a decimal on both sides."""
    names = {"ge": "min_value", "le": "max_value"}
    classic = {names[name]: limit for name, limit in limits.items()}
    return (
        limited(Decimal, max_digits=digits, decimal_places=places, **limits),
        drf.DecimalField(digits, places, **classic),
    )


@pytest.fixture(
    params=[
        pytest.param((bool, drf.BooleanField()), id="bool"),
        pytest.param((bool | None, drf.BooleanField(allow_null=True)), id="bool or null"),
        pytest.param((int, drf.IntegerField()), id="int"),
        pytest.param((int | None, drf.IntegerField(allow_null=True)), id="int or null"),
        pytest.param(
            (limited(int, ge=0, le=10), drf.IntegerField(min_value=0, max_value=10)), id="int 0..10"
        ),
        pytest.param((float, drf.FloatField()), id="float"),
        pytest.param(
            (limited(float, ge=0.5, le=10), drf.FloatField(min_value=0.5, max_value=10)),
            id="float 0.5..10",
        ),
        pytest.param(decimal_of(5, 2), id="decimal 5, 2"),
        pytest.param(decimal_of(5, 0), id="decimal 5, 0"),
        pytest.param(decimal_of(2, 2), id="decimal 2, 2"),
        pytest.param(decimal_of(5, 2, ge=Decimal(0), le=10), id="decimal 0..10"),
        pytest.param(decimal_of(None, 2), id="decimal with places"),
        pytest.param(decimal_of(4, None), id="decimal with digits"),
        pytest.param(
            (
                limited(Decimal, max_digits=5, decimal_places=2) | None,
                drf.DecimalField(5, 2, allow_null=True),
            ),
            id="decimal or null",
        ),
    ]
)
def side(request: pytest.FixtureRequest) -> Side:
    """A number on both sides."""
    annotation, field = request.param
    return Side(annotation, field)


@pytest.mark.parametrize("value", NUMBERS, ids=lambda value: ascii(value)[:30])
def test_every_number_gets_the_verdict_value_and_words_of_drfs_field(
    side: Side, value: Any
) -> None:
    side.check(value)


STORED = (
    *(0, 1, -1, 10**30, 1.5, 1e-7, 1e22, Decimal("1.5"), Decimal("1E+2"), Decimal("1.005"), "2.5"),
    *(Decimal("-0.00"), Decimal("123.45"), True, False, "7", Decimal(0)),
)


@pytest.mark.parametrize("stored", STORED, ids=ascii)
@pytest.mark.parametrize("as_text", [True, False])
def test_every_stored_number_is_printed_as_drfs_field_prints_it(
    side: Side, stored: Any, as_text: bool
) -> None:
    with override_settings(REST_FRAMEWORK={"COERCE_DECIMAL_TO_STRING": as_text}):
        assert_same_print(side.classic, side.ours, {"v": stored})


@pytest.mark.parametrize("word", ["t", "YES", "yEs", "on", "1", "f", "No", "off", "0", "maybe"])
def test_words_for_true_and_false_are_drfs(word: str) -> None:
    Side(bool, drf.BooleanField()).check(word)


@pytest.mark.parametrize("word", ["", "null", "Null", "NULL"])
def test_words_for_null_count_where_null_is_allowed(word: str) -> None:
    assert Side(bool | None, drf.BooleanField(allow_null=True)).accepts(word) is None
    assert Side(bool, drf.BooleanField()).refuses(word) == "invalid"


def test_true_is_no_integer() -> None:
    assert Side(int, drf.IntegerField()).refuses(True) == "invalid"


def test_integers_are_read_as_pythons_int_reads_them() -> None:
    side = Side(int, drf.IntegerField())
    assert side.accepts("1.") == 1
    assert side.accepts("\u0661") == 1
    assert side.accepts("12.0") == 12
    assert side.accepts(" 1 ") == 1
    assert side.accepts("1_000") == 1000


@pytest.mark.parametrize("type_", [int, float, Decimal])
def test_very_long_digits_are_refused_before_they_are_read(type_: Any) -> None:
    fields = {
        int: drf.IntegerField(),
        float: drf.FloatField(),
        Decimal: drf.DecimalField(None, None),
    }
    assert Side(type_, fields[type_]).refuses("9" * 1001) == "max_string_length"


def test_infinity_is_a_float_only_where_it_is_for_drf() -> None:
    side = Side(float, drf.FloatField())
    for value in (float("nan"), "nan", float("inf"), "1e400"):
        side.check(value)


def test_a_schema_may_refuse_infinity_where_drf_does_not() -> None:
    class Measured(Schema):
        value: FiniteFloat

    serializer = serializer_from_schema(Measured)(data={"value": "inf"})
    assert not serializer.is_valid()
    assert list(serializer.errors) == ["value"]


def test_decimals_are_quantized_to_their_places() -> None:
    side = Side(*decimal_of(6, 2))
    assert str(side.accepts("1.5")) == "1.50"
    assert str(side.accepts("1e2")) == "100.00"
    assert str(side.accepts(1.5)) == "1.50"


def test_trailing_zeros_count_as_decimal_places() -> None:
    assert Side(*decimal_of(6, 2)).refuses("1.500") == "max_decimal_places"


def test_decimals_are_printed_with_their_places() -> None:
    side = Side(*decimal_of(6, 2))
    assert side.prints(Decimal("1.5")) == "1.50"
    assert side.prints(Decimal("1E+2")) == "100.00"
    assert side.prints(Decimal("1.005")) == "1.00"


def test_decimals_are_numbers_when_the_setting_says_so() -> None:
    side = Side(*decimal_of(6, 2))
    with override_settings(REST_FRAMEWORK={"COERCE_DECIMAL_TO_STRING": False}):
        assert side.prints(Decimal("1.5")) == 1.5
    assert side.prints(Decimal("1.5")) == "1.50"


def test_floats_are_printed_in_pythons_notation() -> None:
    side = Side(float, drf.FloatField())
    assert side.prints(1e-07) == 1e-07
    assert printed(side.ours, {"v": 1e-07}) == b'{"v":1e-07}'


@pytest.mark.parametrize(
    ("annotation", "good", "bad", "code"),
    [
        (limited(int, gt=0), "1", 0, "greater_than"),
        (limited(int, lt=5), 4, "5", "less_than"),
        (limited(int, multiple_of=3), "9", 10, "multiple_of"),
        (limited(float, gt=0.5), "0.6", 0.5, "greater_than"),
        (limited(Decimal, gt=0, decimal_places=2), "0.01", 0, "greater_than"),
        (limited(bool, strict=True), True, "yes", "invalid"),
        (limited(int, strict=True), 5, "5", "invalid"),
        (limited(float, strict=True), 1.5, "1.5", "invalid"),
    ],
)
@pytest.mark.parametrize("in_list", [False, True])
def test_constraints_that_drf_lacks_are_checked_too(
    annotation: Any, good: Any, bad: Any, code: str, in_list: bool
) -> None:
    namespace = {"v": list[annotation] if in_list else annotation}
    schema = type("Constrained", (Schema,), {"__annotations__": namespace, "__module__": __name__})
    serializer_class = serializer_from_schema(schema)
    wrap = (lambda value: [value]) if in_list else (lambda value: value)
    assert serializer_class(data={"v": wrap(good)}).is_valid()
    refused = serializer_class(data={"v": wrap(bad)})
    assert not refused.is_valid()
    detail = refused.errors["v"][0] if in_list else refused.errors["v"]
    assert [error.code for error in detail] == [code]


def test_a_lower_bound_that_drf_knows_speaks_drfs_words() -> None:
    side = Side(NonNegativeInt, drf.IntegerField(min_value=0))
    assert side.refuses(-1) == "min_value"
    assert side.refuses("-1") == "min_value"
