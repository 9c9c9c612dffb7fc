"""Hyperlinks and related objects."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import EmailStr, Field
from rest_framework import serializers

from nova_drf import FromModel, NotRequired, ReadOnly, Schema, SchemaSerializer, UseField, unset
from tests.convertapp.models import City, Country, Person


class CountryLinkSchema(Schema):
    """A country with its address."""

    # kept: HyperlinkedIdentityField prints objects
    url: Annotated[
        ReadOnly[str],
        FromModel(
            Country, "url", base=serializers.HyperlinkedModelSerializer, view_name="country-detail"
        ),
    ] = unset()
    code: Annotated[str, Field(max_length=2)]
    name: Annotated[str, Field(max_length=40)]


class CountryLinkSerializer(SchemaSerializer[CountryLinkSchema]):
    """A country with its address."""

    class Meta:
        model = Country


class CityLinkSchema(Schema):
    """A city with links and keys."""

    # kept: HyperlinkedIdentityField prints objects
    url: Annotated[
        ReadOnly[str],
        UseField(serializers.HyperlinkedIdentityField(view_name="city-detail")),
    ] = unset()
    name: Annotated[str, Field(max_length=30)]
    country: str
    # kept: ReadOnlyField prints values as they are
    country_name: Annotated[
        ReadOnly[str],
        UseField(serializers.ReadOnlyField(source="country.name")),
    ] = unset()


class CityLinkSerializer(SchemaSerializer[CityLinkSchema]):
    """A city with links and keys."""

    class Meta:
        model = City


class PersonSchema(Schema):
    """Somebody, and where they have been."""

    id: ReadOnly[int] = unset()
    name: Annotated[str, Field(max_length=30)]
    email: NotRequired[Annotated[EmailStr, Field(min_length=0, max_length=254)]] = unset()
    # kept: PrimaryKeyRelatedField prints objects
    boss: Annotated[ReadOnly[int | None], FromModel(Person, "boss", read_only=True)] = unset()
    # kept: SlugRelatedField looks objects up
    visited: Annotated[
        list[City],
        UseField(
            serializers.SlugRelatedField(
                many=True, slug_field="slug", queryset=City.objects.order_by("name")
            )
        ),
    ]
    initials: ReadOnly[str] = unset()


class PersonSerializer(SchemaSerializer[PersonSchema]):
    """Somebody, and where they have been."""

    initials = serializers.SerializerMethodField()

    class Meta:
        model = Person

    def get_initials(self, person: Any) -> str:
        return "".join(word[:1] for word in str(person.name).split())
