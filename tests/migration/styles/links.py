"""Hyperlinks and related objects."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tests.convertapp.models import City, Country, Person


class CountryLinkSerializer(serializers.HyperlinkedModelSerializer):
    """A country with its address."""

    class Meta:
        model = Country
        fields = ["url", "code", "name"]
        extra_kwargs = {"url": {"view_name": "country-detail"}}


class CityLinkSerializer(serializers.ModelSerializer[City]):
    """A city with links and keys."""

    url = serializers.HyperlinkedIdentityField(view_name="city-detail")
    country = serializers.PrimaryKeyRelatedField(queryset=Country.objects.all())
    country_name = serializers.ReadOnlyField(source="country.name")

    class Meta:
        model = City
        fields = ["url", "name", "country", "country_name"]


class PersonSerializer(serializers.ModelSerializer[Person]):
    """Somebody, and where they have been."""

    visited = serializers.SlugRelatedField(
        many=True, slug_field="slug", queryset=City.objects.order_by("name")
    )
    initials = serializers.SerializerMethodField()

    class Meta:
        model = Person
        fields = ["id", "name", "email", "boss", "visited", "initials"]
        read_only_fields = ["boss"]

    def get_initials(self, person: Any) -> str:
        return "".join(word[:1] for word in str(person.name).split())
