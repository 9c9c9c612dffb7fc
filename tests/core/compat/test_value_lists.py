"""The columns of ``values_list()`` are those that Django finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any
from unittest import mock

import pytest
from django.db.models import Count, Q
from django.db.models.functions import Upper
from django.db.models.sql import Query

from nova_drf.core.compat import known_columns, value_lists
from nova_drf.core.compat.value_lists import set_values
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
    value_lists._known.clear()
    yield
    value_lists._known.clear()


def outcome(make: Callable[[], Any]) -> Any:
    """Return the SQL of a query, or the error that is raised."""
    try:
        query = make()
        sql = query.get_compiler("default").as_sql()
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
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
        assert outcome(lambda: ours(queryset, names)) == expected, names  # noqa: B023  # called at once
    for names, make in product(NAMES, QUERYSETS.values()):
        # In whichever order they come.
        queryset = make()
        expected = outcome(lambda: queryset.values_list(*names).query)  # noqa: B023  # called at once
        assert outcome(lambda: ours(queryset, names)) == expected, names  # noqa: B023  # called at once


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
