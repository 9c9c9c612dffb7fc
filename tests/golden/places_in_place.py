"""Classes in classes and functions, and names that others have too."""

from typing import Annotated, Any

from pydantic import Field as PydanticField
from pydantic import StringConstraints
from rest_framework import serializers
from rest_framework.fields import *  # noqa: F403

from nova_drf import NotRequired, SchemaSerializer, UseField, WriteOnly, unset
from nova_drf import Schema as NovaDrfSchema
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


class CountrySchema(NovaDrfSchema):
    code: Annotated[str, PydanticField(max_length=2)]
    name: Annotated[str, PydanticField(max_length=40)]
    # kept: there is no FieldMapping for Field
    motto: Annotated[
        NotRequired[WriteOnly[Any]],
        UseField(Field(required=False, write_only=True)),
    ] = unset()


class CountrySerializer(ModelSerializer, SchemaSerializer[CountrySchema]):
    class Meta:
        model = Country


class Outer:
    """A namespace."""

    class InnerSchema(NovaDrfSchema):
        size: Annotated[str, PydanticField(max_length=3), StringConstraints(strip_whitespace=False)]

    class InnerSerializer(SchemaSerializer[InnerSchema]):
        pass


class NodeSchema(NovaDrfSchema):
    name: str
    nodes: "NotRequired[list[NodeSchema]]" = unset()


class NodeSerializer(SchemaSerializer[NodeSchema]):
    pass


def made_for(limit: int) -> Any:
    class MadeSchema(NovaDrfSchema):
        value: Annotated[int, PydanticField(le=9)]

    class MadeSerializer(SchemaSerializer[MadeSchema]):
        def validate_value(self, value: int) -> int:
            return min(value, limit)

    return MadeSerializer


MadeForFive = made_for(5)
