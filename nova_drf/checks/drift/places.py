"""Where the same model is described: its columns, serializers, schemas and forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from django.apps import apps
from django.db import models
from django.forms import ModelForm
from rest_framework.serializers import ModelSerializer

from nova_drf.checks.drift.claims import (
    Aspect,
    Claims,
    is_comparable,
    is_relation,
    said_by_column,
    said_by_form_field,
    said_by_serializer_field,
)
from nova_drf.core.ownership import Owner, home_of
from nova_drf.models import SchemaValidated, column_of, schema_of
from nova_drf.serializers.schema_serializer import nested_serializer_class, serializer_classes
from nova_drf.views.services.signatures import STANDARD
from nova_drf.views.services.viewsets import service_viewset_classes

T = TypeVar("T")


def name_of(cls: type) -> str:
    """Return the dotted path of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def models_with_schema() -> set[type[models.Model]]:
    """Return the models that a schema speaks of."""
    found = {_model_of(cls) for cls in schema_serializers()}
    return found | {model for model in apps.get_models() if issubclass(model, SchemaValidated)}


def schema_serializers() -> list[Any]:
    """Return the serializer classes with a schema and a model that read input."""
    written = [
        cls
        for cls in serializer_classes()
        if cls._schemas is not None and _model_of(cls) and not hasattr(cls, "made_for_service")
    ]
    return [*written, *_serializers_of_services()]


def _serializers_of_services() -> list[Any]:
    """Return what reads the bodies of actions that services answer; not what prints results."""
    found = (
        action.request_serializer
        for viewset in service_viewset_classes()
        for action in viewset.service_actions.values()
        if action.name in STANDARD
    )
    made = {cls for cls in found if hasattr(cls, "made_for_service") and _model_of(cls)}
    return sorted(made, key=name_of)


def model_serializers() -> list[Any]:
    """Return the classic serializers of models."""
    return [cls for cls in _subclasses(ModelSerializer) if _model_of(cls)]


def model_forms() -> list[Any]:
    """Return the forms of models."""
    return [
        cls for cls in _subclasses(ModelForm) if getattr(cls, "_meta", None) and cls._meta.model
    ]


def claims_of_columns(model: type[models.Model]) -> Iterator[Claims]:
    """Yield what a model's own columns say."""
    for column in model._meta.concrete_fields:
        if column.editable and not column.primary_key:
            yield Claims(column, f"{name_of(model)}.{column.name}", said_by_column(column), model)


def claims_of_serializer(cls: Any, model: type[models.Model]) -> Iterator[Claims]:
    """Yield what a serializer's input fields say.

    Raises:
        Exception: Whatever the serializer's own code raises without a request.
    """
    for name, field in cls().fields.items():
        column = column_of(model, field.source) if is_comparable(field) else None
        if column is not None and not column.many_to_many:
            said = said_by_serializer_field(field, column, unique=True)
            if is_relation(field):
                said = {aspect: said[aspect] for aspect in (Aspect.NULL, Aspect.REQUIRED)}
            yield Claims(column, f"{name_of(cls)}.{name}", said, cls)


def claims_of_validation(model: type[SchemaValidated]) -> Iterator[Claims]:
    """Yield what the schema says that a model's rows must keep to."""
    schema = schema_of(model)
    for name, field in nested_serializer_class(schema)().fields.items():
        column = column_of(model, field.source) if is_comparable(field) else None
        if column is not None and not column.many_to_many:
            said = said_by_serializer_field(field, column, unique=False)
            yield Claims(column, f"{name_of(schema)}.{name}", said, schema)


def claims_of_form(cls: Any) -> Iterator[Claims]:
    """Yield what a form's fields say."""
    for name, field in cls.base_fields.items():
        column = column_of(cls._meta.model, name)
        if column is not None and not column.many_to_many and not field.disabled:
            said = said_by_form_field(field, column)
            yield Claims(column, f"{name_of(cls)}.{name}", said, cls)


def _model_of(cls: object) -> Any:
    """Return ``Meta.model``; what is no model there, ``nova_drf.E002`` complains of."""
    model = getattr(getattr(cls, "Meta", None), "model", None)
    return model if isinstance(model, type) and issubclass(model, models.Model) else None


def _subclasses(base: type[Any]) -> list[Any]:
    """Return the classes that projects have made of one, by name."""
    found: set[type[Any]] = set()
    open_: list[type[Any]] = [base]
    while open_:
        for cls in open_.pop().__subclasses__():
            if cls not in found:
                found.add(cls)
                open_.append(cls)
    libraries = (Owner.DRF, Owner.DJANGO, Owner.NOVA)
    return sorted((cls for cls in found if home_of(cls) not in libraries), key=name_of)
