"""The query plan of a serializer: which relations it reads, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from django.db import router
from django.db.models import QuerySet
from rest_framework.serializers import BaseSerializer

from nova_drf.queries.query_plans import planned_queryset, said_lookups
from nova_drf.serializers.read_relations import reads_of
from nova_drf.serializers.reading_ahead import query_plan_of

Q = TypeVar("Q", bound=QuerySet[Any, Any])


class QueryPlan(NamedTuple):
    """How the relations of printed objects are read that their queryset says nothing about.

    Attributes:
        at_once: The lookups of those that are read by one query each.
        one_by_one: Those that are read object by object, each with the reason.
    """

    at_once: tuple[str, ...]
    one_by_one: Mapping[str, str]


def plan_queries(queryset: Q, serializer: object, *, only: bool = False) -> Q:
    """Return a queryset that reads what a serializer prints, and nothing object by object.

    >>> books = plan_queries(Book.objects.filter(in_print=True), BookSerializer)
    >>> BookSerializer(books, many=True).data

    Relations to one are joined (``select_related``) and others prefetched. What the queryset says
    already stays. One that makes no instances, or is a union, is returned as it is; and where a
    join would change its rows, or what it locks, relations are prefetched instead: with
    ``distinct()``, aggregates, ``only()``, ``defer()``, ``extra()`` and ``select_for_update()``.

    Follows:
        ``rest_framework.serializers.Serializer.to_representation``, what it reads.

    Args:
        queryset: The queryset; what is none, such as a list, is returned as it is.
        serializer: A serializer, ours or DRF's, or its class. What methods and properties read is
            not known.
        only: Whether to leave out the columns that nothing reads (``only()``). Whoever reads one
            of them all the same makes a query, so this is for objects that only the serializer
            sees. All columns of a model are read where methods or properties may look at them.

    Raises:
        TypeError: ``serializer`` is something else.
    """
    if not isinstance(queryset, QuerySet):
        return queryset
    instance: object = serializer
    if isinstance(serializer, type) and issubclass(serializer, BaseSerializer):
        instance = serializer()
    child = getattr(instance, "child", instance)
    if not isinstance(child, BaseSerializer):
        raise TypeError(
            f"plan_queries: {serializer!r} is no serializer. Pass a serializer or its class."
        )
    return planned_queryset(queryset, reads_of(child, queryset.model), only=only)


def query_plan(serializer: Any, queryset: Any) -> QueryPlan:
    """Return how the relations are read that a serializer prints.

    Args:
        serializer: What prints each object.
        queryset: Where the objects come from.
    """
    mode = query_plan_of(type(serializer))
    said = said_lookups(queryset)
    at_once: list[str] = []
    one_by_one: dict[str, str] = {}
    for path, relation in reads_of(serializer, queryset.model).walk():
        if path in said:
            continue
        obstacle = _obstacle(serializer, mode) or (relation.obstacle() if mode == "safe" else None)
        outer = path.rpartition("__")[0]
        if obstacle is None and outer not in one_by_one:
            at_once.append(path)
        else:
            one_by_one[path] = obstacle or one_by_one[outer]
    return QueryPlan(tuple(at_once), one_by_one)


def _obstacle(serializer: object, mode: str) -> str | None:
    if not hasattr(serializer, "field_builders"):
        return "the serializer is DRF's"
    if mode == "off":
        return "the query plan is off"
    if mode == "safe" and router.routers:
        return "a database router may send related objects elsewhere"
    return None
