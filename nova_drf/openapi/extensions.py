"""What drf-spectacular calls: one extension for serializers, one for fields, one for models."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import (
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction
from pydantic import BaseModel

from nova_drf.openapi.components import DocumentIdentity, component_name, is_being_made
from nova_drf.openapi.dialect import JSONSchema, ready_for_null
from nova_drf.openapi.documents import serializer_schema
from nova_drf.openapi.properties import described
from nova_drf.openapi.titles import add_titles
from nova_drf.schemas.schema import Schema
from nova_drf.serializers.pydantic_field import PydanticField
from nova_drf.serializers.schema_serializer import SchemaSerializer, nested_serializer_class


class SchemaSerializerExtension(OpenApiSerializerExtension):
    """Documents a schema serializer, and with it every nested schema.

    An extension of the project's for one of its own serializers takes precedence.
    """

    target_class = SchemaSerializer
    match_subclasses = True
    priority = -2

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        """Return the name that a classic serializer's component would have, if it is free."""
        return component_name(auto_schema, self.target, direction)

    def get_identity(self, auto_schema: AutoSchema, direction: Direction) -> Any:
        """Return what tells the component from another one of the same name."""
        return DocumentIdentity(auto_schema, self.target)

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> JSONSchema:
        """Return the component's schema."""
        return serializer_schema(auto_schema, self.target, direction)


class PydanticFieldExtension(OpenApiSerializerFieldExtension):
    """Documents a union, or a value of a type that only Pydantic knows."""

    target_class = PydanticField

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> JSONSchema:
        """Return the value's schema; drf-spectacular adds texts, default and ``null``."""
        schema = described(auto_schema, self.target.type_shape, direction)
        return ready_for_null(schema) if self.target.allow_null else schema


class ModelExtension(OpenApiSerializerExtension):
    """Documents ``@extend_schema(request=Book, responses=Book)`` for Pydantic models.

    It takes precedence over drf-spectacular's own, so that a model is the same component here as
    in a serializer.
    """

    target_class = BaseModel
    match_subclasses = True
    priority = 1

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        """Return the name of the component that the model has everywhere."""
        return component_name(auto_schema, self._serializer(), direction)

    def get_identity(self, auto_schema: AutoSchema, direction: Direction) -> Any:
        """Return what tells the component from another one of the same name."""
        return DocumentIdentity(auto_schema, self._serializer())

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> JSONSchema:
        """Return the component's schema, or what the parameters of a query string are made of."""
        serializer = self._serializer()
        alone = not is_being_made(auto_schema, serializer, direction)
        schema = serializer_schema(auto_schema, serializer, direction)
        if alone and not issubclass(self.target, Schema):
            add_titles(schema, self.target)
        return schema

    def _serializer(self) -> object:
        return nested_serializer_class(self.target)()
