"""Types of what a serializer only prints: attributes and methods of models, method fields."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from rest_framework import fields as drf

from nova_drf.mapping.from_drf import describe

_MODEL_FIELDS: Mapping[type, Any] = {
    models.AutoField: int,
    models.IntegerField: int,
    models.FloatField: float,
    models.DecimalField: Decimal,
    models.BooleanField: bool,
    models.CharField: str,
    models.TextField: str,
    models.DateTimeField: datetime,
    models.DateField: date,
    models.TimeField: time,
    models.DurationField: timedelta,
    models.UUIDField: UUID,
    models.GenericIPAddressField: str,
    models.FilePathField: str,
}


def python_type(field: Any) -> Any:
    """Return the type of a model field's values; ``Any`` for a field that is not Django's."""
    if isinstance(field, models.ForeignKey):
        return python_type(field.target_field)
    known = (_MODEL_FIELDS[base] for base in type(field).__mro__ if base in _MODEL_FIELDS)
    return next(known, Any)


def relation_target(model: Any, name: str) -> Any:
    """Return the model that an attribute of a model leads to, or ``None``."""
    if model is None:
        return None
    try:
        return model._meta.get_field(name).related_model
    except FieldDoesNotExist:
        return None


def attribute_type(model: Any, path: str) -> Any:
    """Return the type of an attribute of a model: a column, a property or a method."""
    *steps, name = path.split(".")
    for step in steps:
        model = relation_target(model, step)
    if model is None:
        return Any
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return returned_type(getattr(model, name, None))
    return python_type(field) if isinstance(field, models.Field) else Any


def returned_type(function: Any) -> Any:
    """Return what a method or property says it returns; ``Any`` where it says nothing."""
    if isinstance(function, property):
        function = function.fget
    function = getattr(function, "func", function)
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError):
        # A name only type checkers see, or no function at all: no information.
        return Any
    return hints.get("return", Any)


def method_type(method: Any) -> Any:
    """Return what a ``get_<field>`` method says it makes, itself or by a schema decorator."""
    annotated = returned_type(method)
    return decorated_type(method) if annotated is Any else annotated


def decorated_type(method: Any) -> Any:
    """Return the type that ``@extend_schema_field`` gives a method; ``Any`` if it gives none."""
    said = getattr(method, "_spectacular_annotation", {}).get("field")
    if isinstance(said, type) and issubclass(said, drf.Field):
        try:
            said = said()
        except (TypeError, AssertionError):
            return Any
    if isinstance(said, drf.Field):
        described = describe(said)
        return Any if described is None else described.annotation
    return said if isinstance(said, type) or typing.get_origin(said) is not None else Any
