"""From ``validated_data`` to the values that a schema's annotations name."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.db.models import Model
from pydantic import BaseModel, ValidationError
from pydantic_core import SchemaValidator
from rest_framework.relations import ManyRelatedField, PrimaryKeyRelatedField, SlugRelatedField

from nova_drf.core.core_schema import METADATA_KEY, WRAPPERS, Core, closed, compiled, rewrite
from nova_drf.core.instances import construct
from nova_drf.core.markers import UNSET
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.from_core_schema import has_unconstrained_keys
from nova_drf.mapping.from_pydantic import held_type, shape_of
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.shape import AnyField, FieldShape, Kind, TypeShape
from nova_drf.mapping.validated_data import source_attributes, to_validated_value

_CONTAINERS: Mapping[str, Callable[[list[Any]], Any]] = {
    "set": set,
    "frozenset": frozenset,
    "tuple": tuple,
    "deque": deque,
}

_UNTYPED = frozenset(("any", "is-instance"))
"""Core types of which Pydantic makes nothing else: it has no way to."""


def schema_value(type_: TypeShape) -> Convert | None:
    """Return what turns the value of a DRF field, never ``None``, into what the annotation names.

    It is the way back from :func:`nova_drf.mapping.validated_data.to_validated_value`. ``None`` if
    nothing is to be done.
    """
    if type_.kind is Kind.SCALAR and type_.mapping is not None:
        typed = type_.mapping.typed(type_)
        return (
            typed if typed is not None or to_validated_value(type_) is None else _by_pydantic(type_)
        )
    if type_.kind is Kind.KEPT:
        return held_value(type_)
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        return _schema_maker(type_.schema)
    inner = schema_value(type_.item) if type_.item is not None else None
    if type_.kind is Kind.LIST:
        return _list_maker(inner, _CONTAINERS.get(type_.core.get("type", "")))
    if type_.kind is Kind.DICT:
        return _dict_maker(type_, inner)
    return None if type_.core.get("type", "any") in _UNTYPED else _by_pydantic(type_)


def leniently(convert: Convert) -> Convert:
    """Return a conversion that leaves a value as it is where it cannot be what its type says.

    A hook may return anything, and a field may have got more choices at run time.
    """

    def converted(value: object) -> object:
        try:
            return convert(value)
        except (ValueError, TypeError, LookupError):
            return value

    return converted


def _list_maker(
    item: Convert | None, container: Callable[[list[Any]], object] | None
) -> Convert | None:
    if item is None:
        return container
    return lambda value: (container or list)([_converted(item, member) for member in value])


def _dict_maker(type_: TypeShape, item: Convert | None) -> Convert | None:
    core = type_.core
    key_of = None
    if not has_unconstrained_keys(core) and core.get("keys_schema"):
        keys = TypeShape(Kind.PYDANTIC, core["keys_schema"], definitions=type_.definitions)
        key_of = _by_pydantic(keys)
    if item is None and key_of is None:
        return None
    return lambda value: {
        _converted(key_of, key): _converted(item, member) for key, member in value.items()
    }


def _schema_maker(schema: type[BaseModel]) -> Convert:
    converters: dict[str, Convert | None] | None = None

    def made(value: object) -> Any:
        nonlocal converters
        if not isinstance(value, Mapping):
            return value
        fields = shape_of(schema).fields
        if converters is None:
            converters = {name: schema_value(field.type) for name, field in fields.items()}
        values = {
            name: _converted(converters[name], _sent(value, field))
            for name, field in fields.items()
            if not field.computed
        }
        return construct(schema, values)

    return made


def _sent(values: object, field: FieldShape) -> Any:
    """Return what was written to a field's source; :data:`UNSET` if nothing was."""
    for key in source_attributes(field.source):
        if not isinstance(values, Mapping) or key not in values:
            return UNSET
        values = values[key]
    return values


def _converted(convert: Convert | None, value: object) -> object:
    return value if convert is None or value is None or value is UNSET else convert(value)


# What Pydantic alone knows


def _by_pydantic(type_: TypeShape) -> Convert:
    """Return what makes a value what its type says, without the validators of the schema's author.

    They have seen the value already. What Pydantic refuses stays as it is.
    """

    @cache
    def validator() -> SchemaValidator:
        return compiled(rewrite(closed(type_.core, type_.definitions), _without_validators))

    def typed(value: object) -> object:
        try:
            return validator().validate_python(value)
        except ValidationError:
            return value

    return typed


def _without_validators(node: Core) -> Core | None:
    if METADATA_KEY in (node.get("metadata") or {}):
        return node
    if node["type"] == "model" and node.get("post_init"):
        return rewrite({**node, "post_init": None}, _without_validators)
    if node["type"] not in WRAPPERS:
        return None
    if owner_of(node["function"]["function"]) is Owner.PROJECT:
        return rewrite(node["schema"], _without_validators)
    return None


# Kept fields


def held_value(type_: TypeShape) -> Convert | None:
    """Return what turns the value of DRF's field into what the schema's attribute holds.

    Args:
        type_: A field that DRF runs. Without an annotation that says more, its value stays.
    """
    held = held_type(type_)
    if held is None:
        return None
    convert, related = schema_value(held), related_value(type_.kept, held)
    if convert is None:
        return related
    lenient = leniently(convert)
    return lenient if related is None else lambda value: lenient(related(value))


def related_value(field: AnyField, held: TypeShape) -> Convert | None:
    """Return what makes of an object what a relation's annotation says: its key or its slug.

    Args:
        field: The relation.
        held: What its annotation says; ``None`` comes back where that is the object itself.
    """
    if isinstance(field, ManyRelatedField):
        if held.kind is not Kind.LIST or held.item is None:
            return None
        related = related_value(field.child_relation, held.item)
        return None if related is None else lambda value: list(map(related, value))
    if held.kind is not Kind.SCALAR:
        return None
    if isinstance(field, PrimaryKeyRelatedField):
        return lambda value: value.pk if isinstance(value, Model) else value
    if isinstance(field, SlugRelatedField):
        slug = field.to_representation
        return lambda value: slug(value) if isinstance(value, Model) else value
    return None


def is_held(held: TypeShape, value: object) -> bool:
    """Whether a program gave a value that the field's annotation names, rather than data."""
    if held.kind is Kind.SCHEMA and held.schema is not None:
        return isinstance(value, held.schema)
    if held.kind is Kind.LIST and held.item is not None and isinstance(value, (list, tuple)):
        return bool(value) and all(is_held(held.item, item) for item in value)
    cls = held.core.get("cls")
    return isinstance(cls, type) and isinstance(value, cls)
