"""Output: from an object to primitives, as DRF would print them. Reading never validates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.shape import FieldShape, Shape
from nova_drf.representation.field_runs import FieldRun, SchemaFields
from nova_drf.representation.fields import (
    BoundField,
    MethodField,
    Part,
    Printed,
    ReadAhead,
    method_field,
    parts_of,
)
from nova_drf.representation.lists import dictionaries
from nova_drf.representation.schema_instances import (
    ComputedFields,
    ExtraValues,
    InstanceMaker,
    PydanticReader,
)

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField
    from nova_drf.representation.attributes import Column
    from nova_drf.representation.values import ReaderFor

FEW = 6
"""Up to so many objects are printed one by one, which is faster than to set up columns."""


class ObjectReader:
    """Reads and prints objects. It is made once for some fields and serves all requests.

    Args:
        parts: What prints one field or some of them, in order.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        only = parts[0] if len(parts) == 1 else None
        self.only_run = only if isinstance(only, FieldRun) else None
        """The run of all fields, if none of them stands alone."""

    def read(self, instance: object, serializer: object = None) -> Printed:
        """Return the primitives of one object (a model instance, a mapping, a schema, ...).

        Args:
            instance: The object.
            serializer: The serializer that prints what only its fields and methods can.
        """
        if self.only_run is not None:
            return self.only_run.read(instance, serializer)
        result: Printed = {}
        for part in self.parts:
            part.add(result, instance, serializer)
        return result

    def read_many(self, instances: Iterable[object], serializer: object = None) -> list[Any]:
        """Return the primitives of many objects, column by column where that gives the same."""
        objects = list(instances)
        if len(objects) > FEW and self._ahead:
            if self.only_run is None:
                return self._read_ahead(self._ahead, objects, serializer)
            columns = self.only_run.read_columns(objects)
            if columns is not None:
                return dictionaries(self._names, columns)
        return [self.read(instance, serializer) for instance in objects]

    @cached_property
    def is_async_safe(self) -> bool:
        """Whether data is printed without running any code of the user."""
        return all(part.is_async_safe for part in self.parts)

    def _read_ahead(
        self, parts: Sequence[ReadAhead], objects: Sequence[object], serializer: object
    ) -> list[Printed]:
        """Read object by object, in the order of the fields, and print column by column.

        A method may change the object for the fields after it.
        """
        taken = [[part.take(instance, serializer) for part in parts] for instance in objects]
        columns: list[Column] = []
        for part, values in zip(parts, zip(*taken, strict=True), strict=True):
            printed = part.columns(values)
            if printed is None:
                return _printed_one_by_one(parts, taken, objects, serializer)
            columns += printed
        return dictionaries(self._names, columns)

    @cached_property
    def _ahead(self) -> Sequence[ReadAhead]:
        """The parts, if all of them can be read first and printed later."""
        ahead = [part for part in self.parts if isinstance(part, ReadAhead)]
        is_all = len(ahead) == len(self.parts) and all(part.can_read_ahead for part in ahead)
        return ahead if is_all else ()

    @cached_property
    def _names(self) -> Sequence[str]:
        return [name for part in self._ahead for name in part.names]


def _printed_one_by_one(
    parts: Sequence[ReadAhead],
    taken: Iterable[Iterable[object]],
    objects: Iterable[object],
    serializer: object,
) -> list[Printed]:
    """Print what was taken from objects of which one, at least, needs a closer look."""
    results: list[Printed] = []
    for instance, values_of_parts in zip(objects, taken, strict=True):
        result: Printed = {}
        for part, values in zip(parts, values_of_parts, strict=True):
            part.add_taken(result, values, instance, serializer)
        results.append(result)
    return results


SchemaReader = ObjectReader | PydanticReader


@cache
def reader_of(schema: type[BaseModel], in_partial_update: bool = False) -> SchemaReader:
    """Return what prints all of a schema's readable fields.

    Args:
        schema: The schema.
        in_partial_update: Whether it is printed for one; then DRF's fields have no defaults.
    """
    return schema_reader(shape_of(schema), in_partial_update=in_partial_update)


def readers(in_partial_update: bool) -> ReaderFor:
    """Return :func:`reader_of`, for partial updates or for all else."""
    return partial(reader_of, in_partial_update=True) if in_partial_update else reader_of


def is_in_partial_update(field: AnyField) -> bool:
    """Whether the outermost serializer of a field is a partial update's.

    Args:
        field: The field; a serializer is one, too.
    """
    return getattr(field if field.parent is None else field.root, "partial", False)


def schema_reader(
    shape: Shape,
    bound: frozenset[str] = frozenset(),
    changed: frozenset[str] = frozenset(),
    *,
    in_partial_update: bool = False,
) -> SchemaReader:
    """Return what prints the fields of a serializer that is made of a schema.

    Args:
        shape: The response schema as the serializer uses it.
        bound: The attributes that only the serializer at hand can print.
        changed: Those of them whose fields may be others than the class made.
        in_partial_update: Whether it is for one; then DRF's fields have no defaults.
    """
    maker = InstanceMaker(shape, in_partial_update)
    if shape.serializes_itself:
        return PydanticReader(shape, bound, maker)
    reader_for = readers(in_partial_update)

    def run(fields: list[FieldShape]) -> Sequence[Part]:
        of_run = replace(shape, fields={field.name: field for field in fields})
        return [SchemaFields(of_run, maker.missing, reader_for)]

    def computed(fields: list[FieldShape]) -> Sequence[Part]:
        return [ComputedFields(fields, maker, reader_for)]

    def alone(fields: list[FieldShape]) -> Sequence[Part]:
        return [_part(field, field.name in changed) for field in fields]

    def maker_of(field: FieldShape) -> Callable[[list[FieldShape]], Sequence[Part]]:
        if field.name in bound:
            return alone
        return computed if field.computed else run

    fields = [field for field in shape.fields.values() if not field.write_only]
    parts = parts_of(fields, maker_of)
    return ObjectReader([*parts, ExtraValues()] if shape.allows_extra else parts)


def _part(field: FieldShape, is_changed: bool) -> BoundField | MethodField:
    kept = None if is_changed else field.type.kept
    method = None if kept is None else method_field(field.field_name, kept)
    return method or BoundField(field.field_name)
