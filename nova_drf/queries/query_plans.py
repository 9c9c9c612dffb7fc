"""What a queryset has to say so that relations are not read object by object."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar

from django.db.models import ForeignKey, QuerySet
from django.db.models.query import ModelIterable

from nova_drf.core.compat import prefetched_lookups
from nova_drf.core.compat.querysets import (
    has_results,
    is_djangos_query,
    iterable_of,
    selects_all_columns,
)
from nova_drf.queries.instances import QuickIterable
from nova_drf.queries.relation_trees import ModelReads, RelationReads

Q = TypeVar("Q", bound=QuerySet[Any, Any])


def planned_queryset(queryset: Q, reads: ModelReads, *, only: bool) -> Q:
    """Return a queryset that reads relations by joins, or by one query for each.

    What it says itself stays as it is. A queryset that has been read, that makes no instances, or
    that is a union is returned unchanged.

    Args:
        queryset: The queryset.
        reads: What is going to be read of its instances.
        only: Whether columns that are not read are left out, where it is known which those are.
    """
    if not _makes_instances(queryset, reads):
        return queryset
    joins, prefetches = planned_lookups(queryset, reads)
    if joins:
        queryset = queryset.select_related(*joins)
    if prefetches:
        queryset = queryset.prefetch_related(*prefetches)
    if only and selects_all_columns(queryset.query):
        columns = list(_columns(reads, joins))
        queryset = queryset.only(*columns)
    return queryset


def _makes_instances(queryset: Any, reads: ModelReads) -> bool:
    if iterable_of(queryset) not in (ModelIterable, QuickIterable) or has_results(queryset):
        return False
    return queryset.model is reads.model and not queryset.query.combinator


def planned_lookups(queryset: Any, reads: ModelReads) -> tuple[list[str], list[str]]:
    """Return which relations are to be joined, and which prefetched.

    Args:
        queryset: The queryset, which may say some of it already.
        reads: What is read of its instances.
    """
    joins: list[str] = []
    prefetches: list[str] = []
    said = said_lookups(queryset)
    may_join = _may_join(queryset.query)
    selected = queryset.query.select_related
    joined = set(_paths(selected)) if isinstance(selected, Mapping) else set()
    for path, relation in reads.walk():
        outer = path.rpartition("__")[0]
        can_be_joined = not relation.is_to_many and (not outer or outer in joined)
        if path in joined:
            continue
        if may_join and can_be_joined and path not in said:
            joins.append(path)
            joined.add(path)
        elif path not in said:
            prefetches.append(path)
    return joins, prefetches


def said_lookups(queryset: Any) -> frozenset[str]:
    """Return the relations that a queryset selects or prefetches itself, in whichever way."""
    selected = queryset.query.select_related
    joined = _paths(selected) if isinstance(selected, Mapping) else ()
    return frozenset((*joined, *prefetched_lookups(queryset)))


def _paths(selected: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, inner in selected.items():
        yield f"{prefix}{name}"
        yield from _paths(inner, f"{prefix}{name}__")


def _may_join(query: Any) -> bool:
    """Whether to join another table changes neither the rows of a query, nor what it locks.

    PostgreSQL cannot lock the optional side of an outer join, nor compare columns of every type,
    as ``DISTINCT`` and ``GROUP BY`` do. A key that is deferred cannot be followed by a join.
    """
    return (
        is_djangos_query(query)
        and query.select_related is not True
        and not query.distinct
        and query.group_by is None
        and not query.extra
        and not query.select_for_update
        and selects_all_columns(query)
    )


def _columns(reads: ModelReads, joins: Collection[str], prefix: str = "") -> Iterator[str]:
    """Yield the columns of a model, and of those that are joined, which are read."""
    yield from (f"{prefix}{key.name}" for key in reads.model._meta.pk_fields)
    columns: Any = reads.model._meta.concrete_fields
    needed = {one.name for one in columns} if _needs_all(reads) else set(reads.columns)
    yield from (f"{prefix}{one.name}" for one in columns if one.name in needed)
    for attribute, relation in reads.related.items():
        path = f"{prefix}{attribute}"
        if path not in joins:
            continue
        yield from _columns(relation.reads, joins, f"{path}__")
        targets = () if not _is_key(relation) else relation.relation.foreign_related_fields
        yield from (f"{path}__{target.name}" for target in targets)


def _needs_all(reads: ModelReads) -> bool:
    """Whether other columns may be read as well: by a project's code, or to find what refers."""
    return reads.has_other_readers or not all(map(_is_key, reads.related.values()))


def _is_key(relation: RelationReads) -> bool:
    return isinstance(relation.relation, ForeignKey)
