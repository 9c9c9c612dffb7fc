"""Whether rows come in the same order as the instances in whose place they are read.

A database may return rows in another order once other columns or joins are asked for: it may read
an index that has all of the columns. Where an ordering leaves no ties, that cannot be; otherwise
the columns and joins have to be those of the instances.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import F, Model
from django.db.models.expressions import OrderBy

from nova_drf.queries.rows import foreign_key


def columns_besides(queryset: Any, relations: frozenset[str]) -> tuple[str, ...] | None:
    """Return which columns have to be read besides those that are printed.

    Args:
        queryset: The queryset of instances.
        relations: The lookups of the foreign keys that are printed.

    Returns:
        The lookups of the columns; ``None`` if rows might come in another order all the same.
    """
    if is_totally_ordered(queryset):
        return ()
    query = queryset.query
    selected = query.select_related or {}
    if query.annotations or not isinstance(selected, Mapping):
        return None
    models = dict(_selected_models(queryset.model, "", selected))
    if None in models.values() or not {f"{name}__" for name in relations} <= models.keys():
        return None
    return tuple(
        f"{prefix}{field.attname}"
        for prefix, model in models.items()
        if model is not None
        for field in model._meta.concrete_fields
    )


def _selected_models(
    model: type[Model], prefix: str, selected: Mapping[str, Any]
) -> Iterator[tuple[str, type[Model] | None]]:
    """Yield the models of the instances by their lookups; ``None`` for what is no foreign key."""
    yield prefix, model
    for name, within in selected.items():
        key = foreign_key(model, name)
        path = f"{prefix}{name}__"
        if key is None:
            yield path, None
        else:
            yield from _selected_models(key.remote_field.model, path, within)


def is_totally_ordered(queryset: Any) -> bool:
    """Whether the ordering of a queryset leaves no two rows of its model in any order.

    Args:
        queryset: The queryset.
    """
    query, meta = queryset.query, queryset.model._meta
    if query.extra_order_by:
        return False
    ordering = query.order_by or (meta.ordering if query.default_ordering else ())
    unique = {"pk", *(field.name for field in meta.concrete_fields if _is_unique(field))}
    return any(_name(item) in unique for item in ordering)


def _is_unique(field: Any) -> bool:
    return field.unique and not field.null and not field.is_relation


def _name(item: object) -> str | None:
    """Return the lookup by which an ordering orders, if it is no more than that."""
    if isinstance(item, OrderBy):
        item = item.expression
    if isinstance(item, F):
        name: str = vars(item)["name"]
        return name
    return item.lstrip("-+") if isinstance(item, str) else None
