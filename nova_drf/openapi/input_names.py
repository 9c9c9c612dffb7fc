"""Where clients send the fields of a request: under aliases, and inside of other values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nova_drf.mapping.input_paths import InputPath
from nova_drf.mapping.shape import FieldShape
from nova_drf.openapi.dialect import JSONSchema


def name_as_sent(schema: JSONSchema, fields: Iterable[FieldShape]) -> None:
    """Document the fields of a request under the names, and in the places, of a request.

    Args:
        schema: The schema of the request, with the names of a response; it is changed.
        fields: Its fields.
    """
    paths = {field.wire_name: field.input_paths[0] for field in fields}
    if all(path == (name,) for name, path in paths.items()) or "properties" not in schema:
        return
    required = frozenset(schema.pop("required", ()))
    named = schema.pop("properties")
    schema["properties"] = {}
    # What has a place of its own before what goes inside of another value.
    for name in sorted(named, key=lambda name: len(paths.get(name, (name,))) > 1):
        _place(schema, paths.get(name, (name,)), named[name], is_required=name in required)


def _place(schema: Any, path: InputPath, value: JSONSchema, *, is_required: bool) -> None:
    step, *rest = path
    if isinstance(step, int):
        _place_in_list(schema, path, value, is_required=is_required)
        return
    properties = schema.setdefault("properties", {})
    if not rest:
        properties[step] = value
    else:
        kind = "object" if isinstance(rest[0], str) else "array"
        below = properties.setdefault(step, {"type": kind})
        if below.get("type") == kind:
            _place(below, tuple(rest), value, is_required=is_required)
    if is_required:
        schema["required"] = sorted({*schema.get("required", ()), step})


def _place_in_list(schema: Any, path: InputPath, value: JSONSchema, *, is_required: bool) -> None:
    """Document an item of a list; where several items differ, they may be anything."""
    index, *rest = path
    if rest:
        item: JSONSchema = {"type": "object" if isinstance(rest[0], str) else "array"}
        _place(item, tuple(rest), value, is_required=is_required)
    else:
        item = value
    schema["items"] = item if schema.get("items", item) == item else {}
    if is_required and isinstance(index, int):
        least = index + 1 if index >= 0 else -index
        schema["minItems"] = max(schema.get("minItems", 0), least)
