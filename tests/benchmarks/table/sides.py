"""DRF, ours, and what can be written by hand: each side's URL patterns for all shapes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from rest_framework import serializers, viewsets
from rest_framework.response import Response

from nova_drf import ReadOnly, Schema, serializer_from_schema
from nova_drf.viewsets import AsyncModelViewSet
from tests.benchmarks.table.contracts import SHAPES, classic_serializers, models
from tests.benchmarks.table.models import COLUMNS, Book, forget, rows_of
from tests.views.sending import AwaitedActions

Patterns = list[Any]


class Creating:
    """Deletes what is created, so that the next one is as new."""

    def perform_create(self, serializer: Any) -> None:
        serializer.save(author_id=1)
        forget(serializer.instance)


class Rows:
    """Lists so many rows as the address says."""

    shape: str
    kwargs: dict[str, Any]

    def get_queryset(self) -> Any:
        return rows_of(self.shape, self.kwargs["rows"])


def routes(view_of: Any, shapes: Iterable[str] = SHAPES) -> Patterns:
    """Return the patterns of some shapes.

    Args:
        view_of: Returns the view class of a shape, and what makes of it views of many and of one.
        shapes: The shapes that the side can print.
    """
    found: Patterns = []
    for shape in shapes:
        view, many, one = view_of(shape)
        place = shape.replace(" ", "-")
        found.append(path(f"{place}/<int:rows>/", many(view)))
        found.append(path(f"{place}/<int:rows>/<int:pk>/", one(view)))
    return found


def viewset_routes(base: Any, chosen: dict[str, Any], **body: Any) -> Patterns:
    """Return the patterns of viewsets.

    Args:
        base: DRF's ``ModelViewSet``, or one like it.
        chosen: The serializer of each shape.
        body: More attributes of the classes.
    """

    def view_of(shape: str) -> Any:
        attributes = {"shape": shape, "serializer_class": chosen[shape], **body}
        view = type("Books", (Creating, Rows, base), attributes)
        return (
            view,
            lambda view: view.as_view({"get": "list", "post": "create"}),
            lambda view: view.as_view({"get": "retrieve", "put": "update"}),
        )

    return routes(view_of, chosen)


def drf() -> Patterns:
    class Nothing(viewsets.ViewSet):
        def list(self, request: Any) -> Response:
            return Response({"nothing": None})

    chosen = classic_serializers(serializers.ModelSerializer)
    return [
        path("nothing/", Nothing.as_view({"get": "list"})),
        *viewset_routes(viewsets.ModelViewSet, chosen),
    ]


def _our_serializers() -> dict[str, Any]:
    schemas = models(Schema, ReadOnly)
    return {shape: serializer_from_schema(schemas[shape], model=Book) for shape in SHAPES}


def ours() -> Patterns:
    return viewset_routes(AsyncModelViewSet, _our_serializers())


def ours_with_instances() -> Patterns:
    return viewset_routes(AsyncModelViewSet, _our_serializers(), rows_stand_for_instances=False)


def ours_with_async_handlers() -> Patterns:
    class PassingOn(AwaitedActions, AsyncModelViewSet):
        pass

    class Nothing(AsyncModelViewSet):
        async def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            return Response({"nothing": None})

    return [
        path("nothing/", Nothing.as_view({"get": "list"})),
        *viewset_routes(PassingOn, _our_serializers()),
    ]


def answered(content: bytes | str, status: int = 200) -> HttpResponse:
    return HttpResponse(content, status=status, content_type="application/json")


class PlainViews:
    """Plain views of Django around Pydantic models.

    Args:
        shape: What they print.
        out: The model of a book.
        new: The model of what a client sends.
    """

    def __init__(self, shape: str, out: Any, new: Any) -> None:
        self.shape, self.out, self.new = shape, out, new
        self.many_out: Any = TypeAdapter(list[out])

    def many(self, request: HttpRequest, rows: int) -> HttpResponse:
        if request.method == "POST":
            return self.create(request)
        books = [self.printed(book) for book in rows_of(self.shape, rows)]
        return answered(self.many_out.dump_json(books))

    def create(self, request: HttpRequest) -> HttpResponse:
        try:
            values = self.new.model_validate_json(request.body).model_dump()
        except ValidationError as error:
            return answered(error.json(), 400)
        book = forget(Book.objects.create(author_id=1, **values))
        return answered(self.printed(book).model_dump_json(), 201)

    def one(self, request: HttpRequest, rows: int, pk: int) -> HttpResponse:
        book = rows_of(self.shape, rows).get(pk=pk)
        if request.method == "PUT":
            values = self.new.model_validate_json(request.body).model_dump()
            for name, value in values.items():
                setattr(book, name, value)
            book.save()
        return answered(self.printed(book).model_dump_json())

    def printed(self, book: Any) -> Any:
        # A relation to many is no list before somebody asks for it.
        return self.out.model_validate(_Attributes(book) if self.shape == "to many" else book)


def django_and_pydantic() -> Patterns:
    class Base(BaseModel):
        model_config = ConfigDict(from_attributes=True)

    made = models(Base)

    def view_of(shape: str) -> Any:
        views = PlainViews(shape, made[shape], made["new"])
        return views, lambda views: csrf_exempt(views.many), lambda views: csrf_exempt(views.one)

    return routes(view_of)


class _Attributes:
    """A book whose tags are a list."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.tags = list(book.tags.all())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._book, name)


def _dumps(value: Any) -> str | bytes:
    """Write JSON by orjson, where it is installed."""
    try:
        import orjson
    except ImportError:
        return json.dumps(value, separators=(",", ":"))
    text: bytes = orjson.dumps(value)
    return text


def by_hand() -> Patterns:
    """Lists of ``values_list``, written by hand for each shape: the least that one can do."""

    def view_of(shape: str) -> Any:
        @require_GET
        def many(request: HttpRequest, rows: int) -> HttpResponse:
            return answered(_dumps(_LISTS[shape](rows_of(shape, rows))))

        return None, lambda _: many, lambda _: many

    return routes(view_of, _LISTS)[::2]


def _book(row: tuple[Any, ...]) -> dict[str, Any]:
    pk, title, isbn, price, pages, rating, in_print, published = row
    return {
        "id": pk,
        "title": title,
        "isbn": isbn,
        "price": str(price),
        "pages": pages,
        "rating": rating,
        "in_print": in_print,
        "published": published and published.isoformat(),
    }


def _flat(books: Any) -> list[Any]:
    return [_book(row) for row in books.values_list(*COLUMNS)]


def _with_author(books: Any) -> list[Any]:
    columns = ("author__id", "author__name", "author__email")
    return [
        {**_book(row), "author": {"id": pk, "name": name, "email": email}}
        for *row, pk, name, email in books.values_list(*COLUMNS, *columns)
    ]


def _with_publisher(books: Any) -> list[Any]:
    columns = ("author__id", "author__name")
    publisher = ("author__publisher__id", "author__publisher__name", "author__publisher__city")
    return [
        {
            **_book(row),
            "author": {
                "id": pk,
                "name": name,
                "publisher": {"id": house, "name": called, "city": city},
            },
        }
        for *row, pk, name, house, called, city in books.values_list(*COLUMNS, *columns, *publisher)
    ]


_LISTS = {"flat": _flat, "foreign key": _with_author, "two levels": _with_publisher}
