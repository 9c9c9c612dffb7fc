"""Rows for the serializers of ``tests.convertapp``."""

from __future__ import annotations

import pytest

from tests.convertapp.models import City, Country, Person


@pytest.fixture
def world(db: None) -> None:
    """Two countries, two cities and three people."""
    fr = Country.objects.create(code="fr", name="France", region="eu")
    Country.objects.create(code="pe", name="Peru", size=Country.Size.LARGE)
    ada = Person.objects.create(name="Ada", email="ada@example.org", home=fr)
    paris = City.objects.create(country=fr, name="Paris", mayor=ada, population=2, slug="paris")
    City.objects.create(country=fr, name="Lyon")
    bob = Person.objects.create(name="Bob", boss=ada)
    bob.visited.add(paris)
    Person.objects.create(name="Eve", boss=bob, home=fr)
