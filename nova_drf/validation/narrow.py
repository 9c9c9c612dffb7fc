"""Narrow validators for DRF's fields: of which :mod:`nova_drf.mapping.narrow` may be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic_core import core_schema
from rest_framework import fields as drf
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from nova_drf.core.core_schema import Core
from nova_drf.core.overrides import (
    AS_A_FIELD,
    FIELD_ACCESS,
    FIELD_HOOKS,
    INPUT_LOOP,
    WHOLE_INPUT,
    is_users,
    overrides,
)
from nova_drf.core.value_classes import VALUE_CLASSES
from nova_drf.mapping.field_state import (
    CONTAINERS,
    UNVALIDATED,
    behaving_class,
    extra_validators,
    is_steady,
    known,
    peculiarities,
    type_shape,
)
from nova_drf.mapping.narrow import narrow as narrow_value
from nova_drf.mapping.narrow import narrow_list
from nova_drf.mapping.shape import AnyField, Kind, TypeShape

_OF_CONTAINERS = ("allow_empty", "child", "max_length", "min_length")


def narrow(field: AnyField, *, partial: bool) -> Core | None:
    """Return the narrow validator of a field's values, or ``None`` if there is none.

    Args:
        field: A field bound to a serializer.
        partial: Whether it is for a partial update, which nested serializers notice.
    """
    is_nullable = field.allow_null and field.source != "*"
    if not isinstance(field, BaseSerializer):
        shape = _understood(field)
        return None if shape is None else narrow_value(replace(shape, nullable=is_nullable))
    nested = _list_of_serializers if isinstance(field, ListSerializer) else _nested
    core = nested(field, partial)
    return dict(core_schema.nullable_schema(core)) if core is not None and is_nullable else core


def has_validators(field: AnyField) -> bool:
    """Whether a field with a narrow validator has others besides, which run after it."""
    if isinstance(field, BaseSerializer):
        return False
    if behaving_class(field) in CONTAINERS:
        limits = (vars(field).get("max_length"), vars(field).get("min_length"))
        return len(field.validators) > sum(limit is not None for limit in limits)
    row = known(field)
    return row is not None and extra_validators(field, row)


def constant_default(field: AnyField) -> bool:
    """Whether an absent value becomes the same value each time."""
    return field.default.__class__ in VALUE_CLASSES


def _understood(field: AnyField) -> TypeShape | None:
    """Describe the values of a field, or return ``None`` if it takes the field to know them."""
    if behaving_class(field) in CONTAINERS:
        is_standard = is_steady(field) and not peculiarities(field, _OF_CONTAINERS)
        return _container(field) if is_standard else None
    row = known(field)
    if row is None or peculiarities(field, (*row.input, *row.output)):
        return None
    return type_shape(field, row) if row.is_narrow(field) else None


def _container(field: AnyField) -> TypeShape | None:
    child, item = field.child, None
    if type(child) is not UNVALIDATED:
        if isinstance(child, BaseSerializer) or has_validators(child):
            return None
        item = _understood(child)
        if item is None:
            return None
    is_list = behaving_class(field) is drf.ListField
    return TypeShape(
        Kind.LIST if is_list else Kind.DICT,
        {"type": "list" if is_list else "dict"},
        has_drf_semantics=True,
        nullable=field.allow_null,
        item=item,
        options=_lengths(field) if is_list else {"allow_empty": field.allow_empty},
        origin=field,
    )


def _lengths(field: AnyField) -> dict[str, Any]:
    shortest = max(field.min_length or 0, 0 if field.allow_empty else 1)
    lengths = {"min_length": shortest or None, "max_length": field.max_length}
    return {name: limit for name, limit in lengths.items() if limit is not None}


# Nested serializers


def _nested(field: AnyField, partial: bool) -> Core | None:
    if not isinstance(field, Serializer) or not only_runs_its_fields(field):
        return None
    members: dict[str, Any] = {}
    for name, inner in field.fields.items():
        if inner.read_only:
            continue
        member = _member(inner, partial)
        if member is None or inner.source_attrs != [name]:
            return None
        members[name] = member
    return dict(core_schema.typed_dict_schema(members, strict=True, extra_behavior="ignore"))


def _member(field: AnyField, partial: bool) -> object:
    core = narrow(field, partial=partial)
    if core is None or has_validators(field):
        return None
    return member_node(field, core, partial=partial)


def member_node(field: AnyField, core: Core, *, partial: bool) -> Any:
    """Return the node of one field in a payload, or ``None`` if its absence takes DRF's field."""
    if partial or (field.default is drf.empty and not field.required):
        return core_schema.typed_dict_field(core, required=False)
    if field.required:
        return core_schema.typed_dict_field(core, required=True)
    if not constant_default(field):
        return None
    with_default = core_schema.with_default_schema(core, default=field.default)
    return core_schema.typed_dict_field(with_default)


def only_runs_its_fields(serializer: Any) -> bool:
    """Whether all that a nested serializer does with its input is to run its fields."""
    cls = type(serializer)
    hooks = (*WHOLE_INPUT, *INPUT_LOOP, *AS_A_FIELD, *FIELD_ACCESS, "validate", "get_validators")
    if next(overrides(cls, hooks), None) is not None or has_field_hooks(cls):
        return False
    return not serializer.validators and not _initializes_itself(cls)


def has_field_hooks(cls: type) -> bool:
    """Whether a class has ``validate_<field>`` methods."""
    return any(
        name.startswith(FIELD_HOOKS) and name != "validate_empty_values"
        for base in cls.__mro__
        if is_users(base)
        for name in vars(base)
    )


def _initializes_itself(cls: type) -> bool:
    return next(overrides(cls, ("__init__", "__new__")), None) is not None


def _list_of_serializers(field: AnyField, partial: bool) -> Core | None:
    cls = type(field)
    if is_users(cls) or cls.to_internal_value is not ListSerializer.to_internal_value:
        return None
    if field.validators or field.child.allow_null:
        return None
    items = _nested(field.child, partial)
    if items is None:
        return None
    return narrow_list(items, _lengths(field))


def read_only_defaults(fields: Mapping[str, AnyField]) -> bool:
    """Whether validators of the whole payload would be shown defaults of read-only fields."""
    return any(field.read_only and field.default is not drf.empty for field in fields.values())
