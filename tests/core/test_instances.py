"""From what DRF's fields give back to what a schema's annotations name."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from rest_framework import serializers

from nova_drf import Schema
from nova_drf.core.instances import construct
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.schema_values import schema_value
from nova_drf.serializers.schema_serializer import serializer_from_schema


class Inner(Schema):
    a: int


class Outer(Schema):
    numbers: set[int]
    frozen: frozenset[str]
    pair: tuple[int, ...]
    inners: list[Inner]
    by_name: dict[str, Inner]
    plain: list[int]


def test_touched_fields_give_the_schema_its_own_collections() -> None:
    body = {"numbers": ["1", 1], "frozen": ["a"], "pair": ["1", 2], "plain": ["3"]}
    body |= {"inners": [{"a": "1"}], "by_name": {"x": {"a": 2}}}
    serializer: Any = serializer_from_schema(Outer)(data=body)
    for field in serializer.fields.values():
        field.help_text = "touched"
    assert serializer.is_valid(), serializer.errors
    schema = serializer.validated_schema
    assert (schema.numbers, schema.frozen, schema.pair) == ({1}, frozenset({"a"}), (1, 2))
    assert schema.inners == [Inner(a=1)]
    assert schema.by_name == {"x": Inner(a=2)}
    assert schema.plain == [3]


def test_a_hook_may_return_the_schema_itself() -> None:
    class Holder(Schema):
        inner: Inner

    class Hooked(serializer_from_schema(Holder)):
        def validate_inner(self, value: Any) -> Any:
            return Inner(a=value["a"] + 1)

    serializer = Hooked(data={"inner": {"a": 1}})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_schema.inner == Inner(a=2)


def test_what_needs_no_conversion_has_none() -> None:
    fields = shape_of(Outer).fields
    assert schema_value(fields["plain"].type) is None
    assert schema_value(fields["numbers"].type) is set
    convert = schema_value(fields["inners"].type)
    assert convert is not None
    assert convert([{"a": 1}, None, 5]) == [Inner(a=1), None, 5]


def test_an_instance_is_made_without_validation() -> None:
    class Plain(BaseModel):
        n: int

    made: Any = construct(Plain, {"n": "no number"})
    assert (made.n, made.model_fields_set) == ("no number", {"n"})
    assert isinstance(serializer_from_schema(Plain)(), serializers.Serializer)
