"""Objects of a list that are written by one statement, where nobody could see the difference.

DRF calls the child's ``create()`` for each item. What would see that no object is written by itself
(a ``save()`` or ``create()`` of a project's, a receiver of a signal, a manager) gets DRF's way. So
does a list outside of a transaction: there, the objects before one that the database refuses stay.
``Meta.bulk_create = True`` says that they need not; ``False`` always takes DRF's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connections, router
from django.db.models import FileField, Manager, Model, QuerySet
from django.db.models.signals import post_save, pre_save
from rest_framework.serializers import ModelSerializer, raise_errors_on_nested_writes

from nova_drf.core.class_caches import once_per_class
from nova_drf.core.compat import instance_state
from nova_drf.core.overrides import is_users
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.queries.instances import is_made_by_django

_WRITING = ("save", "save_base", "_save_table", "_do_insert", "_prepare_related_fields_for_save")
"""What of a model would see each object that is written."""

_DJANGOS = {name: vars(Model)[name] for name in _WRITING if name in vars(Model)}
"""How this version of Django writes them; somebody may have put something else in its place."""

_CREATING = ("create", "acreate", "save", "asave")
"""What of a serializer would."""


def created_together(child: Any, items: Sequence[Mapping[str, Any]]) -> list[Any] | None:
    """Create the objects of a list; ``None``, and nothing is written, if DRF has to do it.

    Args:
        child: The serializer of each item.
        items: The validated data of all items.
    """
    model = _model_of(child)
    if model is None or len(items) < 2 or not _is_allowed(child, model):
        return None
    columns = {column.name for column in model._meta.concrete_fields}
    if not all(_is_plain(item, columns) for item in items):
        return None
    with child._shares_fields():
        for item in items:
            raise_errors_on_nested_writes("create", child, item)
    objects = [model(**item) for item in items]
    if len({instance.pk is None for instance in objects}) > 1:
        return None
    queryset = model._default_manager.get_queryset()
    created: list[Any] = queryset.bulk_create(objects)
    # From Django 6.1 on, `create()` tells each object how to fetch what is missing.
    _, state = instance_state(queryset)
    for instance in created:
        vars(instance._state).update(state)
    return created


def _model_of(child: object) -> Any:
    """Return the model of a serializer whose ``create()`` is DRF's own of a ``ModelSerializer``."""
    cls: Any = type(child)
    if _creates_itself(cls) or not vars(child).keys().isdisjoint(_CREATING):
        return None
    is_of_model = isinstance(child, ModelSerializer) or hasattr(cls, "get_definition")
    return getattr(getattr(cls, "Meta", None), "model", None) if is_of_model else None


@once_per_class
def _creates_itself(cls: Any) -> bool:
    # A class behind ours in the order may have one, which ours calls.
    return any(name in vars(base) and is_users(base) for base in cls.__mro__ for name in _CREATING)


def _is_allowed(child: Any, model: Any) -> bool:
    """Whether one statement may write the objects; what may change is asked each time."""
    asked = getattr(type(child).Meta, "bulk_create", None)
    if asked is False or router.routers or not _has_plain_table(model):
        return False
    manager = model._default_manager
    connection = connections[manager.db]
    return (
        all(getattr(model, name) is method for name, method in _DJANGOS.items())
        and type(manager) is Manager
        and type(manager.get_queryset()) is QuerySet
        and is_made_by_django(model)
        and not pre_save.has_listeners(model)
        and not post_save.has_listeners(model)
        and connection.features.can_return_rows_from_bulk_insert
        and bool(asked or connection.in_atomic_block)
    )


@lru_cache(maxsize=1024)
def _has_plain_table(model: Any) -> bool:
    meta = model._meta
    return (
        not meta.parents
        and meta.order_with_respect_to is None
        and list(meta.db_returning_fields) == [meta.pk]
        and all(map(_is_plain_column, meta.concrete_fields))
    )


def _is_plain_column(column: object) -> bool:
    return owner_of(type(column)) is Owner.DJANGO and not isinstance(column, FileField)


def _is_plain(item: Mapping[str, Any], columns: Iterable[str]) -> bool:
    """Whether all values are stored as they are, in columns, and refer to what is stored."""
    return all(
        name in columns
        and not hasattr(value, "resolve_expression")
        and not (isinstance(value, Model) and value.pk is None)
        for name, value in item.items()
    )
