"""Output: which fields a compiled reader prints, and which have to print themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
    is_steady,
    known,
    peculiarities,
    type_shape,
)
from nova_drf.representation.field_runs import FieldRun, OutputField, simple_attribute
from nova_drf.representation.fields import (
    BoundField,
    MethodField,
    NestedSerializer,
    Part,
    Printed,
    add_bound,
    method_field,
    parts_of,
)
from nova_drf.representation.objects import ObjectReader
from nova_drf.representation.values import (
    NOTHING,
    Printer,
    as_it_is,
    dict_printer,
    items_of,
    list_printer,
    lists_of,
    object_printer,
    scalar_printer,
)
from nova_drf.serializers.persistence import key_column

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField

_ASK_THE_SERIALIZER = (drf.FileField, drf.SerializerMethodField, drf.ModelField, BaseSerializer)
"""DRF's own fields that print with the help of what is around them."""


class BackedFields(FieldRun):
    """A run of fields of a backed serializer.

    Args:
        fields: The fields.
        serializer: The blank serializer to which they are bound.
        in_partial_update: Whether objects are printed for one.
    """

    def __init__(
        self, fields: Sequence[OutputField], serializer: AnyField, in_partial_update: bool
    ) -> None:
        self._fields = fields
        self.serializer = serializer
        self.in_partial_update = in_partial_update

    @property
    def fields(self) -> Sequence[OutputField]:
        return self._fields

    def add_missing(
        self, result: Printed, field: OutputField, instance: object, serializer: object
    ) -> None:
        bound = blank_fields(self.serializer)[field.name]
        # The blank serializer does not know that the one at hand may be a partial update's, in
        # which ``Field.get_default`` leaves the attribute out.
        if bound.default is drf.empty or not self.in_partial_update:
            add_bound(result, bound, instance)


def blank_fields(serializer: AnyField) -> Mapping[str, AnyField]:
    """Return the fields of a blank serializer, also where a ``fields`` of the user's hides them."""
    fields: Mapping[str, AnyField] = vars(serializer).get("fields") or serializer.fields
    return fields


class FieldsReader(ObjectReader):
    """Prints objects as the fields of one serializer do, in their order.

    Args:
        names: The readable fields, in order.
        fields: Those of them that are as the class made them, bound.
        serializer: The blank serializer to which the fields are bound.
        in_partial_update: Whether objects are printed for one; then DRF's fields have no defaults.
    """

    def __init__(
        self,
        names: Iterable[str],
        fields: Mapping[str, AnyField],
        serializer: AnyField,
        *,
        in_partial_update: bool = False,
    ) -> None:
        model = getattr(getattr(type(serializer), "Meta", None), "model", None)

        def output(name: str) -> OutputField | Part:
            field = fields.get(name)
            if field is None:
                return BoundField(name)
            return (
                output_field(name, field, model, in_partial_update=in_partial_update)
                or own_part(name, field, in_partial_update=in_partial_update)
                or BoundField(name)
            )

        outputs = {name: output(name) for name in names}
        self.taken_over = {
            name for name, output in outputs.items() if not isinstance(output, BoundField)
        }
        """The fields of which a change must be noticed."""

        def run(fields: list[Any]) -> Sequence[Part]:
            return [BackedFields(fields, serializer, in_partial_update)]

        def alone(parts: list[Any]) -> Sequence[Part]:
            return parts

        super().__init__(
            parts_of(
                outputs.values(),
                lambda output: run if isinstance(output, OutputField) else alone,
            )
        )


def own_part(
    name: str, field: AnyField, *, in_partial_update: bool = False
) -> MethodField | NestedSerializer | None:
    """Return what prints a field in its place, with the serializer at hand, if anything can.

    Args:
        name: The field's name.
        field: The field, bound to a serializer.
        in_partial_update: Whether objects are printed for one.
    """
    if isinstance(field, BaseSerializer):
        reader = nested_reader(field, in_partial_update=in_partial_update)
        return None if reader is None else NestedSerializer(name, reader, is_many(field))
    return method_field(name, field)


def output_field(
    name: str, field: AnyField, model: Any = None, *, in_partial_update: bool = False
) -> OutputField | None:
    """Describe a field whose output depends only on the object; ``None`` if it is none.

    Args:
        name: The field's name.
        field: The field, bound to a serializer.
        model: The serializer's ``Meta.model``.
        in_partial_update: Whether objects are printed for one.
    """
    attribute = simple_attribute(field.source)
    print_related = None
    if isinstance(field, PrimaryKeyRelatedField):
        # A foreign key of the serializer's model is printed from its column.
        if model is not None and attribute is not None:
            attribute = key_column(model, attribute, field)
        printer = None if model is None or attribute is None else Printer(NOTHING, as_it_is)
        print_related = field.to_representation
    else:
        printer = field_printer(field, in_partial_update=in_partial_update)
    if printer is None or getattr(field.default, "requires_context", False):
        return None
    return OutputField(name, attribute, str(field.source), printer, print_related)


def field_printer(field: AnyField, *, in_partial_update: bool = False) -> Printer | None:
    """Return what prints a field's values, or ``None`` if only the bound field can print them."""
    if isinstance(field, BaseSerializer):
        return _nested_printer(field, in_partial_update)
    cls = behaving_class(field)
    if is_users(cls) or cls.get_attribute is not drf.Field.get_attribute or not is_steady(field):
        return None
    if cls in CONTAINERS:
        return _container_printer(field, cls)
    known_field = known(field)
    if known_field is not None and not peculiarities(field, known_field.input):
        return scalar_printer(type_shape(field, known_field))
    if not is_written_in(cls, drf) or issubclass(cls, _ASK_THE_SERIALIZER):
        return None
    return Printer(NOTHING, field.to_representation)


def _container_printer(field: AnyField, cls: type) -> Printer | None:
    child = field.child
    if isinstance(child, BaseSerializer) or getattr(child.default, "requires_context", False):
        return None
    item = field_printer(child)
    if item is None:
        return None
    return list_printer(item) if cls is drf.ListField else dict_printer(item)


# Nested serializers


def _nested_printer(field: AnyField, in_partial_update: bool) -> Printer | None:
    """Return what prints a nested serializer whose output depends only on the object."""
    reader = nested_reader(field, in_partial_update=in_partial_update)
    if reader is None or reader.only_run is None:
        return None
    if not is_many(field):
        return object_printer(reader)
    read_many = reader.read_many
    return Printer(
        NOTHING,
        lambda value: read_many(items_of(value)),
        represent_many=lists_of(read_many),
        item_reader=reader,
    )


def is_many(field: AnyField) -> bool:
    """Whether a nested serializer is one of a list."""
    return isinstance(field, ListSerializer)


def nested_reader(field: AnyField, *, in_partial_update: bool = False) -> FieldsReader | None:
    """Return the reader of a nested serializer, or of the items of a list of them.

    ``None`` if the serializer does more for its output than to run its fields.
    """
    serializer = field.child if is_many(field) else field
    if is_many(field) and type(field).to_representation is not ListSerializer.to_representation:
        return None
    if not isinstance(serializer, Serializer) or not only_runs_fields(serializer):
        return None
    if type(field).get_attribute is not drf.Field.get_attribute:
        return None
    fields: Mapping[str, AnyField] = serializer.fields
    readable = {name: inner for name, inner in fields.items() if not inner.write_only}
    return FieldsReader(readable, readable, serializer, in_partial_update=in_partial_update)


def only_runs_fields(serializer: AnyField) -> bool:
    """Whether all that a nested serializer does for its output is to run its fields."""
    hooks = (*WHOLE_OUTPUT, *OUTPUT_LOOP, *FIELD_ACCESS, "__init__", "__new__")
    return next(overrides(type(serializer), hooks), None) is None
