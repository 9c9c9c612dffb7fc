"""Nested objects that are written, and hooks of all kinds."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.db import transaction
from pydantic import Field, HttpUrl, IPvAnyAddress
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator

from nova_drf import (
    FromModel,
    NotRequired,
    ReadOnly,
    Schema,
    SchemaSerializer,
    UseField,
    WriteOnly,
    unset,
)
from tests.convertapp.models import City, Country


class LineSchema(Schema):
    """A line of an order."""

    # as in the catalogue
    product: Annotated[str, Field(max_length=20)]
    count: Annotated[int, Field(ge=1)] = 1
    note: NotRequired[Annotated[str, Field(min_length=0)] | None] = unset()


class LineSerializer(SchemaSerializer[LineSchema]):
    """A line of an order."""


class OrderSchema(Schema):
    """An order: its lines, and who ordered."""

    number: Annotated[str, Field(pattern=re.compile(r"^[A-Z]{2}\d{4}$"))]
    lines: Annotated[list[LineSchema], Field(min_length=1)]
    extra: NotRequired[LineSchema | None] = unset()


class OrderSerializer(SchemaSerializer[OrderSchema]):
    """An order: its lines, and who ordered."""

    customer = serializers.HiddenField(default=serializers.CurrentUserDefault())

    def validate_lines(self, lines: Any) -> Any:
        if len({line["product"] for line in lines}) < len(lines):
            raise serializers.ValidationError("Each product once.")
        return lines

    @transaction.atomic
    def create(self, validated_data: Any) -> Any:
        return validated_data


class CityInCountrySchema(Schema):
    """A city of a country that is in the address."""

    id: ReadOnly[int] = unset()
    name: Annotated[str, Field(max_length=30)]
    # kept: the words and the format of SlugField
    slug: Annotated[NotRequired[str], FromModel(City, "slug")] = unset()
    founded: NotRequired[date] = unset()
    motto: NotRequired[Annotated[str, Field(min_length=0, max_length=30)] | None] = unset()
    population: NotRequired[Annotated[int, Field(ge=0)] | None] = unset()
    budget: NotRequired[Annotated[Decimal, Field(max_digits=6, decimal_places=2)]] = unset()
    homepage: NotRequired[Annotated[HttpUrl, Field(min_length=0, max_length=200)]] = unset()
    server: NotRequired[IPvAnyAddress | None] = unset()
    facts: NotRequired[Any] = unset()
    updated: ReadOnly[datetime] = unset()
    mayor: NotRequired[int | None] = unset()


class CityInCountrySerializer(SchemaSerializer[CityInCountrySchema]):
    """A city of a country that is in the address."""

    class Meta:
        model = City


class NewCountrySchema(Schema):
    """A country with its first cities."""

    code: Annotated[str, Field(max_length=2)]
    # kept: CityInCountrySerializer is more than its schema
    cities: Annotated[
        NotRequired[WriteOnly[list[CityInCountrySchema]]],
        UseField(CityInCountrySerializer(many=True, write_only=True, required=False)),
    ] = unset()
    name: Annotated[str, Field(max_length=40)]
    size: NotRequired[Country.Size] = unset()
    # kept: its choices are worked out
    region: Annotated[NotRequired[str], FromModel(Country, "region")] = unset()


class NewCountrySerializer(SchemaSerializer[NewCountrySchema]):
    """A country with its first cities."""

    class Meta:
        model = Country
        validators = [
            UniqueTogetherValidator(Country.objects.all(), fields=("code", "name")),
        ]

    def create(self, validated_data: Any) -> Country:
        cities = validated_data.pop("cities", [])
        country: Country = super().create(validated_data)
        for city in cities:
            City.objects.create(country=country, **city)
        return country
