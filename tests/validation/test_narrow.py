"""Narrow validators take no more than the fields that they stand for."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers

from nova_drf import SchemaBackedMixin

FIELDS: list[Any] = [
    serializers.CharField(min_length=0),
    serializers.CharField(min_length=2, allow_blank=True),
    serializers.CharField(min_length=0, trim_whitespace=False),
    serializers.ListField(child=serializers.CharField(min_length=0), allow_empty=False),
    serializers.ListField(child=serializers.JSONField()),
    serializers.ListField(child=serializers.ListField(allow_null=True), max_length=1),
    serializers.DictField(child=serializers.EmailField(max_length=6, min_length=6)),
    serializers.DictField(child=serializers.IntegerField(max_value=2), allow_empty=False),
    serializers.HStoreField(),
]

VALUES: list[Any] = [
    *("", " ", "x", "xy", [], {}, [""], ["x"], ["", "x"], [[]], [None], [[None]], [[], []]),
    *({"a": "a@b.c"}, {"a": "a@b.co"}, {"a": "aa@b.co"}, {"a": 2}, {"a": 3}, {"a": None}),
    [float("inf")],
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("field", FIELDS, ids=repr)
def test_a_backed_field_takes_what_the_field_takes(field: Any, value: Any) -> None:
    class Classic(serializers.Serializer[Any]):
        value = field

    class Backed(SchemaBackedMixin, Classic):
        pass

    theirs, ours = Classic(data={"value": value}), Backed(data={"value": value})
    assert ours.is_valid() == theirs.is_valid()
    assert ours.errors == theirs.errors
    if theirs.is_valid():
        assert ours.validated_data == theirs.validated_data
