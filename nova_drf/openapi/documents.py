"""The schema of a serializer: drf-spectacular's, with what only the Pydantic schema says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from inspect import signature
from itertools import takewhile
from typing import Any

from drf_spectacular.drainage import has_override, set_override
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_basic_type, get_doc, safe_ref
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import Direction
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from nova_drf.mapping.rows.contents import FileMapping
from nova_drf.mapping.shape import AnyField, FieldShape, Kind, Shape, TypeShape
from nova_drf.openapi.aliases import move_fields, moved_fields, path_in_query
from nova_drf.openapi.choices import identify_enum, insert_limits_of_column, name_enums
from nova_drf.openapi.components import (
    component_name,
    is_being_made,
    is_of_query,
    needs_two,
    owner_of,
)
from nova_drf.openapi.defaults import correct_default
from nova_drf.openapi.dialect import JSONSchema, for_version, nullable, ready_for_null
from nova_drf.openapi.json_schema import printing_node
from nova_drf.openapi.properties import described, field_info, is_left_out, own_schema
from nova_drf.schemas.schema import Schema
from nova_drf.serializers.schema_serializer import SchemaSerializer, field_builder

_ANNOTATION = "_spectacular_annotation"
"""Where drf-spectacular keeps what its decorators say of an object."""


def serializer_schema(auto_schema: AutoSchema, serializer: Any, direction: Direction) -> JSONSchema:
    """Return the schema of a serializer's component.

    Args:
        auto_schema: drf-spectacular's inspector; nested schemas become components of its document.
        serializer: An instance of a :class:`~nova_drf.SchemaSerializer`.
        direction: ``"request"`` or ``"response"``.
    """
    definition = type(serializer).get_definition()
    shape = definition.request if direction == "request" else definition.response
    whole = _printed_by_itself(auto_schema, shape.schema, direction)
    if whole is not None:
        return whole
    # Before its parts are looked at, since the answer about the whole is one about them, too.
    two = needs_two(auto_schema, serializer)
    of_query = is_of_query(auto_schema, serializer, direction)
    with _documented(auto_schema, serializer, shape, direction) as ours:
        schema: JSONSchema = auto_schema._map_serializer(
            serializer, direction, bypass_extensions=True
        )
    for name in ours.keys() & schema.get("properties", {}).keys():
        # drf-spectacular knows that CharField refuses empty text; a plain model takes it.
        if "minLength" not in ours[name]:
            schema["properties"][name].pop("minLength", None)
    _finish_properties(auto_schema, schema, serializer, direction, two=two, of_query=of_query)
    if not has_override(serializer, "description"):
        _describe(schema, serializer, shape)
    return _with_config(schema, shape.schema)


def _finish_properties(
    auto_schema: AutoSchema,
    schema: JSONSchema,
    serializer: Any,
    direction: Direction,
    *,
    two: bool,
    of_query: bool,
) -> None:
    """Add what is not said yet, and leave what travels in the direction, under its name there."""
    definition = type(serializer).get_definition()
    shape = definition.request if direction == "request" else definition.response
    if two:
        _keep_one_direction(schema, shape, direction)
    for field in shape.fields.values():
        _finish_property(auto_schema, schema, shape, field, serializer)
    moved = moved_fields(definition.request)
    if (two or moved) and is_being_made(auto_schema, serializer, direction):
        name = component_name(auto_schema, serializer, "response")
        name_enums(auto_schema, schema, name, only=None if two else moved.keys())
    if direction == "request":
        in_query = {name: path_in_query(path) for name, path in moved.items()}
        move_fields(schema, in_query if of_query else moved)


def _printed_by_itself(
    auto_schema: AutoSchema, model: type[BaseModel], direction: Direction
) -> JSONSchema | None:
    """Return what ``@model_serializer`` says that it returns, if there is one that says so."""
    if direction == "request":
        return None
    node, definitions = printing_node(model)
    if node is None:
        return None
    type_ = TypeShape(
        Kind.PYDANTIC, node["serialization"]["return_schema"], definitions=definitions
    )
    return described(auto_schema, type_, direction) or None


# The fields, as far as DRF's do not say all


@contextmanager
def _documented(
    auto_schema: AutoSchema, serializer: Any, shape: Shape, direction: Direction
) -> Iterator[dict[str, JSONSchema]]:
    """Let the fields of a serializer tell drf-spectacular what they do not know themselves.

    Returns the schemas of those fields, by name.
    """
    ours: dict[str, JSONSchema] = {}
    with ExitStack() as stack:
        if direction == "response":
            stack.enter_context(_with_response_fields(serializer, shape))
        for field in shape.fields.values():
            bound = serializer.fields.get(field.field_name)
            if bound is None or has_override(bound, "field"):
                continue
            if is_left_out(shape, field, direction):
                stack.enter_context(_overridden(bound, OpenApiTypes.NONE))
                continue
            schema = own_schema(auto_schema, shape, field, direction)
            if schema is not None and isinstance(bound, type(field_builder.field(field))):
                stack.enter_context(_overridden(bound, schema))
                ours[field.field_name] = schema
        yield ours


@contextmanager
def _overridden(bound: AnyField, schema: JSONSchema | OpenApiTypes) -> Iterator[None]:
    """Document a bound field with a schema of ours, for as long as one document is made."""
    before = vars(bound).get(_ANNOTATION)
    if before is not None:
        setattr(bound, _ANNOTATION, dict(before))
    if isinstance(schema, dict) and bound.allow_null:
        schema = ready_for_null(schema)
    set_override(bound, "field", schema)
    try:
        yield
    finally:
        if before is None:
            delattr(bound, _ANNOTATION)
        else:
            setattr(bound, _ANNOTATION, before)


@contextmanager
def _with_response_fields(serializer: Any, shape: Shape) -> Iterator[None]:
    """Show the response schema's fields, where those of the request schema take precedence."""
    request = type(serializer).get_definition().request
    replaced: dict[str, AnyField] = {}
    if request is not shape:
        for name, field in shape.fields.items():
            bound = serializer.fields.get(field.field_name)
            if name in request.fields and isinstance(
                bound, type(field_builder.field(request.fields[name]))
            ):
                replaced[field.field_name] = bound
                serializer.fields[field.field_name] = field_builder.field(field)
    try:
        yield
    finally:
        serializer.fields.put_back(replaced)


def _keep_one_direction(schema: JSONSchema, shape: Shape, direction: Direction) -> None:
    """Document what travels in a direction, as drf-spectacular's setting makes it do."""
    unwanted = "readOnly" if direction == "request" else "writeOnly"
    properties = schema.get("properties", {})
    for field in shape.fields.values():
        is_file = isinstance(field.type.mapping, FileMapping)
        if direction == "request" and is_file and field.field_name in properties:
            properties[field.field_name] = _upload(properties[field.field_name], field)
    for name in [name for name, value in properties.items() if value.get(unwanted)]:
        del properties[name]
        if name in schema.get("required", ()):
            schema["required"].remove(name)
    if not schema.get("required", True):
        del schema["required"]


def _upload(schema: JSONSchema, field: FieldShape) -> JSONSchema:
    """Return the schema of a file as it is sent, given that of the address that comes back."""
    binary: JSONSchema = dict(build_basic_type(OpenApiTypes.BINARY) or {})
    rest = {key: schema[key] for key in schema if key not in ("type", "format", "nullable")}
    return {**(nullable(binary) if field.type.nullable else binary), **rest}


# What the author of the schema wrote about it


def _finish_property(
    auto_schema: AutoSchema, schema: JSONSchema, shape: Shape, field: FieldShape, serializer: Any
) -> None:
    properties = schema.get("properties", {})
    if field.field_name not in properties:
        return
    bound = serializer.fields.get(field.field_name)
    correct_default(properties[field.field_name], field, bound)
    finished = _annotated(properties[field.field_name], shape, field)
    properties[field.field_name] = finished
    identify_enum(finished, field.type)
    insert_limits_of_column(auto_schema, finished, field, serializer)


def _annotated(schema: JSONSchema, shape: Shape, field: FieldShape) -> JSONSchema:
    """Add the examples and the like of a field."""
    info = field_info(shape, field)
    if info is None:
        return schema
    more: JSONSchema = {}
    if info.deprecated:
        more["deprecated"] = True
    if info.examples:
        more["examples"] = to_jsonable_python(info.examples)
    extra = info.json_schema_extra
    if isinstance(extra, dict):
        more.update(to_jsonable_python(extra))
    annotated: JSONSchema = {**schema, **for_version(more)}
    if callable(extra):
        extra(annotated)
        annotated = for_version(annotated)
    return dict(safe_ref(annotated))


def _describe(schema: JSONSchema, serializer: object, shape: Shape) -> None:
    """Take the text from the serializer's class, or from the schema's.

    A component that the schema shares with others has the schema's text, whoever asks first.
    """
    cls = type(serializer)
    texts = [_documentation(cls, SchemaSerializer), _documentation(shape.schema, Schema, BaseModel)]
    if owner_of(serializer) is not cls:
        texts.reverse()
    text = texts[0] or texts[1]
    rest = {key: schema.pop(key) for key in [*schema] if key != "type"}
    rest.pop("description", None)
    # At the place where drf-spectacular writes it, so that documents can be compared line by line.
    schema.update({"description": text, **rest} if text else rest)


def _documentation(cls: type, *barriers: type) -> str:
    """Return the text of a class or of what it inherits from, library classes excluded."""
    for base in takewhile(lambda base: base not in barriers, cls.__mro__):
        if vars(base).get("__doc__"):
            return str(get_doc(base))
    return ""


def _with_config(schema: JSONSchema, model: type[BaseModel]) -> JSONSchema:
    """Add what the model's configuration says."""
    config: dict[str, Any] = {**model.model_config}
    if config.get("title"):
        schema["title"] = config["title"]
    if config.get("extra") == "forbid":
        schema["additionalProperties"] = False
    if config.get("extra") == "allow":
        schema["additionalProperties"] = {}
    extra: Any = config.get("json_schema_extra")
    if isinstance(extra, dict):
        schema.update(to_jsonable_python(extra))
    elif callable(extra):
        extra(*(schema, model)[: len(signature(extra).parameters)])
    return dict(for_version(schema))
