"""Dates, times and durations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime, parse_time
from pydantic_core import core_schema
from rest_framework import ISO_8601
from rest_framework import fields as drf
from rest_framework.settings import api_settings

from nova_drf.core.core_schema import column_printer, not_taken
from nova_drf.mapping.payload_settings import current_time_zone
from nova_drf.mapping.registry import Convert, FieldMapping, PrintColumn
from nova_drf.mapping.rows.constraints import only, renamed

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import TypeShape


class TemporalMapping(FieldMapping):
    """What date, time and date-time share: text in ISO 8601 unless a setting says otherwise."""

    input_setting: ClassVar[str]
    parse: ClassVar[Any]

    def remainder(self, core: Core) -> Core | None:
        return only(core, "gt", "ge", "lt", "le", "now_op", "now_utc_offset", "tz_constraint")

    def accept(self, shape: TypeShape, value: Any) -> Any:
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


class DateMapping(TemporalMapping):
    """``date`` and ``DateField``."""

    core_type = "date"
    python_type = date
    field_class = drf.DateField
    input_setting = "DATE_INPUT_FORMATS"
    parse = staticmethod(parse_date)

    def represent(self, shape: TypeShape) -> Convert:
        exact = super().represent(shape)

        def represent(value: Any) -> Any:
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
    input_setting = "TIME_INPUT_FORMATS"
    parse = staticmethod(parse_time)


class DateTimeMapping(TemporalMapping):
    """``datetime`` and ``DateTimeField``, which moves values into the current time zone."""

    core_type = "datetime"
    python_type = datetime
    field_class = drf.DateTimeField
    input_setting = "DATETIME_INPUT_FORMATS"
    parse = staticmethod(parse_datetime)

    def accept(self, shape: TypeShape, value: Any) -> Any:
        zone = current_time_zone()
        if value.tzinfo is None or zone is None:
            raise not_taken()
        try:
            return value.astimezone(zone)
        except OverflowError as error:
            raise not_taken() from error

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

    def options(self, core: Core) -> dict[str, Any]:
        return renamed(core, ge="min_value", le="max_value")

    def remainder(self, core: Core) -> Core | None:
        return only(core, "gt", "lt")
