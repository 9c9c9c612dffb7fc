"""Types of what a serializer only prints: attributes and methods of models, method fields."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from rest_framework import fields as drf
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.overrides import SerializerClass
from nova_drf.mapping.from_drf import describe
from nova_drf.mapping.registry import registry

SchemaOf = Callable[[SerializerClass], Any]
"""Returns the annotation for a nested serializer class."""


def python_type(field: object) -> object:
    """Return the type of a model field's values; ``Any`` for a field that is not Django's."""
    if isinstance(field, models.ForeignKey):
        return python_type(field.target_field)
    row = registry.for_model_field(type(field))
    return Any if row is None else row.python_type


def model_of(serializer: object) -> type[models.Model] | None:
    """Return the model in the ``Meta`` of a serializer or its class; ``None`` if it has none.

    Where no ``ModelSerializer`` reads it, ``Meta.model`` may be whatever a project wants.
    """
    model = getattr(getattr(serializer, "Meta", None), "model", None)
    return model if isinstance(model, type) and issubclass(model, models.Model) else None


def relation_target(model: Any, name: str) -> Any:
    """Return the model that an attribute of a model leads to, or ``None``."""
    if model is None:
        return None
    try:
        return model._meta.get_field(name).related_model
    except FieldDoesNotExist:
        return None


def attribute_type(model: Any, path: str) -> object:
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


def returned_type(function: object) -> object:
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


def method_type(method: object, schema_of: SchemaOf) -> object:
    """Return what a ``get_<field>`` method says it makes, itself or by a schema decorator.

    Args:
        method: The method.
        schema_of: Converts the classes of serializers that a decorator names.
    """
    annotated = returned_type(method)
    return decorated_type(method, schema_of) if annotated is Any else annotated


def decorated_type(method: object, schema_of: SchemaOf) -> object:
    """Return the type that ``@extend_schema_field`` gives a method; ``Any`` if it gives none.

    drf-spectacular takes a type, one of its ``OpenApiTypes``, a field or a serializer, a class of
    these, or a piece of a JSON schema.
    """
    said: Any = getattr(method, "_spectacular_annotation", {}).get("field")
    if isinstance(said, type) and issubclass(said, drf.Field):
        try:
            said = said()
        except (TypeError, AssertionError):
            return Any
    if isinstance(said, drf.Field):
        try:
            return _type_of_field(said, schema_of)
        except SchemaDefinitionError:
            # Only the document names it; it need not be one that can be made.
            return Any
    if isinstance(said, dict):
        return _JSON_TYPES.get(said.get("type"), Any)
    if type(said).__name__ == "OpenApiTypes":
        return _openapi_type(said.name)
    return said if isinstance(said, type) or typing.get_origin(said) is not None else Any


def _type_of_field(field: object, schema_of: SchemaOf) -> object:
    if isinstance(field, ListSerializer):
        return list[schema_of(type(field.child))]  # type: ignore[misc, arg-type]  # a type made at run time
    if isinstance(field, BaseSerializer):
        return schema_of(type(field))
    described = describe(field)
    return Any if described is None else described.annotation


_JSON_TYPES: Mapping[Any, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list[Any],
    "object": dict[str, Any],
}


def _openapi_type(name: str) -> object:
    """Return the type of one of drf-spectacular's ``OpenApiTypes``, whose package is optional."""
    if name == "NONE":
        return None
    row = registry.for_openapi_type(name)
    return _JSON_TYPES.get(name.lower(), Any) if row is None else row.python_type
