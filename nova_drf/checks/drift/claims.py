"""What a column, a serializer's field or a form's field says about the same value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from django import forms
from django.core.validators import (
    BaseValidator,
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
)
from django.db import connection, models
from django.forms.models import ModelChoiceField
from rest_framework import fields as drf
from rest_framework.relations import ManyRelatedField, RelatedField
from rest_framework.serializers import BaseSerializer
from rest_framework.validators import UniqueValidator


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
    """

    column: models.Field[Any, Any]
    place: str
    said: Said
    owner: Any


_TEXT = (models.CharField, models.TextField, models.FileField)
_NUMBERS = (models.IntegerField, models.DecimalField, models.FloatField)


def said_by_column(column: models.Field[Any, Any]) -> Said:
    """Return what a model's field says, by DRF's reading of it."""
    said: dict[Aspect, Any] = {
        Aspect.NULL: column.null,
        Aspect.REQUIRED: not (column.has_default() or column.blank or column.null),
        Aspect.UNIQUE: bool(column.unique),
    }
    if column.choices is not None:
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


def said_by_serializer_field(field: Any, column: models.Field[Any, Any], *, unique: bool) -> Said:
    """Return what a bound field of DRF says.

    Args:
        field: Of a classic serializer, or of a schema's.
        column: What it is about.
        unique: Whether the place can say that a value is unique.
    """
    said: dict[Aspect, Any] = {
        Aspect.NULL: bool(field.allow_null),
        Aspect.REQUIRED: bool(field.required),
    }
    if unique:
        said[Aspect.UNIQUE] = any(isinstance(one, UniqueValidator) for one in field.validators)
    said.update(_said_of_value(field, column, choice=drf.ChoiceField, text=_DRF_TEXT))
    if isinstance(field, drf.DecimalField):
        said[Aspect.MAX_DIGITS] = field.max_digits
        said[Aspect.DECIMAL_PLACES] = field.decimal_places
    return said


_DRF_TEXT = (drf.CharField, drf.FileField)


def said_by_form_field(field: forms.Field, column: models.Field[Any, Any]) -> Said:
    """Return what a field of a ``ModelForm`` says; null and uniqueness are the model's there."""
    said: dict[Aspect, Any] = {}
    if field.required is column.blank:
        # Django makes a form's field required unless the column may be blank, default or not.
        said[Aspect.REQUIRED] = field.required
    if isinstance(field, ModelChoiceField):
        return said
    text = (forms.CharField, forms.FileField)
    said.update(_said_of_value(field, column, choice=forms.ChoiceField, text=text))
    # What a form leaves open, its model's own validators check.
    said = {aspect: value for aspect, value in said.items() if value is not None}
    if isinstance(field, forms.DecimalField):
        said[Aspect.MAX_DIGITS] = field.max_digits
        said[Aspect.DECIMAL_PLACES] = field.decimal_places
    return said


def _said_of_value(
    field: Any, column: models.Field[Any, Any], *, choice: type[Any], text: tuple[type[Any], ...]
) -> Iterator[tuple[Aspect, object]]:
    if isinstance(field, choice):
        yield Aspect.CHOICES, _values(_pairs(field.choices))
        return
    if isinstance(field, text):
        yield Aspect.CHOICES, None
        yield Aspect.MAX_LENGTH, getattr(field, "max_length", None)
        least = [one for one in _limits(field.validators, MinLengthValidator) if one > 1]
        yield Aspect.MIN_LENGTH, max(least, default=None)
    if hasattr(field, "max_value") and hasattr(field, "min_value"):
        yield Aspect.CHOICES, None
        low, high = _own_range(column)
        yield Aspect.MIN_VALUE, _tightest(max, _limits(field.validators, MinValueValidator), low)
        yield Aspect.MAX_VALUE, _tightest(min, _limits(field.validators, MaxValueValidator), high)


def is_comparable(field: Any) -> bool:
    """Whether a serializer's field is an input that holds one value of one column."""
    if field.read_only or isinstance(field, (drf.HiddenField, ManyRelatedField, BaseSerializer)):
        return False
    return field.source != "*" and "." not in field.source


def is_relation(field: object) -> bool:
    """Whether a serializer's field names another object, whose key has no limits of its own."""
    return isinstance(field, RelatedField)


def _pairs(choices: Any) -> list[tuple[Any, Any]]:
    pairs: list[tuple[Any, Any]] = []
    for value, label in choices.items() if isinstance(choices, Mapping) else choices:
        nested = isinstance(label, (list, tuple))
        pairs.extend(_pairs(label) if nested else [(value, label)])
    return pairs


def _values(pairs: Any) -> frozenset[str]:
    return frozenset(str(value) for value, _ in pairs if value not in (None, ""))


def _limits(validators: Any, kind: type[BaseValidator]) -> list[Any]:
    found = [one.limit_value for one in validators if isinstance(one, kind)]
    return [limit() if callable(limit) else limit for limit in found]


def _tightest(choose: Any, limits: list[Any], own: Any) -> object:
    limits = [limit for limit in limits if limit != own]
    return choose(limits) if limits else None


def _own_range(column: models.Field[Any, Any]) -> tuple[object, object]:
    """Return the range of a column's type. A positive one's zero is a rule, the rest is storage."""
    if not isinstance(column, models.IntegerField):
        return None, None
    low, high = connection.ops.integer_field_range(column.get_internal_type())
    return (None if low == 0 else low), high
