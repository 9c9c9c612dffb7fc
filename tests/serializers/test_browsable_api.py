"""The browsable API and ``OPTIONS``: what DRF's own renderers and metadata make of a schema."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override
from pydantic import Field
from rest_framework import serializers
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import ModelViewSet

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, UseField, WriteOnly
from tests.testapp.models import Author, Book, Publisher, Tag


class ClassicCover(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=5)
    glossy = serializers.BooleanField(default=True)


class CoverSchema(Schema):
    name: Annotated[str, Field(max_length=5)]
    glossy: bool = True


class NestedWrites:
    """Leaves out of the database what has no column, as a project's own ``create()`` would."""

    def create(self, validated_data: dict[str, Any]) -> Any:
        return super().create(_without_extras(validated_data))

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        return super().update(instance, _without_extras(validated_data))

    def get_shout(self, book: Any) -> str:
        return str(book.title).upper()


def _without_extras(validated_data: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in validated_data.items()
        if name not in ("jacket", "covers", "pin")
    }


class ClassicBook(NestedWrites, serializers.ModelSerializer[Book]):
    jacket = ClassicCover(required=False, write_only=True)
    covers = ClassicCover(many=True, required=False, write_only=True)
    shout = serializers.SerializerMethodField()
    pin = serializers.CharField(
        write_only=True, required=False, help_text="Four digits", label="PIN", max_length=4
    )

    class Meta:
        model = Book
        fields = [
            *("id", "title", "isbn", "summary", "status", "price", "rating", "in_print"),
            *("published", "metadata", "cover", "author", "tags"),
            *("jacket", "covers", "shout", "pin"),
        ]
        extra_kwargs = {"rating": {"min_value": 0}, "cover": {"write_only": True}}


class BookSchema(Schema):
    id: Annotated[ReadOnly[int], Field(title="ID")]
    title: Annotated[str, Field(max_length=100)]
    isbn: Annotated[str, Field(max_length=13)]
    summary: Annotated[
        str,
        UseField(
            serializers.CharField(
                required=False, allow_blank=True, style={"base_template": "textarea.html"}
            )
        ),
    ]
    status: NotRequired[Book.Status]
    price: NotRequired[Annotated[Decimal, Field(max_digits=8, decimal_places=2)]]
    rating: NotRequired[Annotated[float, Field(ge=0)] | None]
    in_print: NotRequired[bool]
    published: NotRequired[date | None]
    metadata: NotRequired[Any]
    cover: Annotated[
        Any,
        UseField(
            serializers.FileField(max_length=100, required=False, allow_null=True, write_only=True)
        ),
    ]
    author: int
    tags: NotRequired[list[int]]
    jacket: WriteOnly[NotRequired[CoverSchema]]
    covers: WriteOnly[NotRequired[list[CoverSchema]]]
    shout: Annotated[str, UseField(serializers.SerializerMethodField())]
    pin: WriteOnly[
        NotRequired[Annotated[str, Field(max_length=4, title="PIN", description="Four digits")]]
    ]


class BookSerializer(NestedWrites, SchemaSerializer[BookSchema]):
    class Meta:
        model = Book


class Books(ModelViewSet[Book]):
    queryset = Book.objects.order_by("pk")
    authentication_classes = ()

    def get_view_name(self) -> str:
        return "Books"


router = DefaultRouter()
router.register("classic", type("Classic", (Books,), {"serializer_class": ClassicBook}), "classic")
router.register("ours", type("Ours", (Books,), {"serializer_class": BookSerializer}), "ours")
urlpatterns = router.urls

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def book() -> Book:
    author = Author.objects.create(
        name="Ada <b>", email="a@a.io", publisher=Publisher.objects.create(name="House")
    )
    made = Book.objects.create(title="One & only", isbn="1", author=author, rating=4.5)
    made.tags.add(Tag.objects.create(name="x", slug="x"))
    return made


def both(method: str, path: str = "", **arguments: Any) -> tuple[Any, Any]:
    """Send the same request to both viewsets; what it wrote is taken back in between."""
    client = Client(headers={"accept": "text/html"})
    answers = []
    for prefix in ("classic", "ours"):
        before = set(Book.objects.values_list("pk", flat=True))
        answers.append(client.generic(method, f"/{prefix}/{path}", **arguments))
        if prefix == "classic":
            Book.objects.exclude(pk__in=before).delete()
    return answers[0], answers[1]


def page_of(answer: Any) -> str:
    """Return a page without what has to differ: addresses, the new row's key, and secrets."""
    page = answer.content.decode().replace("/classic/", "/ours/")
    page = re.sub(r'"\w{64}"', "", page)
    return re.sub(r"&quot;id&quot;: \d+", "", page)


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", ["", "{pk}/"])
def test_pages_with_their_forms(book: Book, path: str) -> None:
    classic, ours = both("GET", path.format(pk=book.pk))
    assert ours.status_code == classic.status_code == 200
    assert page_of(ours) == page_of(classic)
    assert 'name="jacket.name"' in page_of(ours)


@pytest.mark.parametrize(
    "form",
    [
        "",
        "title=&isbn=1&author=0&status=zz&rating=-1&tags=0&published=x&price=1.234",
        "title=Two&isbn=2&author={author}&jacket.name=too+long&covers[0]name=much+too+long&pin=12345",
        "title=One+%26+only&isbn=3&author={author}",
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_forms_come_back_with_their_errors(book: Book, form: str, method: str) -> None:
    path = f"{book.pk}/" if method == "PUT" else ""
    if method == "PUT" and "only" in form:
        form = form.replace("isbn=3", "isbn=")
    body = form.format(author=book.author_id)
    classic, ours = both(method, path, data=body, content_type=FORM)
    assert ours.status_code == classic.status_code == 400
    assert page_of(ours) == page_of(classic)


def test_a_form_that_is_submitted_writes(book: Book) -> None:
    tag = Tag.objects.get()
    body = (
        f"title=Two&isbn=2&summary=&status=published&price=2.5&rating=&published=2024-01-02"
        f"&metadata=%7B%22a%22%3A1%7D&author={book.author_id}&tags={tag.pk}&jacket.name=ok&pin=1"
    )
    classic, ours = both("POST", data=body, content_type=FORM)
    assert ours.status_code == classic.status_code == 201
    assert page_of(ours) == page_of(classic)
    made = Book.objects.latest("pk")
    assert (made.title, made.price, made.rating) == ("Two", Decimal("2.5"), None)
    assert (made.metadata, list(made.tags.all()), made.in_print) == ({"a": 1}, [tag], False)


def test_files_come_as_multipart(book: Book, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    for prefix in ("classic", "ours"):
        body = {
            "title": prefix,
            "isbn": prefix,
            "author": book.author_id,
            "cover": SimpleUploadedFile("a.txt", b"x"),
        }
        assert Client().post(f"/{prefix}/", body).status_code == 201
    names = Book.objects.order_by("-pk").values_list("cover", flat=True)[:2]
    assert all(name.startswith("covers/a") for name in names)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", ["", "{pk}/"])
def test_options_describe_the_same_fields(book: Book, path: str, language: str) -> None:
    described = []
    with override(language):
        for prefix in ("classic", "ours"):
            answer = Client().options(f"/{prefix}/{path.format(pk=book.pk)}")
            assert answer.status_code == 200
            described.append(answer.json())
    assert described[0] == described[1]
    assert described[0]["actions"]
