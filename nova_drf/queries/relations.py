"""Relations to many, read as rows: one query for the related rows of all objects of a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from django.db import router
from django.db.models import ForeignKey, Manager, ManyToManyField, Model, QuerySet
from django.db.models.fields.related_descriptors import (
    ManyToManyDescriptor,
    ReverseManyToOneDescriptor,
)
from django.db.models.fields.reverse_related import ManyToManyRel, ManyToOneRel

from nova_drf.core.compat import plain_prefetches, prefetched_lookups
from nova_drf.queries.instances import class_attribute
from nova_drf.queries.ordering import is_totally_ordered
from nova_drf.queries.rows import as_rows, columns_of


class Relation(NamedTuple):
    """What leads from objects to others.

    Attributes:
        model: The class of the others.
        lookup: What leads from them to the objects.
    """

    model: type[Model]
    lookup: str


def relation_to_many(model: type[Model], attribute: str) -> Relation | None:
    """Return a relation of Django's, whose manager gives what its model has, and nothing else.

    Args:
        model: The model.
        attribute: Where its instances have a manager, such as ``"tags"``.

    Returns:
        ``None`` if there is no such relation.
    """
    descriptor = type(class_attribute(model, attribute))
    relation = next(
        (
            candidate
            for field in model._meta.get_fields()
            if (candidate := _relation_of(field, attribute, descriptor)) is not None
        ),
        None,
    )
    if relation is None or relation.model is model:
        return None
    manager = relation.model._default_manager
    is_djangos = type(manager) is Manager and type(manager.get_queryset()) is QuerySet
    return relation if is_djangos else None


def _relation_of(field: Any, attribute: str, descriptor: type) -> Relation | None:
    kind: Any = type(field)
    if kind is ManyToManyField and descriptor is ManyToManyDescriptor:
        if field.name != attribute or field.remote_field.hidden:
            return None
        return Relation(field.remote_field.model, field.related_query_name())
    if kind not in (ManyToOneRel, ManyToManyRel) or field.get_accessor_name() != attribute:
        return None
    if type(field.field) is ManyToManyField and descriptor is ManyToManyDescriptor:
        return Relation(field.related_model, field.field.name)
    if type(field.field) is ForeignKey and descriptor is ReverseManyToOneDescriptor:
        is_key = field.field.target_field.primary_key
        return Relation(field.related_model, field.field.name) if is_key else None
    return None


def obstacle_to_lists(
    queryset: QuerySet[Any], attributes: Iterable[str], query_plan: str
) -> str | None:
    """Return why related rows cannot stand for related objects.

    Args:
        queryset: The queryset.
        attributes: The relations to many that are printed.
        query_plan: What is read by one query although the queryset does not prefetch it:
            ``"safe"`` for what an ordering without ties gives in the same order, ``"all"``, or
            ``"off"``.

    Returns:
        A reason for programmers; ``None`` if they can.
    """
    prefetched, mentioned = plain_prefetches(queryset), prefetched_lookups(queryset)
    for name in attributes:
        if name in prefetched:
            continue
        if name in mentioned or query_plan == "off":
            return f"`{name}` is not prefetched, or not as it is"
        if query_plan == "safe" and not _is_in_one_order(queryset.model, name):
            return f"`{name}` is not prefetched, and its ordering leaves ties"
    if router.routers and set(attributes):
        return "a database router may send related objects elsewhere"
    return None


def _is_in_one_order(model: type[Model], attribute: str) -> bool:
    relation = relation_to_many(model, attribute)
    return relation is not None and is_totally_ordered(relation.model._default_manager.all())


def related_columns(
    relation: Relation,
    paths: Sequence[str],
    besides: tuple[str, ...],
    keys: Iterable[object],
    database: str,
) -> tuple[list[Sequence[Any]], list[int]]:
    """Read the rows that are related to some objects, in the order in which Django gives them.

    Args:
        relation: The relation.
        paths: The lookups of the columns.
        besides: The columns that are read as well, for the sake of the order of rows.
        keys: The primary keys of the objects.
        database: Where they came from.

    Returns:
        The columns, without any if there are no rows; and of how many rows they are for each key.
    """
    keys = list(keys)
    objects = relation.model._default_manager.using(database)
    related: Any = objects.filter(**{f"{relation.lookup}__in": list(dict.fromkeys(keys))})
    rows = as_rows(related, (f"{relation.lookup}__pk", *paths), besides)
    belonging, *columns = next(columns_of(rows), [()])
    places: dict[object, list[int]] = defaultdict(list)
    for place, key in enumerate(belonging):
        places[key].append(place)
    by_key = [places.get(key, ()) for key in keys]
    order = list(chain.from_iterable(by_key))
    return (
        [list(map(column.__getitem__, order)) for column in columns] if order else [],
        list(map(len, by_key)),
    )
