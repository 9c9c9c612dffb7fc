"""From the neutral description to DRF: the field that means what a shape says."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from rest_framework.fields import DictField, JSONField, ListField

from nova_drf.mapping.shape import MISSING, FieldShape, Kind, TypeShape
from nova_drf.markers import UNSET

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField


def build_type_field(type_: TypeShape, **arguments: Any) -> AnyField:
    """Build the DRF field of a value.

    Args:
        type_: What the value is.
        arguments: Further keyword arguments of the field: ``required``, ``source``, ...
    """
    if type_.kind is Kind.KEPT and type_.kept is not None:
        return copy.deepcopy(type_.kept)
    if type_.nullable:
        arguments.setdefault("allow_null", True)
    if type_.kind is Kind.SCALAR and type_.mapping is not None:
        return type_.mapping.load_field_class()(**type_.options, **arguments)
    if type_.kind is Kind.SCHEMA:
        return _nested_serializer(type_)(**arguments)
    if type_.kind is Kind.LIST:
        return _list_field(type_, arguments)
    if type_.kind is Kind.DICT:
        return DictField(**_child(type_), **type_.options, **arguments)
    from nova_drf.fields import PydanticField

    return PydanticField(type_, **arguments)


def _nested_serializer(type_: TypeShape) -> Any:
    from nova_drf.serializers import nested_serializer_class

    return nested_serializer_class(type_.schema)


def _list_field(type_: TypeShape, arguments: dict[str, Any]) -> AnyField:
    if type_.item is not None and type_.item.is_serializer:
        serializer = _nested_serializer(type_.item)
        made = serializer(many=True, **type_.options, **arguments)
        # DRF passes allow_null on to the items; a schema says it of each apart.
        made.child.allow_null = False
        return made
    return ListField(**_child(type_), **type_.options, **arguments)


def _child(type_: TypeShape) -> dict[str, AnyField]:
    """Return the ``child`` argument; untyped items stay unvalidated, as DRF's default is."""
    if type_.item is None:
        return {}
    child = build_type_field(type_.item)
    return {} if type(child) is JSONField else {"child": child}


def build_field(shape: FieldShape, **arguments: Any) -> AnyField:
    """Build the DRF field of one field of a schema, not bound to a serializer yet.

    Args:
        shape: The field.
        arguments: What the schema does not know, such as ``validators``.
    """
    if shape.type.kind is Kind.KEPT:
        return _kept_field(shape)
    return build_type_field(shape.type, **field_arguments(shape), **arguments)


_NOT_OF_READ_ONLY = frozenset(("queryset", "required"))


def _kept_field(shape: FieldShape) -> AnyField:
    """Copy a kept field, with what the schema's markers say about it beside its own arguments."""
    field = build_type_field(shape.type)
    changes: dict[str, Any] = {}
    if shape.read_only and not field.read_only:
        changes["read_only"] = True
    if shape.write_only and not field.write_only:
        changes["write_only"] = True
    if field.source is None and shape.source != shape.wire_name:
        changes["source"] = shape.source
    if not changes:
        return field
    dropped = _NOT_OF_READ_ONLY if "read_only" in changes else frozenset()
    kept = {name: value for name, value in field._kwargs.items() if name not in dropped}
    return type(field)(*field._args, **{**kept, **changes})


def field_arguments(shape: FieldShape) -> dict[str, Any]:
    """Return the keyword arguments that every DRF field takes: presence, direction, texts."""
    arguments: dict[str, Any] = {}
    if shape.source != shape.wire_name:
        arguments["source"] = shape.source
    if shape.label is not None:
        arguments["label"] = shape.label
    if shape.help_text is not None:
        arguments["help_text"] = shape.help_text
    if shape.write_only:
        arguments["write_only"] = True
    if shape.read_only:
        arguments["read_only"] = True
    return {**arguments, **_presence(shape)}


def _presence(shape: FieldShape) -> dict[str, Any]:
    """Return the arguments that say what an absent value means."""
    if shape.default_factory is not None:
        return {"default": shape.default_factory}
    if shape.default is UNSET:
        return {} if shape.read_only else {"required": False}
    return {} if shape.default is MISSING else {"default": shape.default}
