"""The text that stands in a page for a value, and what it means when a browser sends it back.

What is written is what the API prints, if that is read back as the same value. Values with parts
are written as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Manager, Model
from django.utils.timezone import is_aware, localtime
from pydantic import SecretBytes, SecretStr
from pydantic import ValidationError as PydanticValidationError
from pydantic_core import SchemaValidator
from rest_framework import fields as drf
from rest_framework.exceptions import ValidationError
from rest_framework.relations import ManyRelatedField, RelatedField
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings
from rest_framework.utils.encoders import JSONEncoder

from nova_drf.core.core_schema import closed
from nova_drf.core.markers import UNSET
from nova_drf.mapping.shape import AnyField, Kind, TypeShape
from nova_drf.representation.objects import reader_of
from nova_drf.representation.values import value_printer

Native = Callable[[Any], str]

_ANY_JSON = (object,)

SECRETS = (SecretStr, SecretBytes)
"""What is kept where nothing is written over it."""


def json_types(field: AnyField, type_: TypeShape) -> tuple[type, ...]:
    """Return what the JSON of an input has to be, to be taken for the value; nothing if no JSON is.

    Args:
        field: The DRF field.
        type_: What its value is.
    """
    if _reads_json(field, type_):
        return ()
    if isinstance(field, drf.ListField):
        return (list,)
    if isinstance(field, (drf.DictField, BaseSerializer)) or type_.kind is Kind.RECORD:
        return (list, dict)
    is_single = type_.kind in (Kind.SCALAR, Kind.KEPT) and not isinstance(field, drf.JSONField)
    return () if is_single else _ANY_JSON


def is_in_json(field: AnyField, type_: TypeShape) -> bool:
    """Whether a value is written as JSON.

    Args:
        field: The DRF field.
        type_: What its value is.
    """
    return _reads_json(field, type_) or bool(json_types(field, type_))


def _reads_json(field: AnyField, type_: TypeShape) -> bool:
    """Whether whoever validates the value takes its text for JSON already."""
    by_field = isinstance(field, drf.JSONField) and type_.has_drf_semantics
    return by_field or type_.core.get("type") == "json"


def value_in_json(text: object, types: tuple[type, ...]) -> Any:
    """Return the value that a text is in JSON; ``UNSET`` if it is none of these types.

    Args:
        text: What one input of a form sent.
        types: From :func:`json_types`.
    """
    if not isinstance(text, str):
        return UNSET
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return UNSET
    return value if isinstance(value, types) else UNSET


def text_of(field: AnyField, type_: TypeShape, value: object, input_type: str | None) -> Any:
    """Return what stands in a page for a value: a text, a list of them, or whether it is true.

    Args:
        field: The DRF field.
        type_: What the value is.
        value: The value, or primitives for it.
        input_type: The type of the ``<input>`` element, if it is one.
    """
    if value is None or value is UNSET or input_type == "file" or isinstance(value, SECRETS):
        # Secrets do not go into pages, and asterisks would come back in their place.
        return None
    if input_type == "checkbox":
        return bool(value)
    if isinstance(field, drf.BooleanField) and isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (date, time)) or (input_type in _NATIVE and isinstance(value, str)):
        return _moment_text(field, type_, value, input_type)
    if is_in_json(field, type_):
        return json.dumps(_printed(field, type_, value), cls=JSONEncoder, ensure_ascii=False)
    if isinstance(value, str) and not isinstance(field, drf.ChoiceField):
        return str(value)
    primitive = _printed(field, type_, value)
    if isinstance(primitive, (list, tuple, set)):
        return [str(item) for item in primitive]
    return str(primitive)


def _printed(field: AnyField, type_: TypeShape, value: Any) -> Any:
    if type_.kind is not Kind.KEPT:
        return value_printer(type_, reader_of).print(value)
    if isinstance(field, ManyRelatedField):
        items = value.all() if isinstance(value, Manager) else value
        return [_key_of(field.child_relation, item) for item in items]
    if isinstance(field, RelatedField):
        return _key_of(field, value)
    return field.to_representation(value)


def _key_of(relation: AnyField, value: object) -> object:
    """Return what a client sends for a related object; a key is that already."""
    return relation.to_representation(value) if isinstance(value, Model) else value


# Dates and times


def _moment_text(field: AnyField, type_: TypeShape, value: Any, input_type: str | None) -> str:
    read = _reader(field, type_)
    if isinstance(value, str):
        try:
            value = read(value)
        except (ValidationError, PydanticValidationError):
            return str(value)
    for text in _spellings(field, type_, value, input_type):
        try:
            if _instant(read(text)) == _instant(value):
                return text
        except (ValidationError, PydanticValidationError):
            continue
    return str(value.isoformat())


def _instant(value: object) -> object:
    """Return what is the same for the same moment; of an hour that comes twice, Python says no."""
    return value.astimezone(UTC) if isinstance(value, datetime) and is_aware(value) else value


def _reader(field: AnyField, type_: TypeShape) -> Callable[[str], Any]:
    if type_.has_drf_semantics or type_.kind is Kind.KEPT:
        return field.to_internal_value  # type: ignore[no-any-return]  # of a field of any kind
    validate = SchemaValidator(closed(type_.core, type_.definitions)).validate_python
    return lambda text: validate(text)


def _spellings(
    field: AnyField, type_: TypeShape, value: Any, input_type: str | None
) -> Iterator[str]:
    """Yield ways to write a date or time, those first that a browser has a calendar for."""
    native = _NATIVE.get(input_type or "")
    if native is not None:
        yield native(value)
    yield str(_printed(field, type_, value))
    yield value.isoformat()
    formats = getattr(field, "input_formats", None)
    if formats is None:
        formats = next(formats for cls, formats in _input_formats() if isinstance(value, cls))
    yield from (value.strftime(spelling) for spelling in formats)


def _input_formats() -> Iterator[tuple[type, Sequence[str]]]:
    yield datetime, api_settings.DATETIME_INPUT_FORMATS
    yield date, api_settings.DATE_INPUT_FORMATS
    yield time, api_settings.TIME_INPUT_FORMATS


def _local(value: object) -> str:
    local = localtime(value) if isinstance(value, datetime) and is_aware(value) else value
    return _short(local.replace(tzinfo=None)) if isinstance(local, datetime) else str(value)


def _short(value: Any) -> str:
    return str(value.isoformat(timespec="milliseconds" if value.microsecond else "seconds"))


def _clock(value: object) -> str:
    return _short(value) if isinstance(value, time) else str(value)


_NATIVE: Mapping[str, Native] = {"date": str, "time": _clock, "datetime-local": _local}
"""How HTML has it; every other text disappears from such an input."""

_TIME = r"\d\d:\d\d(:\d\d(\.\d{1,3})?)?"
_LOOKS = {
    "date": re.compile(r"\d{4,}-\d\d-\d\d"),
    "time": re.compile(_TIME),
    "datetime-local": re.compile(rf"\d{{4,}}-\d\d-\d\dT{_TIME}"),
}


def is_shown_by(input_type: str | None, text: object) -> bool:
    """Whether a browser shows a text in an input of a type, rather than to drop it.

    Args:
        input_type: The type of the ``<input>`` element, if it is one.
        text: Its value.
    """
    if not isinstance(text, str) or not text or input_type is None:
        return True
    looks = _LOOKS.get(input_type)
    return looks.fullmatch(text) is not None if looks else "\n" not in text and "\r" not in text
