"""Every oddity of living projects answers the same, backed and converted."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from rest_framework import generics, metadata, serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.validators import UniqueValidator

from nova_drf import (
    SchemaBackedMixin,
    SchemaSerializer,
    schema_from_serializer,
    serializer_from_schema,
)
from nova_drf.testing import assert_parity
from tests.convertapp import serializers as legacy
from tests.convertapp.models import City, Country, Person

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.urls("tests.convertapp.urls")]


def backed(serializer_class: Any) -> Any:
    """Put the mixin in front of a class."""
    return type(serializer_class.__name__, (SchemaBackedMixin, serializer_class), {})


def round_trip(serializer_class: Any) -> Any:
    """Convert there and back."""
    return serializer_from_schema(schema_from_serializer(serializer_class))


BOTH = pytest.mark.parametrize("again", [backed, round_trip])
EVERY = pytest.mark.parametrize("serializer_class", legacy.ALL, ids=lambda cls: cls.__name__)


@BOTH
@EVERY
def test_no_client_notices(serializer_class: Any, again: Any) -> None:
    assert_parity(serializer_class, again(serializer_class), examples=40)


@BOTH
@pytest.mark.parametrize(
    "context",
    [
        {"short": True},
        {"limit": True, "suffix": "s"},
        {"lenient": True},
        {"more": ["b", "c"]},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "serializer_class",
    [*legacy.OF_INSTANCES, legacy.ProjectCountry, legacy.Hooks, legacy.Messages],
    ids=lambda cls: cls.__name__,
)
def test_no_client_notices_under_a_context(
    serializer_class: Any, context: dict[str, Any], again: Any
) -> None:
    assert_parity(serializer_class, again(serializer_class), context=context, examples=30)


FINITE = [cls for cls in legacy.ALL if cls is not legacy.Node]
"""DRF describes nested serializers to the end, which one that nests itself does not have."""


@BOTH
@pytest.mark.parametrize("serializer_class", FINITE, ids=lambda cls: cls.__name__)
def test_forms_and_options_are_the_same(serializer_class: Any, again: Any) -> None:
    described = metadata.SimpleMetadata().get_serializer_info
    ours = again(serializer_class)
    context = {"request": Request(APIRequestFactory().get("/"))}
    assert described(ours(context=context)) == described(serializer_class(context=context))
    assert repr(ours()) == repr(serializer_class())
    assert list(ours().fields) == list(serializer_class().fields)


def document(serializer_class: Any) -> Any:
    """Return the OpenAPI document of an endpoint with a serializer."""
    name = "View"
    body = {"serializer_class": serializer_class, "queryset": Country.objects.all()}
    view = type(name, (generics.ListCreateAPIView,), body)
    return SchemaGenerator(patterns=[path("things/", view.as_view())]).get_schema(public=True)


QUIET = [cls for cls in legacy.ALL if cls not in (legacy.Choices, legacy.Animal, legacy.Node)]
"""drf-spectacular itself does not understand the others, and says so."""


@BOTH
@pytest.mark.parametrize("serializer_class", QUIET, ids=lambda cls: cls.__name__)
def test_the_document_is_the_same(
    serializer_class: Any, again: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = document(again(serializer_class))
    assert ours == document(serializer_class)
    assert ours["components"]["schemas"]


LIMA = {"country": "pe", "name": "Lima", "founded": "1535-01-18"}

SAVES: list[tuple[Any, type[Any], dict[str, Any]]] = [
    (legacy.CountrySerializer, Country, {"code": "it", "name": "Italy"}),
    (legacy.CitySerializer, City, {**LIMA, "motto": "a", "facts": {"b": 1}}),
    (legacy.CityWithArguments, City, {**LIMA, "motto": None, "population": None}),
    (legacy.CityWithCountry, City, {"name": "Rome", "country": {"code": "it", "name": "Italy"}}),
    (legacy.PersonSerializer, Person, {"name": "Kim", "email": "k@b.co", "visited": ["Paris"]}),
    (legacy.ProjectCountry, Country, {"code": "it", "name": "Italy", "size": 2}),
]


def saved(serializer_class: Any, data: dict[str, Any], instance: Any = None) -> Any:
    """Save, look at what is in the database, and take it back."""
    with transaction.atomic():
        serializer = serializer_class(instance, data=data, partial=instance is not None)
        serializer.is_valid(raise_exception=True)
        stored = serializer.save()
        stored.refresh_from_db()
        columns = {
            field.attname: getattr(stored, field.attname)
            for field in stored._meta.concrete_fields
            if field.name not in ("id", "updated")
        }
        many = {
            field.name: list(getattr(stored, field.name).values_list("pk", flat=True))
            for field in stored._meta.many_to_many
        }
        transaction.set_rollback(True)
    return columns, many


@BOTH
@pytest.mark.parametrize(("serializer_class", "model", "data"), SAVES)
def test_saving_writes_the_same(
    serializer_class: Any, model: Any, data: dict[str, Any], again: Any
) -> None:
    ours = again(serializer_class)
    assert saved(ours, data) == saved(serializer_class, data)
    if serializer_class is legacy.CityWithCountry:
        return
    for _ in range(2):
        instance = model.objects.first()
        assert saved(ours, data, instance) == saved(serializer_class, data, model.objects.first())


@EVERY
def test_the_round_trip_is_a_schema_serializer_and_the_original(serializer_class: Any) -> None:
    ours = round_trip(serializer_class)
    assert issubclass(ours, SchemaSerializer)
    assert issubclass(ours, serializer_class)
    assert (ours.__name__, ours.__module__) == (
        serializer_class.__name__,
        serializer_class.__module__,
    )
    assert ours.Meta.schema is schema_from_serializer(serializer_class)


def test_converting_makes_no_query() -> None:
    # No fixture opens the database, so that a query fails.
    class Unique(serializers.Serializer[Any]):
        name = serializers.EmailField(validators=[UniqueValidator(Person.objects.all())])

    assert round_trip(Unique)().fields["name"].validators


class NoModel:
    """What a project keeps in ``Meta.model`` where no ``ModelSerializer`` reads it."""


class OddMetaSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    shown = serializers.ReadOnlyField()
    many = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = NoModel


@BOTH
def test_meta_with_a_model_that_is_none(again: Any) -> None:
    assert_parity(OddMetaSerializer, again(OddMetaSerializer), examples=5)


class SharedSerializer(serializers.Serializer):
    first = second = serializers.IntegerField()
    other = serializers.CharField()


@BOTH
def test_one_field_under_two_names(again: Any) -> None:
    assert_parity(SharedSerializer, again(SharedSerializer), examples=10)
