"""The schema of one value, where DRF's field does not say all there is to say.

drf-spectacular documents the fields of a :class:`~nova_drf.SchemaSerializer` as it documents any
others. What is added here is what no DRF field can tell: exclusive bounds and multiples, unions,
sets, types that only Pydantic knows, plain models with Pydantic's own semantics, and serializers
of the schema's author that print something else than what is accepted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_basic_type
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import Direction
from pydantic.fields import ComputedFieldInfo, FieldInfo
from pydantic.json_schema import WithJsonSchema

from nova_drf.core.core_schema import (
    Core,
    definitions_of,
    members_node,
    model_node,
    nodes,
    resolve,
)
from nova_drf.mapping.from_core_schema import SETS, has_unconstrained_keys, lengths
from nova_drf.mapping.from_pydantic import core_of
from nova_drf.mapping.shape import AnyField, FieldShape, Kind, Shape, TypeShape
from nova_drf.openapi.choices import identify_enum, json_types, mixed_choices
from nova_drf.openapi.dialect import JSONSchema, for_version, without_null
from nova_drf.openapi.json_schema import is_choice, own_return_schema, pydantic_schema
from nova_drf.serializers.schema_serializer import field_builder, nested_serializer_class

_NUMERIC = {"gt": "exclusiveMinimum", "lt": "exclusiveMaximum", "multiple_of": "multipleOf"}
"""The constraints of numbers that no argument of a DRF field can hold, in JSON Schema's words."""


def own_schema(
    auto_schema: AutoSchema, shape: Shape, field: FieldShape, direction: Direction
) -> JSONSchema | None:
    """Return the schema of a field, or ``None`` where its DRF field says all there is to say.

    Whether it may be ``None``, its texts and its default are left to drf-spectacular.

    Args:
        auto_schema: drf-spectacular's inspector; nested schemas become components of its document.
        shape: The payload.
        field: One of its fields.
        direction: ``"request"`` or ``"response"``.
    """
    if field.type.kind is Kind.KEPT:
        return None
    schema = _schema_beyond_drf(auto_schema, shape, field, direction)
    if schema is not None:
        # Pydantic calls secrets write-only, but they are sent, as asterisks.
        schema.pop("writeOnly", None)
    return schema


def _schema_beyond_drf(
    auto_schema: AutoSchema, shape: Shape, field: FieldShape, direction: Direction
) -> JSONSchema | None:
    marker = _marker(field_info(shape, field), direction)
    if marker is not None:
        return dict(for_version(marker.json_schema or {}))
    node = _telling_node(shape, field, direction)
    if node is not None:
        type_ = TypeShape(Kind.PYDANTIC, node, definitions=field.type.definitions)
        schema = described(auto_schema, type_, direction)
        return without_null(schema) if field.type.nullable else schema
    if _field_tells_all(field.type):
        return None
    return described(auto_schema, field.type, direction)


def is_left_out(shape: Shape, field: FieldShape, direction: Direction) -> bool:
    """Whether the author keeps a field out of documents: ``WithJsonSchema(None)``.

    Args:
        shape: The payload.
        field: One of its fields.
        direction: ``"request"`` or ``"response"``.
    """
    marker = _marker(field_info(shape, field), direction)
    return marker is not None and marker.json_schema is None


def field_info(shape: Shape, field: FieldShape) -> FieldInfo | ComputedFieldInfo | None:
    """Return what the schema's author wrote about a field; ``None`` if a serializer added it."""
    if field.computed:
        return shape.schema.model_computed_fields[field.name]
    return shape.schema.model_fields.get(field.name)


def described(auto_schema: AutoSchema, type_: TypeShape, direction: Direction) -> JSONSchema:
    """Return the schema of a value, without ``null``.

    Args:
        auto_schema: drf-spectacular's inspector.
        type_: What the value is.
        direction: ``"request"`` or ``"response"``.
    """
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        component = auto_schema.resolve_serializer(nested_serializer_class(type_.schema), direction)
        return dict(component.ref) if component else (build_basic_type(OpenApiTypes.OBJECT) or {})
    if type_.kind is Kind.SCALAR and (type_.has_drf_semantics or is_choice(type_.core)):
        return _scalar(auto_schema, type_, direction)
    if type_.kind is Kind.KEPT:
        return _field_schema(auto_schema, field_builder.build(type_), direction)
    return pydantic_schema(auto_schema, type_, direction, described)


def _scalar(auto_schema: AutoSchema, type_: TypeShape, direction: Direction) -> JSONSchema:
    """Document the DRF field of a value, and the constraints that it has no words for."""
    if is_choice(type_.core) and len(json_types(type_)) > 1:
        return mixed_choices(type_)
    if type_.mapping is not None and type_.mapping.json_schema is not None:
        return dict(for_version(dict(type_.mapping.json_schema)))
    field = field_builder.build(replace(type_, nullable=False))
    schema = _field_schema(auto_schema, field, direction)
    identify_enum(schema, type_)
    if schema.get("type") not in ("integer", "number"):
        return schema
    limits = {
        keyword: _number(type_.core[name])
        for name, keyword in _NUMERIC.items()
        if type_.core.get(name) is not None
    }
    return dict(for_version({**schema, **limits}))


def _field_schema(auto_schema: AutoSchema, field: AnyField, direction: Direction) -> JSONSchema:
    """Document a DRF field that is not bound to a serializer."""
    schema = dict(auto_schema._map_serializer_field(field, direction))
    auto_schema._insert_field_validators(field, schema)
    return schema


def _number(limit: Any) -> int | float:
    return limit if isinstance(limit, int) else float(limit)


# Which values need more than their DRF field


def _field_tells_all(type_: TypeShape) -> bool:
    """Whether drf-spectacular documents a value completely, given its DRF field."""
    if type_.kind in (Kind.SCHEMA, Kind.KEPT):
        return True
    if type_.kind is Kind.SCALAR:
        if is_choice(type_.core):
            return len(json_types(type_)) == 1
        if type_.mapping is not None and type_.mapping.json_schema is not None:
            return False
        return type_.has_drf_semantics and all(type_.core.get(name) is None for name in _NUMERIC)
    if type_.item is None:
        return False
    if type_.kind is Kind.LIST:
        return _is_unconstrained_list(type_) and _field_tells_all(type_.item)
    return (
        type_.kind is Kind.DICT
        and _is_unconstrained_dictionary(type_.core)
        and _field_tells_all(type_.item)
    )


def _is_unconstrained_list(type_: TypeShape) -> bool:
    """Whether a list is just that; DRF's lists of serializers tell nobody of their limits."""
    of_schemas = type_.item is not None and type_.item.kind is Kind.SCHEMA
    return type_.core["type"] not in SETS and not (of_schemas and lengths(type_.core))


def _is_unconstrained_dictionary(core: Core) -> bool:
    return has_unconstrained_keys(core) and lengths(core) in ({}, {"min_length": 1})


def _marker(
    info: FieldInfo | ComputedFieldInfo | None, direction: Direction
) -> WithJsonSchema | None:
    """Return what the author wrote down as the field's JSON schema."""
    mode = "validation" if direction == "request" else "serialization"
    for marker in getattr(info, "metadata", ()):
        if isinstance(marker, WithJsonSchema) and marker.mode in (None, mode):
            return marker
    return None


def _telling_node(shape: Shape, field: FieldShape, direction: Direction) -> Core | None:
    """Return a field's core schema if a function around it says what it takes or returns."""
    node = _node_of(shape, field)
    tells = _names_input if direction == "request" else own_return_schema
    if node is None or not _any_node(node, tells):
        return None
    while node["type"] in ("default", "nullable") and not tells(node):
        node = node["schema"]
    return node


def _names_input(node: Core) -> Core | None:
    return node.get("json_schema_input_schema")


def _node_of(shape: Shape, field: FieldShape) -> Core | None:
    root, definitions = definitions_of(core_of(shape.schema))
    members = members_node(model_node(resolve(root, definitions)))
    if not field.computed:
        member = members["fields"].get(field.name)
        return member["schema"] if member else None
    return next(
        computed["return_schema"]
        for computed in members["computed_fields"]
        if computed["property_name"] == field.name
    )


def _any_node(node: Core, tells: Callable[[Core], object]) -> bool:
    """Whether some node of a value says so; nested models speak for themselves."""
    parts = nodes(node, lambda part: part["type"] == "model")
    return any(tells(part) for part in parts if part["type"] != "model")
