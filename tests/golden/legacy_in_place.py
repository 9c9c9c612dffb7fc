"""Serializers of a shop, as they would be found: comments, hooks, helpers, nesting."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db import models
from pydantic import Field, field_validator
from rest_framework import serializers

from nova_drf import (
    FromModel,
    NotRequired,
    ReadOnly,
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    UseField,
    WriteOnly,
    unset,
)
from tests.convertapp.fields import Point, not_seven
from tests.convertapp.models import City, Country

LIMIT = 9


class Colour(models.TextChoices):
    """The project's own enumeration."""

    RED = "red", "Red"
    BLUE = "blue", "Blue"


def is_known(name: str) -> bool:
    """Say whether a name is known."""
    return name != "nobody"


# Parts


class PartSize(models.IntegerChoices):
    """What ``size`` may be."""

    SMALL = 1, "Small"
    LARGE = 2, "Large"


class PartSchema(Schema):
    """A part of a thing."""

    # What it is called.
    name: Annotated[str, Field(max_length=LIMIT)]
    # never green
    colour: Colour
    size: PartSize = PartSize.SMALL
    kind: NotRequired[Literal["a", "b"]] = unset()
    type: str = "plain"

    @field_validator("name")
    @classmethod
    def validate_name(cls, value: str) -> str:
        # Names have a capital letter.
        if not value.istitle():
            raise serializers.ValidationError("Not a name.", code="name")
        return value.strip("_")


class PartSerializer(SchemaSerializer[PartSchema]):
    """A part of a thing."""


class CategorySchema(Schema):
    """Categories nest."""

    title: Annotated[str, Field(max_length=20, description="As on the shelf.")]
    children: NotRequired[list[CategorySchema]] = unset()


class CategorySerializer(SchemaSerializer[CategorySchema]):
    """Categories nest."""


# Wholes


class ThingSchema(Schema):
    """A thing."""

    label: Annotated[str, Field(max_length=30)]
    code: Annotated[str, Field(min_length=2)]
    # kept: there is no FieldMapping for Point
    place: Annotated[NotRequired[str], UseField(Point(required=False))] = unset()
    # kept: its validators
    number: Annotated[
        NotRequired[int],
        UseField(serializers.IntegerField(validators=[not_seven], required=False)),
    ] = unset()
    parts: list[PartSchema]
    category: NotRequired[CategorySchema | None] = unset()
    summary: ReadOnly[str] = unset()


class ThingSerializer(SchemaSerializer[ThingSchema]):
    """A thing."""

    summary = serializers.SerializerMethodField()
    owner = serializers.HiddenField(default=serializers.CurrentUserDefault())

    def get_summary(self, thing: Any) -> str:
        # Short.
        return str(thing)[:5]

    # Codes are upper case.
    def validate_code(self, value: str) -> str:
        """Refuse spaces."""
        if " " in value:
            raise serializers.ValidationError("No spaces.", code="spaces")
        return value.upper()

    def validate_label(self, value: str) -> str:
        if not is_known(value):
            raise serializers.ValidationError("Nobody.")
        return value

    def validate(self, attrs: Any) -> Any:
        if attrs["label"] == attrs["code"]:
            raise serializers.ValidationError({"code": ["Not the label."]})
        return attrs


class LoudThingSchema(Schema):
    """Derives."""

    label: Annotated[str, Field(max_length=30)]
    code: Annotated[str, Field(min_length=2)]
    # kept: there is no FieldMapping for Point
    place: Annotated[NotRequired[str], UseField(Point(required=False))] = unset()
    # kept: its validators
    number: Annotated[
        NotRequired[int],
        UseField(serializers.IntegerField(validators=[not_seven], required=False)),
    ] = unset()
    parts: list[PartSchema]
    category: NotRequired[CategorySchema | None] = unset()
    summary: ReadOnly[str] = unset()
    owner: NotRequired[WriteOnly[Any]] = unset()
    loud: bool = True


class LoudThingSerializer(ThingSerializer):
    """Derives."""

    class Meta:
        schema = LoudThingSchema


class BareThingSchema(Schema):
    """Leaves a field out."""

    label: Annotated[str, Field(max_length=30)]
    code: Annotated[str, Field(min_length=2)]
    # kept: its validators
    number: Annotated[
        NotRequired[int],
        UseField(serializers.IntegerField(validators=[not_seven], required=False)),
    ] = unset()
    parts: list[PartSchema]
    category: NotRequired[CategorySchema | None] = unset()
    summary: ReadOnly[str] = unset()


class BareThingSerializer(ThingSerializer):
    """Leaves a field out."""

    class Meta:
        schema = BareThingSchema


class CountrySchema(Schema):
    """Inferred."""

    code: Annotated[str, Field(max_length=2)]
    name: Annotated[str, Field(max_length=40)]
    size: NotRequired[Country.Size] = unset()
    # kept: its choices are worked out
    region: Annotated[NotRequired[str], FromModel(Country, "region")] = unset()


class CountrySerializer(SchemaSerializer[CountrySchema]):
    """Inferred."""

    class Meta:
        model = Country


class CitySchema(Schema):
    """Inferred, with a nested one and an option that only DRF reads."""

    name: Annotated[str, Field(max_length=30)]
    # kept: CountrySerializer is more than its schema
    country: Annotated[
        ReadOnly[CountrySchema],
        UseField(CountrySerializer(read_only=True)),
    ] = unset()
    # kept: SlugRelatedField looks objects up
    country_code: Country
    mayor: NotRequired[int | None] = unset()
    motto: NotRequired[Annotated[str, Field(min_length=0, max_length=12)] | None] = unset()


class CitySerializer(SchemaSerializer[CitySchema]):
    """Inferred, with a nested one and an option that only DRF reads."""

    country_code = serializers.SlugRelatedField(
        source="country",
        slug_field="code",
        queryset=Country.objects.all(),
    )

    class Meta:
        model = City


class AnyColumnSerializer(serializers.ModelSerializer[Any]):
    """Asks its context for each column."""

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        return super().build_standard_field(field_name, model_field)


class AnyCountrySchema(Schema):
    """Looks declarative."""

    code: Annotated[str, Field(max_length=2)]
    name: Annotated[str, Field(max_length=40)]


class AnyCountrySerializer(AnyColumnSerializer, SchemaSerializer[AnyCountrySchema]):
    """Looks declarative."""

    class Meta:
        model = Country


class KeySchema(Schema):
    """One base."""

    key: str


class KeySerializer(SchemaSerializer[KeySchema]):
    """One base."""


class NamedCountrySchema(Schema):
    """Another base."""

    name: Annotated[str, Field(max_length=40)]


class NamedCountrySerializer(SchemaSerializer[NamedCountrySchema]):
    """Another base."""

    class Meta:
        model = Country


class TwoBasesSchema(NamedCountrySchema):
    """Its fields are those of its second base."""


class TwoBasesSerializer(KeySerializer, NamedCountrySerializer):
    """Its fields are those of its second base."""

    class Meta(NamedCountrySerializer.Meta):
        schema = TwoBasesSchema


class FixedCountrySchema(Schema):
    """Its ``Meta`` says more than its heir has."""

    code: Annotated[str, Field(max_length=2)]
    name: ReadOnly[str] = unset()


class FixedCountrySerializer(SchemaSerializer[FixedCountrySchema]):
    """Its ``Meta`` says more than its heir has."""

    class Meta:
        model = Country


class CountryCodeSchema(Schema):
    """Has fewer fields."""

    code: Annotated[str, Field(max_length=2)]


class CountryCodeSerializer(FixedCountrySerializer):
    """Has fewer fields."""

    class Meta(FixedCountrySerializer.Meta):
        schema = CountryCodeSchema


# Backed: PickySerializer._readable_fields takes DRF's loop apart
class PickySerializer(SchemaBackedMixin, serializers.ModelSerializer[Country]):
    """Takes DRF's loop apart."""

    class Meta:
        model = Country
        fields = ("code", "name")

    @property
    def _readable_fields(self) -> Any:
        return [field for field in self.fields.values() if field.field_name != "name"]
