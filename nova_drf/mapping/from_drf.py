"""From DRF to Python: the type that says what a DRF field says, and what no type can say."""

from __future__ import annotations

from typing import Any

from rest_framework import fields as drf

from nova_drf.mapping.described import Described
from nova_drf.mapping.field_state import (
    BY_FIELD_CLASS,
    UNVALIDATED,
    behaving_class,
    extra_validators,
    is_steady,
    known,
    peculiarities,
)
from nova_drf.mapping.shape import AnyField


def describe(field: AnyField) -> Described | None:
    """Describe the values of one of DRF's own fields, serializers and relations apart.

    Args:
        field: The field.

    Returns:
        ``None`` for a field of another class.
    """
    described = _described(field) if is_steady(field) else _described_at_run_time(field)
    if described is None:
        return None
    return described._replace(left=(*described.left, *leftovers(field, described.attributes)))


def _described(field: AnyField) -> Described | None:
    cls = behaving_class(field)
    if cls is drf.ListField:
        return _list(field)
    if cls in (drf.DictField, drf.HStoreField):
        return _dict(field)
    row = BY_FIELD_CLASS.get(cls)
    return None if row is None else row.description(field)


def _described_at_run_time(field: AnyField) -> Described | None:
    """Describe a field whose limits, or choices, are what a function returns at the time."""
    row = BY_FIELD_CLASS.get(behaving_class(field))
    python_type = None if row is None else row.python_type
    left = ("its options, which a function returns",)
    return Described(Any if python_type is None else python_type, left=left)


def leftovers(field: AnyField, attributes: frozenset[str]) -> list[str]:
    """Return what distinguishes a field beyond the attributes that a type stands for."""
    left = sorted(peculiarities(field, attributes - {"validators"}))
    known_field = known(field)
    if known_field is not None and extra_validators(field, known_field):
        left.append("validators")
    if _has_own_messages(field):
        left.append("error_messages")
    return left


def _has_own_messages(field: AnyField) -> bool:
    usual: dict[str, Any] = {}
    for cls in reversed(behaving_class(field).__mro__):
        usual.update(getattr(cls, "default_error_messages", {}))
    return any(
        text is not usual.get(code) and str(text) != str(usual.get(code, ""))
        for code, text in field.error_messages.items()
    )


# Collections


def _list(field: AnyField) -> Described | None:
    item = _item(field)
    if item is None:
        return None
    attributes = frozenset(("allow_empty", "child", "max_length", "min_length"))
    lengths = {"min_length": field.min_length, "max_length": field.max_length}
    constraints = {name: limit for name, limit in lengths.items() if limit is not None}
    left = item.left if field.allow_empty else (*item.left, "allow_empty=False")
    return Described(list[item.annotation], constraints, attributes, left)  # type: ignore[name-defined]  # a type made at run time


def _dict(field: AnyField) -> Described | None:
    item = _item(field)
    if item is None:
        return None
    constraints = {} if field.allow_empty else {"min_length": 1}
    attributes = frozenset(("allow_empty", "child"))
    return Described(dict[str, item.annotation], constraints, attributes, item.left)  # type: ignore[name-defined]  # a type made at run time


def _item(field: AnyField) -> Described | None:
    """Describe what a list or dictionary holds, ``None`` included where it may be."""
    child = field.child
    if type(child) is UNVALIDATED:
        return Described(Any)
    described = describe(child)
    if described is None or not child.allow_null:
        return described
    return Described(described.annotation | None, left=described.left)
