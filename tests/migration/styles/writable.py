"""Nested objects that are written, and hooks of all kinds."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator

from tests.convertapp.models import City, Country


class LineSerializer(serializers.Serializer[Any]):
    """A line of an order."""

    product = serializers.CharField(max_length=20)  # as in the catalogue
    count = serializers.IntegerField(min_value=1, default=1)
    note = serializers.CharField(required=False, allow_blank=True, allow_null=True)


class OrderSerializer(serializers.Serializer[Any]):
    """An order: its lines, and who ordered."""

    number = serializers.RegexField(r"^[A-Z]{2}\d{4}$")
    lines = LineSerializer(many=True, min_length=1)
    extra = LineSerializer(required=False, allow_null=True)
    customer = serializers.HiddenField(default=serializers.CurrentUserDefault())

    def validate_lines(self, lines: Any) -> Any:
        if len({line["product"] for line in lines}) < len(lines):
            raise serializers.ValidationError("Each product once.")
        return lines

    @transaction.atomic
    def create(self, validated_data: Any) -> Any:
        return validated_data


class CityInCountrySerializer(serializers.ModelSerializer[City]):
    """A city of a country that is in the address."""

    class Meta:
        model = City
        exclude = ("country",)


class NewCountrySerializer(serializers.ModelSerializer[Country]):
    """A country with its first cities."""

    cities = CityInCountrySerializer(many=True, write_only=True, required=False)

    class Meta:
        model = Country
        fields = "__all__"
        validators = [
            UniqueTogetherValidator(Country.objects.all(), fields=("code", "name")),
        ]

    def create(self, validated_data: Any) -> Country:
        cities = validated_data.pop("cities", [])
        country: Country = super().create(validated_data)
        for city in cities:
            City.objects.create(country=country, **city)
        return country
