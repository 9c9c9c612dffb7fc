"""Output: which fields a compiled reader prints, and which have to print themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.db.models.manager import BaseManager
from rest_framework import fields as drf
from rest_framework.relations import PrimaryKeyRelatedField
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from nova_drf.core.overrides import (
    FIELD_ACCESS,
    OUTPUT_LOOP,
    WHOLE_OUTPUT,
    is_users,
    overrides,
)
from nova_drf.core.ownership import is_written_in
from nova_drf.mapping.field_state import (
    CONTAINERS,
    behaving_class,
    known,
    peculiarities,
    type_shape,
)
from nova_drf.mapping.payload_settings import in_partial_update
from nova_drf.mapping.shape import AnyField, FieldShape, Kind, Shape, TypeShape
from nova_drf.representation.fields import (
    BoundPrinter,
    MethodPrinter,
    PartsReader,
    Printed,
    Segment,
    bound_field,
    method_printer,
)
from nova_drf.representation.lists import PrintMany, lists_of
from nova_drf.schemas.schema import Schema
from nova_drf.serializers.persistence import key_column
from nova_drf.serializers.templates import blank_fields

_ASK_THE_SERIALIZER = (drf.FileField, drf.SerializerMethodField, drf.ModelField, BaseSerializer)
"""DRF's own fields that print with the help of what is around them."""


class _Segment(Segment):
    """Prints some fields of a backed serializer that follow on each other.

    Args:
        shapes: The fields.
        serializer: The blank serializer to which they are bound.
    """

    def __init__(self, shapes: Mapping[str, FieldShape], serializer: Any) -> None:
        shape = Shape(
            Schema, shapes, has_drf_semantics=True, validates_whole=False, serializes_itself=False
        )
        super().__init__(shape)
        self.blank_serializer = serializer

    def missing(self, field: FieldShape, instance: Any) -> Any:
        """Let DRF's field decide about an attribute that is not there."""
        self._skip_default(field.wire_name)
        return blank_fields(self.blank_serializer)[field.wire_name].get_attribute(instance)

    def _skip_default(self, name: str) -> None:
        """Leave an attribute out whose default does not count, as ``Field.get_default`` does.

        The blank serializer does not know that the one at hand is a partial update's.
        """
        default = blank_fields(self.blank_serializer)[name].default
        if in_partial_update() and default is not drf.empty:
            raise drf.SkipField

    def kept_field(self, name: str, serializer: Any) -> Any:
        """Return the field of the serializer at hand; a nested object is read without one."""
        self._skip_default(name)
        if serializer is None:
            return blank_fields(self.blank_serializer)[name]
        return bound_field(serializer, name)


class FieldsReader(PartsReader):
    """Prints objects as the fields of one serializer do, in their order.

    Args:
        names: The readable fields, in order.
        fields: Those of them that are as the class made them, bound.
        serializer: The blank serializer to which the fields are bound.
    """

    def __init__(
        self, names: Iterable[str], fields: Mapping[str, AnyField], serializer: Any
    ) -> None:
        model = getattr(getattr(type(serializer), "Meta", None), "model", None)
        self.taken_over: set[str] = set()
        parts: list[Any] = []
        together: dict[str, FieldShape] = {}

        def close_segment() -> None:
            if together:
                parts.append(_Segment(dict(together), serializer))
                together.clear()

        for name in names:
            field = fields.get(name)
            type_ = None if field is None else printed_type(field, model)
            if type_ is not None:
                together[name] = _field_shape(name, field, type_)
                self.taken_over.add(name)
                continue
            close_segment()
            printer = None if field is None else own_printer(name, field)
            parts.append(BoundPrinter(name) if printer is None else printer)
            if printer is not None:
                self.taken_over.add(name)
        close_segment()
        super().__init__(parts)


def _field_shape(name: str, field: Any, type_: TypeShape) -> FieldShape:
    return FieldShape(
        name=name, wire_name=name, input_name=name, source=str(field.source), type=type_
    )


class NestedPrinter:
    """Prints a nested serializer whose methods need its bound self.

    Args:
        name: The field's name.
        reader: Prints one nested object.
        many: Whether there is a list of them.
    """

    is_simple: ClassVar[bool] = False

    def __init__(self, name: str, reader: FieldsReader, many: bool) -> None:
        self.name = name
        self.reader = reader
        self.many = many

    def add(self, result: Printed, instance: Any, serializer: Any) -> None:
        """Print the field into ``result``."""
        field: Any = bound_field(serializer, self.name)
        try:
            value = field.get_attribute(instance)
        except drf.SkipField:
            return
        if value is None:
            result[self.name] = None
        elif self.many:
            values = value.all() if isinstance(value, BaseManager) else value
            result[self.name] = self.reader.read_many(values, field.child)
        else:
            result[self.name] = self.reader.read(value, field)


def own_printer(name: str, field: Any) -> MethodPrinter | NestedPrinter | None:
    """Return what prints a field in its place, with the serializer at hand, if anything can."""
    if isinstance(field, BaseSerializer):
        found = nested_reader(field)
        return None if found is None else NestedPrinter(name, *found)
    return method_printer(name, field)


def printed_type(field: Any, model: Any = None) -> TypeShape | None:
    """Describe what a field prints, or return ``None`` if only the bound field can print it.

    Args:
        field: A field that is bound to a serializer.
        model: The serializer's ``Meta.model``.
    """
    if getattr(field.default, "requires_context", False):
        return None
    if isinstance(field, PrimaryKeyRelatedField):
        return _key(field, model)
    if isinstance(field, BaseSerializer):
        return _nested(field)
    cls = behaving_class(field)
    if is_users(cls) or cls.get_attribute is not drf.Field.get_attribute:
        return None
    if cls in CONTAINERS:
        return _container(field, cls)
    known_field = known(field)
    if known_field is not None and not peculiarities(field, known_field.input):
        return type_shape(field, known_field)
    if not is_written_in(cls, drf) or issubclass(cls, _ASK_THE_SERIALIZER):
        return None
    return TypeShape(Kind.KEPT, {}, kept=field)


def _key(field: AnyField, model: Any) -> TypeShape | None:
    """A foreign key of the serializer's model, printed from its column."""
    source = str(field.source)
    if model is None or "." in source or source == "*":
        return None
    column = key_column(model, source, field)
    return None if column is None else TypeShape(Kind.KEPT, {}, kept=field, column=column)


def _container(field: Any, cls: type) -> TypeShape | None:
    child = field.child
    if isinstance(child, BaseSerializer):
        return None
    item = printed_type(child)
    if item is None or item.column is not None:
        return None
    kind = Kind.LIST if cls is drf.ListField else Kind.DICT
    return TypeShape(kind, {}, has_drf_semantics=True, item=item)


# Nested serializers


class _PlainNested:
    """Prints with a reader of its own, where DRF would loop over the nested serializer's fields.

    Args:
        reader: Prints one nested object.
        many: Whether there is a list of them.
    """

    def __init__(self, reader: FieldsReader, many: bool) -> None:
        self.reader = reader
        self.many = many

    def to_representation(self, value: Any) -> Any:
        if not self.many:
            return self.reader.read(value)
        return self.reader.read_many(value.all() if isinstance(value, BaseManager) else value)

    @cached_property
    def represent_many(self) -> PrintMany:
        """Print the nested objects of many objects, all at once."""
        return lists_of(self.reader.read_many) if self.many else self.reader.read_many


def _nested(field: AnyField) -> TypeShape | None:
    """A nested serializer that nothing depends on but the object."""
    found = nested_reader(field)
    if found is None or found[0].whole is None:
        return None
    return TypeShape(Kind.KEPT, {}, kept=_PlainNested(*found))


def nested_reader(field: Any) -> tuple[FieldsReader, bool] | None:
    """Return the reader of a nested serializer, and whether there are many; ``None`` if the
    serializer does more for its output than to run its fields."""
    many = isinstance(field, ListSerializer)
    serializer = field.child if many else field
    if many and type(field).to_representation is not ListSerializer.to_representation:
        return None
    if not isinstance(serializer, Serializer) or not is_plain_output(serializer):
        return None
    if type(field).get_attribute is not drf.Field.get_attribute:
        return None
    readable = {name: inner for name, inner in serializer.fields.items() if not inner.write_only}
    return FieldsReader(readable, readable, serializer), many


def is_plain_output(serializer: Any) -> bool:
    """Whether all that a nested serializer does for its output is to run its fields."""
    hooks = (*WHOLE_OUTPUT, *OUTPUT_LOOP, *FIELD_ACCESS, "__init__", "__new__")
    return next(overrides(type(serializer), hooks), None) is None
