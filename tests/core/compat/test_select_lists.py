"""What is selected as before is what Django selects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
from django.db import connection, models
from django.db.models import F, FilteredRelation, Q
from django.db.models.expressions import Col
from django.db.models.functions import Upper
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext

from nova_drf.core.compat import known_columns, select_lists
from nova_drf.core.compat.select_lists import SelectList
from nova_drf.queries import quick_instances
from tests.testapp.models import Author, Book, Membership, Profile, Publisher

pytestmark = pytest.mark.django_db


def all_related() -> Any:
    """Return what ``select_related()`` of no names does, which Django 6.1 deprecates."""
    queryset = Book.objects.all()
    queryset.query.select_related = True
    return queryset


QUERYSETS: dict[str, Callable[[], Any]] = {
    "all": Book.objects.all,
    "one": lambda: Book.objects.filter(pk=1).order_by()[:21],
    "related": lambda: Book.objects.select_related("author").order_by("pk"),
    "two levels": lambda: Book.objects.select_related("author__publisher").order_by("-pk"),
    "all related": lambda: all_related(),
    "none related": lambda: Book.objects.select_related("author").select_related(None),
    "two relations": lambda: Membership.objects.select_related("club", "author"),
    "more below": lambda: Membership.objects.select_related("author__publisher", "club"),
    "one to one": lambda: Profile.objects.select_related("author"),
    "seen from the other side": lambda: Author.objects.select_related("profile"),
    "joined before": lambda: Book.objects.filter(author__name="Ada").select_related("author"),
    "joined twice": lambda: (
        Author.objects.filter(clubs__name="a").filter(clubs__name="b").select_related("publisher")
    ),
    "left out": lambda: Book.objects.exclude(author__clubs__name="x").select_related("author"),
    "ordered by another": lambda: Book.objects.order_by("author__publisher__name", "pk"),
    "annotated": lambda: Book.objects.annotate(loud=Upper("title")).select_related("author"),
    "aliased": lambda: Book.objects.alias(loud=Upper("title")).filter(loud="A"),
    "counted": lambda: Author.objects.annotate(number=models.Count("books")),
    "deferred": lambda: Book.objects.defer("title").select_related("author"),
    "only": lambda: Book.objects.only("title", "author__name").select_related("author"),
    "extra": lambda: Book.objects.extra(select={"more": "1 + 1"}),
    "distinct": lambda: Book.objects.filter(author__isnull=False).distinct(),
    "united": lambda: Book.objects.filter(pk=1).union(Book.objects.filter(pk=2)),
    "reversed": lambda: Book.objects.select_related("author").reverse(),
    "filtered relation": lambda: Author.objects.annotate(
        seat=FilteredRelation("profile", condition=Q(profile__text="x"))
    ).select_related("seat"),
    "within": lambda: Book.objects.filter(
        author__in=Author.objects.filter(pk=F("pk")).select_related("publisher")
    ),
    "none": Book.objects.none,
    "of a manager": lambda: Author.objects.get(name="Ada").books.select_related("author"),
}


@pytest.fixture(autouse=True)
def rows() -> Iterator[None]:
    select_lists._tables.clear()
    select_lists._lists.clear()
    house = Publisher.objects.create(name="House")
    authors = [
        Author.objects.create(name="Ada", email="a@b.io", publisher=house),
        Author.objects.create(name="Bob", email="b@b.io"),
    ]
    for at, author in enumerate(authors):
        Book.objects.create(title=f"t{at}", isbn=str(at), author=author)
        Profile.objects.create(author=author, text="x")
    yield
    select_lists._tables.clear()
    select_lists._lists.clear()


def state(instance: Any) -> Any:
    """Return what an instance has, and those that it holds."""
    if not isinstance(instance, models.Model):
        return instance
    own = dict(vars(instance))
    own_state = own.pop("_state")
    cache = {name: state(held) for name, held in own_state.fields_cache.items()}
    return type(instance), own, cache, own_state.db, own_state.adding


def read(queryset: Any) -> Any:
    """Return the queries, and what they gave; or the error that is raised."""
    with CaptureQueriesContext(connection) as context:
        try:
            found: Any = [state(instance) for instance in queryset]
        except Exception as error:
            # An error is an answer, too: both sides have to give the same.
            found = type(error), str(error)
    return [query["sql"] for query in context.captured_queries], found


@pytest.mark.parametrize("name", QUERYSETS)
def test_queries_and_instances_are_djangos(name: str) -> None:
    make = QUERYSETS[name]
    expected = read(make())
    for _ in range(3):
        assert read(quick_instances(make())) == expected
    for other in QUERYSETS.values():
        read(quick_instances(other()))
    assert read(quick_instances(make())) == expected


def asked(queryset: Any) -> int:
    """Return how often Django was asked what to select."""
    djangos = SQLCompiler.get_select
    with mock.patch.object(
        select_lists, "_COMPILER", (mock.Mock(side_effect=djangos), *select_lists._COMPILER[1:])
    ):
        # Which is not Django's, but compares as it was.
        replaced: Any = select_lists._COMPILER
        with mock.patch.object(select_lists, "_of_compiler", return_value=replaced):
            list(quick_instances(queryset))
        count: int = replaced[0].call_count
    return count


def test_django_is_asked_once_for_all_equal_queries() -> None:
    first = Book.objects.select_related("author__publisher")
    # What tables there are, and then what is selected from them.
    assert [asked(first.all()) for _ in range(4)] == [1, 1, 0, 0]
    assert asked(first.filter(author__name="x", pages=1).order_by("title")[:3]) == 0
    assert asked(first.using("default")) == 0
    assert asked(Book.objects.select_related("author")) == 1


def test_a_new_column_is_selected(monkeypatch: pytest.MonkeyPatch) -> None:
    queryset = Publisher.objects.all()
    for _ in range(3):
        assert len(read(quick_instances(queryset.all()))[1]) == 1
    columns: Any = Publisher._meta.concrete_fields
    monkeypatch.setattr(Publisher._meta, "concrete_fields", type(columns)(columns[:2]))
    for _ in range(3):
        select = SelectList(queryset.query.chain().get_compiler("default"))()
        assert [selected[0].target for selected in select[0]] == list(columns[:2])


def test_another_table_is_selected_from(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        read(quick_instances(Publisher.objects.all()))
    monkeypatch.setattr(Publisher._meta, "db_table", "elsewhere")
    for _ in range(3):
        compiler = Publisher.objects.all().query.get_compiler("default")
        assert select_lists.select_as_before(compiler) is not None
        assert compiler.as_sql() == Publisher.objects.all().query.get_compiler("default").as_sql()
        assert "elsewhere" in compiler.as_sql()[0]


@pytest.mark.parametrize(
    ("owner", "name"),
    [(SQLCompiler, "get_default_columns"), (SQLCompiler, "compile"), (Col, "as_sql")],
)
def test_what_is_put_in_the_place_of_djangos_is_called(owner: Any, name: str) -> None:
    queryset = Book.objects.select_related("author")
    for _ in range(3):
        list(quick_instances(queryset))
    method = getattr(owner, name)
    with mock.patch.object(owner, name, autospec=True, side_effect=method) as called:
        list(quick_instances(queryset))
    with_it = called.call_count
    with mock.patch.object(owner, name, autospec=True, side_effect=method) as called:
        list(queryset.all())
    assert with_it == called.call_count


def test_what_is_handed_out_is_nobody_elses() -> None:
    def select() -> Any:
        return SelectList(Book.objects.select_related("author").query.get_compiler("default"))()

    expected = [select() for _ in range(3)][-1]
    changed = select()
    changed[0].clear()
    changed[2]["more"] = 1
    again = select()
    assert (len(again[0]), again[2]) == (len(expected[0]), {})


def test_there_are_not_ever_more_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_columns, "MOST", 2)
    for make in QUERYSETS.values():
        read(quick_instances(make()))
        read(quick_instances(make()))
    assert len(select_lists._tables) <= 2
    assert len(select_lists._lists) <= 2
