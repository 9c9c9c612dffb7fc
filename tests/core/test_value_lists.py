"""The columns of ``values_list()`` are those that Django finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any
from unittest import mock

import pytest
from django.db.models import Count, Q
from django.db.models.expressions import Col
from django.db.models.functions import Upper
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

from nova_drf.core import known_columns, value_lists
from nova_drf.core.value_lists import select_values_as_before, set_values
from tests.testapp.models import Author, Book, Publisher

pytestmark = pytest.mark.django_db

QUERYSETS: dict[str, Callable[[], Any]] = {
    "all": Book.objects.all,
    "one": lambda: Book.objects.filter(pk=1)[:21],
    "joined before": lambda: Book.objects.filter(author__name="Ada"),
    "joined and left out": lambda: Book.objects.exclude(author__clubs__name="x"),
    "or nothing": lambda: Book.objects.filter(Q(author__name="a") | Q(author__publisher=None)),
    "ordered": lambda: Book.objects.order_by("author__publisher__name", "-title", "pk"),
    "related": lambda: Book.objects.select_related("author__publisher").order_by("author"),
    "annotated": lambda: Book.objects.annotate(loud=Upper("title")),
    "counted": lambda: Book.objects.annotate(number=Count("tags")),
    "extra": lambda: Book.objects.extra(select={"more": "1 + 1"}),
    "deferred": lambda: Book.objects.defer("title").distinct(),
    "united": lambda: Book.objects.filter(pk=1).union(Book.objects.filter(pk=2)),
    "of many": lambda: Book.objects.filter(tags__name="a").filter(tags__name="b"),
}
NAMES: list[tuple[str, ...]] = [
    ("id",),
    ("id", "title", "author_id"),
    ("author",),
    ("author__id", "title"),
    ("title", "author__name", "author__email"),
    ("author__name", "title", "author__publisher__name"),
    ("author__publisher__id", "author__profile__text", "author__publisher__name"),
    ("author__name", "author__publisher__id", "tags__name", "author__publisher__city"),
    ("author__publisher", "author__publisher__name"),
    ("author__profile", "author__name"),
    ("title__upper",),
    ("unknown", "title"),
    ("author__unknown",),
    (),
]


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    for known in (value_lists._known, value_lists._selected):
        known.clear()
    yield
    for known in (value_lists._known, value_lists._selected):
        known.clear()


def outcome(make: Callable[[], Any], prepare: Callable[[Any], object] = lambda _: None) -> Any:
    """Return the SQL of a query, or the error that is raised."""
    try:
        query = make()
        compiler = query.get_compiler("default")
        prepare(compiler)
        sql = compiler.as_sql(), compiler.klass_info, compiler.annotation_col_map
        sql = *sql, [(repr(column), text, name) for column, text, name in compiler.select]
    except Exception as error:
        return type(error), str(error)
    used = {alias for alias, count in query.alias_refcount.items() if count}
    return sql, query.select, used, query.values_select, query.selected, "add_fields" in vars(query)


def ours(queryset: Any, names: tuple[str, ...]) -> Any:
    query = queryset.query.chain()
    set_values(query, names)
    return query


@pytest.mark.parametrize("name", QUERYSETS)
def test_the_query_is_djangos(name: str) -> None:
    for names, _ in product(NAMES, range(3)):
        queryset = QUERYSETS[name]()
        expected = outcome(lambda: queryset.values_list(*names).query)  # noqa: B023  # called at once
        found = outcome(lambda: ours(queryset, names), select_values_as_before)  # noqa: B023
        assert found == expected, names
    for names, make in product(NAMES, QUERYSETS.values()):
        # In whichever order they come.
        queryset = make()
        expected = outcome(lambda: queryset.values_list(*names).query)  # noqa: B023
        found = outcome(lambda: ours(queryset, names), select_values_as_before)  # noqa: B023
        assert found == expected, names


@pytest.mark.parametrize(("owner", "name"), [(Col, "as_sql"), (SQLCompiler, "compile")])
def test_what_is_put_in_the_place_of_djangos_writes_columns(owner: Any, name: str) -> None:
    method = getattr(owner, name)
    for _ in range(2):
        compiler = ours(Book.objects.all(), NAMES[4]).get_compiler("default")
        with mock.patch.object(owner, name, autospec=True, side_effect=method) as called:
            select_values_as_before(compiler)
            compiler.as_sql()
        assert called.call_count >= len(NAMES[4])


def test_columns_are_written_by_django_once() -> None:
    counts = []
    for _ in range(2):
        compiler = ours(Book.objects.filter(pages=1), NAMES[5]).get_compiler("default")
        select_values_as_before(compiler)
        compile_ = compiler.compile
        # Of one compiler, and so not in the place of Django's.
        compiler.compile = mock.Mock(side_effect=compile_)
        compiler.get_select()
        counts.append(compiler.compile.call_count)
    assert counts == [len(NAMES[5]), 0]


def test_django_is_asked_once() -> None:
    names = NAMES[5]
    looked_up = []
    for _ in range(2):
        query = Book.objects.filter(pages=1).query.chain()
        with mock.patch.object(value_lists, "_found", side_effect=value_lists._found) as found:
            set_values(query, names)
        looked_up.append(found.call_count)
    assert looked_up == [1, 0]


@pytest.mark.parametrize("name", ["add_fields", "setup_joins"])
def test_what_is_put_in_the_place_of_djangos_is_called(name: str) -> None:
    ours(Book.objects.all(), NAMES[4])
    method = getattr(Query, name)
    counts = []
    makers: list[Callable[[Any], Any]] = [
        lambda queryset: ours(queryset, NAMES[4]),
        lambda queryset: queryset.values_list(*NAMES[4]),
    ]
    for make in makers:
        with mock.patch.object(Query, name, autospec=True, side_effect=method) as called:
            make(Book.objects.all())
        counts.append(called.call_count)
    assert counts[0] == counts[1] > 0


def test_a_column_that_is_another_now_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("title", "author__name")
    ours(Book.objects.all(), names)
    columns: Any = Author._meta.concrete_fields
    monkeypatch.setattr(Author._meta, "concrete_fields", type(columns)(columns))
    with mock.patch.object(value_lists, "_found", side_effect=value_lists._found) as found:
        ours(Book.objects.all(), names)
    assert found.called


def test_there_are_not_ever_more_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_columns, "MOST", 2)
    for names in NAMES[:8]:
        ours(Book.objects.all(), names)
    ours(Publisher.objects.all(), ("name",))
    assert len(value_lists._known) <= 2
