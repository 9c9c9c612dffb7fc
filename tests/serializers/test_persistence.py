"""Every kind of relation and check that ``Meta.model`` adds, as a ``ModelSerializer`` has them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import pytest
from django.db import models
from pydantic import BaseModel, Field
from rest_framework import serializers

from nova_drf import NotRequired, ReadOnly, Schema
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import assert_same_print, assert_same_verdict, error_tree
from tests.testapp.models import Author, Book, Club, Event, Membership, Profile, Publisher

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> Author:
    publisher = Publisher.objects.create(name="House")
    return Author.objects.create(name="Ada", email="ada@a.io", publisher=publisher)


def classic(model_: type[models.Model], *names: str, **fields: Any) -> Any:
    """Return a ``ModelSerializer`` for some fields of a model."""
    meta = type("Meta", (), {"model": model_, "fields": [*names]})
    return type("Classic", (serializers.ModelSerializer,), {"Meta": meta, **fields})


def test_one_to_one_relations(author: Author) -> None:
    class ProfileSchema(Schema):
        author: int
        text: NotRequired[Annotated[str, Field(min_length=0, max_length=50)]]

    ours = serializer_from_schema(ProfileSchema, model=Profile)
    theirs = classic(Profile, "author", "text")
    for body in ({"author": author.pk}, {"author": 0}, {"author": None}, {}):
        assert_same_verdict(theirs, ours, body)
    profile = Profile.objects.create(author=author)
    assert_same_verdict(theirs, ours, {"author": author.pk})
    assert_same_verdict(theirs, ours, {"author": author.pk}, instance=profile)
    assert_same_print(theirs, ours, profile)


def test_relations_seen_from_the_other_side(author: Author) -> None:
    class AuthorSchema(Schema):
        name: Annotated[str, Field(max_length=80)]
        books: NotRequired[list[int]]
        profile: ReadOnly[int | None]

    ours = serializer_from_schema(AuthorSchema, model=Author)
    profile = serializers.PrimaryKeyRelatedField(read_only=True)
    books = serializers.PrimaryKeyRelatedField(
        many=True, queryset=Book.objects.all(), required=False
    )
    theirs = classic(Author, "name", "books", "profile", profile=profile, books=books)
    book = Book.objects.create(title="t", isbn="1", author=author)
    Profile.objects.create(author=author)
    for body in ({"name": "a", "books": [book.pk]}, {"name": "a", "books": [0]}, {"name": "a"}):
        assert_same_verdict(theirs, ours, body)
    assert_same_print(theirs, ours, author)


def test_a_relation_through_a_model_of_its_own_is_read_only(author: Author) -> None:
    class ClubSchema(Schema):
        name: Annotated[str, Field(max_length=50)]
        members: NotRequired[list[int]]

    ours = serializer_from_schema(ClubSchema, model=Club)
    theirs = classic(Club, "name", "members")
    club = Club.objects.create(name="c")
    Membership.objects.create(club=club, author=author)
    assert_same_verdict(theirs, ours, {"name": "a", "members": [author.pk]})
    assert_same_print(theirs, ours, club)


def test_relations_that_are_read_only(author: Author) -> None:
    class Both(Schema):
        author: ReadOnly[int]
        tags: ReadOnly[list[int]]
        title: Annotated[str, Field(max_length=100)]

    ours = serializer_from_schema(Both, model=Book)
    theirs = classic(
        Book,
        "author",
        "tags",
        "title",
        author=serializers.PrimaryKeyRelatedField(read_only=True),
        tags=serializers.PrimaryKeyRelatedField(many=True, read_only=True),
    )
    assert_same_verdict(theirs, ours, {"author": 0, "tags": "x", "title": "a"})
    assert_same_print(theirs, ours, Book.objects.create(title="t", isbn="1", author=author))


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_nullable_relations_and_defaults(base: type[BaseModel], author: Author) -> None:
    class AuthorSchema(base):
        name: str
        publisher: int | None = None

    ours = serializer_from_schema(AuthorSchema, model=Author)
    for value, expected in ((author.publisher_id, author.publisher), (None, None)):
        serializer = ours(data={"name": "a", "publisher": value})
        assert serializer.is_valid(), serializer.errors
        assert serializer.validated_data["publisher"] == expected
        assert serializer.validated_schema.publisher == value
    absent = ours(data={"name": "a"})
    assert absent.is_valid()
    assert absent.validated_data["publisher"] is None


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_many_to_many_for_both_bases(base: type[BaseModel], author: Author) -> None:
    class Tagged(base):
        title: str
        tags: list[int]

    ours = serializer_from_schema(Tagged, model=Book)
    refused = ours(data={"title": "a", "tags": [1, 2]})
    assert not refused.is_valid()
    assert error_tree(refused.errors)["tags"][0][1] == "does_not_exist"
    accepted = ours(data={"title": "a", "tags": []})
    assert accepted.is_valid(), accepted.errors
    assert accepted.validated_data == {"title": "a", "tags": []}


def test_values_that_are_unique_for_a_date() -> None:
    class EventSchema(Schema):
        slug: Annotated[str, Field(max_length=50)]
        day: date

    ours = serializer_from_schema(EventSchema, model=Event)
    theirs = classic(Event, "slug", "day", slug=serializers.CharField(max_length=50))
    Event.objects.create(slug="a", day=date(2024, 1, 2))
    for body in (
        {"slug": "a", "day": "2024-01-02"},
        {"slug": "a", "day": "2024-01-03"},
        {"slug": "b", "day": "2024-01-02"},
    ):
        assert_same_verdict(theirs, ours, body)


def test_a_nested_schema_or_a_computed_one_is_no_relation_by_key(author: Author) -> None:
    class PublisherSchema(Schema):
        name: str

    class AuthorSchema(Schema):
        publisher: PublisherSchema
        books: list[PublisherSchema] = []

    ours = serializer_from_schema(AuthorSchema, model=Author)
    assert isinstance(ours().fields["publisher"], serializers.Serializer)
    assert isinstance(ours().fields["books"], serializers.ListSerializer)


def test_deleted_targets_are_noticed(author: Author) -> None:
    class Keyed(Schema):
        author: int

    ours = serializer_from_schema(Keyed, model=Book)
    key = author.pk
    author.delete()
    serializer = ours(data={"author": key})
    assert not serializer.is_valid()
    assert serializer.errors["author"][0].code == "does_not_exist"


def test_a_hidden_field_completes_a_constraint(monkeypatch: pytest.MonkeyPatch) -> None:
    day = Event._meta.get_field("day")
    monkeypatch.setattr(day, "default", date(2024, 1, 2))

    class EventSchema(Schema):
        slug: Annotated[str, Field(max_length=50)]

    ours = serializer_from_schema(EventSchema, model=Event)
    theirs = classic(Event, "slug", slug=serializers.CharField(max_length=50))
    assert list(ours().fields) == list(theirs().fields)
    Event.objects.create(slug="a", day=date(2024, 1, 2))
    for body in ({"slug": "a"}, {"slug": "b"}, {"slug": "b", "day": "2024-01-03"}):
        assert_same_verdict(theirs, ours, body)
