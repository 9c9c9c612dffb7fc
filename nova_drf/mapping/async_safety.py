"""Which steps of a serializer cannot touch the database, so that the event loop may run them.

The answer must be true rather than clever: whatever runs a line of the user's code, or a DRF field
that may look something up, counts as touching the database.
"""

from __future__ import annotations

import builtins
import collections
import datetime
import decimal
import uuid
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from types import BuiltinFunctionType, MethodDescriptorType, MethodType
from typing import Any

from django.utils import timezone
from pydantic import BaseModel, SecretStr

from nova_drf.core.core_schema import METADATA_KEY, Core, nodes
from nova_drf.core.overrides import FIELD_HOOKS
from nova_drf.core.ownership import Owner, is_written_in, owner_of
from nova_drf.core.value_classes import VALUE_CLASSES
from nova_drf.mapping.from_pydantic import core_of, shape_of
from nova_drf.mapping.shape import Kind, Shape, TypeShape

_TRUSTED = (Owner.NOVA, Owner.DRF, Owner.PYDANTIC)
"""Whose functions ask no database. (DRF's relations are told apart by their kind.)"""

_TRUSTED_MODULES = (builtins, collections, datetime, decimal, uuid, timezone)

_DATA_CLASSES = VALUE_CLASSES | {SecretStr, IPv4Address, IPv6Address}
"""Beside simple values, those that ``validated_data`` has as text."""

_IN_VALIDATION = (
    "_read_only_defaults",
    "errors",
    "fields",
    "get_default",
    "get_fields",
    "get_initial",
    "get_validators",
    "is_valid",
    "run_child_validation",
    "run_validation",
    "run_validators",
    "set_value",
    "to_internal_value",
    "validate",
    "validate_empty_values",
    "validators",
)
_IN_REPRESENTATION = ("data", "fields", "get_fields", "get_initial", "to_representation")


def overrides_validation(cls: type, base: type) -> bool:
    """Whether a serializer class runs code of its own in ``is_valid()``.

    Args:
        cls: The class.
        base: The class of ours that it derives from.
    """
    return _overrides(cls, base, _IN_VALIDATION) or any(
        name.startswith(FIELD_HOOKS) and not hasattr(base, name) for name in dir(cls)
    )


def overrides_representation(cls: type, base: type) -> bool:
    """Whether a serializer class runs code of its own when ``data`` is read."""
    return _overrides(cls, base, _IN_REPRESENTATION)


def _overrides(cls: type, base: type, names: tuple[str, ...]) -> bool:
    return any(getattr(cls, name, None) is not getattr(base, name, None) for name in names)


def input_is_async_safe(shape: Shape) -> bool:
    """Whether checking a payload along a schema runs none of the user's code.

    Args:
        shape: The request schema as a serializer uses it. Fields that it delegates to bound DRF
            fields are the caller's business.
    """
    return _defaults_are_async_safe(shape) and all(
        map(_node_is_async_safe, _nodes(core_of(shape.schema)))
    )


def output_is_async_safe(shape: Shape, within: frozenset[type[BaseModel]] = frozenset()) -> bool:
    """Whether printing along a schema runs none of the user's code, if the objects are plain.

    Args:
        shape: The response schema as a serializer uses it.
        within: The schemas around it.
    """
    if shape.serializes_itself or not _defaults_are_async_safe(shape):
        return False
    inside = within | {shape.schema}
    return all(
        not field.computed and _type_is_async_safe(field.type, inside)
        for field in shape.fields.values()
        if not field.write_only
    )


def holds_only_data(value: Any) -> bool:
    """Whether a value is data all the way down: reading it runs no property and no query."""
    if value.__class__ in _DATA_CLASSES or isinstance(value, Enum):
        return True
    if value.__class__ in (list, tuple, set, frozenset):
        return all(map(holds_only_data, value))
    if value.__class__ is dict:
        return all(map(holds_only_data, value.values()))
    return isinstance(value, BaseModel) and all(map(holds_only_data, vars(value).values()))


# What runs in a schema


def _nodes(core: Core) -> Iterator[Core]:
    """Yield each node of a tree, without what is below a node that stands for a DRF field."""
    return nodes(core, lambda node: METADATA_KEY in (node.get("metadata") or {}))


def _node_is_async_safe(node: Core) -> bool:
    shape = (node.get("metadata") or {}).get(METADATA_KEY)
    if shape is not None:
        return _has_fields_of_drf(shape)
    function = node.get("function")
    called = function["function"] if isinstance(function, Mapping) else function
    return (
        not node.get("post_init")
        and not node.get("custom_init")
        and _is_async_safe(called)
        and _is_async_safe(node.get("default_factory"))
    )


def _has_fields_of_drf(type_: TypeShape) -> bool:
    """Whether a value is checked and printed by DRF's fields, through our rows of the registry."""
    if type_.mapping is not None:
        field_class = type_.mapping.load_field_class()
        if not (_is_trusted(type(type_.mapping)) and _is_trusted(field_class)):
            return False
    return type_.item is None or _has_fields_of_drf(type_.item)


def _type_is_async_safe(type_: TypeShape, within: frozenset[type[BaseModel]]) -> bool:
    if type_.kind is Kind.KEPT:
        return type_.column is not None
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        return type_.schema in within or output_is_async_safe(shape_of(type_.schema), within)
    if not _has_fields_of_drf(type_):
        return False
    parts = [*type_.choices.values(), *([] if type_.item is None else [type_.item])]
    return all(_type_is_async_safe(part, within) for part in parts)


def _defaults_are_async_safe(shape: Shape) -> bool:
    return all(_is_async_safe(field.default_factory) for field in shape.fields.values())


def _is_async_safe(function: Callable[..., object] | None) -> bool:
    """Whether a validator's or a default's function is known not to ask a database."""
    if isinstance(function, (BuiltinFunctionType, MethodType)):
        owner = function.__self__
        return _is_trusted(owner if isinstance(owner, type) else type(owner))
    if function is None or isinstance(function, MethodDescriptorType):
        return True
    # What a partial hands on may be anybody's function.
    return not isinstance(function, partial) and _is_trusted(function)


def _is_trusted(thing: object) -> bool:
    return owner_of(thing) in _TRUSTED or is_written_in(thing, *_TRUSTED_MODULES)
