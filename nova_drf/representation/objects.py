"""Output: from an object to primitives, as DRF would print them. Reading never validates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from django.db.models.manager import BaseManager
from pydantic import BaseModel
from rest_framework.fields import (
    BuiltinSignatureError,
    SkipField,
    get_attribute,
)
from rest_framework.relations import PKOnlyObject
from rest_framework.serializers import Serializer

from nova_drf.core.concurrency import settled
from nova_drf.core.instances import construct
from nova_drf.core.markers import UNSET
from nova_drf.mapping.async_safety import prints_purely
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.oracle import attribute_field, serializer_name
from nova_drf.mapping.payload_settings import in_partial_update, output_formats
from nova_drf.mapping.shape import FieldShape, Kind, Shape, TypeShape
from nova_drf.mapping.validated_data import source_attributes
from nova_drf.representation.attributes import is_called
from nova_drf.representation.lists import Column, Printers, attribute_columns, printed_column
from nova_drf.representation.printing import pydantic_printer_of_any
from nova_drf.representation.rows import (
    MISSING_ATTRIBUTE,
    ClassPrinters,
    CloserLook,
    Entry,
    ReadRow,
    row_reader,
    rows_maker,
)
from nova_drf.representation.values import (
    as_it_is,
    column_representer,
    native_of,
    representer,
    representer_of,
)

_PRINTERS = 512
"""How many printers of columns a reader remembers."""

FEW = 6
"""Up to so many objects are printed one by one, which is faster than to set up columns."""


def _plain_attribute(field: FieldShape) -> str | None:
    if field.type.column is not None:
        return field.type.column
    return None if "." in field.source or field.source == "*" else field.source


def represented(entry: Entry, value: Any) -> Any:
    """Return the primitive of a value, whatever class it is of."""
    if value.__class__ in entry.native:
        return value
    return None if value is None else entry.represent(value)


def called(entry: Entry, value: Any) -> Any:
    """Return what an attribute gives if it is one that DRF calls; others as they are."""
    if value.__class__ in entry.native or not callable(value):
        return value
    return value() if is_called(value) else value


@lru_cache(maxsize=1024)
def is_mapping(cls: type) -> bool:
    """Whether values are items of an object, rather than its attributes."""
    return issubclass(cls, Mapping)


class Reader:
    """Reads objects along one schema. It is made once for each schema and serves all requests.

    Args:
        shape: The schema's description.
        bound: The attributes that the bound DRF field of a serializer reads and prints.
    """

    def __init__(self, shape: Shape, bound: frozenset[str] = frozenset()) -> None:
        self.shape = shape
        self.bound = bound
        self.fields = [field for field in shape.fields.values() if not field.write_only]
        self.computes = any(field.computed for field in self.fields)
        self.through_pydantic = shape.serializes_itself
        self._has_extra = shape.schema.model_config.get("extra") == "allow"
        self.is_special = self.through_pydantic or self.computes or self._has_extra
        """Whether an object is more than its fields: computed ones, extras, own serializers."""
        self._formats: tuple[Any, ...] = ()
        self._printers: Printers = {}
        self._parents: dict[bool, Serializer[Any]] = {}

    @cached_property
    def _entries(self) -> list[Entry]:
        """What :meth:`read_fields` loops over. Made late, so that schemas may hold themselves."""
        return [
            Entry(
                field.wire_name,
                _plain_attribute(field) if field.name not in self.bound else None,
                native_of(field.type),
                as_it_is if field.name in self.bound else representer(field.type, reader_of),
                None if field.name in self.bound else column_representer(field.type, reader_of),
                field,
            )
            for field in self.fields
            if not field.computed or field.name in self.bound
        ]

    def read(self, instance: Any, serializer: Any = None) -> Any:
        """Return the primitives of one object (a model instance, a mapping, a schema, ...).

        Args:
            instance: The object.
            serializer: Whose bound fields print the attributes in :attr:`bound`.
        """
        if self.is_special:
            return self._read_whole(instance, serializer)
        return self.read_fields(instance, serializer)

    def _read_whole(self, instance: Any, serializer: Any) -> Any:
        """Print an object that is more than its fields."""
        if self.through_pydantic:
            return self._dumped(self.build(instance), instance, serializer)
        result = self.read_fields(instance, serializer)
        if self.computes:
            self._add_computed(result, instance)
        if self._has_extra and isinstance(instance, BaseModel):
            result.update(pydantic_printer_of_any(instance.__pydantic_extra__ or {}))
        return result

    def read_many(self, instances: Iterable[Any], serializer: Any = None) -> list[Any]:
        """Return the primitives of many objects, column by column where that gives the same."""
        objects = list(instances)
        columns = self._columns(objects) if self.is_simple and len(objects) > FEW else None
        if columns is None:
            return [self.read(instance, serializer) for instance in objects]
        return self._make_rows(columns)

    def _columns(self, objects: list[Any]) -> list[Column] | None:
        """Return the printed values by field; ``None`` where an object needs a closer look."""
        classes = set(map(type, objects))
        if len(classes) > 1:
            return None
        try:
            columns = self._attributes(objects)
        except MISSING_ATTRIBUTE:
            return None
        return self.printed(columns)

    def printed(self, columns: Iterable[Column]) -> list[Column] | None:
        """Print the attributes of many objects, a column for each field, if that gives the same."""
        printed = []
        self._heed_settings()
        if len(self._printers) >= _PRINTERS:
            self._printers = {}
        for entry, column in zip(self._entries, columns, strict=True):
            values = printed_column(entry, column, self._printers)
            if values is None:
                return None
            printed.append(values)
        return printed

    def _attributes(self, objects: list[Any]) -> Iterable[Column]:
        cls: Any = type(objects[0])
        if is_mapping(cls) and self._get_items is not None:
            return zip(*map(self._get_items, objects), strict=True)
        return attribute_columns(objects, self._attribute_names)

    @cached_property
    def _attribute_names(self) -> tuple[str, ...]:
        return tuple(str(entry.attribute) for entry in self._entries)

    @cached_property
    def _make_rows(self) -> Callable[[Sequence[Column]], list[dict[str, Any]]]:
        return rows_maker(self.names)

    @cached_property
    def is_simple(self) -> bool:
        """Whether one look at its attributes reads a whole object."""
        return not self.is_special and self._get_attributes is not None

    @cached_property
    def is_pure(self) -> bool:
        """Whether plain data is printed without running any code of the user."""
        return not self.bound and prints_purely(self.shape)

    def read_fields(self, instance: Any, serializer: Any = None) -> dict[str, Any]:
        """Like :meth:`read`, without computed fields."""
        self._heed_settings()
        read = self._read_items if is_mapping(instance.__class__) else self._read_attributes
        if read is not None:
            try:
                return read(instance)
            except CloserLook:
                pass
        return self._read_one_by_one(instance, serializer)

    def _heed_settings(self) -> None:
        """Forget how values are printed, if that was under other settings."""
        formats = output_formats()
        if formats is not self._formats:
            if formats != self._formats:
                self._printers = {}
                for printers in self._class_printers:
                    printers.clear()
            self._formats = formats

    @cached_property
    def _class_printers(self) -> list[ClassPrinters]:
        return [ClassPrinters(entry) for entry in self._entries]

    @cached_property
    def _read_attributes(self) -> ReadRow | None:
        get = self._get_attributes
        return None if get is None else row_reader(get, self._class_printers)

    @cached_property
    def _read_items(self) -> ReadRow | None:
        get = self._get_items
        return None if get is None else row_reader(get, self._class_printers)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(entry.wire_name for entry in self._entries)

    @cached_property
    def _get_attributes(self) -> Callable[[Any], tuple[Any, ...]] | None:
        """Get all attributes at once, if ``getattr`` is all that each of them needs."""
        return self._getter(attrgetter)

    @cached_property
    def _get_items(self) -> Callable[[Any], tuple[Any, ...]] | None:
        return self._getter(itemgetter)

    def _getter(self, make: Any) -> Callable[[Any], tuple[Any, ...]] | None:
        attributes = [entry.attribute for entry in self._entries]
        if not attributes or None in attributes:
            return None
        get = make(*attributes)
        return get if len(attributes) > 1 else lambda instance: (get(instance),)

    def _read_one_by_one(self, instance: Any, serializer: Any) -> dict[str, Any]:
        result: dict[str, Any] = {}
        mapping = is_mapping(instance.__class__)
        for entry in self._entries:
            if entry.field.name in self.bound and entry.attribute is None:
                add_bound(result, serializer.bound_field(entry.wire_name), instance)
                continue
            try:
                value = self._attribute(entry, instance, mapping)
            except (*MISSING_ATTRIBUTE, BuiltinSignatureError):
                try:
                    if entry.field.type.kind is Kind.KEPT:
                        add_bound(result, self.kept_field(entry.wire_name, serializer), instance)
                        continue
                    value = self.missing(entry.field, instance)
                except SkipField:
                    continue
            if value is not UNSET:
                result[entry.wire_name] = represented(entry, value)
        return result

    @staticmethod
    def _attribute(entry: Entry, instance: Any, mapping: bool) -> Any:
        if entry.attribute is None:
            return get_attribute(instance, source_attributes(entry.field.source))
        value = instance[entry.attribute] if mapping else getattr(instance, entry.attribute)
        # What a callable lacks inside is reported as DRF reports it: its field calls it once more.
        return called(entry, value)

    def kept_field(self, name: str, serializer: Any) -> Any:
        """Return the bound field that decides about an attribute of its own that is not there.

        Raises:
            SkipField: The attribute is left out.
        """
        return serializer.bound_field(name)

    def missing(self, field: FieldShape, instance: Any) -> Any:
        """Let DRF's field decide about an attribute that is not there: default, null or error."""
        return attribute_field(field, self._parent()).get_attribute(instance)

    def _parent(self) -> Serializer[Any]:
        """Return a serializer of the schema's name, as DRF's messages have it."""
        partial = in_partial_update()
        if partial not in self._parents:
            name = serializer_name(self.shape.schema)
            self._parents[partial] = type(name, (Serializer,), {})(partial=partial)
        return self._parents[partial]

    def build(self, instance: Any) -> Any:
        """Return an instance of the schema that holds an object's values as they are."""
        schema = self.shape.schema
        if isinstance(instance, schema):
            return instance
        values: dict[str, Any] = {}
        for field in self.shape.fields.values():
            if field.computed or field.type.kind is Kind.KEPT:
                continue
            try:
                value = self._value(field, instance)
            except SkipField:
                continue
            if value is not UNSET:
                values[field.name] = build_value(field.type, value)
        return construct(schema, values)

    def _value(self, field: FieldShape, instance: Any) -> Any:
        try:
            return get_attribute(instance, source_attributes(field.source))
        except MISSING_ATTRIBUTE:
            return UNSET if field.write_only else self.missing(field, instance)

    def _add_computed(self, result: dict[str, Any], instance: Any) -> None:
        schema = self.build(instance)
        for field in self.fields:
            if field.computed:
                value = getattr(schema, field.name)
                result[field.wire_name] = (
                    None if value is None else representer_of(field.type, reader_of)(value)
                )

    def _dumped(self, schema: Any, instance: Any, serializer: Any) -> Any:
        """Print an instance of the schema as Pydantic does, bound fields apart."""
        printed = {field.name for field in self.fields if field.name not in self.bound}
        hidden = {name for name in self.shape.fields if name not in printed}
        hidden |= {name for name, value in schema.__dict__.items() if value is UNSET}
        dumped = schema.__pydantic_serializer__.to_python(
            schema, mode="json", by_alias=True, exclude=hidden or None, warnings=False
        )
        if not self.bound:
            return dumped
        result: dict[str, Any] = {}
        for field in self.fields:
            if field.name in self.bound:
                add_bound(result, serializer.bound_field(field.wire_name), instance)
            elif field.wire_name in dumped:
                result[field.wire_name] = dumped.pop(field.wire_name)
        return {**result, **dumped}


def add_bound(result: dict[str, Any], field: Any, instance: Any) -> None:
    """Print one attribute with a bound DRF field, as ``Serializer.to_representation`` does."""
    try:
        attribute = field.get_attribute(instance)
    except SkipField:
        return
    known = attribute.pk if isinstance(attribute, PKOnlyObject) else attribute
    printed = None if known is None else settled(field.to_representation(attribute))
    result[field.field_name] = printed


def build_value(type_: TypeShape, value: Any) -> Any:
    """Return a value with nested objects turned into instances of their schemas."""
    if value is None:
        return None
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        return reader_of(type_.schema).build(value)
    if type_.kind is Kind.LIST and type_.item is not None:
        values = value.all() if isinstance(value, BaseManager) else value
        return [build_value(type_.item, one) for one in values]
    if type_.kind is Kind.DICT and type_.item is not None and isinstance(value, Mapping):
        return {key: build_value(type_.item, one) for key, one in value.items()}
    return value


_READERS: dict[type[BaseModel], Reader] = {}


def reader_of(schema: type[BaseModel]) -> Reader:
    """Return the reader of all of a schema's readable fields."""
    reader = _READERS.get(schema)
    if reader is None:
        reader = _READERS[schema] = Reader(shape_of(schema))
    return reader
