"""``schema_from_model``: the contract that DRF would infer from a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from rest_framework.serializers import ALL_FIELDS, ModelSerializer

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.migration.convert.conversion import schema_from_serializer
from nova_drf.migration.convert.converted import ConvertedSchema


def schema_from_model(
    model: type[Model],
    *,
    fields: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    **meta: object,
) -> type[ConvertedSchema]:
    """Return the schema that says what DRF's ``ModelSerializer`` infers from a model.

    Constraints, choices, unique checks, read-only columns and relations are the ones that DRF
    infers; :func:`~nova_drf.serializer_from_schema` makes a serializer of it that also writes.

    Follows:
        ``rest_framework.serializers.ModelSerializer.get_fields``.

    Args:
        model: The model.
        fields: The names of the fields; all of them when left out.
        exclude: The names of those to leave out, instead of ``fields``.
        meta: Further attributes of ``Meta``: ``extra_kwargs``, ``read_only_fields``, ``depth``.

    Raises:
        SchemaDefinitionError: It is no model, or DRF refuses the options; then its own words are
            in the message.
    """
    if not (isinstance(model, type) and issubclass(model, Model)):
        raise SchemaDefinitionError(
            f"nova_drf.schema_from_model: {model!r} is not a Django model. Pass the model's class."
        )
    chosen: dict[str, object] = {} if exclude is None else {"exclude": list(exclude)}
    if exclude is None or fields is not None:
        chosen["fields"] = ALL_FIELDS if fields is None else list(fields)
    body = {
        "__module__": model.__module__,
        "__doc__": model.__doc__,
        "Meta": type("Meta", (), {"model": model, **chosen, **meta}),
    }
    metaclass: Any = type(ModelSerializer)
    serializer = metaclass(f"{model.__name__}Serializer", (ModelSerializer,), body)
    try:
        return schema_from_serializer(serializer)
    except SchemaDefinitionError as error:
        if error.__cause__ is None:
            raise
        raise SchemaDefinitionError(
            f"nova_drf.schema_from_model: DRF makes no fields of this ({error.__cause__}). Name "
            f"columns, relations, properties or methods of {model.__name__}."
        ) from error.__cause__
