"""Fields whose output depends only on the object: they are read all at once.

Serializers of schemas and backed serializers have their own runs, which know whom to ask about an
attribute that is not there.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models.manager import BaseManager
from rest_framework.fields import BuiltinSignatureError, SkipField, get_attribute

from nova_drf.core.markers import UNSET
from nova_drf.mapping.async_safety import output_is_async_safe
from nova_drf.mapping.validated_data import source_attributes
from nova_drf.representation.attributes import (
    MISSING_ATTRIBUTE,
    Column,
    MissingAttributes,
    attribute_columns,
    called,
    has_columns_of,
    is_mapping,
)
from nova_drf.representation.fields import Printed, ReadAhead, add_bound, bound_field
from nova_drf.representation.lists import printed_column
from nova_drf.representation.values import Printer, ReaderFor, value_printer

if TYPE_CHECKING:
    from nova_drf.mapping.registry import Convert
    from nova_drf.mapping.shape import FieldShape, Shape

GetAll = Callable[[object], tuple[object, ...]]
"""Gets the values of all fields of an object."""

_CLASSES = 128
"""Of how many classes of values a field remembers what prints them."""


class OutputField(NamedTuple):
    """One field of a run.

    Attributes:
        name: The key of the output.
        attribute: Where the value is; ``None`` where more than ``getattr`` is needed.
        source: DRF's source.
        printer: Prints the value.
        print_related: Prints a related object, where the attribute is the column of its key. Only
            instances of a model with that foreign key have it; of others the source is read.
    """

    name: str
    attribute: str | None
    source: str
    printer: Printer
    print_related: Convert | None = None


def simple_attribute(source: str) -> str | None:
    """Return the attribute that a source names, if it is no more than that."""
    return None if "." in source or source == "*" else source


class FieldRun(ReadAhead):
    """Fields that follow on each other and whose output depends only on the object."""

    @property
    @abstractmethod
    def fields(self) -> Sequence[OutputField]:
        """The fields. They are first asked for when an object is printed."""

    @abstractmethod
    def add_missing(
        self, result: Printed, field: OutputField, instance: object, serializer: object
    ) -> None:
        """Let DRF's field decide about an attribute that is not there: default, null or error."""

    def add(self, result: Printed, instance: object, serializer: object) -> None:
        result.update(self.read(instance, serializer))

    def read(self, instance: object, serializer: object) -> Printed:
        """Return the fields of one object."""
        values = self.take(instance, serializer)
        if values is None:
            return self._read_one_by_one(self.fields, instance, serializer)
        result = self._blank.copy()
        for at, name, by_class in self._representations:
            value = values[at]
            try:
                represent = by_class[value.__class__]
            except KeyError:
                if value is UNSET or (callable(value) and not isinstance(value, BaseManager)):
                    # To call it may change the attributes after it.
                    rest = self._read_one_by_one(self.fields[at:], instance, serializer)
                    return {**{done: result[done] for done in self.names[:at]}, **rest}
                represent = self._representation(at, value.__class__)
            result[name] = value if represent is None else represent(value)
        return result

    def take(self, instance: Any, serializer: object) -> tuple[object, ...] | None:
        try:
            get = self._getters[instance.__class__]
        except KeyError:
            get = self._getter_of(instance.__class__)
        try:
            return None if get is None else get(instance)
        except MISSING_ATTRIBUTE:
            return None

    def add_taken(self, result: Printed, taken: Any, instance: object, serializer: object) -> None:
        if taken is None:
            self.add(result, instance, serializer)
            return
        try:
            printed = {
                field.name: field.printer.print(called(value))
                for field, value in zip(self.fields, taken, strict=True)
                if value is not UNSET
            }
        except (*MISSING_ATTRIBUTE, BuiltinSignatureError):
            # A callable lacks something inside: DRF's field says what that means.
            self.add(result, instance, serializer)
        else:
            result.update(printed)

    def columns(self, taken: Sequence[object]) -> list[Column] | None:
        return None if None in taken else self._printed(zip(*taken, strict=True))

    def read_columns(self, objects: Sequence[Any]) -> list[Column] | None:
        """Read and print many objects; ``None`` if one of them needs a closer look."""
        if len(set(map(type, objects))) > 1:
            return None
        columns: Iterable[Column]
        cls = objects[0].__class__
        if not self._has_keys(cls):
            return None
        try:
            get_items = self._get_items
            if get_items is not None and is_mapping(cls):
                columns = zip(*map(get_items, objects), strict=True)
            else:
                columns = attribute_columns(objects, self._attributes)
        except MISSING_ATTRIBUTE:
            return None
        return self._printed(columns)

    def _printed(self, columns: Iterable[Column]) -> list[Column] | None:
        result = []
        for field, column in zip(self.fields, columns, strict=True):
            printed = printed_column(field.printer, column)
            if printed is None:
                return None
            result.append(printed)
        return result

    @property
    def can_read_ahead(self) -> bool:
        return self._get_attributes is not None

    def _read_one_by_one(
        self, fields: Iterable[OutputField], instance: object, serializer: object
    ) -> Printed:
        """Return some fields of an object, read and printed one after the other, as DRF does."""
        result: Printed = {}
        for field in fields:
            reads_source = field.print_related is not None and not self._has_keys(type(instance))
            if reads_source and hasattr(instance, "serializable_value"):
                # DRF asks that, whatever it is.
                self.add_missing(result, field, instance, serializer)
                continue
            try:
                value = called(_value(field, instance, reads_source))
            except (*MISSING_ATTRIBUTE, BuiltinSignatureError):
                self.add_missing(result, field, instance, serializer)
                continue
            if value is not UNSET:
                result[field.name] = _printed_value(field, value, reads_source)
        return result

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @cached_property
    def _blank(self) -> Printed:
        """What :meth:`read` fills: a copy of a dictionary grows faster than an empty one."""
        return dict.fromkeys(self.names)

    @cached_property
    def _representations(self) -> Sequence[tuple[int, str, dict[type, Convert | None]]]:
        """What :meth:`read` loops over: place and name of a field, and what prints its values.

        That is known by the class of the value; it is ``None`` where they are primitives already.
        """
        return [(at, name, {}) for at, name in enumerate(self.names)]

    def _representation(self, at: int, cls: type) -> Convert | None:
        """Return what prints values of a class, which :meth:`read` meets for the first time."""
        by_class, printer = self._representations[at][2], self.fields[at].printer
        if len(by_class) >= _CLASSES:
            by_class.clear()
        represent = None if cls in printer.native else printer.represent
        by_class[cls] = represent
        return represent

    @cached_property
    def _keys(self) -> tuple[tuple[str, str], ...]:
        """The foreign keys whose columns are read, each with the attribute of its column."""
        return tuple(
            (field.source, field.attribute)
            for field in self.fields
            if field.print_related is not None and field.attribute is not None
        )

    def _has_keys(self, cls: type) -> bool:
        """Whether objects of a class have the columns of the foreign keys that are read."""
        return not self._keys or has_columns_of(cls, self._keys)

    @cached_property
    def _getters(self) -> dict[type, GetAll | None]:
        """What gets all values, by the class of the object."""
        return {}

    def _getter_of(self, cls: type) -> GetAll | None:
        """Return what gets all values of objects of a class, which :meth:`take` meets first."""
        if len(self._getters) >= _CLASSES:
            self._getters.clear()
        get = self._get_items if is_mapping(cls) else self._get_attributes
        getter = self._getters[cls] = get if self._has_keys(cls) else None
        return getter

    @cached_property
    def _attributes(self) -> tuple[str, ...]:
        return tuple(str(field.attribute) for field in self.fields)

    @cached_property
    def _get_attributes(self) -> GetAll | None:
        """Get all attributes at once, if ``getattr`` is all that each of them needs."""
        return self._getter(attrgetter)

    @cached_property
    def _get_items(self) -> GetAll | None:
        return self._getter(itemgetter)

    def _getter(self, make: Callable[..., Callable[[Any], Any]]) -> GetAll | None:
        if any(field.attribute is None for field in self.fields):
            return None
        get = make(*self._attributes)
        return get if len(self._attributes) > 1 else lambda instance: (get(instance),)


def _value(field: OutputField, instance: Any, reads_source: bool) -> object:
    attribute = field.source if reads_source else field.attribute
    if attribute is None:
        return get_attribute(instance, source_attributes(field.source))
    if is_mapping(instance.__class__):
        return instance[attribute]
    return getattr(instance, attribute)


def _printed_value(field: OutputField, value: object, is_related: bool) -> object:
    if not is_related or field.print_related is None:
        return field.printer.print(value)
    return None if value is None else field.print_related(value)


class SchemaFields(FieldRun):
    """A run of fields of a schema.

    Args:
        shape: The schema with no other fields than these.
        missing: Decides about attributes that are not there.
        reader_for: Returns what prints nested schemas.
    """

    def __init__(self, shape: Shape, missing: MissingAttributes, reader_for: ReaderFor) -> None:
        self.shape = shape
        self.missing = missing
        self.reader_for = reader_for
        self._shapes = {field.field_name: field for field in shape.fields.values()}

    @property
    def fields(self) -> Sequence[OutputField]:
        return self._fields

    @cached_property
    def _fields(self) -> Sequence[OutputField]:
        """Made late, so that a schema may hold itself."""
        return [self._field(field) for field in self._shapes.values()]

    def _field(self, field: FieldShape) -> OutputField:
        attribute = field.type.column or simple_attribute(field.source)
        printer = value_printer(field.type, self.reader_for)
        key = None if field.type.column is None else field.type.kept
        print_related = None if key is None else key.to_representation
        return OutputField(field.field_name, attribute, field.source, printer, print_related)

    @property
    def is_async_safe(self) -> bool:
        return output_is_async_safe(self.shape)

    def add_missing(
        self, result: Printed, field: OutputField, instance: object, serializer: object
    ) -> None:
        shape = self._shapes[field.name]
        if shape.type.kept is not None:
            add_bound(result, bound_field(serializer, field.name), instance)
            return
        try:
            value = self.missing.value(shape, instance)
        except SkipField:
            return
        if value is not UNSET:
            result[field.name] = field.printer.print(value)
