"""What a queryset is going to do, and what it has done, which all versions of Django keep alike.

There is no public way to ask. Those that this package reads of have an attribute of each name;
whatever else a view's ``get_queryset()`` returns has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models.sql import Query
from django.db.models.sql.constants import GET_ITERATOR_CHUNK_SIZE

CHUNK_SIZE = GET_ITERATOR_CHUNK_SIZE
"""How many rows a query reads at a time."""

_ALL_COLUMNS = (frozenset[str](), True)


def iterable_of(queryset: object) -> Any:
    """Return the class that makes of rows what a queryset gives; ``None`` if it is no queryset."""
    return getattr(queryset, "_iterable_class", None)


def give_by(queryset: Any, iterable: type[Any]) -> None:
    """Let a queryset that nobody else has give what a class makes of its rows.

    Args:
        queryset: The queryset.
        iterable: A subclass of Django's ``BaseIterable``.
    """
    queryset._iterable_class = iterable


def has_results(queryset: Any) -> bool:
    """Whether a queryset has been read, and keeps what it gave."""
    return queryset._result_cache is not None


def known_related_objects(queryset: Any) -> Mapping[Any, Mapping[Any, Any]]:
    """Return the objects that were asked for what is related to them, as in ``author.books``.

    They are kept by foreign key, and then by the value that it has.
    """
    objects: Mapping[Any, Mapping[Any, Any]] = queryset._known_related_objects
    return objects


def is_djangos_query(query: object) -> bool:
    """Whether a query is of Django's own class, and of none that derives from it."""
    return type(query) is Query


def selects_all_columns(query: Any) -> bool:
    """Whether a query of Django's defers no column."""
    return bool(query.deferred_loading == _ALL_COLUMNS)
