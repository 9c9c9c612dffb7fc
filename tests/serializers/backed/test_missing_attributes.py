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


class Defaults(serializers.Serializer[Any]):
    a = serializers.IntegerField(default=3)
    b = serializers.ListField(child=serializers.CharField(), default=list)
    c = Inner(default=dict)


class Outer(serializers.Serializer[Any]):
    one = Defaults()
    many = Defaults(many=True)
    a = serializers.IntegerField(default=3)
    b = serializers.ListField(child=serializers.CharField(), default=list)


@pytest.mark.parametrize("replace", [converted, backed])
@pytest.mark.parametrize("partial", [False, True])
def test_a_default_does_not_count_in_a_partial_update(replace: Any, partial: bool) -> None:
    row = {"one": {"c": {"a": 1}}, "many": [{"c": {"a": 1}}]}
    for row_ in (row, SimpleNamespace(**row)):
        expected = printed(Outer, row_, partial=partial)
        assert expected is not None
        assert printed(replace(Outer), row_, partial=partial) == expected
        assert printed(replace(Outer), [row_], many=True, partial=partial) == printed(
            Outer, [row_], many=True, partial=partial
        )


class Talkative:
    """Its name is a method that lacks something inside, for some."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known

    def name(self) -> str:
        return self.known["name"]


class Named(serializers.Serializer[Any]):
    name = serializers.CharField(required=False)
    said = serializers.SerializerMethodField()

    def get_said(self, instance: Any) -> int:
        return len(instance.known)


@pytest.mark.parametrize("replace", [converted, backed])
@pytest.mark.parametrize("count", [1, 20])
def test_a_method_that_lacks_something_inside(replace: Any, count: int) -> None:
    rows = [Talkative({"name": "n"}), Talkative({})] * count
    with pytest.raises(ValueError, match="callable attribute") as expected:
        _ = Named(rows, many=True).data
    with pytest.raises(ValueError, match="callable attribute") as actual:
        _ = replace(Named)(rows, many=True).data
    assert str(actual.value) == str(expected.value)
