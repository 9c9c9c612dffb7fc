"""What a serializer class is made of: two schemas, its ``Meta``, its model."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import rest_framework
from pydantic import BaseModel, Field
from rest_framework import serializers

import nova_drf
from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, schema_from_serializer
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.mapping.drf_versions import errors_are_dictionaries
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import error_tree
from tests.testapp.models import Author, Book, Publisher, Seat

BASES = pytest.mark.parametrize("base", [Schema, BaseModel])


@BASES
def test_requests_and_responses_may_have_schemas_of_their_own(base: type[BaseModel]) -> None:
    class Request(base):
        name: Annotated[str, Field(max_length=3)]
        password: str
        level: int = 1

    class Response(base):
        id: int
        name: str
        level: Annotated[int, Field(le=5)]
        seen: ReadOnly[int] = 0

    class Both(SchemaSerializer[Any]):
        class Meta:
            request_schema = Request
            response_schema = Response

    fields = Both().fields
    assert list(fields) == ["id", "name", "level", "seen", "password"]
    assert [name for name in fields if fields[name].read_only] == ["id", "seen"]
    assert [name for name in fields if fields[name].write_only] == ["password"]
    assert fields["name"].max_length == 3
    serializer = Both(data={"id": 9, "name": "a", "password": "p", "seen": 4})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"name": "a", "password": "p", "level": 1}
    assert isinstance(serializer.validated_schema, Request)
    row = {"id": 1, "name": "long name", "password": "p", "level": 7, "seen": 2}
    assert Both(row).data == {"id": 1, "name": "long name", "level": 7, "seen": 2}
    refused = Both(data={"name": "long"})
    assert not refused.is_valid()
    assert sorted(refused.errors) == ["name", "password"]
    assert not Both.get_definition().is_schema_alone
    assert serializer_from_schema(Request).get_definition().is_schema_alone


class Classic(serializers.Serializer[Any]):
    """A serializer with a hook, which goes on running."""

    name = serializers.CharField()

    def validate_name(self, value: str) -> str:
        return value.upper()


def test_a_converted_schema_belongs_to_its_serializer() -> None:
    converted = schema_from_serializer(Classic)
    ours = SchemaSerializer[converted]
    serializer: Any = ours(data={"name": "a"})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"name": "A"}

    class Foreign(SchemaSerializer[Any]):
        class Meta:
            schema = converted

    with pytest.raises(SchemaDefinitionError, match="Subclass SchemaSerializer"):
        Foreign.get_definition()


class One(Schema):
    a: int


class Two(Schema):
    a: int


@pytest.mark.parametrize(
    "named", [{"schema": Two}, {"request_schema": Two, "response_schema": Two}]
)
def test_two_schemas_that_contradict_each_other_are_refused(named: dict[str, Any]) -> None:
    with pytest.raises(
        SchemaDefinitionError, match=r"One is its type argument, .* names Two\. Keep"
    ):

        class Contradicting(SchemaSerializer[One]):
            Meta = type("Meta", (), named)


@pytest.mark.parametrize(
    "named",
    [{"schema": One}, {"request_schema": Two}, {"request_schema": One, "response_schema": Two}],
)
def test_a_schema_may_be_named_twice(named: dict[str, Any]) -> None:
    class Named(SchemaSerializer[One]):
        Meta = type("Meta", (), named)

    definition = Named.get_definition()
    assert One in (definition.request.schema, definition.response.schema)


def test_a_converted_schema_runs_its_hooks_inside_another_one() -> None:
    class Outer(Schema):
        inner: schema_from_serializer(Classic)

    serializer = serializer_from_schema(Outer)(data={"inner": {"name": "a"}})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"inner": {"name": "A"}}


@pytest.mark.django_db
@BASES
def test_a_column_completes_a_constraint_with_its_default(base: type[BaseModel]) -> None:
    class Named(base):
        row: Annotated[str, Field(max_length=2)]
        place: Annotated[NotRequired[int], nova_drf.Source("number")]

    class Clashing(base):
        row: Annotated[str, Field(max_length=2)]
        number: Annotated[str, Field(max_length=2), nova_drf.Source("note")]

    seat = Seat.objects.create(row="a", number=1)
    ours = serializer_from_schema(Named, model=Seat)
    taken = ours(data={"row": "a"})
    assert not taken.is_valid()
    assert error_tree(taken.errors)["non_field_errors"][0][1] == "unique"
    free = ours(data={"row": "b"})
    assert free.is_valid(), free.errors
    assert free.validated_data == {"row": "b", "number": 1}
    partial = ours(seat, data={"row": "b"}, partial=True)
    assert partial.is_valid(), partial.errors
    assert partial.validated_data == {"row": "b"}
    assert list(serializer_from_schema(Clashing, model=Seat)().fields) == ["row", "number"]


@pytest.mark.django_db
def test_relations_are_those_of_the_model() -> None:
    class PublisherSchema(Schema):
        name: str
        author_set: ReadOnly[list[int]]

    class AuthorSchema(Schema):
        name: str
        publisher: ReadOnly[int | None]
        books: NotRequired[list[int]]

    house = Publisher.objects.create(name="House")
    author = Author.objects.create(name="Ada", email="a@a.io", publisher=house)
    book = Book.objects.create(title="One", isbn="1", author=author)
    ours = serializer_from_schema(PublisherSchema, model=Publisher)
    assert ours(house).data == {"name": "House", "author_set": [author.pk]}
    authors = serializer_from_schema(AuthorSchema, model=Author)
    expected = {"name": "Ada", "publisher": house.pk, "books": [book.pk]}
    assert authors(author).data == expected
    assert isinstance(authors().fields["publisher"], serializers.PrimaryKeyRelatedField)


def test_the_package_lists_what_it_has() -> None:
    assert set(nova_drf.__all__) <= set(dir(nova_drf))
    for name in nova_drf.__all__:
        assert getattr(nova_drf, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        nova_drf.nothing


def test_older_versions_list_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_framework, "VERSION", "3.17.1")
    assert not errors_are_dictionaries()
