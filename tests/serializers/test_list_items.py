"""Items of a list that are validated one after the other, prepared once, against DRF's own list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework import serializers

from nova_drf import NotRequired, Schema, SchemaSerializer
from tests.oracle import error_tree, typed


class Classic(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=5)
    rank = serializers.IntegerField(required=False)


class Item(Schema):
    title: str
    rank: NotRequired[int]


class Ours(SchemaSerializer[Item]):
    title = serializers.CharField(max_length=5)


BODIES: list[Any] = [{"title": "a"}, {"title": "b", "rank": "7"}, {"title": "toolong"}, None, 5]
GOOD = [{"title": "a", "rank": 1}, {"title": "b"}]


def loud(value: str) -> str:
    if value == "b":
        raise serializers.ValidationError("No b.", code="no_b")
    return value.upper()


def refused(_data: object) -> Any:
    raise serializers.ValidationError("Not today.")


def with_field_hook(serializer: Any) -> None:
    serializer.child.validate_title = loud


def with_whole_hook(serializer: Any) -> None:
    serializer.child.validate = lambda values: {**values, "seen": True}


def with_run_validation(serializer: Any) -> None:
    serializer.child.run_validation = refused


def with_validators(serializer: Any) -> None:
    serializer.child.validators = [refused]


def with_other_fields(serializer: Any) -> None:
    del serializer.child.fields["rank"]
    serializer.child.fields["title"].max_length = 1


def with_read_only_child(serializer: Any) -> None:
    serializer.child.read_only = True
    serializer.child.default = {"title": "always"}


def unchanged(_serializer: Any) -> None:
    pass


@pytest.mark.parametrize("bodies", [GOOD, BODIES, [*BODIES, *GOOD], []])
@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        unchanged,
        with_field_hook,
        with_whole_hook,
        with_run_validation,
        with_validators,
        with_other_fields,
        with_read_only_child,
    ],
)
def test_whatever_was_set_on_the_child_counts_for_each_item(
    change: Callable[[Any], None], partial: bool, bodies: list[Any]
) -> None:
    if partial and change is with_read_only_child:
        pytest.skip("DRF raises SkipField, which nobody catches.")
    lists = [cls(data=bodies, many=True, partial=partial) for cls in (Classic, Ours)]
    for serializer in lists:
        change(serializer)
    drf, ours = lists
    assert drf.is_valid() == ours.is_valid()
    assert error_tree(ours.errors) == error_tree(drf.errors)
    assert typed(ours.validated_data) == typed(drf.validated_data)
    if ours.is_valid() and change is unchanged:
        assert [item.model_dump(exclude_unset=True) for item in ours.validated_schema] == bodies


def test_what_was_set_between_two_validations_counts() -> None:
    drf, ours = (cls(data=GOOD, many=True) for cls in (Classic, Ours))
    for serializer in (drf, ours):
        serializer.run_validation(GOOD)
        with_field_hook(serializer)
    errors = []
    for serializer in (drf, ours):
        with pytest.raises(serializers.ValidationError) as raised:
            serializer.run_validation(GOOD)
        errors.append(error_tree(raised.value.detail))
    assert errors[0] == errors[1]
