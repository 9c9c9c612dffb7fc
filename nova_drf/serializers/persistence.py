"""What ``Meta.model`` adds: relations, unique checks, ``create()`` and ``update()``.

All of it is borrowed from DRF's own ``ModelSerializer``, so that it is the installed DRF that
decides which validators a model needs and how nested writes are refused.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field as ModelField
from django.db.models import Model
from django.db.models.fields.related import ForeignObject
from rest_framework.fields import HiddenField, empty
from rest_framework.relations import (
    ManyRelatedField,
    PrimaryKeyRelatedField,
    RelatedField,
)
from rest_framework.serializers import ModelSerializer
from rest_framework.validators import UniqueValidator

from nova_drf.mapping.shape import AnyField, FieldShape, Kind


def reference_serializer(
    model: type[Model], names: Iterable[str], declared: Mapping[str, AnyField]
) -> ModelSerializer[Any]:
    """Return the ``ModelSerializer`` that DRF's user would have written.

    Args:
        model: ``Meta.model``.
        names: ``Meta.fields``.
        declared: The fields in its class body.
    """
    meta = type("Meta", (), {"model": model, "fields": tuple(names)})
    bases = (ModelSerializer,)
    reference: Any = type(f"{model.__name__}Reference", bases, {**declared, "Meta": meta})
    serializer: ModelSerializer[Any] = reference()
    return serializer


def model_attribute(model: type[Model], source: str) -> Any:
    """Return the model field behind a ``source``; for ``author_id`` that is ``author``.

    A relation seen from the other side goes by the name of its attribute, such as ``book_set``.
    """
    try:
        return model._meta.get_field(source)
    except FieldDoesNotExist:
        pass
    options = model._meta
    backwards = (one for one in options.related_objects if one.get_accessor_name() == source)
    return next(
        (field for field in options.fields if field.attname == source), next(backwards, None)
    )


def is_column(model: type[Model], source: str) -> bool:
    """Whether a value is one column's, whatever is in it, rather than attributes of an object."""
    field = model_attribute(model, source)
    return isinstance(field, ModelField) and not field.is_relation


def is_stored_whole(serializer: Any) -> bool:
    """Whether all that a nested serializer validates goes to one column of the model around it.

    Args:
        serializer: A serializer with a schema.
    """
    around, field = serializer.parent, serializer
    while around is not None:
        model = getattr(getattr(around, "Meta", None), "model", None)
        if model is not None:
            return is_column(model, field.source)
        around, field = around.parent, around
    return False


def relation_source(model: type[Model], shape: FieldShape) -> str | None:
    """Return the relation that a field of a schema writes by primary key, if it is one."""
    if shape.computed or shape.type.kind in (Kind.SCHEMA, Kind.KEPT):
        return None
    item = shape.type.item if shape.type.kind is Kind.LIST else None
    if item is not None and item.kind is not Kind.SCALAR:
        return None
    field = model_attribute(model, shape.source)
    if field is None or not getattr(field, "is_relation", False):
        return None
    if not isinstance(field, ModelField):
        return field.get_accessor_name() if hasattr(field, "get_accessor_name") else None
    return field.name


def inferred_field(model: type[Model], source: str) -> AnyField:
    """Return the field that ``ModelSerializer`` infers for one attribute of a model."""
    return reference_serializer(model, [source], {}).get_fields()[source]


def relation_field(model: type[Model], source: str, arguments: Mapping[str, object]) -> AnyField:
    """Return DRF's field for a relation, with what the schema says about its presence.

    Args:
        model: ``Meta.model``.
        source: The relation's name.
        arguments: ``required``, ``default``, ``allow_null``, ``read_only``, ... of the schema.
    """
    inferred: Any = inferred_field(model, source)
    if not isinstance(inferred, (RelatedField, ManyRelatedField)):
        return inferred
    if isinstance(inferred, ManyRelatedField):
        return _many_related(inferred, arguments)
    return _single_related(model, source, inferred, arguments)


def _single_related(
    model: type[Model], source: str, inferred: Any, arguments: Mapping[str, Any]
) -> AnyField:
    options = {
        key: inferred._kwargs[key] for key in ("queryset", "view_name") if key in inferred._kwargs
    }
    if arguments.get("read_only"):
        options.pop("queryset", None)
    elif not options.get("queryset") and inferred.queryset is None:
        options["queryset"] = _related_manager(model, source)
    validators = [one for one in inferred.validators if isinstance(one, UniqueValidator)]
    if validators and not arguments.get("read_only"):
        options["validators"] = validators
    return type(inferred)(**{**options, **arguments})


def key_column(model: type[Model], source: str, field: AnyField) -> str | None:
    """Return the attribute that holds a foreign key, if DRF prints just that.

    ``PrimaryKeyRelatedField`` reads the key without fetching the related object; so does
    ``getattr`` on the column's attribute.
    """
    if type(field) is not PrimaryKeyRelatedField or field.pk_field is not None:
        return None
    column = model_attribute(model, source)
    return column.attname if isinstance(column, ForeignObject) else None


def _related_manager(model: type[Model], source: str) -> object:
    return model._meta.get_field(source).related_model._default_manager  # type: ignore[union-attr]  # a relation is asked, not any field


def _texts(arguments: Mapping[str, object]) -> dict[str, Any]:
    return {name: arguments[name] for name in ("source", "label", "help_text") if name in arguments}


def _many_related(inferred: ManyRelatedField, arguments: Mapping[str, Any]) -> AnyField:
    child: AnyField = copy.deepcopy(inferred.child_relation)
    if inferred.read_only:
        # DRF cannot write a relation through a model of its own either.
        arguments = {"read_only": True, **_texts(arguments)}
    if arguments.get("read_only"):
        child.read_only, child.queryset = True, None
    options = {"allow_empty": inferred.allow_empty}
    return ManyRelatedField(child_relation=child, **{**options, **arguments})


def unique_validators(model: type[Model], shape: FieldShape) -> list[UniqueValidator]:
    """Return the unique checks that ``ModelSerializer`` attaches to a column's field."""
    field = model_attribute(model, shape.source)
    if not isinstance(field, ModelField) or isinstance(field, ForeignObject):
        return []
    if not field.unique or field.name != shape.source:
        return []
    inferred = inferred_field(model, shape.source)
    return [one for one in inferred.validators if isinstance(one, UniqueValidator)]


def constraint_validators(model: type[Model], fields: Mapping[str, AnyField]) -> tuple[object, ...]:
    """Return the checks of several columns together, for the fields of one serializer."""
    declared = {name: copy.deepcopy(field) for name, field in fields.items()}
    return tuple(reference_serializer(model, declared, declared).get_validators())


def completing_fields(model: type[Model], sources: Collection[str]) -> dict[str, AnyField]:
    """Return the fields with whose defaults DRF completes a constraint, by column.

    A column that the serializer has no field for gets a hidden one.

    Args:
        model: ``Meta.model``.
        sources: The columns that the serializer has fields for.
    """
    columns = [field.name for field in model._meta.fields if field.name in sources]
    if not columns:
        return {}
    inferred = reference_serializer(model, columns, {}).get_fields()
    return {
        name: field
        for name, field in inferred.items()
        if field.default is not empty and isinstance(field, HiddenField) == (name not in sources)
    }


def create(serializer: Any, validated_data: dict[str, Any]) -> Any:
    """Create a model instance as ``ModelSerializer.create`` does."""
    return ModelSerializer.create(serializer, validated_data)


def update(serializer: Any, instance: Any, validated_data: dict[str, Any]) -> Any:
    """Update a model instance as ``ModelSerializer.update`` does."""
    return ModelSerializer.update(serializer, instance, validated_data)
