"""Objects printed part by part: runs of fields at once, and what only a serializer can print.

A part is anything that ``add``s its fields to what was printed of an object.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from rest_framework.fields import BuiltinSignatureError, SerializerMethodField

from nova_drf.core.concurrency import settled
from nova_drf.core.markers import UNSET
from nova_drf.mapping.field_state import behaving_class
from nova_drf.mapping.shape import AnyField, FieldShape, Shape
from nova_drf.representation.objects import FEW, Reader, add_bound, called, is_mapping, represented
from nova_drf.representation.rows import MISSING_ATTRIBUTE, rows_maker

Printed = dict[str, Any]


class Segment(Reader):
    """Prints some fields of a serializer that follow on each other, all at once."""

    def add(self, result: Printed, instance: Any, serializer: Any) -> None:
        """Print the fields into ``result``."""
        result.update(self.read_fields(instance, serializer))

    def taken(self, instance: Any, serializer: Any) -> tuple[Any, ...] | None:
        """Return an object's attributes as they are; ``None`` if it needs a closer look."""
        get = self._get_items if is_mapping(instance.__class__) else self._get_attributes
        try:
            return None if get is None else get(instance)
        except MISSING_ATTRIBUTE:
            return None

    def add_taken(self, result: Printed, values: Any, instance: Any, serializer: Any) -> None:
        """Print attributes that were :meth:`taken` into ``result``."""
        if values is None:
            self.add(result, instance, serializer)
            return
        try:
            printed = {
                entry.wire_name: represented(entry, called(entry, value))
                for entry, value in zip(self._entries, values, strict=True)
                if value is not UNSET
            }
        except (*MISSING_ATTRIBUTE, BuiltinSignatureError):
            # A callable lacks something inside: DRF's field says what that means.
            self.add(result, instance, serializer)
        else:
            result.update(printed)

    def columns(self, rows: Sequence[Any]) -> Any:
        """Return the printed columns; ``None`` if an object needs a closer look."""
        return None if None in rows else self.printed(zip(*rows, strict=True))


class BoundPrinter:
    """Prints a field with the serializer's own bound field.

    Args:
        name: The field's name.
    """

    is_simple: ClassVar[bool] = False

    def __init__(self, name: str) -> None:
        self.name = name

    def add(self, result: Printed, instance: Any, serializer: Any) -> None:
        """Print the field into ``result``."""
        add_bound(result, bound_field(serializer, self.name), instance)


class MethodPrinter:
    """Prints a ``SerializerMethodField``: calls the method, without building the field.

    Args:
        name: The field's name.
        method: The method's name.
    """

    is_simple: ClassVar[bool] = True

    def __init__(self, name: str, method: str) -> None:
        self.names = (name,)
        self.name = name
        self.method = method

    def add(self, result: Printed, instance: Any, serializer: Any) -> None:
        """Print the field into ``result``."""
        result[self.name] = self.taken(instance, serializer)

    def taken(self, instance: Any, serializer: Any) -> Any:
        """Return what the method makes of an object."""
        return settled(getattr(serializer, self.method)(instance))

    def add_taken(self, result: Printed, value: Any, instance: Any, serializer: Any) -> None:
        """Put what the method made of an object into ``result``."""
        result[self.name] = value

    def columns(self, values: Sequence[Any]) -> Any:
        """Return the one column that there is."""
        return [values]


def method_printer(name: str, field: AnyField) -> MethodPrinter | None:
    """Return what prints a field without building it, if that is a method's."""
    if behaving_class(field) is not SerializerMethodField:
        return None
    return MethodPrinter(name, field.method_name or f"get_{name}")


class PartsReader:
    """Prints objects part by part, in the order of the fields.

    Args:
        parts: What prints one field or some of them.
    """

    is_pure: ClassVar[bool] = False
    """Whether plain data is printed without running any code of the user."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = parts
        only = parts[0] if len(parts) == 1 else None
        self.whole = only if isinstance(only, Segment) else None

    def read(self, instance: Any, serializer: Any = None) -> Printed:
        """Return the primitives of one object.

        Args:
            instance: The object.
            serializer: Whose fields print what only they can.
        """
        if self.whole is not None:
            return self.whole.read_fields(instance, serializer)
        result: Printed = {}
        for part in self.parts:
            part.add(result, instance, serializer)
        return result

    def read_many(self, instances: Iterable[Any], serializer: Any = None) -> list[Any]:
        """Return the primitives of many objects."""
        if self.whole is not None:
            return self.whole.read_many(instances, serializer)
        objects = list(instances)
        if len(objects) > FEW and self._has_columns:
            return self._read_columns(objects, serializer)
        return [self.read(instance, serializer) for instance in objects]

    @cached_property
    def _has_columns(self) -> bool:
        """Whether there are but single values and methods, so that values can be printed later."""
        return all(part.is_simple for part in self.parts)

    def _read_columns(self, objects: list[Any], serializer: Any) -> list[Printed]:
        """Read object by object, in the order of the fields, and print column by column.

        A method may change the object for the fields after it.
        """
        rows = [[part.taken(one, serializer) for part in self.parts] for one in objects]
        columns: list[Any] = []
        for part, taken in zip(self.parts, zip(*rows, strict=True), strict=True):
            printed = part.columns(taken)
            if printed is None:
                return self._merged(rows, objects, serializer)
            columns += printed
        made: list[Printed] = self._make_rows(columns)
        return made

    def _merged(self, rows: Any, objects: list[Any], serializer: Any) -> list[Printed]:
        """Print what was taken from objects of which one, at least, needs a closer look."""
        made: list[Printed] = []
        for instance, taken in zip(objects, rows, strict=True):
            result: Printed = {}
            for part, values in zip(self.parts, taken, strict=True):
                part.add_taken(result, values, instance, serializer)
            made.append(result)
        return made

    @cached_property
    def _make_rows(self) -> Any:
        return rows_maker([name for part in self.parts for name in part.names])


AnyReader = Reader | PartsReader


def schema_reader(shape: Shape, bound: frozenset[str], touched: frozenset[str]) -> AnyReader:
    """Return what prints the fields of a serializer that is made of a schema.

    Args:
        shape: The response schema as the serializer uses it.
        bound: The attributes that only the serializer at hand can print.
        touched: Those of them whose fields may be others than the class made.
    """
    whole = Reader(shape, bound)
    if not bound or whole.is_special:
        return whole
    parts: list[Any] = []
    together: dict[str, FieldShape] = {}

    def close_segment() -> None:
        if together:
            parts.append(Segment(replace(shape, fields=dict(together))))
            together.clear()

    for field in whole.fields:
        if field.name not in bound:
            together[field.name] = field
            continue
        close_segment()
        kept = None if field.name in touched else field.type.kept
        printer = None if kept is None else method_printer(field.wire_name, kept)
        parts.append(printer or BoundPrinter(field.wire_name))
    close_segment()
    return PartsReader(parts)


def bound_field(serializer: Any, name: str) -> Any:
    """Return one bound field of a serializer, building no other where that can be."""
    fields = serializer.fields
    # Fields that are made on demand can tell one without making the others.
    peek = getattr(fields, "peek", None)
    return fields[name] if peek is None else peek(name)
