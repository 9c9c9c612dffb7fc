"""Mistakes that a type checker must find; ``test_types.py`` counts them."""

from __future__ import annotations

from nova_drf import Schema, SchemaSerializer


class PointSchema(Schema):
    x: int


class PointSerializer(SchemaSerializer[PointSchema]):
    pass


serializer = PointSerializer(data={"x": 1})
wrong: str = serializer.validated_schema.x  # error
serializer.validated_schema.z  # error
NotASchema = SchemaSerializer[int]  # error
serializer.ais_valid("yes")  # error
