"""The DRF field of a field of a schema, nested schemas and Pydantic's own types included."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nova_drf.mapping.shape import FieldShape, Kind, TypeShape
from nova_drf.mapping.to_drf import FieldBuilder, field_arguments
from nova_drf.serializers.pydantic_field import PydanticField

if TYPE_CHECKING:
    from pydantic import BaseModel

    from nova_drf.mapping.shape import AnyField

_NOT_OF_READ_ONLY = frozenset(("queryset", "required"))


class SchemaFieldBuilder(FieldBuilder):
    """Builds the fields of a serializer that has a schema.

    Args:
        serializer_for: Returns the serializer class that stands for a nested schema.
    """

    def __init__(self, serializer_for: Callable[[type[BaseModel]], Any]) -> None:
        self.serializer_for = serializer_for

    def field(self, shape: FieldShape, **arguments: Any) -> AnyField:
        """Build the DRF field of one field of a schema, not bound to a serializer yet.

        Args:
            shape: The field.
            arguments: What the schema does not know, such as ``validators``.
        """
        if shape.type.kind is Kind.KEPT:
            return self._kept(shape)
        return self.build(shape.type, **field_arguments(shape), **arguments)

    def nested(self, type_: TypeShape, **arguments: Any) -> AnyField:
        """Build the serializer of a nested schema."""
        assert type_.schema is not None  # noqa: S101  # for type checkers
        return self.serializer_for(type_.schema)(**arguments)

    def list(self, type_: TypeShape, **arguments: Any) -> AnyField:
        """Build the field of a list; schemas in it make it a ``many=True``."""
        if type_.item is None or not type_.item.is_serializer:
            return super().list(type_, **arguments)
        field = self.nested(type_.item, many=True, **type_.options, **arguments)
        # DRF passes allow_null on to the items; a schema says it of each apart.
        field.child.allow_null = False
        return field

    def other(self, type_: TypeShape, **arguments: Any) -> AnyField:
        """Build the field of a type that only Pydantic knows."""
        return PydanticField(type_, self.build, **arguments)

    def _kept(self, shape: FieldShape) -> AnyField:
        """Copy a field that DRF runs, with its own arguments and the schema's markers."""
        field = self.build(shape.type)
        changes: dict[str, Any] = {}
        if shape.read_only and not field.read_only:
            changes["read_only"] = True
        if shape.write_only and not field.write_only:
            changes["write_only"] = True
        if field.source is None and shape.source != shape.field_name:
            changes["source"] = shape.source
        if not changes:
            return field
        dropped = _NOT_OF_READ_ONLY if "read_only" in changes else frozenset()
        kept = {name: value for name, value in field._kwargs.items() if name not in dropped}
        return type(field)(*field._args, **{**kept, **changes})
