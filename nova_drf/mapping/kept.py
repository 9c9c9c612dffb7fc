"""Classic DRF fields inside a schema: how they validate where there is no serializer."""

from __future__ import annotations

import copy
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from pydantic_core import core_schema
from rest_framework.exceptions import ValidationError
from rest_framework.fields import SkipField, empty

from nova_drf.mapping.core import METADATA_KEY, Core
from nova_drf.mapping.shape import AnyField, Kind, TypeShape
from nova_drf.markers import UNSET


def kept_field_core(field: AnyField) -> Any:
    """Return the core schema of a field that :class:`~nova_drf.UseField` keeps.

    In a serializer the bound field takes over. In the schema alone, a copy of the field runs,
    with Pydantic's context as its own.
    """

    def validate(value: Any, info: Any) -> Any:
        from nova_drf.errors import carry

        alone = copy.deepcopy(field)
        alone._context = info.context or {}
        try:
            return alone.run_validation(empty if value is UNSET else value)
        except SkipField:
            return UNSET
        except (ValidationError, DjangoValidationError) as error:
            raise carry(error) from error

    def print_value(value: Any) -> Any:
        return None if value is UNSET else copy.deepcopy(field).to_representation(value)

    node: Core = dict(core_schema.with_info_plain_validator_function(validate))
    node["metadata"] = {METADATA_KEY: TypeShape(Kind.KEPT, {}, kept=field)}
    node["serialization"] = core_schema.plain_serializer_function_ser_schema(
        print_value, when_used="json-unless-none"
    )
    if field.required:
        return node
    return core_schema.with_default_schema(node, default=UNSET)
