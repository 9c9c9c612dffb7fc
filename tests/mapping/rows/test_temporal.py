"""Dates, times and durations: DRF's field and the schema agree on every value."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from django.utils import timezone as django_timezone
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, Field, PastDate
from rest_framework import fields as drf

from nova_drf import Schema
from nova_drf.mapping.payload_settings import begin_payload, end_payload
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import UNKNOWN, Side, assert_same_print

DATES: tuple[Any, ...] = (
    *("2024-01-02", "2024-1-2", "20240102", "2024-01-02T00:00:00", "2024-02-30", "2024-W01-1"),
    *("0001-01-01", "9999-12-31", "10000-01-01", "2024-01-02 ", "02/01/2024", "\u0662024-01-02"),
    *(date(2024, 1, 2), datetime(2024, 1, 2)),
)
TIMES: tuple[Any, ...] = (
    *("10", "10:11", "10:11:12", "10:11:12Z", "10:11:12.123456789", "1:2:3", "24:00", "10:11:12,5"),
    *("10:11:12+02:00", "T10:11", "101112", "25:00", time(1, 2), time(1, tzinfo=UTC)),
)
MOMENTS: tuple[Any, ...] = (
    *("2024-01-02T03:04:05Z", "2024-01-02T03:04:05z", "2024-1-2T3:4:5", "20240102T030405Z"),
    *("2024-03-31T02:30", "2024-10-27T02:30", "2024-01-02", "2024-01-02 03:04", "2024-01-02T03:04"),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    *("2024-01-02T03:04:05.1234567+05:30", "2024-13-02T03:04:05", "2024-01-02T24:00:00Z"),
    *("2024-01-02T03:04:05+0530", "2024-01-02T03:04:05+05", "2024-01-02T03:04:05 +05:30"),
    *(datetime(2024, 1, 2, 3), datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=-7)))),
)
SPANS: tuple[Any, ...] = (
    *("1 00:00:00", "3600", "5.5", "1:2", "P1Y", "P1DT2H", "-1 day, 0:00:01", "-P1D", "PT1,5S"),
    *("1 day, 2:03:04", "999999999 00:00:00", "999999999999 00:00:00", "P9999999999D", "1 2:3:4.5"),
    *(60, 1.5, timedelta(1), "-1 00:00:01", "P1W", "1:60:61", float("nan"), float("inf"), 1e300),
)
OTHERS: tuple[Any, ...] = (
    *("", " ", None, True, 0, 1700000000, "1700000000", 1.5, [], {}, b"2024-01-02", "\x00", "now"),
    *("-", UNKNOWN, "\ud800", "9" * 5000),
)


@pytest.fixture(
    params=[
        pytest.param((date, drf.DateField), id="date"),
        pytest.param((time, drf.TimeField), id="time"),
        pytest.param((datetime, drf.DateTimeField), id="moment"),
        pytest.param((timedelta, drf.DurationField), id="span"),
    ]
)
def kind(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """One of the four types, with its field class."""
    pair: tuple[Any, Any] = request.param
    return pair


@pytest.fixture(params=[False, True], ids=["", "or null"])
def side(request: pytest.FixtureRequest, kind: tuple[Any, Any]) -> Side:
    """It on both sides."""
    annotation, field_class = kind
    if request.param:
        return Side(annotation | None, field_class(allow_null=True))
    return Side(annotation, field_class())


@pytest.mark.parametrize("value", [*DATES, *TIMES, *MOMENTS, *SPANS, *OTHERS], ids=ascii)
def test_every_value_gets_the_verdict_and_value_of_drfs_field(side: Side, value: Any) -> None:
    side.check(value)


INPUT_FORMATS = {
    "DATE_INPUT_FORMATS": ["%d/%m/%Y", "iso-8601"],
    "TIME_INPUT_FORMATS": ["%H.%M"],
    "DATETIME_INPUT_FORMATS": ["%d/%m/%Y %H:%M", "iso-8601"],
}


@pytest.mark.parametrize("value", [*DATES, *TIMES, "02/01/2024", "10.11", "02/01/2024 10:11"])
def test_input_formats_are_read_from_the_settings_of_the_moment(
    kind: tuple[Any, Any], value: Any
) -> None:
    annotation, field_class = kind
    side = Side(annotation, field_class())
    side.check(value)
    with override_settings(REST_FRAMEWORK=INPUT_FORMATS):
        side.check(value)
    side.check(value)


@pytest.mark.parametrize("value", MOMENTS, ids=str)
@pytest.mark.parametrize("settings", [{"USE_TZ": False}, {"TIME_ZONE": "UTC"}], ids=str)
def test_moments_follow_the_time_zone_settings(settings: dict[str, Any], value: Any) -> None:
    side = Side(datetime, drf.DateTimeField())
    with override_settings(**settings):
        side.check(value)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York", "UTC"])
@pytest.mark.parametrize("value", MOMENTS, ids=str)
def test_moments_follow_the_zone_that_is_active(zone: str, value: Any) -> None:
    side = Side(datetime, drf.DateTimeField())
    with django_timezone.override(ZoneInfo(zone)):
        side.check(value)
        side.check("2024-01-02T03:04:05Z")


def test_naive_moments_become_aware_in_the_current_zone() -> None:
    moment = Side(datetime, drf.DateTimeField()).accepts("2024-01-02T03:04:05")
    assert moment.isoformat() == "2024-01-02T03:04:05+01:00"


def test_aware_moments_are_moved_into_the_current_zone() -> None:
    moment = Side(datetime, drf.DateTimeField()).accepts("2024-07-02T03:04:05Z")
    assert moment.isoformat() == "2024-07-02T05:04:05+02:00"


def test_numbers_are_no_moments() -> None:
    for annotation, field in ((datetime, drf.DateTimeField()), (date, drf.DateField())):
        side = Side(annotation, field)
        assert side.refuses(1700000000) == "invalid"
        assert side.refuses("1700000000") == "invalid"
    assert Side(time, drf.TimeField()).refuses(3600) == "invalid"


def test_a_date_is_no_moment_and_a_moment_no_date() -> None:
    assert Side(datetime, drf.DateTimeField()).refuses(date(2024, 1, 2)) == "date"
    assert Side(date, drf.DateField()).refuses(datetime(2024, 1, 2)) == "datetime"
    assert Side(date, drf.DateField()).refuses("2024-01-02T00:00:00") == "invalid"


def test_gaps_and_overlaps_of_summer_time_are_accepted_as_drf_accepts_them() -> None:
    side = Side(datetime, drf.DateTimeField())
    side.check("2024-03-31T02:30")
    side.check("2024-10-27T02:30")


def test_an_empty_duration_and_a_negative_day_mean_what_django_says() -> None:
    side = Side(timedelta, drf.DurationField())
    side.check("")
    assert side.accepts("-1 day, 0:00:01") == timedelta(days=-1, seconds=1)
    assert side.refuses("P1Y") == "invalid"
    assert side.refuses("999999999999 00:00:00") == "overflow"


def test_limits_of_durations_are_checked_in_drfs_words() -> None:
    annotation = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=1))]
    field = drf.DurationField(min_value=timedelta(0), max_value=timedelta(days=1))
    side = Side(annotation, field)
    assert side.refuses("-1 00:00:00") == "min_value"
    assert side.refuses("2 00:00:00") == "max_value"
    assert side.accepts("1:00") == timedelta(minutes=1)


STORED = (
    *(
        date(2024, 1, 2),
        time(1, 2, 3),
        time(1, 2, 3, 456),
        time(1, tzinfo=UTC),
        timedelta(hours=26),
    ),
    *(datetime(2024, 1, 2, 3, 4, 5), datetime(2024, 7, 2, 3, tzinfo=UTC), timedelta(seconds=-1)),
    *(
        datetime(2024, 1, 2, tzinfo=ZoneInfo("Asia/Kolkata")),
        timedelta(0),
        timedelta(microseconds=5),
    ),
    *("2024-01-02", "", "10:11", datetime(1, 1, 1, 12), datetime(2024, 10, 27, 2, 30, fold=1)),
)
FORMATS: tuple[dict[str, Any], ...] = (
    {},
    {"DATETIME_FORMAT": "%Y/%m/%d", "DATE_FORMAT": "%d.%m.%Y", "TIME_FORMAT": "%H"},
    {"DATETIME_FORMAT": None, "DATE_FORMAT": None, "TIME_FORMAT": None},
    {"DURATION_FORMAT": "iso-8601"},
)


@pytest.mark.parametrize("stored", STORED, ids=ascii)
@pytest.mark.parametrize("formats", FORMATS, ids=lambda formats: ",".join(formats) or "default")
def test_every_stored_value_is_printed_as_drfs_field_prints_it(
    side: Side, stored: Any, formats: dict[str, Any]
) -> None:
    with override_settings(REST_FRAMEWORK=formats):
        assert_same_print(side.classic, side.ours, {"v": stored})
    assert_same_print(side.classic, side.ours, {"v": stored})


def test_moments_are_printed_in_the_current_zone_and_only_utc_gets_a_z() -> None:
    side = Side(datetime, drf.DateTimeField())
    moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert side.prints(moment) == "2024-01-02T04:04:05+01:00"
    with override_settings(TIME_ZONE="UTC"):
        assert side.prints(moment) == "2024-01-02T03:04:05Z"
    assert side.prints(datetime(2024, 1, 2, 3, 4, 5)) == "2024-01-02T03:04:05+01:00"


def test_durations_are_printed_in_djangos_notation() -> None:
    side = Side(timedelta, drf.DurationField())
    assert side.prints(timedelta(hours=26)) == "1 02:00:00"
    assert side.prints(timedelta(seconds=-1)) == "-1 23:59:59"


@pytest.mark.parametrize(
    ("annotation", "good", "bad", "code"),
    [
        (AwareDatetime, "2024-01-02T03:04:05", None, "null"),
        (PastDate, "2024-01-02", "2999-01-02", "date_past"),
        (Annotated[date, Field(gt=date(2024, 1, 1))], "2024-01-02", "2024-01-01", "greater_than"),
        (Annotated[time, Field(le=time(12))], "12:00", "12:01", "less_than_equal"),
        (Annotated[timedelta, Field(lt=timedelta(1))], "1:00", "1 00:00", "less_than"),
        (Annotated[date, Field(strict=True)], "2024-01-02", "nonsense", "invalid"),
    ],
    ids=str,
)
def test_constraints_that_drf_lacks_are_checked_on_the_value_of_drfs_field(
    annotation: Any, good: str, bad: Any, code: str
) -> None:
    namespace = {"__annotations__": {"v": annotation}, "__module__": __name__}
    serializer_class = serializer_from_schema(type("Constrained", (Schema,), namespace))
    accepted = serializer_class(data={"v": good})
    assert accepted.is_valid(), accepted.errors
    refused = serializer_class(data={"v": bad})
    assert not refused.is_valid()
    assert [error.code for error in refused.errors["v"]] == [code]


# In the text of a body


class Moments(Schema):
    at: datetime
    last: datetime | None = datetime(2020, 1, 1)


MomentsSerializer = serializer_from_schema(Moments)
ZONES: tuple[tzinfo, ...] = (
    *(UTC, ZoneInfo("UTC"), ZoneInfo("Etc/UTC"), timezone(timedelta(hours=5, minutes=30))),
    *(ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Africa/Monrovia")),
)


def of_text(text: str) -> dict[str, Any] | None:
    """Return what the text of a body is validated as; ``None`` if somebody has to parse it."""
    text_input = MomentsSerializer.get_definition().text_input(False)
    assert text_input is not None
    mark = begin_payload()
    try:
        values: dict[str, Any] | None = text_input.validated_data(json.dumps({"at": text}).encode())
    finally:
        end_payload(mark)
    return values


def assert_as_drf(text: str, zone: tzinfo) -> bool:
    with django_timezone.override(zone):
        values = of_text(text)
        if values is None:
            return False
        ours, expected = values["at"], drf.DateTimeField().run_validation(text)
    assert (ours, ours.tzinfo, ours.fold, type(ours)) == (
        *(expected, expected.tzinfo, expected.fold, type(expected)),
    )
    assert ours.tzinfo is expected.tzinfo
    # What was not sent is what it was declared to be.
    assert values["last"] is Moments.model_fields["last"].default
    return True


@pytest.mark.parametrize("zone", ZONES, ids=repr)
@pytest.mark.parametrize("text", [text for text in MOMENTS if isinstance(text, str)])
def test_moments_in_the_text_of_a_body_are_those_of_drfs_field(text: str, zone: tzinfo) -> None:
    assert_as_drf(text, zone)


@given(
    moment=st.datetimes(timezones=st.sampled_from(ZONES)),
    zone=st.sampled_from(ZONES),
    separator=st.sampled_from("T "),
)
def test_all_moments_are(moment: datetime, zone: tzinfo, separator: str) -> None:
    text = moment.isoformat(separator)
    is_taken = assert_as_drf(text, zone)
    assert is_taken or moment.year in (1, 9999)


def test_moments_without_a_zone_are_left_to_the_field() -> None:
    assert of_text("2024-01-02T03:04:05") is None
    with override_settings(USE_TZ=False):
        assert of_text("2024-01-02T03:04:05Z") is None
