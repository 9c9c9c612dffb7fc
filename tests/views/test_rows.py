"""Lists that are read as rows, against lists of instances and against DRF."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from django.db import connection, router
from django.db.models import Count, F, Prefetch, QuerySet
from django.db.models.signals import post_init
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pydantic import BaseModel, Field, computed_field
from rest_framework import pagination, renderers, serializers, viewsets
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from nova_drf import (
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    Source,
    serializer_from_schema,
)
from nova_drf.queries.instances import QuickIterable
from nova_drf.queries.rows import RowIterable
from nova_drf.renderers import JSONRenderer
from nova_drf.representation import row_plans
from nova_drf.views import explain
from nova_drf.views.responses import RowsResponse
from nova_drf.viewsets import AsyncModelViewSet
from tests.testapp.models import Author, Book, Publisher, Tag

pytestmark = pytest.mark.django_db

DOTTED = "a source that goes across a foreign key"


class ClassicPublisher(serializers.ModelSerializer[Publisher]):
    class Meta:
        model = Publisher
        fields = ["name", "city"]


class ClassicAuthor(serializers.ModelSerializer[Author]):
    publisher = ClassicPublisher()

    class Meta:
        model = Author
        fields = ["id", "name", "born", "publisher"]


class ClassicBook(serializers.ModelSerializer[Book]):
    author = ClassicAuthor()
    by = serializers.CharField(source="author.name")

    class Meta:
        model = Book
        fields = [
            *("id", "title", "isbn", "summary", "status", "price", "rating", "pages", "in_print"),
            *("published", "opens_at", "created", "reading_time", "reference", "metadata"),
            *("website", "author", "by"),
        ]


class PublisherSchema(Schema):
    name: str
    city: str


class AuthorSchema(Schema):
    id: int
    name: str
    born: date | None
    publisher: PublisherSchema | None


class BookSchema(Schema):
    id: int
    title: str
    isbn: str
    summary: str
    status: Book.Status
    price: Annotated[Decimal, Field(max_digits=8, decimal_places=2)]
    rating: float | None
    pages: int
    in_print: bool
    published: date | None
    opens_at: time | None
    created: datetime | None
    reading_time: timedelta
    reference: UUID
    metadata: Any
    website: str
    author: AuthorSchema
    by: Annotated[str, Source("author.name")]


class BookSerializer(SchemaSerializer[BookSchema]):
    pass


class BackedBook(SchemaBackedMixin, ClassicBook):
    class Meta(ClassicBook.Meta):
        pass


BOOKS = Book.objects.select_related("author__publisher").order_by("id")
OURS = [BookSerializer, BackedBook]


class Paged(pagination.PageNumberPagination):
    page_size = 3
    page_size_query_param = "size"


class Limited(pagination.LimitOffsetPagination):
    default_limit = 2


@pytest.fixture(params=[1000, 3], ids=["together", "in_batches"])
def books(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store books with and without what may be left out; so many rows are printed at once."""
    monkeypatch.setattr(row_plans, "_AT_ONCE", request.param)
    press = Publisher.objects.create(name='A "press" 100%', city="Zürich\u2028")
    authors = [
        Author.objects.create(name="Ada", email="a@a.io", publisher=press, born=date(1990, 1, 1)),
        Author.objects.create(name="Bo\\", email="b@a.io"),
    ]
    for at in range(8):
        Book.objects.create(
            title=f"title {at} é",
            isbn=str(at),
            price=Decimal("12.5"),
            rating=at / 3 if at % 2 else None,
            published=date(2020, 1, 2) if at % 3 else None,
            opens_at=time(8, 30) if at == 2 else None,
            created=datetime(2024, 1, 2, 3, 4, 5, at, tzinfo=UTC) if at % 2 else None,
            reading_time=timedelta(hours=at),
            metadata={"at": [at, None, 1.5, "é\u2029"]} if at % 2 else [],
            author=authors[at % 2],
            in_print=bool(at % 2),
        )


def viewset(base: Any, serializer_class: Any, **body: Any) -> Any:
    if "queryset" not in body and not hasattr(base, "is_ours"):
        body["queryset"] = BOOKS
    attributes = {"serializer_class": serializer_class, "is_ours": True, **body}
    return type("BookViewSet", (base,), attributes)


def answer(view_class: Any, path: str = "/", **headers: str) -> Any:
    """Return what a client gets of a list, and the response."""
    request: Any = APIRequestFactory().get(path, **headers)  # type: ignore[arg-type]
    view = view_class.as_view(
        {"get": "list"} if issubclass(view_class, viewsets.ViewSetMixin) else None
    )
    response = view(request).render()
    return (response.status_code, response.content, sorted(response.items())), response


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Return a function that says how often rows were read since it was last called."""
    calls: list[object] = []
    read = RowIterable._results

    def noted(self: RowIterable) -> Any:
        calls.append(self)
        return read(self)

    def count() -> int:
        result = len(calls)
        calls.clear()
        return result

    monkeypatch.setattr(RowIterable, "_results", noted)
    return count


def check(body: dict[str, Any], path: str = "/", **headers: str) -> None:
    """Compare all ways to list books; the rows must be read as such."""
    expected, _ = answer(viewset(viewsets.ModelViewSet, ClassicBook, **body), path, **headers)
    for serializer_class in OURS:
        quick = viewset(AsyncModelViewSet, serializer_class, **body)
        slow = viewset(quick, serializer_class, rows_stand_for_instances=False)
        assert answer(quick, path, **headers)[0] == expected
        assert answer(slow, path, **headers)[0] == expected


BODIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "paged": {"pagination_class": Paged},
    "limited": {"pagination_class": Limited},
    "no page size": {"pagination_class": pagination.PageNumberPagination},
    "filtered": {"filter_backends": [SearchFilter, OrderingFilter], "search_fields": ["title"]},
    "ours": {"renderer_classes": [JSONRenderer]},
    "nothing": {"queryset": Book.objects.none()},
    "no rows": {"queryset": BOOKS.filter(pk=0)},
    "sliced": {"queryset": BOOKS[1:4]},
    "annotated": {"queryset": BOOKS.annotate(n=F("pages") + 1).order_by("-n", "id")},
    "prefetched": {"queryset": BOOKS.prefetch_related("tags")},
    "without joins": {"queryset": Book.objects.order_by("-id")},
    "a queryset of its own": {"get_queryset": lambda self: BOOKS.filter(title__contains="1")},
    "a serializer of its own": {"get_serializer_context": lambda self: {}},
}
PATHS = [
    "/",
    "/?page=2&size=2",
    "/?offset=3",
    "/?search=1&ordering=-title",
    "/?page=99",
    "/?size=0",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", BODIES)
def test_the_answer_is_drfs(name: str, path: str, books: None) -> None:
    check(BODIES[name], path)


@pytest.mark.parametrize("name", [name for name in BODIES if name != "nothing"])
@pytest.mark.parametrize("serializer_class", OURS)
def test_rows_are_read(
    name: str, serializer_class: Any, books: None, reads: Callable[[], int]
) -> None:
    quick = viewset(AsyncModelViewSet, serializer_class, **BODIES[name])
    answer(quick)
    assert reads() == 1
    answer(viewset(quick, serializer_class, rows_stand_for_instances=False))
    with override_settings(NOVA_DRF={"ROWS_STAND_FOR_INSTANCES": False}):
        answer(quick)
    assert reads() == 0


@pytest.mark.parametrize("name", ["plain", "paged", "limited"])
def test_only_the_columns_that_are_printed_are_read(name: str, books: None) -> None:
    class Title(Schema):
        title: str

    quick = viewset(AsyncModelViewSet, serializer_from_schema(Title), **BODIES[name])
    with CaptureQueriesContext(connection) as context:
        answer(quick)
    *counts, query = [query["sql"] for query in context.captured_queries]
    assert query.startswith('SELECT "testapp_book"."title" AS "title" FROM "testapp_book" ORDER')
    assert all("JOIN" not in count for count in counts)


ACCEPTS = [
    "application/json",
    "application/json; indent=4",
    "*/*",
    "application/*;q=0.5",
    "text/html",
]


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("name", ["plain", "paged"])
def test_what_is_accepted(name: str, accept: str, books: None) -> None:
    check({**BODIES[name], "renderer_classes": [renderers.JSONRenderer]}, HTTP_ACCEPT=accept)


@pytest.mark.parametrize("setting", ["ensure_ascii", "compact", "strict"])
@pytest.mark.parametrize("value", [True, False])
def test_the_settings_of_the_renderer(setting: str, value: bool, books: None) -> None:
    renderer = type("Renderer", (renderers.JSONRenderer,), {setting: value})
    check({"renderer_classes": [renderer]})


@pytest.mark.parametrize(
    "values", [{"COERCE_DECIMAL_TO_STRING": False}, {"DATETIME_FORMAT": None, "DATE_FORMAT": "%d"}]
)
def test_the_settings_of_fields(values: dict[str, Any], books: None) -> None:
    with override_settings(REST_FRAMEWORK=values):
        check({})


class UpperCase(renderers.JSONRenderer):
    """A renderer of a project's own, which sees the data."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        assert all(type(item) is dict for item in data)
        return super().render(data, *args, **kwargs).upper()


def test_other_renderers_get_instances(books: None, reads: Callable[[], int]) -> None:
    body = {"renderer_classes": [UpperCase]}
    check(body)
    both = [renderers.BrowsableAPIRenderer, renderers.JSONRenderer]
    view = viewset(AsyncModelViewSet, BookSerializer, renderer_classes=both)
    assert b"title 0" in answer(view, HTTP_ACCEPT="text/html")[1].content
    assert reads() == 0


# The data of the response


def test_the_data_is_what_drf_has(books: None) -> None:
    for body in ({}, {"pagination_class": Paged}):
        _, expected = answer(viewset(viewsets.ModelViewSet, ClassicBook, **body))
        _, response = answer(viewset(AsyncModelViewSet, BookSerializer, **body))
        assert response.data == expected.data
        assert type(response.data) is type(expected.data)
        rows = response.data["results"] if body else response.data
        assert type(rows) is type(expected.data["results"] if body else expected.data)
        assert rows.serializer.many
        assert response.content == expected.content
        assert response.data is response.data


def test_what_is_changed_is_written(books: None) -> None:
    class Changing(AsyncModelViewSet):
        queryset = BOOKS
        serializer_class = BookSerializer

        def list(self, *args: Any, **kwargs: Any) -> Response:
            response = super().list(*args, **kwargs)
            response.data[0]["title"] = "changed"
            return response

        def finalize_response(self, *args: Any, **kwargs: Any) -> Any:
            response = super().finalize_response(*args, **kwargs)
            response.data.append("more")
            return response

    _, response = answer(Changing)
    body = json.loads(response.content)
    assert body[0]["title"] == "changed"
    assert body[-1] == "more"


def test_the_data_may_be_replaced(books: None) -> None:
    request: Any = APIRequestFactory().get("/")
    response: Any = viewset(AsyncModelViewSet, BookSerializer).as_view({"get": "list"})(request)
    assert type(response) is RowsResponse
    response.data = {"other": 1}
    assert response.render().content == b'{"other":1}'


@pytest.mark.parametrize("body", [{}, {"pagination_class": Paged}])
def test_a_cache_gets_data(body: Any, books: None) -> None:
    expected, response = answer(viewset(AsyncModelViewSet, BookSerializer, **body))
    copy = pickle.loads(pickle.dumps(response))
    assert copy.content == expected[1]
    assert copy.data == response.data


def test_a_client_cannot_name_the_place_of_the_rows(books: None) -> None:
    check({"pagination_class": Paged}, '/?size=2&x="nova_drf:"')


# Who may look at the instances gets instances


class Counting(QuerySet[Any]):
    """A queryset of a project's own, which reads in its own way."""

    def __iter__(self) -> Iterator[Any]:
        return super().__iter__()


class Looking(Paged):
    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        page = super().paginate_queryset(queryset, request, view)
        assert page is not None
        assert all(isinstance(item, Book) for item in page)
        return page


class Wrapping(Paged):
    def get_paginated_response(self, data: Any) -> Response:
        assert all(type(item) is dict for item in data)
        return Response({"data": data, "n": len(data)})


def looking(self: Any, *args: Any, **kwargs: Any) -> Any:
    if args:
        assert all(isinstance(item, Book) for item in args[0])
    return super(AsyncModelViewSet, self).get_serializer(*args, **kwargs)


LOOKING: dict[str, dict[str, Any]] = {
    "paginator": {"pagination_class": Looking},
    "cursors": {"pagination_class": type("P", (pagination.CursorPagination,), {"ordering": "id"})},
    "get_serializer": {"get_serializer": lambda self, *a, **k: self.serializer_class(*a, **k)},
    "paginate_queryset": {
        "paginate_queryset": lambda self, queryset: list(queryset)[:2],
        "get_paginated_response": lambda self, data: Response(data),
    },
    "a list": {"get_queryset": lambda self: list(BOOKS)},
    "distinct": {"queryset": BOOKS.distinct()},
    "union": {"queryset": Book.objects.filter(pages=0).union(Book.objects.filter(pages=1))},
    "aggregate": {"queryset": BOOKS.annotate(n=Count("tags"))},
    "extra": {"queryset": BOOKS.extra(select={"n": "1"})},
    "only": {"queryset": Book.objects.only("title", "isbn").order_by("id")},
    "iterates": {"queryset": Counting(Book).order_by("id")},
}


@pytest.mark.parametrize("name", LOOKING)
def test_instances_are_there_for_who_may_look(
    name: str, books: None, reads: Callable[[], int]
) -> None:
    check(LOOKING[name])
    assert reads() == 0


def test_another_paginator_counts_from_then_on(
    books: None, reads: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = viewset(AsyncModelViewSet, BookSerializer)
    answer(quick)
    assert reads() == 1
    for pagination_class, count in ((Looking, 0), (Wrapping, 1), (Paged, 1), (None, 1)):
        monkeypatch.setattr(quick, "pagination_class", pagination_class)
        body = {"pagination_class": pagination_class}
        expected, _ = answer(viewset(viewsets.ModelViewSet, ClassicBook, **body))
        assert answer(quick)[0] == expected
        assert reads() == count


def test_a_paginator_may_wrap_what_is_printed(books: None, reads: Callable[[], int]) -> None:
    check({"pagination_class": Wrapping})
    assert reads() == 2


@pytest.mark.parametrize("model", [Book, Author, None])
def test_receivers_of_a_signal_get_instances(
    model: Any, books: None, reads: Callable[[], int]
) -> None:
    def receiver(**kwargs: object) -> None:
        pass

    post_init.connect(receiver, sender=model)
    try:
        check({})
        assert reads() == 0
    finally:
        post_init.disconnect(receiver, sender=model)
    check({})
    assert reads() == 2


class Method(ClassicBook):
    shout = serializers.SerializerMethodField()

    class Meta(ClassicBook.Meta):
        fields = ["id", "shout"]

    def get_shout(self, book: Book) -> str:
        return book.title.upper()


class Initialized(ClassicBook):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.instance, list):
            assert all(isinstance(item, Book) for item in self.instance)


class Printing(ClassicBook):
    def to_representation(self, instance: Any) -> Any:
        return {"n": instance.pk, **super().to_representation(instance)}


class FieldsOfObjects(ClassicBook):
    def get_fields(self) -> Any:
        instances = self.parent.instance if self.parent is not None else self.instance
        fields = super().get_fields()
        if instances and all(isinstance(item, Book) for item in instances):
            fields.pop("by")
        return fields


@pytest.mark.parametrize("classic", [Method, Initialized, Printing, FieldsOfObjects])
def test_a_serializer_that_looks_gets_instances(
    classic: Any, books: None, reads: Callable[[], int]
) -> None:
    backed = type("Backed", (SchemaBackedMixin, classic), {})
    body = {"pagination_class": Paged}
    expected, _ = answer(viewset(viewsets.ModelViewSet, classic, **body))
    assert answer(viewset(AsyncModelViewSet, backed, **body))[0] == expected
    assert reads() == 0


class Doubled(Schema):
    pages: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def doubled(self) -> int:
        return self.pages * 2


class Tagged(Schema):
    pk: int


class Tags(Schema):
    name: str


class WithTags(Schema):
    tags: list[Tags]


class Display(Schema):
    status: Annotated[str, Source("get_status_display")]


class Cover(BaseModel):
    cover: Any


@pytest.mark.parametrize("schema", [Doubled, Tagged, WithTags, Display])
def test_a_schema_that_needs_more_gets_instances(
    schema: Any, books: None, reads: Callable[[], int]
) -> None:
    quick = viewset(AsyncModelViewSet, serializer_from_schema(schema))
    _, expected = answer(viewset(viewsets.ModelViewSet, serializer_from_schema(schema)))
    assert answer(quick)[1].content == expected.content
    assert reads() == 0
    assert "makes instances" in explain(quick)


# Relations to many


class ClassicTag(serializers.ModelSerializer[Tag]):
    class Meta:
        model = Tag
        fields = ["name", "slug"]


class ClassicTagged(serializers.ModelSerializer[Book]):
    tags = ClassicTag(many=True)
    author = ClassicAuthor()

    class Meta:
        model = Book
        fields = ["title", "tags", "author"]


class BackedTagged(SchemaBackedMixin, ClassicTagged):
    class Meta(ClassicTagged.Meta):
        pass


class TagSchema(Schema):
    name: str
    slug: str


class TaggedSchema(Schema):
    title: str
    tags: list[TagSchema]
    author: AuthorSchema


class ClassicWritten(serializers.ModelSerializer[Book]):
    class Meta:
        model = Book
        fields = ["title", "metadata"]


class ClassicWriter(serializers.ModelSerializer[Author]):
    books = ClassicWritten(many=True)

    class Meta:
        model = Author
        fields = ["name", "books"]


class BackedWriter(SchemaBackedMixin, ClassicWriter):
    class Meta(ClassicWriter.Meta):
        pass


class WrittenSchema(Schema):
    title: str
    metadata: Any


class WriterSchema(Schema):
    name: str
    books: list[WrittenSchema]


class ClassicTagOfBooks(serializers.ModelSerializer[Tag]):
    books = serializers.SerializerMethodField()

    class Meta:
        model = Tag
        fields = ["slug", "books"]

    def get_books(self, tag: Tag) -> Any:
        return [{"isbn": book.isbn} for book in tag.books.all()]


class IsbnSchema(Schema):
    isbn: str


class TagOfBooks(Schema):
    slug: str
    books: list[IsbnSchema]


MANY: dict[str, tuple[Any, list[Any], Any]] = {
    "tags": (
        ClassicTagged,
        [serializer_from_schema(TaggedSchema), BackedTagged],
        BOOKS.prefetch_related("tags"),
    ),
    "tags, rows twice": (
        ClassicTagged,
        [serializer_from_schema(TaggedSchema), BackedTagged],
        BOOKS.filter(tags__name__in=["red", "blue"]).prefetch_related(Prefetch("tags")),
    ),
    "no tags": (
        ClassicTagged,
        [serializer_from_schema(TaggedSchema), BackedTagged],
        BOOKS.filter(tags=None).prefetch_related("tags"),
    ),
    "back across a foreign key": (
        ClassicWriter,
        [serializer_from_schema(WriterSchema), BackedWriter],
        Author.objects.order_by("-id").prefetch_related("books__tags", "books"),
    ),
    "back across tags": (
        ClassicTagOfBooks,
        [serializer_from_schema(TagOfBooks)],
        Tag.objects.order_by("id").prefetch_related("books"),
    ),
}


@pytest.fixture
def tags(books: None) -> None:
    """Give some of the books tags, in no order of theirs."""
    red, blue, green = (
        Tag.objects.create(name=name, slug=f"{name}-é") for name in ("red", "blue", "green")
    )
    for at, book in enumerate(Book.objects.order_by("id")):
        book.tags.set([[], [green, red], [blue], [blue, green, red]][at % 4])


@pytest.mark.parametrize("page", [{}, {"pagination_class": Paged}])
@pytest.mark.parametrize("name", MANY)
def test_relations_to_many_are_rows(
    name: str, page: Any, tags: None, reads: Callable[[], int]
) -> None:
    classic, ours, queryset = MANY[name]
    body = {"queryset": queryset, **page}
    expected, response = answer(viewset(viewsets.ModelViewSet, classic, **body))
    for serializer_class in ours:
        quick = viewset(AsyncModelViewSet, serializer_class, **body)
        with CaptureQueriesContext(connection) as context:
            assert answer(quick)[0] == expected
        assert reads() == 2
        assert len(context.captured_queries) == (3 if page else 2)
        assert answer(quick)[1].data == response.data
        slow = viewset(quick, serializer_class, rows_stand_for_instances=False)
        reads()
        assert answer(slow)[0] == expected
        assert reads() == 0


class NestedSchema(Schema):
    title: str
    author: AuthorSchema


class NestingSchema(Schema):
    name: str
    books: list[NestedSchema]


def test_a_join_may_change_the_order_of_related_rows(tags: None, reads: Callable[[], int]) -> None:
    queryset = Author.objects.order_by("id").prefetch_related("books")
    quick = viewset(AsyncModelViewSet, serializer_from_schema(NestingSchema), queryset=queryset)
    assert [author["name"] for author in answer(quick)[1].data] == ["Ada", "Bo\\"]
    assert reads() == 0
    assert "no ordering that leaves no ties" in explain(quick)


ORDERS: dict[str, tuple[Any, bool]] = {
    "no ordering": (Book.objects.select_related("author__publisher"), True),
    "ties": (Book.objects.select_related("author__publisher").order_by("in_print"), True),
    "another join": (Book.objects.select_related("author__publisher", "author__profile"), False),
    "no joins": (Book.objects.order_by("in_print"), False),
    "no ties": (Book.objects.order_by("in_print", F("isbn").desc()), True),
    "by a relation": (Book.objects.select_related("author__publisher").order_by("author"), True),
    "annotated": (Book.objects.annotate(n=F("pages")).order_by("n"), False),
    "random": (BOOKS.order_by("in_print", "?"), True),
}


@pytest.mark.parametrize("name", ORDERS)
def test_rows_come_in_the_order_of_instances(
    name: str, books: None, reads: Callable[[], int]
) -> None:
    """With all columns and joins of the instances, unless nothing but the ordering decides."""
    queryset, is_read = ORDERS[name]
    if name != "random":
        check({"queryset": queryset})
    else:
        answer(viewset(AsyncModelViewSet, BookSerializer, queryset=queryset))
    assert bool(reads()) is is_read


def test_an_index_that_has_all_columns_is_not_read_instead(books: None) -> None:
    Book.objects.filter(isbn="0").update(isbn="zero")

    class ClassicIsbn(serializers.ModelSerializer[Book]):
        class Meta:
            model = Book
            fields = ["isbn"]

    class Isbn(SchemaBackedMixin, ClassicIsbn):
        class Meta(ClassicIsbn.Meta):
            pass

    body = {"queryset": Book.objects.all()}
    expected, _ = answer(viewset(viewsets.ModelViewSet, ClassicIsbn, **body))
    assert answer(viewset(AsyncModelViewSet, Isbn, **body))[0] == expected


NOT_AS_THEY_ARE: dict[str, Any] = {
    "not prefetched": BOOKS,
    "a queryset": BOOKS.prefetch_related(Prefetch("tags", Tag.objects.filter(name="red"))),
    "another attribute": BOOKS.prefetch_related(Prefetch("tags", to_attr="tags_of_it")),
}


@pytest.mark.parametrize("name", NOT_AS_THEY_ARE)
def test_what_is_not_prefetched_as_it_is(name: str, tags: None, reads: Callable[[], int]) -> None:
    body = {"queryset": NOT_AS_THEY_ARE[name]}
    expected, _ = answer(viewset(viewsets.ModelViewSet, ClassicTagged, **body))
    assert answer(viewset(AsyncModelViewSet, BackedTagged, **body))[0] == expected
    assert reads() == 0


@pytest.mark.parametrize("sender", [Tag, Publisher])
def test_receivers_of_related_models_are_told(
    sender: Any, tags: None, reads: Callable[[], int]
) -> None:
    def receiver(**kwargs: object) -> None:
        pass

    post_init.connect(receiver, sender=sender)
    try:
        answer(viewset(AsyncModelViewSet, BackedTagged, queryset=MANY["tags"][2]))
    finally:
        post_init.disconnect(receiver, sender=sender)
    assert reads() == 0


def test_a_router_decides_where_related_rows_are(
    tags: None, reads: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router, "routers", [object()])
    answer(viewset(AsyncModelViewSet, BackedTagged, queryset=MANY["tags"][2]))
    assert reads() == 0


# What a class says of itself


def test_a_view_explains_itself() -> None:
    class Title(Schema):
        title: str
        author: Annotated[str, Source("author.name")]

    quick = viewset(AsyncModelViewSet, serializer_from_schema(Title))
    assert explain(quick) == "BookViewSet.list() reads rows: title, author__name"
    off = viewset(quick, serializer_from_schema(Title), rows_stand_for_instances=False)
    assert "rows_stand_for_instances" in explain(off)
    own = viewset(quick, serializer_from_schema(Title), get_queryset=lambda self: BOOKS)
    assert "at each request" in explain(own)
    for name, body in LOOKING.items():
        if "get_queryset" not in body:
            assert "makes instances" in explain(viewset(AsyncModelViewSet, BackedBook, **body)), (
                name
            )
    with override_settings(NOVA_DRF={"ROWS_STAND_FOR_INSTANCES": False}):
        assert "ROWS_STAND_FOR_INSTANCES" in explain(quick)


# Any values

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "title": TEXT,
            "summary": TEXT,
            "status": st.sampled_from(["draft", "published", "gone", ""]),
            "price": st.decimals(-9999, 9999, places=2),
            "rating": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "pages": st.integers(-(2**31), 2**31 - 1),
            "published": st.none() | st.dates(date(1, 1, 2)),
            "opens_at": st.none() | st.times(),
            "created": st.none()
            | st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
            "reading_time": st.timedeltas(timedelta(-1000), timedelta(1000)),
            "reference": st.uuids(),
            "metadata": JSON.filter(lambda value: value is not None),
        }
    ),
    max_size=12,
)


class TestAnyValues(TestCase):
    """A property: rows, instances and DRF give the same bytes."""

    @given(rows=ROWS, press=TEXT, has_press=st.booleans(), ascii_only=st.booleans())
    @settings(max_examples=30)
    def test_the_bytes_are_the_same(
        self, rows: list[dict[str, Any]], press: str, has_press: bool, ascii_only: bool
    ) -> None:
        publisher = Publisher.objects.create(name=press)
        authors = [
            Author.objects.create(
                name=press, email=f"{at}@a.io", publisher=publisher if has_press or at else None
            )
            for at in range(2)
        ]
        for at, row in enumerate(rows):
            row["title"] = f"{at}{row['title']}"
            Book.objects.create(isbn=str(at), author=authors[at % 2], **row)
        renderer = type("R", (renderers.JSONRenderer,), {"ensure_ascii": ascii_only})
        check({"renderer_classes": [renderer]})


@pytest.mark.parametrize(
    "serializer_class",
    [serializer_from_schema(PublisherSchema), serializer_from_schema(Doubled), ClassicBook],
)
def test_the_serializer_class_is_asked_for_once(serializer_class: Any, books: None) -> None:
    asked: list[object] = []
    of_publishers = serializer_class.__name__.startswith("Publisher")

    class Own(AsyncModelViewSet):
        queryset = Publisher.objects.all() if of_publishers else BOOKS

        def get_serializer_class(self) -> Any:
            asked.append(self)
            return serializer_class

    answer(Own)
    assert len(asked) == 1


def test_one_object_is_made_quickly_and_so_is_a_list(books: None) -> None:
    seen: list[Any] = []

    class Viewset(AsyncModelViewSet):
        queryset = Book.objects.order_by("id")
        serializer_class = BookSerializer
        rows_stand_for_instances = False

        def filter_queryset(self, queryset: Any) -> Any:
            filtered = super().filter_queryset(queryset)
            seen.append(filtered._iterable_class)
            return filtered

    book = Book.objects.order_by("id")[0]
    get = APIRequestFactory().get("/")
    assert Viewset.as_view({"get": "retrieve"})(get, pk=book.pk).data["title"] == book.title
    assert Viewset.as_view({"get": "retrieve"})(get, pk=0).status_code == 404
    assert len(Viewset.as_view({"get": "list"})(get).data) == Book.objects.count()
    assert [issubclass(kind, QuickIterable) for kind in seen] == [True] * 3


# Who else sees the page


class Ends(Paged):
    def get_paginated_response(self, data: Any) -> Response:
        page: Any = self.page
        return Response(
            {"last": page.object_list[-1].title, "all": [o.pk for o in page], "d": data}
        )


class Numbered(Paged):
    def get_page_number(self, request: Any, paginator: Any) -> Any:
        return 2 if paginator.object_list[0].title else 1


class Counted(Limited):
    def get_count(self, queryset: Any) -> int:
        return len([book for book in queryset if book.title])


class Watched(Paged):
    page: Any

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "page":
            assert all(book.title for book in value.object_list)
        super().__setattr__(name, value)


@pytest.mark.parametrize("paginator", [Ends, Numbered, Counted, Watched])
@pytest.mark.usefixtures("books")
def test_a_paginator_sees_instances(paginator: Any) -> None:
    check({"pagination_class": paginator})


@pytest.mark.usefixtures("books")
def test_a_view_sees_the_page_and_what_was_printed() -> None:
    class Seeing:
        def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
            view: Any = self
            if view.paginator is not None:
                page = view.paginator.page
                response["X-Page"] = ",".join(book.isbn for book in (*page, page.object_list[-1]))
            printed = getattr(response.data, "serializer", None)
            if printed is not None:
                response["X-Printed"] = ",".join(book.isbn for book in printed.instance)
            return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]

    for paginator in (None, Paged):
        for path in ("/", "/?page=2"):
            found = []
            for base, serializer_class in (
                (viewsets.ModelViewSet, ClassicBook),
                *((AsyncModelViewSet, ours) for ours in OURS),
            ):
                bases: Any = type("Seen", (Seeing, base), {})
                view_class = viewset(
                    bases, serializer_class, queryset=BOOKS, pagination_class=paginator
                )
                found.append(answer(view_class, path)[0])
            assert found[1:] == [found[0]] * len(OURS)
