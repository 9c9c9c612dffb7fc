"""The default of a field, in the words of JSON: what a response holds where nothing was sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import isfinite
from typing import Final

from django.utils.dateparse import parse_date
from rest_framework.utils.encoders import JSONEncoder

from nova_drf.mapping.shape import AnyField, FieldShape, Kind
from nova_drf.openapi.dialect import JSONSchema
from nova_drf.representation.objects import readers
from nova_drf.representation.values import value_printer

_NUMBERS = (int, float, Decimal)
_PYTHON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list, tuple),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": _NUMBERS,
    "object": (dict,),
    "string": (str, Decimal),  # which JSON prints as text
}


def correct_default(schema: JSONSchema, field: FieldShape, bound: AnyField) -> None:
    """Let the default of a property be a value that the property may have, or leave it out.

    drf-spectacular takes the Python object where the field cannot print it. No document can hold
    that, or it is of another type than the document says, so that no tool accepts it.

    Args:
        schema: The schema of the property; it is changed.
        field: What the property documents.
        bound: Its DRF field.
    """
    if "default" not in schema:
        return
    default = schema["default"]
    if not (_is_json(default) and _is_of_type(default, schema)):
        printed = _printed(field, bound)
        if printed is None or not (_is_of_type(printed, schema) and _has_format(printed, schema)):
            del schema["default"]
            return
        default = printed
    if isinstance(bound.default, (set, frozenset)) and isinstance(default, Iterable):
        # The order of a set differs from one process to the next, and a document should not.
        default = sorted(default, key=repr)
    schema["default"] = default


def _printed(field: FieldShape, bound: AnyField) -> object:
    """Return the default as a response would hold it; ``None`` if no response could."""
    if field.type.kind is Kind.KEPT:
        printed = bound.default
    else:
        try:
            printed = value_printer(field.type, readers(False)).print(bound.default)
        except Exception:
            # Whatever it is: the author's own serializer may run here, on a value of any type.
            return None
    try:
        return json.loads(json.dumps(printed, cls=JSONEncoder, allow_nan=False))
    except (TypeError, ValueError):
        return None


def _is_json(value: object) -> bool:
    """Whether a value may stand in a document as it is."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_json, value))
    if isinstance(value, (float, Decimal)):
        return isfinite(value)
    return value is None or isinstance(value, (str, int))


def _is_of_type(value: object, schema: JSONSchema) -> bool:
    """Whether a value has the type that a schema asks for, its parts included."""
    if value is None:
        return True
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema and not any(_is_of_type(value, each) for each in schema[keyword]):
            return False
    types = schema.get("type", [])
    names = types if isinstance(types, list) else [types]
    if names and not any(_has_type(value, name) for name in names):
        return False
    if isinstance(value, (list, tuple)):
        return all(_is_of_type(item, schema.get("items") or {}) for item in value)
    of_values = schema.get("additionalProperties")
    if isinstance(value, dict) and isinstance(of_values, dict):
        return all(_is_of_type(item, of_values) for item in value.values())
    return True


def _has_format(value: object, schema: JSONSchema) -> bool:
    """Whether a moment is a moment, and a day a day: each is text that stands for no other."""
    if schema.get("format") not in ("date", "date-time"):
        return True
    is_day = parse_date(str(value)) is not None
    return is_day is (schema["format"] == "date")


def _has_type(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _PYTHON_TYPES.get(name, (object,)))
