"""Dates, times and durations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from pydantic_core import core_schema
from rest_framework import ISO_8601
from rest_framework import fields as drf
from rest_framework.settings import api_settings

from nova_drf.core.core_schema import column_printer, not_taken
from nova_drf.mapping.described import Described
from nova_drf.mapping.inputs import Inputs, limits
from nova_drf.mapping.payload_settings import current_time_zone
from nova_drf.mapping.registry import Convert, FieldMapping, PrintColumn
from nova_drf.mapping.rows.constraints import only, renamed
from nova_drf.mapping.rows.numbers import BOUNDS, bound_constraints
from nova_drf.mapping.rows.text import fast_text

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import AnyField, TypeShape


class TemporalMapping(FieldMapping):
    """What date, time and date-time share: text in ISO 8601 unless a setting says otherwise."""

    output = ("format",)
    input_type: ClassVar[str]
    """What HTML calls the input."""
    input_setting: ClassVar[str]
    parse: ClassVar[Any]

    def remainder(self, core: Core) -> Core | None:
        return only(core, "gt", "ge", "lt", "le", "now_op", "now_utc_offset", "tz_constraint")

    def accept(self, shape: TypeShape, value: object) -> Any:
        """Turn what was parsed into the value that DRF's field returns."""
        return value

    def fast(self, shape: TypeShape) -> Core | None:
        parse, setting = type(self).parse, self.input_setting

        def accepted(value: Any) -> Any:
            # Settings are read at each call, as DRF's fields do.
            if value.__class__ is not str or getattr(api_settings, setting) != [ISO_8601]:
                raise not_taken()
            # All that ISO 8601 writes begins with a digit, and to parse what does not takes long.
            parsed = parse(value) if value[:1].isdigit() else None
            if parsed is None:
                raise not_taken()
            return self.accept(shape, parsed)

        return dict(core_schema.no_info_plain_validator_function(accepted))

    def widget_attributes(self, field: AnyField) -> dict[str, str]:
        return {"type": self.input_type}

    def source_arguments(self, value: object) -> str | None:
        if getattr(value, "tzinfo", None) is not None:
            return None
        return _call_arguments(value)


def _call_arguments(value: object) -> str:
    """Return what stands in the parentheses of ``datetime.date(2024, 1, 2)``."""
    return repr(value).partition("(")[2].removesuffix(")")


class DateMapping(TemporalMapping):
    """``date`` and ``DateField``."""

    core_type = "date"
    python_type = date
    field_class = drf.DateField
    model_fields = (models.DateField,)
    stored_values = (date(2024, 1, 2),)
    openapi_types = ("DATE",)
    widget = "django.forms.DateInput"
    input_type = "date"
    input_setting = "DATE_INPUT_FORMATS"
    parse = staticmethod(parse_date)
    iso_setting = "DATE_INPUT_FORMATS"

    def in_json(self, shape: TypeShape) -> Core | None:
        text = fast_text(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        return dict(core_schema.chain_schema([text, core_schema.date_schema(strict=False)]))

    def inputs(self, field: AnyField) -> Inputs | None:
        odd = ("2024-1-2", "20240102", "2024-02-30", "2024-01-02T00:00:00", 1700000000)
        return Inputs(("2024-01-02", "1999-12-31"), odd)

    def represent(self, shape: TypeShape) -> Convert:
        exact = super().represent(shape)

        def represent(value: Any) -> object:
            is_iso = value.__class__ is date and api_settings.DATE_FORMAT == ISO_8601
            return value.isoformat() if is_iso else exact(value)

        return represent

    def column(self, shape: TypeShape) -> Mapping[type, PrintColumn]:
        return {date: _dates}


class TimeMapping(TemporalMapping):
    """``time`` and ``TimeField``."""

    core_type = "time"
    python_type = time
    field_class = drf.TimeField
    model_fields = (models.TimeField,)
    stored_values = (time(10, 11, 12, 5),)
    openapi_types = ("TIME",)
    widget = "django.forms.TimeInput"
    input_type = "time"
    input_setting = "TIME_INPUT_FORMATS"
    parse = staticmethod(parse_time)

    def inputs(self, field: AnyField) -> Inputs | None:
        odd = ("10", "10:11", "24:00", "10:11:12Z", 3600)
        return Inputs(("10:11:12", "10:11:12.123456"), odd)


class DateTimeMapping(TemporalMapping):
    """``datetime`` and ``DateTimeField``, which moves values into the current time zone."""

    core_type = "datetime"
    python_type = datetime
    field_class = drf.DateTimeField
    model_fields = (models.DateTimeField,)
    stored_values = (datetime(2024, 7, 2, 3, 4, 5, 678, tzinfo=UTC),)
    openapi_types = ("DATETIME",)
    widget = "django.forms.DateTimeInput"
    input_type = "datetime-local"
    input_setting = "DATETIME_INPUT_FORMATS"
    parse = staticmethod(parse_datetime)
    iso_setting = "DATETIME_INPUT_FORMATS"

    def in_json(self, shape: TypeShape) -> Core | None:
        # What makes a date-time of it looks at each character anyway.
        return fast_text(None)

    def of_json(self, shape: TypeShape) -> Convert | None:
        return _OF_TEXT

    def inputs(self, field: AnyField) -> Inputs | None:
        odd = ("2024-01-02", "2024-1-2T3:4:5", "2024-03-31T02:30", "1700000000", 1700000000)
        return Inputs(("2024-01-02T03:04:05Z", "2024-07-02T03:04:05.123456+02:00"), odd)

    def accept(self, shape: TypeShape, value: Any) -> Any:
        if value.tzinfo is None:
            raise not_taken()
        return _into_zone(value)

    def represent(self, shape: TypeShape) -> Convert:
        exact = super().represent(shape)

        def represent(value: Any) -> Any:
            zone = current_time_zone()
            if (
                zone is not None
                and value.__class__ is datetime
                and value.tzinfo is not None
                and api_settings.DATETIME_FORMAT == ISO_8601
            ):
                try:
                    return _iso(value if value.tzinfo is zone else value.astimezone(zone))
                except OverflowError:
                    return exact(value)
            return exact(value)

        return represent

    def column(self, shape: TypeShape) -> Mapping[type, PrintColumn]:
        return {datetime: _points_in_time}


def _into_zone(value: datetime) -> datetime:
    """Move a date-time that has a zone into the current one."""
    zone = current_time_zone()
    if zone is None:
        raise not_taken()
    try:
        return value.astimezone(zone)
    except OverflowError as error:
        raise not_taken() from error


class _OfText:
    """Reads date-times that have a zone, and moves them into the current one."""

    def __call__(self, text: str) -> datetime:
        """Read one."""
        values: dict[str, Any] = {"": text}
        self.members(values, values)
        value: datetime = values[""]
        return value

    def members(self, values: dict[str, Any], names: Iterable[str]) -> None:
        """Read those of a payload, of which each may be missing, or ``None``, or a default.

        Args:
            values: The values of the payload.
            names: The names of the date-times.
        """
        zone = current_time_zone()
        is_utc = _is_utc(zone)
        try:
            for name in names:
                text: Any = values.get(name)
                if text.__class__ is not str:
                    continue
                value = _READ(text)
                if zone is None or value.tzinfo is None:
                    # It depends on the zone which point in time is meant, and if there is it.
                    raise not_taken()
                if value.tzinfo is not UTC or zone is UTC:
                    values[name] = value.astimezone(zone)
                    continue
                # The last step of what `astimezone()` does; those before find out the offset.
                value = _COMBINE(value, value.time(), zone)
                values[name] = value if is_utc else zone.fromutc(value)
        except (ValueError, OverflowError) as error:
            raise not_taken() from error


_READ = datetime.fromisoformat
"""What Django's ``parse_datetime()`` asks first. Other forms, which it knows, go to DRF's field."""

_COMBINE = datetime.combine
_OF_TEXT = _OfText()


def _dates(values: Sequence[date]) -> Sequence[str] | None:
    """Print dates; ``None`` if a setting asks for another format than ISO 8601."""
    return _print_dates(values) if api_settings.DATE_FORMAT == ISO_8601 else None


def _points_in_time(values: Sequence[datetime]) -> Sequence[str] | None:
    """Print date-times in the current zone; ``None`` if one has no zone, or an odd offset.

    So it is if a setting asks for another format than ISO 8601.
    """
    zone = current_time_zone()
    try:
        zones = set(map(_zone_of, values))
    except TypeError:
        # Those of dateutil cannot be hashed.
        return None
    if zone is None or None in zones or api_settings.DATETIME_FORMAT != ISO_8601:
        return None
    if _is_utc(zone) and all(map(_is_utc, zones)):
        return _print_datetimes(values)
    if any(other is not zone for other in zones):
        try:
            values = [value.astimezone(zone) for value in values]
        except OverflowError:
            return None
    return _print_datetimes(values) if _has_whole_minutes(zone, values) else None


_zone_of = attrgetter("tzinfo")


def _is_utc(zone: tzinfo | None) -> bool:
    return zone is UTC or (isinstance(zone, ZoneInfo) and zone.key == "UTC")


def _has_whole_minutes(zone: tzinfo, values: Sequence[datetime]) -> bool:
    """Whether no offset from UTC has seconds, which Pydantic would leave out.

    Of the zones that have names, none has had them since Liberia gave them up in 1972.
    """
    if zone.__class__ is ZoneInfo and min(values).year > 1972:
        return True
    offsets = set(map(datetime.utcoffset, values))
    return not any(offset is None or offset.total_seconds() % 60 for offset in offsets)


_print_dates = column_printer(core_schema.date_schema())
_print_datetimes = column_printer(core_schema.datetime_schema())


def _iso(value: datetime) -> str:
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


class DurationMapping(FieldMapping):
    """``timedelta`` and ``DurationField``."""

    core_type = "timedelta"
    python_type = timedelta
    field_class = drf.DurationField
    input = ("max_value", "min_value")
    output = ("format",)
    model_fields = (models.DurationField,)
    stored_values = (timedelta(days=-1, seconds=3), timedelta(0))
    openapi_types = ("DURATION",)

    def options(self, core: Core) -> dict[str, Any]:
        return renamed(core, ge="min_value", le="max_value")

    def remainder(self, core: Core) -> Core | None:
        return only(core, "gt", "lt")

    def description(self, field: AnyField) -> Described | None:
        return Described(timedelta, bound_constraints(field), BOUNDS)

    def inputs(self, field: AnyField) -> Inputs | None:
        odd = ("", "-1 day, 0:00:01", "999999999999 00:00:00", 60, 1.5)
        step = timedelta(seconds=1)
        at_bounds = [
            str(edge)
            for name in ("MinValueValidator", "MaxValueValidator")
            for limit in limits(field, name)
            for edge in (limit, limit + step, limit - step)
        ]
        return Inputs(("1 02:03:04", "3600", "P1DT2H"), (*odd, *at_bounds))

    def source_arguments(self, value: object) -> str | None:
        return _call_arguments(value)
