"""Instances that are made quickly, against those that Django makes; and the queries for them."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F, FilteredRelation, Model, Prefetch, Q, QuerySet, Value
from django.db.models.query import ModelIterable
from django.db.models.signals import post_init, pre_init
from django.test.utils import CaptureQueriesContext

from nova_drf.queries import instances
from nova_drf.queries.instances import (
    QuickIterable,
    foreign_keys,
    is_made_by_django,
    quick_instances,
)
from nova_drf.services import ModelService
from nova_drf.viewsets import AsyncModelViewSet
from tests.queriesapp.models import PARTICULAR, Cafe, Greeting, Menu, Owner, Place
from tests.testapp.models import Author, Book, Profile, Publisher, Tag

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rows() -> None:
    """Store rows with relations of every kind, null ones included."""
    press = Publisher.objects.create(name="Press")
    authors = [
        Author.objects.create(name="Ada", email="ada@a.io", publisher=press),
        Author.objects.create(name="Bo", email="bo@a.io"),
    ]
    Profile.objects.create(author=authors[0], text="first")
    tags = [Tag.objects.create(name=name, slug=name) for name in ("red", "blue")]
    for at in range(6):
        book = Book.objects.create(
            title=f"title {at}", isbn=str(at), author=authors[at % 2], metadata={"at": at}
        )
        book.tags.set(tags[: at % 3])
    owner = Owner.objects.create(name="Olga")
    top = Place.objects.create(name="top", warmth=30)
    for at in range(4):
        cafe = Cafe.objects.create(
            name=f"cafe {at}", within=top if at % 2 else None, owner=owner if at % 3 else None
        )
        if at % 2:
            Menu.objects.create(code=f"m{at}", cafe=cafe)
    for model in PARTICULAR:
        model.objects.create(name="one")


def picture(value: Any, seen: dict[int, int] | None = None) -> Any:
    """Return all that an instance is: its attributes in order, its state, all that it refers to."""
    seen = {} if seen is None else seen
    if isinstance(value, Model):
        if id(value) in seen:
            return "seen", seen[id(value)]
        seen[id(value)] = len(seen)
        attributes = [(name, picture(inner, seen)) for name, inner in vars(value).items()]
        return type(value), attributes
    if isinstance(value, QuerySet):
        return QuerySet, picture(value._result_cache, seen)
    if isinstance(value, dict):
        return dict, [(key, picture(inner, seen)) for key, inner in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [picture(inner, seen) for inner in value]
    if type(value).__name__ == "ModelState":
        return type(value), picture(vars(value), seen)
    return type(value), value


def read(make: Callable[[], Iterable[Any]]) -> tuple[Any, list[str]]:
    """Return pictures of what is read, and the queries made for it."""
    with CaptureQueriesContext(connection) as context:
        found = list(make())
    queries = [CURSOR.sub("", query["sql"]) for query in context.captured_queries]
    # Of all together: two instances may refer to the same third one.
    return picture(found), queries


CURSOR = re.compile(r"_django_curs_\w+")
"""The name of a cursor in PostgreSQL, each time another one."""


QUERYSETS: dict[str, Callable[[], QuerySet[Any]]] = {
    "all": lambda: Book.objects.all(),
    "none": lambda: Book.objects.none(),
    "nothing": lambda: Book.objects.filter(pk__in=[]),
    "no rows": lambda: Book.objects.filter(pk=0),
    "sliced": lambda: Book.objects.order_by("-pk")[1:4],
    "reversed": lambda: Book.objects.order_by("pk").reverse(),
    "distinct": lambda: Book.objects.filter(tags__name="red").distinct(),
    "a relation": lambda: Book.objects.select_related("author"),
    "two levels": lambda: Book.objects.select_related("author__publisher"),
    "all relations": lambda: Place.objects.select_related(),
    "all relations of a child": lambda: Cafe.objects.select_related(),
    "to itself": lambda: Place.objects.select_related("within__within"),
    "one to one": lambda: Menu.objects.select_related("cafe__within", "cafe__owner"),
    "back": lambda: Author.objects.select_related("profile", "publisher"),
    "back from a child": lambda: Cafe.objects.select_related("menu"),
    "to a child": lambda: Place.objects.select_related("cafe"),
    "to a child and on": lambda: Place.objects.select_related("cafe__owner", "cafe__menu"),
    "to part of a child": lambda: Place.objects.select_related("cafe").only("name", "cafe__seats"),
    "to a particular model": lambda: Cafe.objects.select_related("owner", "partner"),
    "only": lambda: Book.objects.only("title"),
    "only, of both": lambda: Book.objects.select_related("author").only("title", "author__name"),
    "only, the key": lambda: Book.objects.only("pk"),
    "defer": lambda: Book.objects.defer("summary", "metadata"),
    "defer, of a child": lambda: Cafe.objects.defer("name", "seats"),
    "defer, of a parent": lambda: Cafe.objects.select_related("within").defer("within__name"),
    "annotated": lambda: Book.objects.annotate(n=Count("tags"), doubled=F("pages") * 2),
    "annotated as a property": lambda: Place.objects.annotate(shout=Value("hey")),
    "annotated, related": lambda: Book.objects.select_related("author").annotate(n=Value(1)),
    "alias": lambda: Book.objects.alias(n=Count("tags")).filter(n__gt=0),
    "extra": lambda: Book.objects.extra(select={"two": "1 + 1"}, order_by=["-two"]),
    "extra and annotated": lambda: Book.objects.extra(select={"t": "2"}).annotate(n=Value("x")),
    "filtered relation": lambda: Author.objects.annotate(
        reds=FilteredRelation("profile", condition=Q(profile__text="first"))
    ).select_related("reds"),
    "union": lambda: Book.objects.filter(pages=0).union(Book.objects.filter(title="title 1")),
    "combined": lambda: Book.objects.filter(title="title 1") | Book.objects.filter(title="title 2"),
    "using": lambda: Book.objects.using("default").select_related("author"),
    "of one author": lambda: Author.objects.get(name="Ada").books.all(),
    "of one author, two levels": lambda: Author.objects.get(name="Ada").books.select_related(
        "author__publisher"
    ),
    "of one author, deferred": lambda: Author.objects.get(name="Ada").books.only("title"),
    "of one author and another": lambda: (
        Author.objects.get(name="Ada").books.all() | Author.objects.get(name="Bo").books.all()
    ),
    "to many": lambda: Book.objects.get(title="title 2").tags.all(),
    "prefetched": lambda: Book.objects.prefetch_related("tags", "author__books"),
    "prefetched with a query": lambda: Author.objects.prefetch_related(
        Prefetch("books", Book.objects.only("title", "author"), to_attr="titles")
    ),
    "prefetched, both": lambda: Author.objects.select_related("publisher").prefetch_related(
        "books"
    ),
    "prefetched quickly": lambda: Author.objects.prefetch_related(
        Prefetch("books", quick_instances(Book.objects.select_related("author")))
    ),
    "converted": lambda: Place.objects.order_by("warmth", "pk"),
    "proxy": lambda: Greeting.objects.select_related("within"),
    "child": lambda: Cafe.objects.all(),
    "raw": lambda: Place.objects.raw("SELECT * FROM queriesapp_place"),
    "values": lambda: Book.objects.values("title"),
    "tuples": lambda: Book.objects.values_list("title", "pk"),
    "dates": lambda: Book.objects.dates("published", "year"),
}


# From Django 6.1 on it is deprecated.
@pytest.mark.filterwarnings("ignore:Calling select_related")
@pytest.mark.parametrize("name", QUERYSETS)
def test_what_is_read_is_what_django_reads(name: str) -> None:
    expected, queries = read(QUERYSETS[name])
    assert read(lambda: quick_instances(QUERYSETS[name]())) == (expected, queries)


@pytest.mark.parametrize("name", ["all", "two levels", "annotated", "only", "to a child and on"])
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_what_an_iterator_reads(name: str, size: int) -> None:
    make = QUERYSETS[name]
    expected = read(lambda: make().iterator(chunk_size=size))
    assert read(lambda: quick_instances(make()).iterator(chunk_size=size)) == expected


@pytest.mark.django_db(transaction=True)
async def test_what_is_read_asynchronously() -> None:
    queryset = Book.objects.select_related("author")
    expected = [book async for book in queryset.all()]
    found = [book async for book in quick_instances(queryset.all())]
    assert picture(found) == picture(expected)
    found = [book async for book in quick_instances(queryset.all()).aiterator()]
    assert picture(found) == picture(expected)


def test_the_queryset_goes_on_as_any_other() -> None:
    quick = quick_instances(Book.objects.select_related("author"))
    assert picture(quick.get(title="title 1")) == picture(
        Book.objects.select_related("author").get(title="title 1")
    )
    assert picture(quick.filter(pages=0).first()) == picture(
        Book.objects.select_related("author").filter(pages=0).first()
    )
    assert picture(quick.in_bulk()) == picture(Book.objects.select_related("author").in_bulk())
    assert list(quick.values_list("title")) == list(Book.objects.values_list("title"))
    assert picture(pickle.loads(pickle.dumps(list(quick)))) == picture(
        pickle.loads(pickle.dumps(list(Book.objects.select_related("author"))))
    )
    assert quick.count() == 6


def test_what_was_read_already_is_not_read_anew() -> None:
    queryset = Book.objects.all()
    list(queryset)
    assert quick_instances(queryset) is queryset


@pytest.mark.parametrize("thing", [[], None, (1, 2), Book.objects])
def test_what_is_no_queryset_stays(thing: Any) -> None:
    assert quick_instances(thing) is thing


class Loud(ModelIterable):
    """An iterable of a project's own."""


def test_a_queryset_that_makes_something_else_stays() -> None:
    queryset = Book.objects.all()
    queryset._iterable_class = Loud
    assert quick_instances(queryset) is queryset


@pytest.mark.skipif(not hasattr(QuerySet, "fetch_mode"), reason="Django 6.1 has fetch modes")
@pytest.mark.parametrize("mode", ["FETCH_ONE", "FETCH_PEERS", "FETCH_RAISE"])
def test_the_fetch_mode_of_a_queryset_is_that_of_its_instances(mode: str) -> None:
    from django.db import models

    def make() -> QuerySet[Any]:
        queryset: Any = Book.objects.select_related("author").only("title", "author__name")
        return queryset.fetch_mode(getattr(models, mode))

    def of(queryset: QuerySet[Any]) -> list[Any]:
        states = [state for book in queryset for state in (book._state, book.author._state)]
        return [
            (state.fetch_mode, list(vars(state)), [peer() for peer in state.peers])
            for state in states
        ]

    assert of(quick_instances(make())) == of(make())


# What takes Django's own way


def makes_quickly(model: Any) -> bool:
    names = tuple(field.attname for field in model._meta.concrete_fields)
    return is_made_by_django(model) and foreign_keys(model, names) is not None


@pytest.mark.parametrize("model", PARTICULAR, ids=lambda model: model.__name__)
def test_a_model_that_has_a_say_gets_djangos_instances(model: type[Any]) -> None:
    assert not makes_quickly(model)
    expected = read(lambda: model.objects.order_by("pk"))
    assert expected[0][1]
    assert read(lambda: quick_instances(model.objects.order_by("pk"))) == expected


@pytest.mark.parametrize("model", [Book, Author, Place, Cafe, Menu, Greeting, Profile])
def test_a_plain_model_is_made_quickly(model: type[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert makes_quickly(model)
    expected = picture(list(model.objects.order_by("pk")))
    queryset = quick_instances(model.objects.order_by("pk"))
    monkeypatch.setattr(ModelIterable, "__iter__", None)
    monkeypatch.setattr(instances, "from_db_of", None)
    assert picture(list(queryset)) == expected


@pytest.mark.parametrize("signal", [pre_init, post_init])
@pytest.mark.parametrize("sender", [Book, Author, None])
def test_receivers_of_a_signal_are_told(signal: Any, sender: Any) -> None:
    """Also of related models, and however late they are connected."""
    told: list[object] = []

    def receiver(sender: object, **kwargs: object) -> None:
        told.append(sender)

    queryset = quick_instances(Book.objects.select_related("author").prefetch_related("tags"))
    list(queryset.all())
    signal.connect(receiver, sender=sender)
    try:
        list(queryset.all())
        after, told[:] = list(told), []
        list(Book.objects.select_related("author").prefetch_related("tags"))
    finally:
        signal.disconnect(receiver, sender=sender)
    assert after
    assert after == told
    told.clear()
    list(queryset.all())
    assert told == []


@pytest.mark.parametrize("name", ["__init__", "__setattr__"])
def test_a_method_that_is_put_on_a_class_later_is_called(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    original: Any = getattr(Book, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> None:
        called.append(name)
        original(self, *args, **kwargs)

    list(quick_instances(Book.objects.all()))
    monkeypatch.setattr(Book, name, method)
    list(quick_instances(Book.objects.all()))
    assert called


# Who uses it by themselves


class BookService(ModelService[Book]):
    """Reads books."""


class BookViewSet(AsyncModelViewSet):
    """Has its own queryset."""

    def get_queryset(self) -> Any:
        return Book.objects.select_related("author")


def test_views_and_services_read_quickly() -> None:
    view = BookViewSet()
    assert view.filter_queryset(view.get_queryset())._iterable_class is QuickIterable
    service = BookService()
    assert service.list()._iterable_class is QuickIterable
    book = Book.objects.get(title="title 1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ModelIterable, "__iter__", None)
        assert service.retrieve(book.pk) == book
