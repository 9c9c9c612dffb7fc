"""Output for which an instance of the schema is made: what only the schema's own code can print.

That are computed fields, and schemas that have serializers of their own (``@field_serializer``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from rest_framework.fields import SkipField, get_attribute

from nova_drf.core.instances import construct
from nova_drf.core.markers import UNSET
from nova_drf.core.printers import model_printer
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.shape import FieldShape, Kind, Shape, TypeShape
from nova_drf.mapping.validated_data import source_attributes
from nova_drf.representation.attributes import MISSING_ATTRIBUTE, MissingAttributes
from nova_drf.representation.fields import Part, Printed, add_bound, bound_field
from nova_drf.representation.values import (
    Printer,
    ReaderFor,
    items_of,
    pydantic_represent_any,
    value_printer,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class InstanceMaker:
    """Makes instances of a schema that hold an object's values as they are.

    Args:
        shape: The schema.
        in_partial_update: Whether they are printed for one.
    """

    def __init__(self, shape: Shape, in_partial_update: bool) -> None:
        self.shape = shape
        self.missing = MissingAttributes(shape.schema, in_partial_update)

    def instance_of(self, source: object) -> BaseModel:
        """Return an instance of the schema; an object that is one already, as it is."""
        if isinstance(source, self.shape.schema):
            return source
        values: dict[str, object] = {}
        for field in self.shape.fields.values():
            if field.computed or field.type.kind is Kind.KEPT:
                continue
            try:
                value = self._value(field, source)
            except SkipField:
                continue
            if value is not UNSET:
                values[field.name] = with_instances(field.type, value, self._nested_instance)
        return construct(self.shape.schema, values)

    def _value(self, field: FieldShape, source: object) -> Any:
        try:
            return get_attribute(source, source_attributes(field.source))
        except MISSING_ATTRIBUTE:
            return UNSET if field.write_only else self.missing.value(field, source)

    def _nested_instance(self, schema: type[BaseModel], source: object) -> BaseModel:
        return _maker_of(schema, self.missing.in_partial_update).instance_of(source)


def with_instances(
    type_: TypeShape, value: object, instance_of: Callable[[type[BaseModel], object], BaseModel]
) -> Any:
    """Return a value with nested objects turned into instances of their schemas.

    Args:
        type_: What the value is.
        value: The value; :data:`~nova_drf.UNSET` and ``None`` stay.
        instance_of: Makes an instance of a schema from an object that is none.
    """
    if value is None or value is UNSET:
        return value
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        return value if isinstance(value, type_.schema) else instance_of(type_.schema, value)
    if type_.kind is Kind.LIST and type_.item is not None:
        return [with_instances(type_.item, item, instance_of) for item in items_of(value)]
    if type_.kind is Kind.DICT and type_.item is not None and isinstance(value, Mapping):
        return {key: with_instances(type_.item, item, instance_of) for key, item in value.items()}
    return value


@cache
def _maker_of(schema: type[BaseModel], in_partial_update: bool) -> InstanceMaker:
    return InstanceMaker(shape_of(schema), in_partial_update)


class ComputedFields(Part):
    """Computed fields that follow on each other.

    Args:
        fields: The fields.
        maker: Makes the instance that computes them.
        reader_for: Returns what prints nested schemas.
    """

    def __init__(
        self, fields: Sequence[FieldShape], maker: InstanceMaker, reader_for: ReaderFor
    ) -> None:
        self.fields = fields
        self.maker = maker
        self.reader_for = reader_for

    def add(self, result: Printed, instance: object, serializer: object) -> None:
        computing = self.maker.instance_of(instance)
        for field, printer in self._printers:
            result[field.field_name] = printer.print(getattr(computing, field.name))

    @cached_property
    def _printers(self) -> list[tuple[FieldShape, Printer]]:
        return [(field, value_printer(field.type, self.reader_for)) for field in self.fields]


class ExtraValues(Part):
    """What an instance of a schema with ``extra="allow"`` holds besides its fields."""

    @property
    def is_async_safe(self) -> bool:
        return True

    def add(self, result: Printed, instance: object, serializer: object) -> None:
        if isinstance(instance, BaseModel):
            result.update(pydantic_represent_any(instance.__pydantic_extra__ or {}))


class PydanticReader:
    """Prints objects along a schema that serializes itself: as Pydantic does, bound fields apart.

    Args:
        shape: The schema.
        bound: The attributes that the bound fields of a serializer print.
        maker: Makes instances of the schema.
    """

    is_async_safe = False

    def __init__(self, shape: Shape, bound: frozenset[str], maker: InstanceMaker) -> None:
        self.shape = shape
        self.bound = bound
        self.maker = maker
        self.fields = [field for field in shape.fields.values() if not field.write_only]
        printed = {field.name for field in self.fields if field.name not in bound}
        self.hidden = {name for name in shape.fields if name not in printed}

    def read(self, instance: object, serializer: object = None) -> Any:
        """Return the primitives of one object; of which kind they are, the schema decides."""
        dumped = self._dumped(self.maker.instance_of(instance))
        if not self.bound:
            return dumped
        result: Printed = {}
        for field in self.fields:
            if field.name in self.bound:
                add_bound(result, bound_field(serializer, field.field_name), instance)
            elif field.field_name in dumped:
                result[field.field_name] = dumped.pop(field.field_name)
        return {**result, **dumped}

    def read_many(self, instances: Iterable[object], serializer: object = None) -> list[Any]:
        """Return the primitives of many objects."""
        return [self.read(instance, serializer) for instance in instances]

    def _dumped(self, instance: BaseModel) -> Any:
        unset = {name for name, value in instance.__dict__.items() if value is UNSET}
        return model_printer(type(instance))(instance, exclude=self.hidden | unset or None)
