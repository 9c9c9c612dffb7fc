"""Whole requests through Django's WSGI handler: DRF, ours, and what can be written by hand.

The same resource five times: DRF's viewset and serializer; ours; ours with instances forced; plain
Django views with Pydantic; and views written by hand around ``values_list``. The answers of DRF and
ours must be equal, byte for byte and header for header, and those of the others must say the same,
before anything is timed. What is timed is the processor, in rounds in which all sides take turns;
the median of the rounds counts.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Annotated, Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter

from nova_drf import ReadOnly, Schema, SchemaSerializer, serializer_from_schema
from nova_drf.viewsets import AsyncModelViewSet, AsyncReadOnlyModelViewSet
from tests.testapp.models import Author, Book, Tag

pytestmark = [
    pytest.mark.bench,
    pytest.mark.urls(__name__),
    pytest.mark.django_db(transaction=True),
]

ROUNDS = 30
BOOKS = Book.objects.select_related("author").order_by("id")
COLUMNS = ["id", "title", "isbn", "price", "pages", "rating", "in_print", "published"]


class ClassicAuthor(serializers.ModelSerializer[Author]):
    class Meta:
        model = Author
        fields = ["id", "name", "email"]


class ClassicBook(serializers.ModelSerializer[Book]):
    author = ClassicAuthor(read_only=True)

    class Meta:
        model = Book
        fields = [*COLUMNS, "author"]


class AuthorSchema(Schema):
    id: int
    name: str
    email: str


class BookSchema(Schema):
    id: ReadOnly[int]
    title: Annotated[str, Field(max_length=100)]
    isbn: Annotated[str, Field(max_length=13)]
    price: Annotated[Decimal, Field(max_digits=8, decimal_places=2)] = Decimal(0)
    pages: int = 0
    rating: float | None = None
    in_print: bool = True
    published: date | None = None
    author: ReadOnly[AuthorSchema]


class BookSerializer(SchemaSerializer[BookSchema]):
    class Meta:
        model = Book


class ClassicTag(serializers.ModelSerializer[Tag]):
    class Meta:
        model = Tag
        fields = ["id", "name", "slug"]


class ClassicTagged(serializers.ModelSerializer[Book]):
    tags = ClassicTag(many=True)

    class Meta:
        model = Book
        fields = ["id", "title", "price", "tags"]


class TagSchema(Schema):
    id: int
    name: str
    slug: str


class TaggedSchema(Schema):
    id: int
    title: str
    price: Annotated[Decimal, Field(max_digits=8, decimal_places=2)]
    tags: list[TagSchema]


class Creating:
    """Deletes what is created, so that the next one is as new."""

    def perform_create(self, serializer: Any) -> None:
        serializer.save(author_id=1)
        Book.objects.filter(pk=serializer.instance.pk).delete()


class Classic(Creating, viewsets.ModelViewSet):
    queryset = BOOKS
    serializer_class = ClassicBook


class Ours(Creating, AsyncModelViewSet):
    queryset = BOOKS
    serializer_class = BookSerializer


class Instances(Ours):
    rows_stand_for_instances = False


TAGGED = Book.objects.prefetch_related("tags").order_by("id")


class ClassicTags(viewsets.ReadOnlyModelViewSet):
    queryset = TAGGED
    serializer_class = ClassicTagged


class OurTags(AsyncReadOnlyModelViewSet):
    queryset = TAGGED
    serializer_class = serializer_from_schema(TaggedSchema)


class InstancesOfTags(OurTags):
    rows_stand_for_instances = False


class PlainAuthor(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    email: str


class NewBook(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: Annotated[str, Field(max_length=100)]
    isbn: Annotated[str, Field(max_length=13)]
    price: Decimal = Decimal(0)
    pages: int = 0
    rating: float | None = None
    in_print: bool = True
    published: date | None = None


class PlainBook(NewBook):
    id: int
    author: PlainAuthor


LIST = TypeAdapter(list[PlainBook])


def answered(content: bytes | str, status: int = 200) -> HttpResponse:
    return HttpResponse(content, status=status, content_type="application/json")


@csrf_exempt
def plain_list(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        book = Book(author_id=1, **NewBook.model_validate_json(request.body).model_dump())
        book.save()
        Book.objects.filter(pk=book.pk).delete()
        return answered(PlainBook.model_validate(book).model_dump_json(), 201)
    return answered(LIST.dump_json(LIST.validate_python(list(BOOKS.all()))))


def plain_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return answered(PlainBook.model_validate(BOOKS.get(pk=pk)).model_dump_json())


def floor_list(request: HttpRequest) -> HttpResponse:
    rows = BOOKS.values_list(*COLUMNS, "author__id", "author__name", "author__email")
    found = []
    for pk, title, isbn, price, pages, rating, in_print, published, author, name, email in rows:
        found.append(
            {
                "id": pk,
                "title": title,
                "isbn": isbn,
                "price": str(price),
                "pages": pages,
                "rating": rating,
                "in_print": in_print,
                "published": published and published.isoformat(),
                "author": {"id": author, "name": name, "email": email},
            }
        )
    return answered(json.dumps(found, separators=(",", ":")))


router = SimpleRouter()
VIEWS: dict[str, Any] = {
    **{"drf": Classic, "ours": Ours, "instances": Instances},
    **{"tags/drf": ClassicTags, "tags/ours": OurTags, "tags/instances": InstancesOfTags},
}
for name, view in VIEWS.items():
    router.register(name, view, basename=name)
urlpatterns = [
    path("", include(router.urls)),
    path("plain/", plain_list),
    path("plain/<int:pk>/", plain_detail),
    path("floor/", floor_list),
]


def send(side: str, address: str = "", body: bytes = b"") -> tuple[str, Any, bytes]:
    """Send one request as a WSGI server does; return status, headers and body."""
    started: list[Any] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "PATH_INFO": f"/{side}/{address}",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "HTTP_ACCEPT": "application/json",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }
    response = HANDLER(environ, lambda *arguments: started.append(arguments))
    content = b"".join(response)
    response.close()
    return started[0][0], sorted(started[0][1]), content


HANDLER = WSGIHandler()


@pytest.fixture
def books(request: pytest.FixtureRequest) -> int:
    """Store books of some authors."""
    count: int = request.param
    authors = [Author(id=n, name=f"n{n}", email=f"e{n}@a.io") for n in range(1, 21)]
    Author.objects.bulk_create(authors)
    Book.objects.bulk_create(
        Book(
            id=n,
            title=f"title {n}",
            isbn=str(n),
            price=Decimal("12.50"),
            rating=4.5,
            pages=n,
            published=date(2020, 1, 2),
            author=authors[n % 20],
        )
        for n in range(1, count + 1)
    )
    tags = [Tag(id=n, name=f"tag {n}", slug=f"tag-{n}") for n in range(1, 11)]
    Tag.objects.bulk_create(tags)
    of_books: Any = Book.tags.through
    of_books.objects.bulk_create(
        of_books(book_id=n, tag_id=(n + more) % 10 + 1)
        for n in range(1, count + 1)
        for more in range(3)
    )
    return count


def times(sides: dict[str, Callable[[], Any]], calls: int) -> dict[str, float]:
    """Return the median of the processor time of each side, in seconds a call."""
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, call in sides.items():
            start = time.process_time()
            for _ in range(calls):
                call()
            spent[name].append((time.process_time() - start) / calls)
    return {name: median(rounds) for name, rounds in spent.items()}


def compare(
    capsys: pytest.CaptureFixture[str], title: str, sides: list[str], calls: int, *request: Any
) -> dict[str, float]:
    """Time one request to all sides; return how many times as fast as DRF each is."""
    drf = sides[0]
    answers = {side: send(side, *request) for side in sides}
    for side in sides[1:3]:
        assert without_id(answers[side]) == without_id(answers[drf])
    for status, _, content in answers.values():
        assert status == answers[drf][0]
        assert equal(json.loads(content)) == equal(json.loads(answers[drf][2]))
    measured = times({side: lambda side=side: send(side, *request) for side in sides}, calls)
    ratios = {side: measured[drf] / seconds for side, seconds in measured.items()}
    with capsys.disabled():
        print(f"\n{title}")
        for side in sides:
            print(f"  {side:16}{measured[side] * 1e3:9.3f} ms {ratios[side]:6.2f} times as fast")
    return ratios


def without_id(answer: tuple[str, Any, bytes]) -> Any:
    """Return an answer without what a database counts up, and how long that is."""
    status, headers, content = answer
    body = json.loads(content)
    if isinstance(body, list):
        return answer
    return status, [name for name, _ in headers], {**body, "id": None}


def equal(body: Any) -> Any:
    return {**body, "id": None} if isinstance(body, dict) else body


LISTS = ["drf", "ours", "instances", "plain", "floor"]


@pytest.mark.parametrize(
    ("books", "calls", "least"), [(20, 10, 1.7), (100, 4, 2.4), (1000, 1, 4.0)], indirect=["books"]
)
def test_a_list_with_a_foreign_key(
    books: int, calls: int, least: float, capsys: pytest.CaptureFixture[str]
) -> None:
    ratios = compare(capsys, f"list of {books}", LISTS, calls)
    assert ratios["ours"] >= least
    assert books < 100 or ratios["ours"] > ratios["plain"]


@pytest.mark.parametrize(
    ("books", "calls", "least"), [(20, 10, 1.7), (100, 4, 3.0), (1000, 1, 5.0)], indirect=["books"]
)
def test_a_list_with_a_relation_to_many(
    books: int, calls: int, least: float, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = ["tags/drf", "tags/ours", "tags/instances"]
    ratios = compare(capsys, f"list of {books} with three of others each", sides, calls)
    assert ratios["tags/ours"] >= least


@pytest.mark.parametrize("books", [20], indirect=True)
def test_a_detail(books: int, capsys: pytest.CaptureFixture[str]) -> None:
    ratios = compare(capsys, "detail", ["drf", "ours", "instances", "plain"], 20, "1/")
    assert ratios["ours"] >= 1.3


NEW = {"title": "Emma", "isbn": "978", "price": "9.50", "pages": 400, "published": "1815-12-23"}


@pytest.mark.parametrize("books", [20], indirect=True)
def test_a_creation(books: int, capsys: pytest.CaptureFixture[str]) -> None:
    body = json.dumps(NEW).encode()
    ratios = compare(capsys, "create", ["drf", "ours", "instances", "plain"], 10, "", body)
    assert ratios["ours"] >= 1.05


@pytest.mark.parametrize("books", [1], indirect=True)
def test_a_refusal(books: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A body with every field wrong."""
    body = json.dumps({name: [] for name in [*NEW, "rating", "in_print"]}).encode()
    ratios = compare(capsys, "refused", ["drf", "ours", "instances"], 10, "", body)
    assert ratios["ours"] >= 0.95
