"""A house base, fields chosen by the client, options that build on others."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

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


class CountrySerializer(ChosenFieldsMixin, HouseSerializer):
    """A country as the house prints it."""

    class Meta:
        model = Country
        fields = ("code", "name", "size")


class CountryWithAreaSerializer(CountrySerializer):
    """The same, with a number that the model works out."""

    area = serializers.IntegerField(read_only=True)

    class Meta(CountrySerializer.Meta):
        fields = (*CountrySerializer.Meta.fields, "area")


class CitySerializer(HouseSerializer):
    """A city and, on the way out, its country."""

    country = CountrySerializer(read_only=True)

    class Meta:
        model = City
        fields = ("name", "slug", "country", "motto")
        extra_kwargs = {"motto": {"required": True, "max_length": 10}}
