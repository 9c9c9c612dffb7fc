"""Hints that name schemas: of method fields, in ``@extend_schema``, of services."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.views import APIView

from nova_drf import Schema
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
