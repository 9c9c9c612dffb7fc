"""Classes in classes and functions, and names that others have too."""

from typing import Any

from rest_framework import serializers
from rest_framework.fields import *  # noqa: F403

from tests.convertapp.models import Country


class Schema:
    """Not the one of nova_drf."""


class Field(serializers.CharField):
    """Not the one of Pydantic: a text in capitals."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data).upper()


class ModelSerializer(serializers.ModelSerializer[Any]):
    """Not the one of DRF."""

    def known(self) -> bool:
        return True


class CountrySerializer(ModelSerializer):
    motto = Field(required=False, write_only=True)

    class Meta:
        model = Country
        fields = ["code", "name", "motto"]


class Outer:
    """A namespace."""

    class InnerSerializer(serializers.Serializer[Any]):
        size = CharField(max_length=3, trim_whitespace=False)  # noqa: F405


class NodeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()

    def get_fields(self) -> Any:
        fields = super().get_fields()
        fields["nodes"] = NodeSerializer(many=True, required=False)
        return fields


def made_for(limit: int) -> Any:
    class MadeSerializer(serializers.Serializer[Any]):
        value = serializers.IntegerField(max_value=9)

        def validate_value(self, value: int) -> int:
            return min(value, limit)

    return MadeSerializer


MadeForFive = made_for(5)
