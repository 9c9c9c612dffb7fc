"""A house base, fields chosen by the client, options that build on others."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from rest_framework import serializers

from nova_drf import FromModel, NotRequired, ReadOnly, Schema, SchemaSerializer, UseField, unset
from tests.convertapp.models import City, Country


class ChosenFieldsMixin:
    """Lets a client name the fields that it wants."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        chosen = kwargs.pop("only", None)
        super().__init__(*args, **kwargs)
        for name in set() if chosen is None else set(self.fields) - set(chosen):  # type: ignore[attr-defined]
            self.fields.pop(name)  # type: ignore[attr-defined]


class HouseSerializer(serializers.ModelSerializer[Any]):
    """All serializers of the house."""

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        field_class, kwargs = super().build_standard_field(field_name, model_field)
        return field_class, kwargs

    def to_representation(self, instance: Any) -> Any:
        printed = super().to_representation(instance)
        return {name: value for name, value in printed.items() if value is not None}


class CountrySchema(Schema):
    """A country as the house prints it."""

    code: Annotated[str, Field(max_length=2)]
    name: Annotated[str, Field(max_length=40)]
    size: NotRequired[Country.Size] = unset()


class CountrySerializer(ChosenFieldsMixin, HouseSerializer, SchemaSerializer[CountrySchema]):
    """A country as the house prints it."""

    class Meta:
        model = Country


class CountryWithAreaSchema(CountrySchema):
    """The same, with a number that the model works out."""

    area: ReadOnly[int] = unset()


class CountryWithAreaSerializer(CountrySerializer):
    """The same, with a number that the model works out."""

    class Meta(CountrySerializer.Meta):
        schema = CountryWithAreaSchema


class CitySchema(Schema):
    """A city and, on the way out, its country."""

    name: Annotated[str, Field(max_length=30)]
    # kept: the words and the format of SlugField
    slug: Annotated[NotRequired[str], FromModel(City, "slug", base=HouseSerializer)] = unset()
    # kept: CountrySerializer is more than its schema
    country: Annotated[
        ReadOnly[CountrySchema],
        UseField(CountrySerializer(read_only=True)),
    ] = unset()
    motto: Annotated[str, Field(min_length=0, max_length=10)] | None


class CitySerializer(HouseSerializer, SchemaSerializer[CitySchema]):
    """A city and, on the way out, its country."""

    class Meta:
        model = City
