"""Serializers of a shop, as they would be found: comments, hooks, helpers, nesting."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers

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


class PartSerializer(serializers.Serializer[Any]):
    """A part of a thing."""

    # What it is called.
    name = serializers.CharField(max_length=LIMIT)
    colour = serializers.ChoiceField(choices=Colour.choices)  # never green
    size = serializers.ChoiceField(choices=[(1, "Small"), (2, "Large")], default=1)
    kind = serializers.ChoiceField(choices=["a", "b"], required=False)
    type = serializers.CharField(default="plain")

    def validate_name(self, value: str) -> str:
        # Names have a capital letter.
        if not value.istitle():
            raise serializers.ValidationError("Not a name.", code="name")
        return value.strip("_")


class CategorySerializer(serializers.Serializer[Any]):
    """Categories nest."""

    title = serializers.CharField(max_length=20, help_text="As on the shelf.")

    def get_fields(self) -> Any:
        fields = super().get_fields()
        fields["children"] = CategorySerializer(many=True, required=False)
        return fields


# Wholes


class ThingSerializer(serializers.Serializer[Any]):
    """A thing."""

    label = serializers.CharField(max_length=30)
    code = serializers.CharField(min_length=2)
    place = Point(required=False)
    number = serializers.IntegerField(validators=[not_seven], required=False)
    parts = PartSerializer(many=True)
    category = CategorySerializer(required=False, allow_null=True)
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


class LoudThingSerializer(ThingSerializer):
    """Derives."""

    loud = serializers.BooleanField(default=True)


class BareThingSerializer(ThingSerializer):
    """Leaves a field out."""

    place = None  # type: ignore[assignment]


class CountrySerializer(serializers.ModelSerializer[Country]):
    """Inferred."""

    class Meta:
        model = Country
        fields = ("code", "name", "size", "region")


class CitySerializer(serializers.ModelSerializer[City]):
    """Inferred, with a nested one and an option that only DRF reads."""

    country = CountrySerializer(read_only=True)
    country_code = serializers.SlugRelatedField(
        source="country",
        slug_field="code",
        queryset=Country.objects.all(),
    )

    class Meta:
        model = City
        fields = ("name", "country", "country_code", "mayor", "motto")
        extra_kwargs = {"motto": {"max_length": 12}}


class AnyColumnSerializer(serializers.ModelSerializer[Any]):
    """Asks its context for each column."""

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        return super().build_standard_field(field_name, model_field)


class AnyCountrySerializer(AnyColumnSerializer):
    """Looks declarative."""

    class Meta:
        model = Country
        fields = ("code", "name")


class KeySerializer(serializers.Serializer[Any]):
    """One base."""

    key = serializers.CharField()


class NamedCountrySerializer(serializers.ModelSerializer[Country]):
    """Another base."""

    class Meta:
        model = Country
        fields = ("name",)


class TwoBasesSerializer(KeySerializer, NamedCountrySerializer):
    """Its fields are those of its second base."""


class FixedCountrySerializer(serializers.ModelSerializer[Country]):
    """Its ``Meta`` says more than its heir has."""

    class Meta:
        model = Country
        fields = ("code", "name")
        read_only_fields = ("name",)


class CountryCodeSerializer(FixedCountrySerializer):
    """Has fewer fields."""

    class Meta(FixedCountrySerializer.Meta):
        fields = ("code",)


class PickySerializer(serializers.ModelSerializer[Country]):
    """Takes DRF's loop apart."""

    class Meta:
        model = Country
        fields = ("code", "name")

    @property
    def _readable_fields(self) -> Any:
        return [field for field in self.fields.values() if field.field_name != "name"]
