"""``UseField``: a classic DRF field inside a schema, and how it validates without a serializer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError as DjangoValidationError
from pydantic_core import core_schema
from rest_framework.exceptions import ValidationError
from rest_framework.fields import Field as SerializerField
from rest_framework.fields import SkipField, empty
from rest_framework.serializers import Serializer

from nova_drf.core.carried_errors import carry
from nova_drf.core.core_schema import METADATA_KEY, Core
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.markers import UNSET
from nova_drf.mapping.from_pydantic import held_type
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.schema_values import held_value, is_held
from nova_drf.mapping.shape import AnyField, Kind, TypeShape

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class UseField:
    """Keep a classic DRF field: ``Annotated[Author, UseField(PrimaryKeyRelatedField(...))]``.

    The field (or nested serializer) validates, represents and describes itself exactly as it
    does in a classic serializer; it is bound to the :class:`~nova_drf.SchemaSerializer`, so that
    ``context``, ``parent`` and ``root`` are there. The annotation says what the schema's attribute
    holds: ``Line`` instances with ``Annotated[list[Line], UseField(LineSerializer(many=True))]``.
    ``validated_data`` has what the field made.

    Follows:
        ``rest_framework.fields.Field.run_validation``, of the field that is given.

    Args:
        field: An instance of a DRF field or serializer. It is copied for every serializer.

    Raises:
        SchemaDefinitionError: It is no field, or the class of one.
    """

    def __init__(self, field: SerializerField[Any, Any, Any, Any]) -> None:
        if isinstance(field, type):
            raise SchemaDefinitionError(
                f"UseField({field.__name__}): expected a field, got its class. "
                f"Write UseField({field.__name__}())."
            )
        if not isinstance(field, SerializerField):
            raise SchemaDefinitionError(
                f"UseField({field!r}) is no field of DRF's. Write UseField(CharField())."
            )
        self.field = field

    make: Callable[[], AnyField] | None = None
    """Makes the field anew, for a field that DRF would not copy."""

    def __repr__(self) -> str:
        return f"UseField({self.field!r})"

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        core: CoreSchema = _core_schema(self.field, source, self.make, handler.field_name)
        return core


class UseNewField(UseField):
    """Keep a field that DRF infers, so that there is a new one for each serializer.

    Args:
        field: Such a field, for code that only looks at it.
        make: Makes another one.
    """

    def __init__(self, field: AnyField, make: Callable[[], AnyField]) -> None:
        super().__init__(field)
        self.make = make


def _standing_alone(field: AnyField, info: Any, name: str | None) -> AnyField:
    """Return a field that no serializer has, bound to one that is there for it only.

    Some validators ask what their field is called, and which object is updated.

    Args:
        field: The field.
        info: What Pydantic says of this validation.
        name: What the schema calls it; Pydantic 2.11 tells that only while the schema is made.
    """
    name = info.field_name or name
    if name:
        field.bind(name, Serializer[Any](context=info.context or {}))
    else:
        field._context = info.context or {}
    return field


def _core_schema(
    field: AnyField, annotation: object, make: Callable[[], AnyField] | None, name: str | None
) -> Any:
    """Return the core schema of a field that DRF runs.

    In a serializer the bound field takes over. In the schema alone, a field of its own runs, with
    Pydantic's context as its own; and what a program that builds the schema gives as the
    annotation says, is taken as it is.

    Args:
        field: The field.
        annotation: What the schema says that the attribute holds.
        make: Makes another one; without it, it is copied.
        name: What the schema calls it, if it does.
    """
    another: Callable[[], AnyField] = make or partial(copy.deepcopy, field)
    shape = TypeShape(Kind.KEPT, {}, kept=field, make=make, annotation=annotation)

    @cache
    def typed() -> Convert | None:
        return held_value(shape)

    def validate(value: object, info: object) -> object:
        held = held_type(shape)
        if held is not None and is_held(held, value):
            return value
        alone = _standing_alone(another(), info, name)
        try:
            result = alone.run_validation(empty if value is UNSET else value)
        except SkipField:
            return UNSET
        except (ValidationError, DjangoValidationError) as error:
            raise carry(error) from error
        convert = typed()
        return result if convert is None or result is None else convert(result)

    def print_value(value: object) -> object:
        return None if value is UNSET else another().to_representation(value)

    node: Core = dict(core_schema.with_info_plain_validator_function(validate))
    node["metadata"] = {METADATA_KEY: shape}
    node["serialization"] = core_schema.plain_serializer_function_ser_schema(
        print_value, when_used="json-unless-none"
    )
    if field.required:
        return node
    return core_schema.with_default_schema(node, default=UNSET)
