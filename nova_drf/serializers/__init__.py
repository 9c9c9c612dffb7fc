"""The serializer classes."""

from __future__ import annotations

from nova_drf.serializers.backed import SchemaBackedMixin
from nova_drf.serializers.schema_serializer import SchemaSerializer, serializer_from_schema

__all__ = ["SchemaBackedMixin", "SchemaSerializer", "serializer_from_schema"]
