"""What kind of value a place holds, in a word, where that is certain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from django import forms
from django.db import models
from rest_framework import fields as drf
from rest_framework.relations import PrimaryKeyRelatedField

from nova_drf.core.overrides import overrides
from nova_drf.core.ownership import Owner, home_of
from nova_drf.mapping.shape import AnyField

Column: TypeAlias = "models.Field[Any, Any]"
"""A field of a model, whatever it holds."""

# In each of these the first class that fits tells; some derive from others below them.

_OF_COLUMNS: Mapping[type, str] = {
    models.BooleanField: "boolean",
    models.IntegerField: "integer",
    models.FloatField: "number",
    models.DecimalField: "decimal",
    models.UUIDField: "UUID",
    models.DateTimeField: "date and time",
    models.DateField: "date",
    models.TimeField: "time",
    models.DurationField: "duration",
    models.CharField: "text",
    models.TextField: "text",
}

_OF_DRF: Mapping[type, str] = {
    drf.BooleanField: "boolean",
    drf.IntegerField: "integer",
    drf.FloatField: "number",
    drf.DecimalField: "decimal",
    drf.UUIDField: "UUID",
    drf.DateTimeField: "date and time",
    drf.DateField: "date",
    drf.TimeField: "time",
    drf.DurationField: "duration",
    drf.ListField: "list",
    drf.CharField: "text",
}

_OF_FORMS: Mapping[type, str] = {
    forms.BooleanField: "boolean",
    forms.FloatField: "number",
    forms.DecimalField: "decimal",
    forms.IntegerField: "integer",
    forms.UUIDField: "UUID",
    forms.DateTimeField: "date and time",
    forms.DateField: "date",
    forms.TimeField: "time",
    forms.DurationField: "duration",
}

_FIT: Mapping[str, frozenset[str]] = {
    "number": frozenset(("decimal",)),
    "decimal": frozenset(("number",)),
    "text": frozenset(("UUID", "date", "date and time", "time")),
}
"""What else may stand for a column's values without loss. Text may stand for any."""

_CONVERSIONS = ("to_internal_value", "to_representation", "run_validation")


def kind_of_column(column: Column) -> str | None:
    """Return what a column holds; of a foreign key, what the key is."""
    if column.is_relation:
        target: Any = getattr(column, "target_field", None)
        return None if target is None else kind_of_column(target)
    if hasattr(column, "from_db_value") and home_of(type(column)) is not Owner.DJANGO:
        return None  # It makes something else of what the database holds.
    return _first(_OF_COLUMNS, column)


def kind_of_serializer_field(field: AnyField) -> str | None:
    """Return what a field of DRF's reads and prints; ``None`` where the project's code decides."""
    if isinstance(field, PrimaryKeyRelatedField):
        return None if field.pk_field is None else kind_of_serializer_field(field.pk_field)
    if any(overrides(type(field), _CONVERSIONS)):
        return None
    return _first(_OF_DRF, field)


def kind_of_field_class(field_class: type) -> str | None:
    """Return what the fields of a class of DRF's read and print."""
    return next((kind for cls, kind in _OF_DRF.items() if issubclass(field_class, cls)), None)


def kind_of_form_field(field: forms.Field) -> str | None:
    """Return what a field of a form reads."""
    return _first(_OF_FORMS, field)


def fits(kind: str, column: str) -> bool:
    """Whether values of a kind may stand for those of a column."""
    return kind in (column, "text") or kind in _FIT.get(column, ())


def _first(kinds: Mapping[type, str], value: object) -> str | None:
    return next((kind for cls, kind in kinds.items() if isinstance(value, cls)), None)
