"""Where our classes stand among those of DRF."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from rest_framework import serializers

from nova_drf import SchemaBackedMixin, schema_from_serializer, serializer_from_schema
from tests.oracle import outcome


class GroupSerializer(serializers.ModelSerializer[Group]):
    class Meta:
        model = Group
        fields = ("id", "name")


class GroupField(serializers.RelatedField[Any, Any, Any], GroupSerializer):
    """A relation that prints whole objects."""

    def get_queryset(self) -> Any:
        return Group.objects.none()

    def to_internal_value(self, data: Any) -> Any:
        return Group(pk=int(data))


class Texts(serializers.ListField, GroupSerializer):
    """A field of another kind, and a serializer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


def ours_of(classic: Any) -> list[Any]:
    backed = type(classic.__name__, (SchemaBackedMixin, classic), {"__module__": __name__})
    return [backed, serializer_from_schema(schema_from_serializer(classic))]


@pytest.mark.django_db
def test_a_relation_that_is_a_serializer() -> None:
    group = Group(pk=1, name="a")
    for ours in ours_of(GroupField):
        assert ours().data == GroupField().data
        assert ours(instance=group).data == GroupField(instance=group).data
        assert list(ours().fields) == list(GroupField().fields)
        # DRF's relations take no positional arguments, which views pass to serializers.
        assert ours(group).data == {"id": 1, "name": "a"}
        for field, other in ((ours(), GroupField()), (ours(many=True), GroupField(many=True))):
            around = [_around(one) for one in (field, other)]
            for value in (1, [1], "x", None):
                try:
                    expected: Any = outcome(around[1], {"groups": value})
                except ValueError as error:
                    expected = str(error)
                assert outcome(around[0], {"groups": value}) == expected


def _around(field: Any) -> Any:
    return type("Around", (serializers.Serializer,), {"groups": field})


def test_a_field_of_another_kind() -> None:
    for ours in ours_of(Texts):
        assert ours.__mro__.index(SchemaBackedMixin) > ours.__mro__.index(serializers.ListField)
        assert ours(data=["a"]).run_validation(["a"]) == Texts(data=["a"]).run_validation(["a"])
