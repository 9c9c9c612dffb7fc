"""Attributes that objects of a nested serializer lack: DRF's bound field decides, as in DRF."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework import serializers

from nova_drf import SchemaBackedMixin, schema_from_serializer, serializer_from_schema
from tests.oracle import printed


class Inner(serializers.Serializer[Any]):
    a = serializers.BooleanField()


class Line(serializers.Serializer[Any]):
    a = serializers.BooleanField()
    inner = Inner(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    left_out = Inner(required=False)


class TalkingLine(Line):
    said = serializers.SerializerMethodField()

    def get_said(self, line: Any) -> str:
        return "said"


class Order(serializers.Serializer[Any]):
    lines = Line(many=True)
    first = Line(required=False)
    talking = TalkingLine(many=True)
    name = serializers.CharField()


class Strict(serializers.Serializer[Any]):
    lines = Inner(many=True)
    name = serializers.CharField()


def converted(cls: type) -> Any:
    return serializer_from_schema(schema_from_serializer(cls))


def backed(cls: type) -> Any:
    return type(cls.__name__, (SchemaBackedMixin, cls), {})


LINES: list[Any] = [{"a": None}, SimpleNamespace(a=True), {"a": False, "inner": {"a": True}}]


@pytest.mark.parametrize("replace", [converted, backed])
@pytest.mark.parametrize("first", LINES)
def test_a_nested_object_without_an_attribute(replace: Any, first: Any) -> None:
    row = {"lines": LINES, "first": first, "talking": LINES, "name": "n"}
    for rows in ([row], [SimpleNamespace(**row)]):
        expected = printed(Order, rows, many=True)
        assert expected is not None
        assert printed(replace(Order), rows, many=True) == expected


@pytest.mark.parametrize("replace", [converted, backed])
def test_a_required_attribute_that_is_not_there_is_drfs_error(replace: Any) -> None:
    with pytest.raises(KeyError) as expected:
        _ = Strict({"lines": [{}], "name": "n"}).data
    with pytest.raises(KeyError) as actual:
        _ = replace(Strict)({"lines": [{}], "name": "n"}).data
    assert str(actual.value) == str(expected.value)
