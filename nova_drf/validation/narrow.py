"""Narrow validators: pydantic-core schemas that take part of what a DRF field takes.

Whatever one of them accepts, the field accepts with the same value. What it refuses, the field
itself has to look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic_core import core_schema
from rest_framework import fields as drf
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from nova_drf.core.core_schema import Core
from nova_drf.core.overrides import (
    AS_A_FIELD,
    FIELD_ACCESS,
    INPUT_LOOP,
    WHOLE_INPUT,
    is_users,
    overrides,
)
from nova_drf.mapping.drf_versions import big_integer_fields
from nova_drf.mapping.field_state import (
    CONTAINERS,
    Known,
    behaving_class,
    extra_validators,
    known,
    peculiarities,
    type_shape,
)
from nova_drf.mapping.shape import AnyField

IMMUTABLE = (str, bool, int, float, bytes, Decimal, date, time, timedelta, UUID, type(None))
"""The classes of defaults that every payload may share."""

_UNVALIDATED = type(drf.ListField().child)
_HAS_OWN_CONTENTS = ("allow_empty", "child", "max_length", "min_length")


def narrow(field: AnyField, *, partial: bool) -> Core | None:
    """Return the narrow validator of a field's values, or ``None`` if there is none.

    Args:
        field: A field bound to a serializer.
        partial: Whether it is for a partial update, which nested serializers notice.
    """
    if isinstance(field, ListSerializer):
        core = _list_of_serializers(field, partial)
    elif isinstance(field, BaseSerializer):
        core = _nested(field, partial)
    elif behaving_class(field) in CONTAINERS:
        core = _container(field)
    else:
        core = _scalar(field)
    if core is None or not field.allow_null or field.source == "*":
        return core
    return dict(core_schema.nullable_schema(core))


def has_validators(field: AnyField) -> bool:
    """Whether a field with a narrow validator has others besides, which run after it."""
    if isinstance(field, BaseSerializer):
        return False
    if behaving_class(field) in CONTAINERS:
        return _has_own_validators(field)
    known_field = known(field)
    return known_field is not None and extra_validators(field, known_field)


def constant_default(field: AnyField) -> bool:
    """Whether an absent value becomes the same value each time."""
    return field.default.__class__ in IMMUTABLE


# Single values


def _scalar(field: AnyField) -> Core | None:
    known_field = known(field)
    if known_field is None or peculiarities(field, (*known_field.input, *known_field.output)):
        return None
    if behaving_class(field) is drf.ChoiceField:
        return _choice(field, known_field)
    if not _bounds_fit(field):
        return None
    core = known_field.row.fast(type_shape(field, known_field))
    return core if core is None else _text_limits(core, field, known_field)


_BOUND_TYPES: Mapping[type, tuple[type, ...]] = {
    drf.IntegerField: (int,),
    **dict.fromkeys(big_integer_fields(), (int,)),
    drf.FloatField: (int, float),
    drf.DecimalField: (int, Decimal),
}


def _bounds_fit(field: AnyField) -> bool:
    """Whether a number's bounds have a type with which pydantic-core compares as Python does."""
    fitting = _BOUND_TYPES.get(behaving_class(field))
    bounds = (getattr(field, "min_value", None), getattr(field, "max_value", None))
    return fitting is None or all(bound is None or bound.__class__ in fitting for bound in bounds)


def _text_limits(core: Core, field: Any, known_field: Known) -> Core | None:
    """Narrow texts with a format to the lengths that the field allows; rows know only some."""
    if "max_length" not in known_field.input or core["type"] != "str":
        return core
    longest = [limit for limit in (core.get("max_length"), field.max_length) if limit is not None]
    shortest = [limit for limit in (core.get("min_length"), field.min_length) if limit is not None]
    limits: dict[str, Any] = {}
    if longest:
        limits["max_length"] = min(longest)
    if shortest:
        limits["min_length"] = max(shortest)
    return {**core, **limits}


def _choice(field: Any, known_field: Known) -> Core | None:
    """Only texts and whole numbers whose texts differ, and which do not change from now to then."""
    given = field._args[0] if field._args else field._kwargs.get("choices")
    values = list(field.choices)
    if not isinstance(given, (list, tuple, dict, type)) or not values:
        return None
    if any(value.__class__ not in (str, int) for value in values):
        return None
    if len({str(value) for value in values}) < len(values):
        return None
    return known_field.row.fast(type_shape(field, known_field))


# Lists and dictionaries


def _container(field: Any) -> Core | None:
    understood = ("allow_empty", "child", "max_length", "min_length")
    if peculiarities(field, understood):
        return None
    items = _child(field)
    if items is None:
        return None
    if behaving_class(field) is drf.ListField:
        return dict(core_schema.list_schema(items, strict=True, **_lengths(field)))
    keys = core_schema.str_schema(strict=True)
    shortest = None if field.allow_empty else 1
    return dict(core_schema.dict_schema(keys, items, min_length=shortest, strict=True))


def _child(field: Any) -> Core | None:
    child = field.child
    if type(child) is _UNVALIDATED:
        return {"type": "any"}
    if isinstance(child, BaseSerializer) or has_validators(child):
        return None
    return narrow(child, partial=False)


def _lengths(field: Any) -> dict[str, Any]:
    shortest = max(field.min_length or 0, 0 if field.allow_empty else 1)
    lengths = {"min_length": shortest or None, "max_length": field.max_length}
    return {name: limit for name, limit in lengths.items() if limit is not None}


def _has_own_validators(field: Any) -> bool:
    limits = {"max_length": None, "min_length": None}
    standard = sum(vars(field).get(name) is not None for name in limits)
    return len(field.validators) > standard


# Nested serializers


def _nested(field: Any, partial: bool) -> Core | None:
    if not isinstance(field, Serializer) or not is_plain_input(field):
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


def _member(field: AnyField, partial: bool) -> Any:
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


def is_plain_input(serializer: Any) -> bool:
    """Whether all that a nested serializer does with its input is to run its fields."""
    cls = type(serializer)
    hooks = (*WHOLE_INPUT, *INPUT_LOOP, *AS_A_FIELD, *FIELD_ACCESS, "validate", "get_validators")
    if next(overrides(cls, hooks), None) is not None or has_field_hooks(cls):
        return False
    return not serializer.validators and not _initializes_itself(cls)


def has_field_hooks(cls: type) -> bool:
    """Whether a class has ``validate_<field>`` methods."""
    return any(
        name.startswith("validate_") and name != "validate_empty_values"
        for base in cls.__mro__
        if is_users(base)
        for name in vars(base)
    )


def _initializes_itself(cls: type) -> bool:
    return next(overrides(cls, ("__init__", "__new__")), None) is not None


def _list_of_serializers(field: Any, partial: bool) -> Core | None:
    cls = type(field)
    if is_users(cls) or cls.to_internal_value is not ListSerializer.to_internal_value:
        return None
    if field.validators or field.child.allow_null:
        return None
    items = _nested(field.child, partial)
    if items is None:
        return None
    return dict(core_schema.list_schema(items, strict=True, **_lengths(field)))


def read_only_defaults(fields: Mapping[str, AnyField]) -> bool:
    """Whether validators of the whole payload would be shown defaults of read-only fields."""
    return any(field.read_only and field.default is not drf.empty for field in fields.values())
