"""``Meta.model``: relations, unique checks, saving; compared with a ``ModelSerializer``."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pydantic import BaseModel, Field
from rest_framework import serializers

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, Source
from tests.oracle import assert_same_print, assert_same_verdict, error_tree
from tests.testapp.models import Author, Book, Publisher, Seat, Tag

pytestmark = pytest.mark.django_db


class ClassicBook(serializers.ModelSerializer[Book]):
    class Meta:
        model = Book
        fields = [
            "id",
            "title",
            "isbn",
            "summary",
            "status",
            "price",
            "rating",
            "pages",
            "in_print",
            "published",
            "opens_at",
            "created",
            "reading_time",
            "reference",
            "metadata",
            "author",
            "tags",
        ]
        extra_kwargs = {"pages": {"min_value": 0, "max_value": 30_000}}


class BookSchema(Schema):
    id: ReadOnly[int]
    title: Annotated[str, Field(max_length=100)]
    isbn: Annotated[str, Field(max_length=13)]
    summary: NotRequired[Annotated[str, Field(min_length=0)]]
    status: NotRequired[Book.Status]
    price: NotRequired[Annotated[Decimal, Field(max_digits=8, decimal_places=2)]]
    rating: NotRequired[float | None]
    pages: NotRequired[Annotated[int, Field(ge=0, le=30_000)]]
    in_print: NotRequired[bool]
    published: NotRequired[date | None]
    opens_at: NotRequired[time | None]
    created: NotRequired[datetime | None]
    reading_time: NotRequired[timedelta]
    reference: NotRequired[UUID]
    metadata: NotRequired[Any]
    author: int
    tags: NotRequired[list[int]]


class BookSerializer(SchemaSerializer[BookSchema]):
    class Meta:
        model = Book


@pytest.fixture
def author() -> Author:
    publisher = Publisher.objects.create(name="House", city="Lyon")
    return Author.objects.create(name="Ada", email="ada@a.io", publisher=publisher)


@pytest.fixture
def book(author: Author) -> Book:
    made = Book.objects.create(
        title="One",
        isbn="1",
        author=author,
        price=Decimal("3.50"),
        rating=4.5,
        published=date(2020, 1, 2),
        created=datetime.fromisoformat("2024-07-01T10:00:00.000120+00:00"),
        reading_time=timedelta(days=1, hours=2),
    )
    made.tags.set([Tag.objects.create(name=name, slug=name) for name in ("x", "y")])
    return made


def bodies(author: Author, book: Book) -> list[dict[str, Any]]:
    good = {"title": "Two", "isbn": "2", "author": author.pk}
    tag = Tag.objects.first()
    assert tag is not None
    return [
        good,
        {**good, "tags": [tag.pk, str(tag.pk)], "price": "1.5", "status": "published"},
        {**good, "author": str(author.pk), "id": 99, "rating": None, "metadata": {"a": [1]}},
        {**good, "author": 0},
        {**good, "author": None},
        {**good, "author": ""},
        {**good, "author": True},
        {**good, "author": {"pk": 1}},
        {**good, "author": [1]},
        {**good, "author": 10**30},
        {**good, "tags": [0]},
        {**good, "tags": "x"},
        {**good, "tags": None},
        {**good, "tags": ["a", None, 0]},
        {**good, "isbn": book.isbn},
        {**good, "title": book.title},
        {**good, "title": book.title, "isbn": book.isbn},
        {**good, "reading_time": "1 02:00:00", "opens_at": "10:11", "reference": 5},
        {},
    ]


@pytest.mark.parametrize("mode", ["create", "update", "partial"])
def test_models_are_validated_as_by_a_model_serializer(
    mode: str, author: Author, book: Book
) -> None:
    arguments: dict[str, Any] = {} if mode == "create" else {"instance": book}
    for body in bodies(author, book):
        assert_same_verdict(
            ClassicBook, BookSerializer, body, partial=mode == "partial", **arguments
        )


def test_a_list_of_models(author: Author, book: Book) -> None:
    assert_same_verdict(ClassicBook, BookSerializer, bodies(author, book), many=True)


def test_models_go_out_the_same_with_the_same_queries(author: Author, book: Book) -> None:
    Book.objects.create(title="Two", isbn="2", author=author)
    for queryset in (Book.objects.all(), Book.objects.prefetch_related("tags")):
        counts = []
        for serializer_class in (ClassicBook, BookSerializer):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                serializer_class(queryset.all().order_by("pk"), many=True).data
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert_same_print(ClassicBook, BookSerializer, queryset.order_by("pk"), many=True)
    assert_same_print(ClassicBook, BookSerializer, book)


def test_a_foreign_key_printed_as_its_id_costs_no_query(book: Book) -> None:
    class Small(Schema):
        id: ReadOnly[int]
        author: int

    class SmallSerializer(SchemaSerializer[Small]):
        class Meta:
            model = Book

    fresh = Book.objects.get(pk=book.pk)
    with CaptureQueriesContext(connection) as queries:
        assert SmallSerializer(fresh).data == {"id": book.pk, "author": book.author_id}
        assert SmallSerializer([fresh], many=True).data[0]["author"] == book.author_id
    assert len(queries) == 0


def test_create_and_update(author: Author, book: Book) -> None:
    tag = Tag.objects.get(name="y")
    serializer = BookSerializer(
        data={"title": "Two", "isbn": "2", "author": author.pk, "tags": [tag.pk]}
    )
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data["author"] == author
    assert serializer.validated_data["tags"] == [tag]
    assert serializer.validated_schema.author == author.pk
    assert serializer.validated_schema.tags == [tag.pk]
    made = serializer.save(pages=7)
    assert (made.author, list(made.tags.all()), made.pages) == (author, [tag], 7)
    assert serializer.data == ClassicBook(made).data
    serializer = BookSerializer(made, data={"tags": [], "rating": None}, partial=True)
    assert serializer.is_valid(), serializer.errors
    serializer.save()
    made.refresh_from_db()
    assert (list(made.tags.all()), made.title) == ([], "Two")


def test_the_id_that_a_client_sends_is_ignored(author: Author) -> None:
    serializer = BookSerializer(data={"id": 4711, "title": "Two", "isbn": "2", "author": author.pk})
    assert serializer.is_valid()
    assert serializer.save().pk != 4711


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_a_foreign_key_by_its_column(base: type[BaseModel], author: Author) -> None:
    class Keyed(base):
        title: str
        isbn: str
        author_id: int

    class KeyedSerializer(SchemaSerializer[Keyed]):
        class Meta:
            model = Book

    bad = KeyedSerializer(data={"title": "a", "isbn": "5", "author_id": 0})
    assert not bad.is_valid()
    assert bad.errors["author_id"][0].code == "does_not_exist"
    good = KeyedSerializer(data={"title": "a", "isbn": "5", "author_id": author.pk})
    assert good.is_valid(), good.errors
    assert good.save().author == author
    assert good.data == {"title": "a", "isbn": "5", "author_id": author.pk}


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_unique_checks_for_both_bases(base: type[BaseModel], author: Author, book: Book) -> None:
    class Small(base):
        title: str
        isbn: str
        author: int

    class SmallSerializer(SchemaSerializer[Small]):
        class Meta:
            model = Book

    body = {"title": "Two", "isbn": book.isbn, "author": author.pk}
    taken = SmallSerializer(data=body)
    assert not taken.is_valid()
    assert taken.errors["isbn"][0].code == "unique"
    title = SmallSerializer(data={**body, "isbn": "9", "title": book.title})
    assert not title.is_valid()
    classic = ClassicBook(data={**body, "isbn": "9", "title": book.title})
    assert not classic.is_valid()
    assert error_tree(title.errors) == error_tree(classic.errors)
    own = SmallSerializer(book, data={**body, "title": book.title})
    assert own.is_valid(), own.errors


class ClassicSeat(serializers.ModelSerializer[Seat]):
    class Meta:
        model = Seat
        fields = ["row", "note"]


class SeatSchema(Schema):
    row: Annotated[str, Field(max_length=2)]
    note: NotRequired[Annotated[str, Field(min_length=0, max_length=20)]]


class SeatSerializer(SchemaSerializer[SeatSchema]):
    class Meta:
        model = Seat


def test_a_column_with_a_default_completes_a_constraint() -> None:
    Seat.objects.create(row="A")
    for body in ({"row": "A"}, {"row": "B"}, {"row": "A", "number": 7}):
        assert_same_verdict(ClassicSeat, SeatSerializer, body)
    seat = Seat.objects.get()
    assert_same_verdict(ClassicSeat, SeatSerializer, {"note": "x"}, instance=seat, partial=True)
    assert list(SeatSerializer().fields) == list(ClassicSeat().fields)


class AuthorSchema(Schema):
    id: ReadOnly[int]
    name: str
    city: Annotated[str | None, Source("publisher.city")] = None


class NestedSchema(Schema):
    title: str
    author: AuthorSchema


class NestedSerializer(SchemaSerializer[NestedSchema]):
    class Meta:
        model = Book


def test_nested_objects_are_printed_and_not_written(book: Book) -> None:
    class ClassicAuthor(serializers.ModelSerializer[Author]):
        city = serializers.CharField(source="publisher.city", allow_null=True, default=None)

        class Meta:
            model = Author
            fields = ["id", "name", "city"]

    class Classic(serializers.ModelSerializer[Book]):
        author = ClassicAuthor()

        class Meta:
            model = Book
            fields = ["title", "author"]

    assert_same_print(Classic, NestedSerializer, book)
    body = {"title": "a", "author": {"name": "b"}}
    messages = []
    for serializer_class in (Classic, NestedSerializer):
        serializer = serializer_class(data=body)
        assert serializer.is_valid(), serializer.errors
        with pytest.raises(AssertionError, match="does not support writable nested") as caught:
            serializer.save()
        messages.append(str(caught.value).replace(serializer_class.__name__, "it"))
    assert (
        messages[0].replace(Classic.__module__, "")
        == messages[1].replace(NestedSerializer.__module__, "")
        or messages[0].split("`")[0] == messages[1].split("`")[0]
    )


def test_values_that_no_column_can_hold_are_refused(author: Author) -> None:
    serializer = BookSerializer(
        data={"title": "a", "isbn": "7", "author": author.pk, "rating": 10**400}
    )
    assert not serializer.is_valid()
    assert serializer.errors["rating"][0].code == "overflow"


def test_rows_that_break_the_contract_go_out(book: Book) -> None:
    Book.objects.filter(pk=book.pk).update(status="zz", title="t" * 100, pages=-5)
    old = Book.objects.get(pk=book.pk)
    assert_same_print(ClassicBook, BookSerializer, old)
    with_deferred = Book.objects.only("id").get(pk=book.pk)
    assert_same_print(ClassicBook, BookSerializer, with_deferred)
    assert_same_print(ClassicBook, BookSerializer, Book(title="unsaved"))


def test_bulk_create(author: Author) -> None:
    rows = [{"title": str(n), "isbn": str(n), "author": author.pk} for n in range(3)]
    serializer = BookSerializer(data=rows, many=True)
    assert serializer.is_valid(), serializer.errors
    assert [made.title for made in serializer.save()] == ["0", "1", "2"]
    again = BookSerializer(Book.objects.all(), data=[], many=True)
    assert again.is_valid()
    with pytest.raises(NotImplementedError, match="many=True"):
        again.save()


def test_a_custom_create_and_update(author: Author, book: Book) -> None:
    calls: list[str] = []

    class Custom(BookSerializer):
        def create(self, validated_data: dict[str, Any]) -> Any:
            calls.append("create")
            validated_data.pop("summary", None)
            return super().create(validated_data)

        def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
            calls.append("update")
            return super().update(instance, validated_data)

    made = Custom(data={"title": "a", "isbn": "8", "author": author.pk, "summary": "no"})
    assert made.is_valid()
    assert made.save().summary == ""
    changed = Custom(book, data={"title": "b"}, partial=True)
    assert changed.is_valid()
    changed.save()
    assert calls == ["create", "update"]


def test_without_a_model_saving_is_up_to_the_user() -> None:
    class Alone(SchemaSerializer[BookSchema]):
        pass

    with pytest.raises(NotImplementedError):
        Alone().create({})
    with pytest.raises(NotImplementedError):
        Alone().update(None, {})


def test_many_to_many_reads_use_what_was_prefetched(book: Book) -> None:
    class TagSchema(Schema):
        name: str

    class WithTags(Schema):
        tags: list[TagSchema]

    class WithTagsSerializer(SchemaSerializer[WithTags]):
        class Meta:
            model = Book

    fetched = list(Book.objects.prefetch_related("tags"))
    with CaptureQueriesContext(connection) as queries:
        data = WithTagsSerializer(fetched, many=True).data
    assert len(queries) == 0
    assert data == [{"tags": [{"name": "x"}, {"name": "y"}]}]


def test_errors_of_the_model_layer_in_validators_are_keyed_to_their_field() -> None:
    class Checked(SchemaSerializer[BookSchema]):
        def validate_title(self, value: str) -> str:
            raise DjangoValidationError("No %(what)s.", code="nope", params={"what": value})

    serializer = Checked(data={"title": "way", "isbn": "1", "author": 1})
    assert not serializer.is_valid()
    assert error_tree(serializer.errors) == {"title": [("No way.", "nope")]}
