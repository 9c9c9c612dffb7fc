"""A schema of OpenAPI 3.0 or 3.1 in one form: without references, ``null`` apart from types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]

CONSTRAINTS = {
    "maximum": "max",
    "exclusiveMaximum": "exclusive-max",
    "minimum": "min",
    "exclusiveMinimum": "exclusive-min",
    "maxLength": "max-length",
    "minLength": "min-length",
    "maxItems": "max-items",
    "minItems": "min-items",
}
"""Bounds of a value, and how the ids of checks call them."""


@dataclass(frozen=True)
class Shape:
    """What a schema says.

    Attributes:
        types: The types, without ``null`` and with their formats; empty is any.
        nullable: Whether ``null`` is allowed.
        enum: The values, if they are listed.
        properties: The schemas of the properties, not yet in this form.
        required: The properties that have to be there.
        items: The schema of the items.
        bounds: The bounds by their keywords.
        pattern: The regular expression.
        default: The default, in a tuple; empty is none.
        one_of: The names, or the texts, of the alternatives.
        any_of: The same of ``anyOf``.
        read_only: Whether it is not sent.
        write_only: Whether it is not answered.
    """

    types: frozenset[str] = frozenset()
    nullable: bool = False
    enum: tuple[Any, ...] | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Any = None
    bounds: Mapping[str, float] = field(default_factory=dict)
    pattern: str | None = None
    default: tuple[Any, ...] = ()
    one_of: frozenset[str] = frozenset()
    any_of: frozenset[str] = frozenset()
    read_only: bool = False
    write_only: bool = False


def resolved(document: Document, node: object) -> dict[str, Any]:
    """Return a node of a document, or what it refers to.

    Args:
        document: The document.
        node: The node; ``None`` is an empty one.
    """
    seen: set[str] = set()
    while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
        reference = node["$ref"]
        if reference in seen:
            return {}
        seen.add(reference)
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            target = target.get(name) if isinstance(target, Mapping) else None
        # What stands beside a reference counts as well, from 3.1 on.
        beside = {key: value for key, value in node.items() if key != "$ref"}
        node = {**target, **beside} if isinstance(target, Mapping) else beside
    return dict(node) if isinstance(node, Mapping) else {}


def shape(document: Document, node: object) -> Shape:
    """Return what a schema says.

    Args:
        document: The document that it refers to.
        node: The schema.
    """
    schema = _merged(document, node)
    alternatives = {name: list(schema.get(name) or ()) for name in ("oneOf", "anyOf")}
    nullable = bool(schema.get("nullable")) or _allows_null(document, schema, alternatives)
    for name, some in alternatives.items():
        alternatives[name] = [
            node_of_one for node_of_one in some if not _is_null(document, node_of_one)
        ]
    single = next((some[0] for some in alternatives.values() if len(some) == 1), None)
    if single is not None and sum(map(len, alternatives.values())) == 1:
        # A value or null.
        rest = {key: value for key, value in schema.items() if key not in ("oneOf", "anyOf")}
        schema, alternatives = {**_merged(document, single), **rest}, {"oneOf": [], "anyOf": []}
        nullable = nullable or bool(schema.get("nullable"))
    return Shape(
        types=frozenset(_types(document, schema, alternatives)),
        nullable=nullable,
        enum=_enum(document, schema, alternatives),
        properties=schema.get("properties") or {},
        required=frozenset(schema.get("required") or ()),
        items=schema.get("items"),
        bounds={name: schema[name] for name in CONSTRAINTS if _is_number(schema.get(name))},
        pattern=schema.get("pattern"),
        default=(schema["default"],) if "default" in schema else (),
        one_of=frozenset(_names(document, alternatives["oneOf"])),
        any_of=frozenset(_names(document, alternatives["anyOf"])),
        read_only=bool(schema.get("readOnly")),
        write_only=bool(schema.get("writeOnly")),
    )


def _merged(document: Document, node: object) -> dict[str, Any]:
    """Return a schema with the members of its ``allOf`` laid together."""
    schema = resolved(document, node)
    merged: dict[str, Any] = {}
    for part in (*(schema.pop("allOf", None) or ()), schema):
        inner = _merged(document, part) if part is not schema else part
        properties = {**merged.get("properties", {}), **(inner.get("properties") or {})}
        required = [*merged.get("required", ()), *(inner.get("required") or ())]
        merged.update(inner)
        if properties:
            merged["properties"] = properties
        if required:
            merged["required"] = required
    return merged


def _is_null(document: Document, node: object) -> bool:
    schema = resolved(document, node)
    return schema.get("type") == "null" or schema.get("enum") == [None]


def _allows_null(
    document: Document, schema: Mapping[str, object], alternatives: Mapping[str, list[Any]]
) -> bool:
    types = schema.get("type")
    if isinstance(types, list) and "null" in types:
        return True
    return any(
        _is_null(document, alternative) for some in alternatives.values() for alternative in some
    )


def _types(
    document: Document, schema: Mapping[str, Any], alternatives: Mapping[str, list[Any]]
) -> Iterator[str]:
    types = schema.get("type", ())
    for name in [types] if isinstance(types, str) else types:
        if name != "null":
            yield f"{name}/{schema['format']}" if schema.get("format") else name
    if not types and _only_enums(document, alternatives):
        for alternative in alternatives["oneOf"]:
            yield from _types(document, resolved(document, alternative), {"oneOf": []})


def _only_enums(document: Document, alternatives: Mapping[str, list[Any]]) -> bool:
    """Whether the alternatives are lists of values only, as for a choice that may be blank."""
    some = alternatives["oneOf"]
    return bool(some) and all("enum" in resolved(document, alternative) for alternative in some)


def _enum(
    document: Document, schema: Mapping[str, Any], alternatives: Mapping[str, list[Any]]
) -> tuple[Any, ...] | None:
    if _only_enums(document, alternatives):
        several = (resolved(document, alternative)["enum"] for alternative in alternatives["oneOf"])
        return tuple(value for values in several for value in values)
    values = schema.get("enum")
    if values is None and "const" in schema:
        values = [schema["const"]]
    return None if values is None else tuple(value for value in values if value is not None)


def _names(document: Document, alternatives: list[Any]) -> Iterator[str]:
    if _only_enums(document, {"oneOf": alternatives}):
        return
    for alternative in alternatives:
        if isinstance(alternative, Mapping) and "$ref" in alternative:
            yield str(alternative["$ref"]).rpartition("/")[2]
        else:
            yield repr(alternative)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
