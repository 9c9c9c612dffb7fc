"""Django system checks: misuse found by ``manage.py check`` before a client finds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from rest_framework.serializers import ModelSerializer

from nova_drf.checks.messages import distinct
from nova_drf.checks.uses import Uses, uses_of_serializers
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.settings import complaints
from nova_drf.mapping.shape import FieldShape, Kind
from nova_drf.serializers.schema_serializer import SchemaSerializer, serializer_classes
from nova_drf.services import ServiceDefinitionError, service_classes
from nova_drf.views.services.viewsets import service_viewset_classes

META_OPTIONS = (
    "schema",
    "request_schema",
    "response_schema",
    "model",
    "read_only_fields",
    "write_only_fields",
    "validators",
    "list_serializer_class",
)

MODEL_SERIALIZER_OPTIONS = ("fields", "exclude", "extra_kwargs", "depth")
"""What DRF's ``ModelSerializer`` reads, and a schema says instead."""

_ALIKE = 0.8
"""How alike a name must be to one of ours to be taken for a slip of the pen."""


def check_settings(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """``nova_drf.E001``: ``settings.NOVA_DRF`` has a key or a value that makes no sense."""
    chosen = getattr(settings, "NOVA_DRF", {})
    return [Error(str(complaint), id="nova_drf.E001") for complaint in complaints(chosen)]


def check_serializers(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Check every serializer class with a schema that has been imported.

    * ``nova_drf.E002``: the class cannot be compiled; the message says why.
    * ``nova_drf.W001``: ``Meta`` has a key that looks like a misspelt one, or that only
      ``ModelSerializer`` reads.
    * ``nova_drf.W002``: a field is read from the model, which has no such attribute.
    """
    messages: list[CheckMessage] = []
    classes = serializer_classes()
    uses = uses_of_serializers(classes)
    for serializer_class in classes:
        try:
            serializer_class.get_definition()
        except SchemaDefinitionError as error:
            if not _is_base(serializer_class, uses):
                messages.append(Error(str(error), obj=serializer_class, id="nova_drf.E002"))
            continue
        messages.extend(_near_misses(serializer_class))
        messages.extend(_fields_without_attribute(serializer_class))
    return distinct(messages)


def check_services(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Check every service class that has been imported.

    * ``nova_drf.E003``: a signature cannot be read, or an ``async def`` is marked ``@atomic``.
    * ``nova_drf.E004``: a viewset delegates to a method that does not fit its schemas.
    """
    messages: list[CheckMessage] = []
    for service in service_classes():
        for contract in service.actions().values():
            try:
                contract.compile()
            except ServiceDefinitionError as error:
                messages.append(Error(str(error), obj=service, id="nova_drf.E003"))
    for viewset in service_viewset_classes():
        for action in viewset.service_actions.values():
            try:
                action.compile()
            except (ServiceDefinitionError, SchemaDefinitionError) as error:
                messages.append(Error(str(error), obj=viewset, id="nova_drf.E004"))
    return distinct(messages)


def _is_base(serializer_class: type[SchemaSerializer[Any]], uses: Uses) -> bool:
    """Whether a class without a schema is there to be derived from: it has something to pass on."""
    if serializer_class._schemas is not None or uses.is_used(serializer_class):
        return False
    passed_on = {name for name in vars(serializer_class) if not name.startswith("_")} - {"Meta"}
    return bool(passed_on or serializer_class._declared_fields)


def _near_misses(serializer_class: type[SchemaSerializer[Any]]) -> Iterator[CheckMessage]:
    for name, value in vars(getattr(serializer_class, "Meta", object)).items():
        if name.startswith("_") or name in META_OPTIONS:
            continue
        if _schema_says(name, value, serializer_class):
            continue
        hint = _instead_of(name, serializer_class)
        if hint:
            yield Warning(
                f"{_name(serializer_class)}.Meta.{name}: nothing reads this option.",
                hint=hint,
                obj=serializer_class,
                id="nova_drf.W001",
            )


def _instead_of(option: str, serializer_class: type) -> str | None:
    """Return what to write instead of an option, if it looks like one that is meant for us.

    Others may be for somebody else: packages read options of their own.
    """
    if issubclass(serializer_class, ModelSerializer):
        return None
    if option in MODEL_SERIALIZER_OPTIONS:
        return "The schema says it: add or leave out annotations there."
    nearest = get_close_matches(option, META_OPTIONS, n=1, cutoff=_ALIKE)
    return f"Did you mean {nearest[0]!r}?" if nearest else None


def _schema_says(option: str, value: object, serializer_class: type[SchemaSerializer[Any]]) -> bool:
    """Whether an option of ``ModelSerializer`` says nothing that the schema does not say.

    The ``Meta`` of another serializer may go on from it.
    """
    if option in ("extra_kwargs", "depth"):
        return not value
    if option not in ("fields", "exclude") or not isinstance(value, (list, tuple)):
        return False
    definition = serializer_class.get_definition()
    shapes = (*definition.request.fields.values(), *definition.response.fields.values())
    names = {shape.field_name for shape in shapes}
    return set(value) == names if option == "fields" else names.isdisjoint(value)


def _fields_without_attribute(
    serializer_class: type[SchemaSerializer[Any]],
) -> Iterator[CheckMessage]:
    definition = serializer_class.get_definition()
    if definition.model is None:
        return
    for field in definition.response.fields.values():
        if _is_read_from(definition.model, field):
            yield Warning(
                f"{_name(serializer_class)}.{field.field_name}: {definition.model.__name__} has no "
                f"attribute {field.source!r} to read.",
                hint="Name the attribute with Source(...), mark the field WriteOnly, or annotate "
                "the queryset with it and silence this check.",
                obj=serializer_class,
                id="nova_drf.W002",
            )


def _is_read_from(model: type, field: FieldShape) -> bool:
    """Whether a field reads an attribute that the model does not have."""
    if field.write_only or field.computed or field.type.kind is Kind.KEPT:
        return False
    first = field.source.partition(".")[0]
    return first != "*" and not hasattr(model, first)


def _name(serializer_class: type) -> str:
    return f"{serializer_class.__module__}.{serializer_class.__qualname__}"
