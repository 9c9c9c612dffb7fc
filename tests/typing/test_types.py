"""What type checkers see; ``make types`` runs mypy and pyright over this file too."""

from __future__ import annotations

from typing import Any, assert_type

from nova_drf import ReadOnly, Schema, SchemaSerializer, serializer_from_schema


class PointSchema(Schema):
    id: ReadOnly[int]
    x: int


class PointSerializer(SchemaSerializer[PointSchema]):
    pass


def test_the_validated_schema_has_the_schemas_type() -> None:
    serializer = PointSerializer(data={"x": "1"})
    assert serializer.is_valid()
    assert_type(serializer.validated_schema, PointSchema)
    assert_type(serializer.validated_schema.x, int)
    assert serializer.validated_schema.x == 1
    made: type[SchemaSerializer[Any]] = serializer_from_schema(PointSchema)
    assert made({"id": 1, "x": 2}).data == {"id": 1, "x": 2}
