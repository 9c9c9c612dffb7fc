"""Hints that name schemas: of method fields, in ``@extend_schema``, of services."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import path
from django.utils.functional import cached_property
from drf_spectacular.extensions import OpenApiSerializerFieldExtension as Extension
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.views import APIView

from nova_drf import Schema, SchemaBackedMixin
from nova_drf.openapi import ReadOnlyFieldExtension
from nova_drf.services import Service
from nova_drf.viewsets import ServiceViewSet, delegate
from tests.openapi.documents import Dialect, components, generated, takes_null


class Cat(Schema):
    name: str


class Dog(Schema):
    size: int


class House(serializers.Serializer[Any]):
    one = serializers.SerializerMethodField()
    many = serializers.SerializerMethodField()
    maybe = serializers.SerializerMethodField()
    either = serializers.SerializerMethodField()
    by_name = serializers.SerializerMethodField()
    number = serializers.SerializerMethodField()

    def get_one(self, obj: Any) -> Cat:
        raise NotImplementedError

    def get_many(self, obj: Any) -> list[Cat]:
        """All of them."""
        raise NotImplementedError

    def get_maybe(self, obj: Any) -> Cat | None:
        raise NotImplementedError

    def get_either(self, obj: Any) -> Cat | Dog:
        raise NotImplementedError

    def get_by_name(self, obj: Any) -> dict[str, Cat]:
        raise NotImplementedError

    def get_number(self, obj: Any) -> list[int]:
        raise NotImplementedError


CAT = {"$ref": "#/components/schemas/Cat"}


def test_method_fields_say_which_schemas_they_print(dialect: Dialect) -> None:
    properties = components(house=House)["House"]["properties"]
    assert properties["many"]["type"] == "array"
    assert properties["many"]["items"] == CAT
    assert properties["many"]["description"] == "All of them."
    assert properties["by_name"]["additionalProperties"] == CAT
    assert takes_null(properties["maybe"])
    assert "Cat" in str(properties["maybe"])
    assert "Dog" in str(properties["either"])
    assert properties["number"]["items"] == {"type": "integer"}


class Kennel:
    @property
    def dogs(self) -> list[Dog]:
        """All that are in."""
        raise NotImplementedError

    @cached_property
    def oldest(self) -> Dog | None:
        raise NotImplementedError

    def by_name(self) -> dict[str, Dog]:
        raise NotImplementedError

    @property
    def size(self) -> int:
        raise NotImplementedError

    @property
    def next_door(self) -> Kennel:
        raise NotImplementedError

    town = "A"


class Plain(serializers.Serializer[Any]):
    """Its hints name no schema, so that all of them are drf-spectacular's own affair."""

    text = serializers.SerializerMethodField(allow_null=True, help_text="A text.")
    either = serializers.SerializerMethodField(allow_null=True)
    size = serializers.ReadOnlyField(allow_null=True)

    class Meta:
        model = Kennel

    def get_text(self, obj: Any) -> str:
        """What it says."""
        raise NotImplementedError

    def get_either(self, obj: Any) -> str | int | None:
        raise NotImplementedError


def test_fields_of_other_types_are_as_without_ours(
    dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = components(plain=Plain)
    of_others = [one for one in Extension._registry if not one.__module__.startswith("nova_drf")]
    monkeypatch.setattr(Extension, "_registry", of_others)
    assert ours == components(plain=Plain)


class KennelSerializer(serializers.Serializer[Any]):
    dogs = serializers.ReadOnlyField()
    oldest = serializers.ReadOnlyField()
    by_name = serializers.ReadOnlyField()
    beyond = serializers.ReadOnlyField(source="next_door.dogs")
    size = serializers.ReadOnlyField()

    class Meta:
        model = Kennel


class BackedKennel(SchemaBackedMixin, KennelSerializer):
    pass


class Homeless(serializers.Serializer[Any]):
    dogs = serializers.ReadOnlyField()


@pytest.mark.parametrize("serializer_class", [KennelSerializer, BackedKennel])
def test_read_only_fields_say_which_schemas_their_properties_hold(
    serializer_class: Any, dialect: Dialect
) -> None:
    made = components(kennel=serializer_class)
    properties = made[serializer_class.__name__.removesuffix("Serializer")]["properties"]
    dog = {"$ref": "#/components/schemas/Dog"}
    assert properties["dogs"]["type"] == "array"
    assert properties["dogs"]["items"] == dog
    assert properties["dogs"]["description"] == "All that are in."
    assert properties["beyond"]["items"] == dog
    assert properties["by_name"]["additionalProperties"] == dog
    assert takes_null(properties["oldest"])
    assert "Dog" in str(properties["oldest"])
    assert properties["size"]["type"] == "integer"


def test_a_list_of_read_only_fields_and_one_of_no_model() -> None:
    class Kennels(serializers.Serializer[Any]):
        dogs = serializers.ListSerializer[Any](child=serializers.ReadOnlyField())

        class Meta:
            model = Kennel

    items = components(kennels=Kennels)["Kennels"]["properties"]["dogs"]["items"]
    assert items["type"] == "array"
    extension: Any = ReadOnlyFieldExtension(Homeless().fields["dogs"])
    assert extension.function() is None


class Cats(APIView):
    @extend_schema(responses=list[Cat])
    def get(self, request: Any) -> Response:
        raise NotImplementedError

    @extend_schema(request=list[Cat], responses=Cat | None)
    def post(self, request: Any) -> Response:
        raise NotImplementedError


def content(operation: Any, status: int = 200) -> Any:
    return operation["responses"][str(status)]["content"]["application/json"]["schema"]


def resolved(document: Any, schema: Any) -> Any:
    name = schema["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]


def test_hints_of_requests_and_responses(dialect: Dialect) -> None:
    document = generated([path("cats/", Cats.as_view())])
    operations = document["paths"]["/cats/"]
    listed = resolved(document, content(operations["get"]))
    assert listed["type"] == "array"
    assert listed["items"]["$ref"].startswith("#/components/schemas/Cat")
    sent = operations["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert resolved(document, sent)["type"] == "array"
    assert takes_null(resolved(document, content(operations["post"])))


class Zoo(Service):
    def oldest(self) -> Cat | None:
        raise NotImplementedError

    def some(self) -> list[Cat | None]:
        raise NotImplementedError


class ZooViewSet(ServiceViewSet[Zoo]):
    oldest = delegate(Zoo.oldest, methods=["get"])
    some = delegate(Zoo.some, methods=["get"])


def test_results_of_services_may_be_null(dialect: Dialect) -> None:
    router = DefaultRouter()
    router.register("zoo", ZooViewSet, basename="zoo")
    document = generated(router.urls)
    oldest = content(document["paths"]["/zoo/oldest/"]["get"])
    assert takes_null(resolved(document, oldest))
    some = content(document["paths"]["/zoo/some/"]["get"])
    assert some["type"] == "array"
    assert takes_null(resolved(document, some["items"]))
