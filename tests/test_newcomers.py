"""What somebody new writes wrong: each message says where, what, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework import serializers, viewsets

from nova_drf import (
    FromModel,
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    UseField,
    conversion_report,
    plan_queries,
    schema_from_model,
    schema_from_serializer,
    serializer_from_schema,
)
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.migration import Limits, Percentage, switch
from nova_drf.migration.proof.choices import SwitchError
from nova_drf.testing import assert_parity
from tests.testapp.models import Book

anything: Any = None


class TagSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=20)


class Tag(Schema):
    name: str


class Books(viewsets.ModelViewSet[Book]):
    queryset = Book.objects.all()
    serializer_class = TagSerializer


def _serializer_as_schema() -> object:
    class Wrong(SchemaSerializer[TagSerializer]):
        pass

    return Wrong


def _instance_as_schema() -> object:
    argument: Any = Tag(name="x")

    class Wrong(SchemaSerializer[argument]):
        pass

    return Wrong


def _serializer_as_type() -> object:
    class Wrong(Schema):
        tag: TagSerializer

    return serializer_from_schema(Wrong)(data={"tag": {"name": "x"}}).is_valid()


def _serializers_as_type() -> object:
    class Wrong(Schema):
        tags: list[TagSerializer] | None

    return serializer_from_schema(Wrong)(data={"tags": []}).is_valid()


def _field_as_type() -> object:
    class Wrong(Schema):
        name: serializers.CharField

    return serializer_from_schema(Wrong)(data={"name": "x"}).is_valid()


def _mixin_alone() -> object:
    class Wrong(SchemaBackedMixin):
        pass

    return Wrong(data={})


def _field_of_no_column() -> object:
    class Wrong(Schema):
        name: Annotated[str, FromModel(Book, "tilte")]

    return Wrong


as_any: Callable[[object], Any] = lambda value: value  # noqa: E731  # a lambda is the case

MISTAKES: list[tuple[Callable[[], object], type[Exception], str]] = [
    (_serializer_as_schema, SchemaDefinitionError, "is not a Pydantic model"),
    (_instance_as_schema, SchemaDefinitionError, "is not a Pydantic model"),
    (_serializer_as_type, SchemaDefinitionError, "Wrong.tag: TagSerializer is a field of DRF's"),
    (_serializers_as_type, SchemaDefinitionError, "Wrong.tags: TagSerializer is a field of DRF's"),
    (_field_as_type, SchemaDefinitionError, "Wrong.name: CharField is a field of DRF's"),
    (_mixin_alone, SchemaDefinitionError, "the mixin alone is no serializer"),
    (_field_of_no_column, ImproperlyConfigured, r"FromModel\(Book, 'tilte'\)"),
    (lambda: UseField(as_any("CharField")), SchemaDefinitionError, "is no field of DRF's"),
    (
        lambda: schema_from_serializer(as_any(TagSerializer())),
        SchemaDefinitionError,
        "an instance of TagSerializer is not a serializer class",
    ),
    (lambda: schema_from_model(Book, fields=["tilte"]), SchemaDefinitionError, "properties or"),
    (lambda: conversion_report(as_any("x")), SchemaDefinitionError, "str is not a class"),
    (lambda: assert_parity(as_any(Tag), as_any(Tag)), TypeError, "is not a serializer class"),
    (
        lambda: assert_parity(as_any(TagSerializer()), TagSerializer),
        TypeError,
        "is not a serializer class",
    ),
    (lambda: plan_queries(Book.objects.all(), Tag), TypeError, "is no serializer"),
    (
        lambda: switch(old=as_any(Books.as_view({"get": "list"})), new=Books),
        SwitchError,
        r"without as_view\(\)",
    ),
    (lambda: Percentage(as_any("10")), SwitchError, "write a number from 0 to 100"),
    (
        lambda: switch(old=Books, new=Books, limits=Limits(failures=5)),
        SwitchError,
        r"Limits\(failures=5\) is no share",
    ),
]


@pytest.mark.parametrize(("mistake", "error", "said"), MISTAKES)
def test_a_mistake_is_told(
    mistake: Callable[[], object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        mistake()


def test_an_abstract_base_may_name_no_schema() -> None:
    class House(SchemaSerializer[Any]):
        pass

    class OfTag(House):
        class Meta:
            schema = Tag

    assert OfTag(data={"name": "x"}).is_valid()


def test_the_mixin_in_front_of_the_class_with_the_type_argument() -> None:
    class Both(SchemaBackedMixin, SchemaSerializer[Tag]):
        pass

    assert Both(data={"name": "x"}).is_valid()
    assert isinstance(Both(data={"name": "x"}), SchemaSerializer)


def test_a_serializer_stays_a_type_beside_its_own_field() -> None:
    class Right(Schema):
        tag: Annotated[Any, UseField(TagSerializer())]

    assert serializer_from_schema(Right)(data={"tag": {"name": "x"}}).is_valid()


def test_parity_without_drawn_examples_compares_what_is_always_sent() -> None:
    assert_parity(TagSerializer, TagSerializer, examples=0)
