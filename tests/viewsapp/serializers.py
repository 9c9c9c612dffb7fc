"""The same contract as a classic serializer and as a schema."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from rest_framework import serializers

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer
from tests.viewsapp.models import Country, House, Volume, Writer


class ClassicCountrySerializer(serializers.ModelSerializer[Country]):
    class Meta:
        model = Country
        fields = ["id", "name"]


class ClassicHouseSerializer(serializers.ModelSerializer[House]):
    country = ClassicCountrySerializer()

    class Meta:
        model = House
        fields = ["id", "name", "country"]


class ClassicWriterSerializer(serializers.ModelSerializer[Writer]):
    house = ClassicHouseSerializer()

    class Meta:
        model = Writer
        fields = ["id", "name", "house"]


class ClassicVolumeSerializer(serializers.ModelSerializer[Volume]):
    writer = ClassicWriterSerializer(read_only=True)

    class Meta:
        model = Volume
        fields = ["id", "title", "pages", "writer"]


class CountrySchema(Schema):
    id: ReadOnly[int]
    name: str


class HouseSchema(Schema):
    id: ReadOnly[int]
    name: str
    country: CountrySchema


class WriterSchema(Schema):
    id: ReadOnly[int]
    name: str
    house: HouseSchema


class VolumeSchema(Schema):
    id: ReadOnly[int]
    title: Annotated[str, Field(max_length=80)]
    pages: NotRequired[Annotated[int, Field(ge=0)]]
    writer: ReadOnly[WriterSchema | None]


class VolumeSerializer(SchemaSerializer[VolumeSchema]):
    class Meta:
        model = Volume


SERIALIZERS: dict[str, Any] = {"classic": ClassicVolumeSerializer, "schema": VolumeSerializer}
