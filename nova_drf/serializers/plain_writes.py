"""``create()`` and ``update()`` of a ``ModelSerializer`` where only columns are written.

DRF looks at each field of the serializer for what is nested, and at each relation of the model for
those to many, twice each time. Where all names are those of columns it finds none, so that what is
left to do is ``objects.create()``, or to set the attributes and ``save()``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db.models import Model
from rest_framework import serializers
from rest_framework.serializers import ModelSerializer

from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.drf_versions import is_known

_CREATE, _UPDATE = ModelSerializer.create, ModelSerializer.update
_REFUSE_NESTED = serializers.raise_errors_on_nested_writes
_IS_DRFS = is_known() and all(
    owner_of(function) is Owner.DRF for function in (_CREATE, _UPDATE, _REFUSE_NESTED)
)
"""Whether this is a DRF that was read, and nobody had changed it when this was imported."""


def writes_columns(model: Any, values: object) -> bool:
    """Whether DRF would find nothing among some values but columns of a model.

    Args:
        model: The model.
        values: What is written, by name.
    """
    if (
        type(values) is not dict
        or not _IS_DRFS
        or ModelSerializer.create is not _CREATE
        or ModelSerializer.update is not _UPDATE
        or serializers.raise_errors_on_nested_writes is not _REFUSE_NESTED
    ):
        return False
    columns = _columns(model)
    for name, value in values.items():
        is_relation = columns.get(name)
        if is_relation is None or (is_relation and isinstance(value, (list, dict))):
            return False
    return True


@lru_cache(maxsize=1024)
def _columns(model: type[Model]) -> Mapping[str, bool]:
    """Return the names of a model's columns, and whether each is that of a relation."""
    fields = model._meta.concrete_fields
    by_attribute = {field.attname: False for field in fields}
    return {**by_attribute, **{field.name: field.is_relation for field in fields}}


def create(serializer: Any, values: dict[str, Any]) -> Any:
    """Do what ``ModelSerializer.create()`` does with values that :func:`writes_columns`.

    Args:
        serializer: The serializer.
        values: What is written, by name.
    """
    model = serializer.Meta.model
    try:
        return model._default_manager.create(**values)
    except TypeError as error:
        # DRF has words for it.
        return _CREATE(_telling(serializer, error), values)


def update(instance: Any, values: Mapping[str, Any]) -> Any:
    """Do what ``ModelSerializer.update()`` does with values that :func:`writes_columns`.

    Args:
        instance: What is updated.
        values: What is written, by name.
    """
    for name, value in values.items():
        setattr(instance, name, value)
    instance.save()
    return instance


class _Failing:
    """Stands for a model and its manager, which have failed to create an instance.

    Args:
        model: The model.
        error: What was raised.
    """

    def __init__(self, model: Any, error: TypeError) -> None:
        self.__name__ = model.__name__
        self._meta = model._meta
        self._default_manager = self
        self.name = model._default_manager.name
        self._error = error

    def create(self, **_values: object) -> object:
        """Fail once more."""
        raise self._error


def _telling(serializer: Any, error: TypeError) -> Any:
    """Return what stands for a serializer of a model that has failed to create an instance."""
    meta = type("Meta", (), {"model": _Failing(serializer.Meta.model, error)})
    body = {"Meta": meta, "_writable_fields": ()}
    return type(type(serializer).__name__, (), body)()
