"""A foreign key may name a row that is not there, where the database does not check it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework import serializers

from nova_drf import (
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    schema_from_serializer,
    serializer_from_schema,
)
from tests.oracle import assert_same_print
from tests.testapp.models import Author, Book, Publisher

pytestmark = pytest.mark.django_db


class PublisherSerializer(serializers.ModelSerializer[Publisher]):
    class Meta:
        model = Publisher
        fields = ("name",)


class AuthorSerializer(serializers.ModelSerializer[Author]):
    publisher = PublisherSerializer()

    class Meta:
        model = Author
        fields = ("name", "publisher")


class BookSerializer(serializers.ModelSerializer[Book]):
    author = AuthorSerializer()
    name = serializers.CharField(source="author.name", read_only=True)

    class Meta:
        model = Book
        fields = ("title", "author", "name")


class BackedBookSerializer(SchemaBackedMixin, BookSerializer):
    pass


class PublisherSchema(Schema):
    name: str


class AuthorSchema(Schema):
    name: str
    publisher: PublisherSchema


class AuthorSchemaSerializer(SchemaSerializer[AuthorSchema]):
    pass


CONVERTED = serializer_from_schema(schema_from_serializer(BookSerializer))


def book_of_nobody() -> Book:
    return Book(title="a", author_id=99)


def book_without_publisher() -> Book:
    return Book(title="a", author=Author(name="Ada", publisher_id=99))


@pytest.mark.parametrize("make", [book_of_nobody, book_without_publisher])
@pytest.mark.parametrize("ours", [BackedBookSerializer, CONVERTED])
def test_what_is_not_there_is_null(make: Any, ours: Any) -> None:
    assert_same_print(BookSerializer, ours, make())
    assert_same_print(BookSerializer, ours, [make(), make()], many=True)


def test_the_same_in_a_schema() -> None:
    author = Author(name="Ada", publisher_id=99)
    assert_same_print(AuthorSerializer, AuthorSchemaSerializer, author)
    rows = [author, SimpleNamespace(name="Bea", publisher=Publisher(name="Press"))]
    assert_same_print(AuthorSerializer, AuthorSchemaSerializer, rows, many=True)
