"""DRF's own fields: what each of their attributes has a bearing on.

A field is only taken over where all that distinguishes it from a plain one of its class is
understood. What a newer DRF or a subclass adds is not, and such a field goes on running itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import fields as drf

from nova_drf.core.class_caches import once_per_class
from nova_drf.core.constant_code import is_constant_code
from nova_drf.core.overrides import is_users
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.builtin import BUILTIN
from nova_drf.mapping.registry import FieldMapping, has_steady_limits, registry
from nova_drf.mapping.shape import AnyField, Kind, TypeShape

GENERIC = frozenset(
    (
        "_args",
        "_creation_counter",
        "_kwargs",
        "_validators",
        "allow_null",
        "default",
        "default_empty_html",
        "error_messages",
        "field_name",
        "help_text",
        "html_cutoff",
        "html_cutoff_text",
        "initial",
        "label",
        "parent",
        "read_only",
        "required",
        "source",
        "source_attrs",
        "style",
        "write_only",
    )
)
"""Attributes of every field that decide neither which single values it takes, nor how it prints
them: presence, texts, and what forms look like."""

_HARMLESS_IN_SUBCLASSES = frozenset(
    (
        "__annotations__",
        "__doc__",
        "__firstlineno__",
        "__init__",
        "__module__",
        "__orig_bases__",
        "__parameters__",
        "__static_attributes__",
        "default_error_messages",
        "initial",
    )
)
"""What a subclass may have in its body and still behave as the class above it does."""

BY_FIELD_CLASS: Mapping[type, FieldMapping] = {
    row.load_field_class(): row for row in reversed(BUILTIN)
}
"""The rows of DRF's own field classes for one value. What those mean is not up to a project.

``ListField``, ``DictField`` and serializers are made of these."""

CONTAINERS = (drf.ListField, drf.DictField, drf.HStoreField)

UNVALIDATED = type(drf.ListField().child)
"""The class of the child that ``ListField()`` and ``DictField()`` have when none is given."""


def behaving_class(field: AnyField) -> type[AnyField]:
    """Return the class that says how a field behaves, below subclasses that only set arguments."""
    cls: type[AnyField] = type(field)
    while is_users(cls) and _only_sets_arguments(cls):
        cls = cls.__bases__[0]
    return cls


def _only_sets_arguments(cls: type) -> bool:
    """Whether a class does no more than to give the class above it arguments, always the same."""
    body = vars(cls)
    if not body.keys() <= _HARMLESS_IN_SUBCLASSES or len(cls.__bases__) != 1:
        return False
    return "__init__" not in body or is_constant_code(body["__init__"])


def known(field: AnyField) -> FieldMapping | None:
    """Return the row that understands what a field was made with, or ``None``."""
    row = BY_FIELD_CLASS.get(behaving_class(field))
    return None if row is None or row.runs_itself or not row.is_steady(field) else row


def is_steady(field: AnyField) -> bool:
    """Whether DRF would make the same field at any time, as far as its options go."""
    row = BY_FIELD_CLASS.get(behaving_class(field))
    return has_steady_limits(field) if row is None else row.is_steady(field)


def rows_for(field_class: type) -> Iterator[FieldMapping]:
    """Yield the rows that know a class of fields: a project's, then those of DRF's above it."""
    own = registry.for_field(field_class)
    if own is not None:
        yield own
    for cls in field_class.__mro__:
        if cls in BY_FIELD_CLASS:
            yield BY_FIELD_CLASS[cls]


@once_per_class
def _standard_state(cls: Any) -> Mapping[str, object]:
    """Return the attributes of a field of one of DRF's classes, made with no options."""
    row = BY_FIELD_CLASS.get(cls)
    state: Mapping[str, Any] = vars(cls(**({} if row is None else row.required_arguments)))
    return state


def peculiarities(field: AnyField, understood: Iterable[str]) -> set[str]:
    """Return the attributes that make a field differ from a plain one of its class.

    Args:
        field: A field of one of DRF's classes.
        understood: Attributes that do not count, beside those of every field.
    """
    counted = vars(field).keys() - GENERIC - {*understood}
    if not counted:
        return set()
    cls: Any = behaving_class(field)
    standard = _standard_state(cls)
    return {name for name in counted if name not in standard or vars(field)[name] != standard[name]}


# Validators


def extra_validators(field: AnyField, row: FieldMapping) -> bool:
    """Whether a field has validators beyond those that its options stand for."""
    if not field.validators:
        return False
    rebuilt = behaving_class(field)(**row.field_arguments(field))
    standard = Counter(map(_signature, rebuilt.validators))
    signatures = Counter(map(_signature, field.validators))
    return bool(signatures - standard)


def _signature(validator: object) -> object:
    """Return what identifies one of Django's or DRF's validators; another one is only itself."""
    cls = type(validator)
    if owner_of(cls) not in (Owner.DJANGO, Owner.DRF):
        return id(validator)
    return cls, frozenset(
        (name, _comparable(value))
        for name, value in vars(validator).items()
        if name not in _ONLY_WORDS
    )


_ONLY_WORDS = frozenset(("_constructor_args", "code", "message"))


def _comparable(value: object) -> object:
    if callable(value) or isinstance(value, QuerySet):
        return id(value)  # The text of a queryset is made of rows.
    return type(value), getattr(value, "pattern", None) or str(value)


def type_shape(field: AnyField, row: FieldMapping) -> TypeShape:
    """Describe the value of a field.

    Args:
        field: A field whose options are all understood.
        row: What is known of its class.
    """
    return TypeShape(
        Kind.SCALAR,
        row.field_core(field),
        has_drf_semantics=True,
        nullable=field.allow_null,
        mapping=row,
        options=row.field_options(field),
        origin=field,
    )
