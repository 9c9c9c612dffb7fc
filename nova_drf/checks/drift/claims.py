"""What a column, a serializer's field or a form's field says about the same value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from django import forms
from django.core.validators import (
    BaseValidator,
    MaxLengthValidator,
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
)
from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED
from django.forms.models import ModelChoiceField
from rest_framework import fields as drf
from rest_framework.relations import ManyRelatedField, RelatedField
from rest_framework.serializers import BaseSerializer
from rest_framework.validators import UniqueValidator

from nova_drf.checks.drift.kinds import (
    Column,
    kind_of_column,
    kind_of_form_field,
    kind_of_serializer_field,
)
from nova_drf.core.overrides import overrides
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.shape import AnyField


class Aspect(StrEnum):
    """One thing that contracts say about a value."""

    MAX_LENGTH = "max_length"
    MIN_LENGTH = "min_length"
    NULL = "null"
    CHOICES = "choices"
    REQUIRED = "required"
    MIN_VALUE = "min_value"
    MAX_VALUE = "max_value"
    MAX_DIGITS = "max_digits"
    DECIMAL_PLACES = "decimal_places"
    UNIQUE = "unique"
    TYPE = "type"


VALUE_ASPECTS = frozenset(
    (
        Aspect.MAX_LENGTH,
        Aspect.MIN_LENGTH,
        Aspect.CHOICES,
        Aspect.MIN_VALUE,
        Aspect.MAX_VALUE,
        Aspect.MAX_DIGITS,
        Aspect.DECIMAL_PLACES,
    )
)
"""What is said about the values themselves."""

ROW_ASPECTS = frozenset((Aspect.NULL, Aspect.REQUIRED, Aspect.UNIQUE))
"""What is said about the value's place in a row; code that sees the whole row can see to it."""


Said: TypeAlias = Mapping[Aspect, Any]
"""What one place says. ``None`` is "no limit"; of what is not in it, the place says nothing."""


@dataclass(frozen=True)
class Claims:
    """What one place says about one column.

    Attributes:
        column: The model's field.
        place: How messages name it: a dotted path with the field's name.
        said: By aspect.
        owner: The model, serializer class or form class.
        checked: The aspects that other code may check as well: nobody can say of them that the
            place lets too much pass.
    """

    column: Column
    place: str
    said: Said
    owner: type
    checked: frozenset[Aspect] = frozenset()


_TEXT = (models.CharField, models.TextField)
"""Not files: their storage shortens a name that the column has no room for."""
_NUMBERS = (models.IntegerField, models.DecimalField, models.FloatField)


def said_by_column(column: Column) -> Said:
    """Return what a model's field says, by DRF's reading of it."""
    said = _of_kind(kind_of_column(column))
    if column.primary_key or not column.editable:
        return said  # DRF reads them only.
    has_default = column.has_default() or column.db_default is not NOT_PROVIDED
    said[Aspect.NULL] = column.null
    said[Aspect.REQUIRED] = not (has_default or column.blank or column.null)
    said[Aspect.UNIQUE] = bool(column.unique)
    if column.choices is not None:
        if _is_fixed(column.choices):
            said[Aspect.CHOICES] = _values(column.flatchoices)
        return said
    if isinstance(column, _TEXT):
        said[Aspect.CHOICES] = None
        said[Aspect.MAX_LENGTH] = column.max_length
        lengths = _limits(column.validators, MinLengthValidator)
        if lengths:
            said[Aspect.MIN_LENGTH] = max(lengths)
    if isinstance(column, _NUMBERS):
        said[Aspect.CHOICES] = None
        low, high = _own_range(column)
        said[Aspect.MIN_VALUE] = _tightest(max, _limits(column.validators, MinValueValidator), low)
        said[Aspect.MAX_VALUE] = _tightest(min, _limits(column.validators, MaxValueValidator), high)
    if isinstance(column, models.DecimalField):
        said[Aspect.MAX_DIGITS] = column.max_digits
        said[Aspect.DECIMAL_PLACES] = column.decimal_places
    return said


def said_by_serializer_field(field: AnyField, column: Column, *, unique: bool) -> Said:
    """Return what a bound field of DRF says.

    Args:
        field: Of a classic serializer, or of a schema's.
        column: What it is about.
        unique: Whether the place can say that a value is unique.
    """
    said = _of_kind(kind_of_serializer_field(field))
    if not is_input(field):
        return said
    said[Aspect.NULL] = bool(field.allow_null)
    if field.default is drf.empty:
        said[Aspect.REQUIRED] = bool(field.required)
    if is_relation(field):
        return said  # A key has no limits of its own.
    if unique:
        said[Aspect.UNIQUE] = any(isinstance(each, UniqueValidator) for each in field.validators)
    said.update(_said_of_value(field, column, choice=drf.ChoiceField, text=drf.CharField))
    if isinstance(field, drf.DecimalField):
        said[Aspect.MAX_DIGITS] = field.max_digits
        said[Aspect.DECIMAL_PLACES] = field.decimal_places
    return said


def has_own_validators(field: AnyField) -> bool:
    """Whether somebody's own code checks the values of a serializer's field."""
    return any(overrides(type(field), ("to_internal_value", "run_validation"))) or any(
        owner_of(validator) is Owner.PROJECT for validator in field.validators
    )


def said_by_form_field(field: forms.Field, column: Column, *, is_whole: bool) -> Said:
    """Return what a field of a ``ModelForm`` says; null and uniqueness are the model's there.

    What a form leaves open, the validators of its model check.

    Args:
        field: The field, as the class has it.
        column: What it is about.
        is_whole: Whether the class says all: no ``__init__`` of its own makes it another one.
    """
    said = _of_kind(kind_of_form_field(field))
    if is_whole and field.required is column.blank:
        # Django makes a form's field required unless the column may be blank, default or not.
        said[Aspect.REQUIRED] = field.required
    if isinstance(field, ModelChoiceField):
        return said
    said.update(_said_of_value(field, column, choice=forms.ChoiceField, text=forms.CharField))
    if not is_whole:
        said.pop(Aspect.CHOICES, None)
    said = {aspect: value for aspect, value in said.items() if value is not None}
    if isinstance(field, forms.DecimalField):
        said[Aspect.MAX_DIGITS] = field.max_digits
        said[Aspect.DECIMAL_PLACES] = field.decimal_places
    return said


CHECKED_BY_MODELS = frozenset(Aspect) - {Aspect.CHOICES, Aspect.REQUIRED, Aspect.TYPE}
"""What the model of a form checks again. A choice that it refuses is offered in vain."""


def _of_kind(kind: str | None) -> dict[Aspect, Any]:
    """Return what there is to say of a kind of value, which nobody may know, to be added to."""
    return {} if kind is None else {Aspect.TYPE: kind}


def _said_of_value(
    field: AnyField, column: Column, *, choice: type[Any], text: type[Any]
) -> Iterator[tuple[Aspect, object]]:
    if isinstance(field, choice):
        # Without any, they are filled in later, or listed anew each time.
        if _is_fixed(field.choices) and not isinstance(field, _CHANGING_CHOICES):
            values = _values(_pairs(field.choices))
            if values:
                yield Aspect.CHOICES, values
        return
    if isinstance(field, text):
        yield Aspect.CHOICES, None
        yield Aspect.MAX_LENGTH, min(_limits(field.validators, MaxLengthValidator), default=None)
        least = [limit for limit in _limits(field.validators, MinLengthValidator) if limit > 1]
        yield Aspect.MIN_LENGTH, max(least, default=None)
    if hasattr(field, "max_value") and hasattr(field, "min_value"):
        yield Aspect.CHOICES, None
        low, high = _own_range(column)
        yield Aspect.MIN_VALUE, _tightest(max, _limits(field.validators, MinValueValidator), low)
        yield Aspect.MAX_VALUE, _tightest(min, _limits(field.validators, MaxValueValidator), high)


_CHANGING_CHOICES = (drf.FilePathField, drf.MultipleChoiceField, forms.FilePathField)


def is_comparable(field: AnyField) -> bool:
    """Whether a serializer's field holds one value of one column."""
    if isinstance(field, (drf.HiddenField, ManyRelatedField, BaseSerializer)):
        return False
    return field.source != "*" and "." not in field.source


def is_input(field: AnyField) -> bool:
    """Whether a client may send a value of a serializer's field."""
    return not field.read_only


def is_relation(field: object) -> bool:
    """Whether a serializer's field names another object."""
    return isinstance(field, RelatedField)


def _is_fixed(choices: object) -> bool:
    """Whether choices are there already; a function of the project's might ask the database."""
    return isinstance(choices, (list, tuple, Mapping))


def _pairs(choices: Any) -> list[tuple[object, object]]:
    pairs: list[tuple[object, object]] = []
    for value, label in choices.items() if isinstance(choices, Mapping) else choices:
        nested = isinstance(label, (list, tuple))
        pairs.extend(_pairs(label) if nested else [(value, label)])
    return pairs


def _values(pairs: Iterable[tuple[object, object]]) -> frozenset[str]:
    return frozenset(str(value) for value, _ in pairs if value not in (None, ""))


def _limits(validators: Iterable[object], kind: type[BaseValidator]) -> list[Any]:
    limits = [each.limit_value for each in validators if isinstance(each, kind)]
    return [limit() if callable(limit) else limit for limit in limits]


def _tightest(choose: Any, limits: list[Any], own: object) -> object:
    limits = [limit for limit in limits if limit != own]
    return choose(limits) if limits else None


def _own_range(column: Column) -> tuple[object, object]:
    """Return the range of a column's type. A positive one's zero is a rule, the rest is storage."""
    if not isinstance(column, models.IntegerField):
        return None, None
    low, high = connection.ops.integer_field_range(column.get_internal_type())
    return (None if low == 0 else low), high
