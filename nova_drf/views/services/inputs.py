"""What the serializers of a request have read, as arguments of a service's method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from rest_framework.serializers import BaseSerializer

from nova_drf.core.markers import Direction, Source
from nova_drf.serializers.schema_serializer import SchemaSerializer
from nova_drf.validation.form_data import form_values


async def avalidated(serializer: Any) -> None:
    """Validate what was sent, from the event loop.

    Args:
        serializer: Any serializer.

    Raises:
        rest_framework.exceptions.ValidationError: It is not valid.
    """
    if hasattr(serializer, "ais_valid"):
        await serializer.ais_valid(raise_exception=True)
    else:
        await sync_to_async(serializer.is_valid)(raise_exception=True)


def query_data(serializer_class: Any, query: Any) -> dict[str, Any]:
    """Return a query string as data, read as DRF reads a form; only that it has no checkboxes.

    Args:
        serializer_class: The serializer class of a schema.
        query: The query string, as a ``QueryDict``.
    """
    serializer = serializer_class()
    return form_values(serializer, query, serializer.compiled_request(), of_query=True)


def extra_keys(serializer: BaseSerializer[Any]) -> frozenset[str]:
    """Return the keys that a client sent beyond what a schema names, where it allows any.

    Args:
        serializer: It found what was sent valid.
    """
    if not isinstance(serializer, SchemaSerializer):
        return frozenset()
    return frozenset(serializer.validated_schema.model_extra or ())


def declared_data(serializer: Any) -> Any:
    """Return ``validated_data``, without what no schema names: no client may fill an argument so.

    Args:
        serializer: It found what was sent valid.
    """
    data = serializer.validated_data
    extra = extra_keys(serializer)
    if not extra:
        return data
    fields = serializer.get_definition().request.fields.values()
    undeclared = extra - {field.source for field in fields}
    return {name: value for name, value in data.items() if name not in undeclared}


def value_of(serializer: Any) -> Any:
    """Return what the body becomes: the typed instance, or a classic serializer's dictionary.

    After a partial update ``model_fields_set`` of the instance names what the client sent.

    Args:
        serializer: It found the body valid.
    """
    if isinstance(serializer, SchemaSerializer):
        return serializer.validated_schema
    return serializer.validated_data


def data_with_defaults(serializer: object) -> Any:
    """Return the same for a body that is written to a model.

    What a serializer adds to what was sent, DRF writes too: defaults, and those of constraints.

    Args:
        serializer: It found the body valid.
    """
    instance = value_of(serializer)
    if not isinstance(serializer, SchemaSerializer):
        return instance
    data, sent = serializer.validated_data, instance.model_fields_set
    added = {
        field.name: data[field.source]
        for field in serializer.get_definition().request.fields.values()
        if field.name not in sent and field.source in data
    }
    return instance.model_copy(update=added) if added else instance


def by_field(
    schema: type[BaseModel], values: Mapping[str, object]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tell what a schema holds from what has to be written beside it.

    Args:
        schema: The schema.
        values: By attribute of the model, as in ``validated_data``.

    Returns:
        What it has fields for, by field; and by attribute, what it has none for. What only clients
        may not write, since the field is read-only, is in both.
    """
    fields = {_source(name, info): (name, info) for name, info in schema.model_fields.items()}
    named = {fields[key][0]: value for key, value in values.items() if key in fields}
    beside = {
        key: value
        for key, value in values.items()
        if key not in fields or Direction.READ_ONLY in fields[key][1].metadata
    }
    return named, beside


def _source(name: str, info: FieldInfo) -> str:
    return next((marker.path for marker in info.metadata if isinstance(marker, Source)), name)
