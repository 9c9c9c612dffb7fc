"""Mistakes that a type checker must find; ``test_checkers.py`` compares them line by line."""

from __future__ import annotations

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, serializer_from_schema, unset


class PointSchema(Schema):
    id: ReadOnly[int] = unset()
    x: int
    label: NotRequired[str] = unset()


class PointSerializer(SchemaSerializer[PointSchema]):
    pass


serializer = PointSerializer(data={"x": 1})
wrong: str = serializer.validated_schema.x  # error
serializer.validated_schema.z  # error
NotASchema = SchemaSerializer[int]  # error
NoSchema = serializer_from_schema(int)  # error
serializer.ais_valid("yes")  # error
PointSchema()  # error
length = len(PointSchema(x=1).label)  # error
label: str = PointSchema(x=1).label  # error
PointSerializer(data=[{"x": 1}], many=True).validated_schema.x  # error
one: PointSchema = PointSerializer(data=[{"x": 1}], many=True).validated_schema  # error
made: str = serializer_from_schema(PointSchema)(data={}).validated_schema.x  # error


async def without_await() -> None:
    serializer.ais_valid()  # error
    serializer.asave()  # error
    valid: bool = serializer.ais_valid()  # error
    x = serializer.avalidated_schema.x  # error
    print(valid, x)
