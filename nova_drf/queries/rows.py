"""Querysets that give rows of some columns where they would give instances.

A row has what the instance would have had, converted the same. What can see the difference is not
asked for rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import ForeignKey, Manager, Model, OneToOneField, QuerySet
from django.db.models.fields.related_descriptors import (
    ForeignKeyDeferredAttribute,
    ForwardManyToOneDescriptor,
    ForwardOneToOneDescriptor,
)
from django.db.models.query import BaseIterable, ModelIterable
from django.db.models.query_utils import DeferredAttribute

from nova_drf.core.compat import Row, converted_columns, converted_rows
from nova_drf.core.compat.querysets import (
    CHUNK_SIZE,
    give_by,
    has_results,
    is_djangos_query,
    iterable_of,
    selects_all_columns,
)
from nova_drf.core.compat.value_lists import select_values_as_before, set_values
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.queries.instances import QuickIterable, class_attribute, is_made_by_django

if TYPE_CHECKING:
    _Iterable = BaseIterable[Any]
else:
    _Iterable = BaseIterable

Q = TypeVar("Q", bound=QuerySet[Any, Any])

_READING = (
    *("__iter__", "__len__", "__bool__", "__getitem__", "__aiter__", "iterator", "aiterator"),
    *("count", "exists", "all", "values_list", "prefetch_related", "_chain", "_clone"),
    *("_fetch_all", "_values", "_iterator"),
)
"""What a queryset of a class of a project's would read rows with."""


def as_rows(queryset: Q, paths: tuple[str, ...], besides: tuple[str, ...] = ()) -> Q:
    """Return a queryset that gives tuples in the place of instances.

    Args:
        queryset: One without an :func:`obstacle_to_rows`.
        paths: What a tuple has: lookups of columns, such as ``"author__name"``.
        besides: The columns that are read as well, for the sake of the order of rows.
    """
    clone = queryset.prefetch_related(None)
    more = tuple(path for path in besides if path not in paths)
    give_by(clone, _iterable_of(paths, more))
    return clone


def columns_of(rows: QuerySet[Any], number: int | None = None) -> Iterator[list[Sequence[Any]]]:
    """Read what :func:`as_rows` returned as columns, which it does not keep.

    Args:
        rows: The queryset. Unlike ``iterator()``, this reads all that its query answers at once.
        number: How many rows together are enough; all of them when left out.

    Yields:
        The columns of some rows; nothing if there are none.
    """
    iterable = iterable_of(rows)
    chunk_size = CHUNK_SIZE if number is None else min(number, CHUNK_SIZE)
    columns: list[Any] = []
    for part in iterable(rows, chunk_size=chunk_size).columns():
        if not columns:
            columns = part
        else:
            columns = [column if type(column) is list else [*column] for column in columns]
            for column, more in zip(columns, part, strict=True):
                column.extend(more)
        if number is not None and len(columns[0]) >= number:
            yield columns
            columns = []
    if columns:
        yield columns


@lru_cache(maxsize=1024)
def _iterable_of(paths: tuple[str, ...], besides: tuple[str, ...]) -> type[RowIterable]:
    return type("RowIterable", (RowIterable,), {"paths": paths, "besides": besides})


class RowIterable(_Iterable):
    """Gives the columns of :attr:`paths`; those :attr:`besides` are read and not converted."""

    paths: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Row]:
        """Run the query, and yield the rows."""
        yield from converted_rows(*self._results(), len(self.paths))

    def columns(self) -> Iterator[list[Sequence[Any]]]:
        """Run the query, and yield the columns of some rows at a time."""
        return converted_columns(*self._results(), len(self.paths))

    def _results(self) -> tuple[Any, Any]:
        query = self.queryset.query.chain()
        set_values(query, (*self.paths, *self.besides))
        compiler: Any = query.get_compiler(using=self.queryset.db)
        select_values_as_before(compiler)
        results = compiler.execute_sql(chunked_fetch=self.chunked_fetch, chunk_size=self.chunk_size)
        return compiler, results


# What keeps rows from standing for instances


def obstacle_to_rows(queryset: Any) -> str | None:
    """Return why rows cannot stand for the instances of a queryset.

    Args:
        queryset: What a view would list.

    Returns:
        A reason for programmers; ``None`` if they can.
    """
    iterable = iterable_of(queryset)
    if iterable is not ModelIterable and iterable is not QuickIterable:
        return "what is listed is no queryset of instances"
    if has_results(queryset):
        return "the queryset has been read already"
    kind: Any = type(queryset)
    if not _reads_as_django(kind):
        return f"{kind.__qualname__} reads rows in its own way"
    return _obstacle_of_query(queryset.query) or obstacle_of_model(queryset.model)


def _obstacle_of_query(query: Any) -> str | None:
    if not is_djangos_query(query):
        return "its query is not Django's own"
    names = {
        "distinct()": query.distinct,
        "union() or the like": query.combinator,
        "an aggregate": query.group_by is not None,
        "extra()": query.extra,
        "only() or defer()": not selects_all_columns(query),
        "select_for_update()": query.select_for_update,
    }
    used = next((name for name, is_used in names.items() if is_used), None)
    return None if used is None else f"the queryset uses {used}"


def obstacle_of_model(model: type[Model]) -> str | None:
    """Return why the instances of a model cannot be left out; it is asked each time."""
    if is_made_by_django(model):
        return None
    return f"{model.__qualname__} has a say in how its instances are made"


@lru_cache(maxsize=256)
def _reads_as_django(cls: object) -> bool:
    return all(getattr(cls, name, None) is getattr(QuerySet, name, None) for name in _READING)


# What a model has


def has_column(model: type[Model], attribute: str) -> bool:
    """Whether an attribute of instances is a column, as it comes from the database.

    Args:
        model: The model.
        attribute: The attribute, such as ``"title"`` or ``"author_id"``.
    """
    field = next(
        (column for column in model._meta.concrete_fields if column.attname == attribute), None
    )
    if field is None or owner_of(type(field)) is not Owner.DJANGO:
        return False
    descriptor = type(class_attribute(model, attribute))
    return descriptor in (DeferredAttribute, ForeignKeyDeferredAttribute)


def foreign_key(model: type[Model], attribute: str) -> Any:
    """Return a foreign key of Django's, each object of which a join finds; ``None`` if it is none.

    Args:
        model: The model.
        attribute: The attribute that holds the related object, such as ``"author"``.
    """
    columns: Any = model._meta.concrete_fields
    field = next((column for column in columns if column.name == attribute), None)
    expected = _DESCRIPTORS.get(type(field))
    if field is None or expected is None or type(class_attribute(model, attribute)) is not expected:
        return None
    is_parent = field in model._meta.parents.values()
    manager = field.remote_field.model._base_manager
    finds_all = type(manager) is Manager and type(manager.get_queryset()) is QuerySet
    return field if field.db_constraint and finds_all and not is_parent else None


_DESCRIPTORS: dict[Any, Callable[..., object]] = {
    ForeignKey: ForwardManyToOneDescriptor,
    OneToOneField: ForwardOneToOneDescriptor,
}
