"""The parts of an object's output: fields that are read together, and those that stand alone.

A serializer with the fields ``id``, ``title``, ``shout`` (a method) and ``price`` has three parts:
a ``FieldRun`` of ``id`` and ``title``, a :class:`MethodField`, and a ``FieldRun`` of ``price``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

from rest_framework.fields import SerializerMethodField, SkipField
from rest_framework.relations import PKOnlyObject

from nova_drf.core.concurrency import settled
from nova_drf.mapping.field_state import behaving_class
from nova_drf.representation.values import items_of

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField
    from nova_drf.representation.attributes import Column
    from nova_drf.representation.values import NestedReader

Printed = dict[str, Any]
"""What was printed of an object so far."""

Description = TypeVar("Description")


class Part(ABC):
    """Prints one field of a serializer, or some of them."""

    @property
    def is_async_safe(self) -> bool:
        """Whether no code of the user runs when data is printed."""
        return False

    @abstractmethod
    def add(self, result: Printed, instance: object, serializer: object) -> None:
        """Print the fields of one object.

        Args:
            result: Where they are put.
            instance: The object.
            serializer: The serializer at hand; ``None`` for a nested object that is read without.
        """


def parts_of(
    fields: Iterable[Description],
    maker_of: Callable[[Description], Callable[[list[Description]], Sequence[Part]]],
) -> list[Part]:
    """Return the parts that print some fields, in their order.

    Args:
        fields: The fields, however they are described.
        maker_of: Says what makes parts of a field. What is the same for fields that follow on each
            other gets them together.
    """
    return [
        part
        for make, neighbours in groupby(fields, key=maker_of)
        for part in make(list(neighbours))
    ]


class ReadAhead(Part):
    """A part whose values may be taken from many objects first, and printed later, all at once."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The keys of its fields."""

    @property
    def can_read_ahead(self) -> bool:
        """Whether that holds for these very fields."""
        return True

    @abstractmethod
    def take(self, instance: object, serializer: object) -> object:
        """Return the values of one object as they are; ``None`` if it needs a closer look."""

    @abstractmethod
    def columns(self, taken: Sequence[object]) -> list[Column] | None:
        """Print what was taken from many objects, a column for each of the :attr:`names`.

        ``None`` if an object needs a closer look; then each of them goes to :meth:`add_taken`.
        """

    @abstractmethod
    def add_taken(
        self, result: Printed, taken: object, instance: object, serializer: object
    ) -> None:
        """Print what was taken from one object."""


class BoundField(Part):
    """A field that the serializer's own bound field prints.

    Args:
        name: The field's name.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def add(self, result: Printed, instance: object, serializer: object) -> None:
        add_bound(result, bound_field(serializer, self.name), instance)


class MethodField(ReadAhead):
    """A ``SerializerMethodField``, whose method is called without building the field.

    Args:
        name: The field's name.
        method: The method's name.
    """

    def __init__(self, name: str, method: str) -> None:
        self.name = name
        self.method = method

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    def add(self, result: Printed, instance: object, serializer: object) -> None:
        result[self.name] = self.take(instance, serializer)

    def take(self, instance: object, serializer: object) -> object:
        return settled(getattr(serializer, self.method)(instance))

    def add_taken(
        self, result: Printed, taken: object, instance: object, serializer: object
    ) -> None:
        result[self.name] = taken

    def columns(self, taken: Sequence[object]) -> list[Column] | None:
        return [taken]


def method_field(name: str, field: AnyField) -> MethodField | None:
    """Return what prints a field without building it, if that is a method's."""
    if behaving_class(field) is not SerializerMethodField:
        return None
    return MethodField(name, field.method_name or f"get_{name}")


class NestedSerializer(Part):
    """A nested serializer whose methods need its bound self.

    Args:
        name: The field's name.
        reader: Prints nested objects.
        many: Whether there is a list of them.
    """

    def __init__(self, name: str, reader: NestedReader, many: bool) -> None:
        self.name = name
        self.reader = reader
        self.many = many

    def add(self, result: Printed, instance: object, serializer: object) -> None:
        field = bound_field(serializer, self.name)
        try:
            value = field.get_attribute(instance)
        except SkipField:
            return
        if value is None:
            result[self.name] = None
        elif self.many:
            result[self.name] = self.reader.read_many(items_of(value), field.child)
        else:
            result[self.name] = self.reader.read(value, field)


def bound_field(serializer: Any, name: str) -> AnyField:
    """Return one bound field of a serializer, building no other where that can be."""
    fields = serializer.fields
    # Fields that are made on demand can tell one without making the others.
    peek = getattr(fields, "peek", None)
    return fields[name] if peek is None else peek(name)


def add_bound(result: Printed, field: AnyField, instance: object) -> None:
    """Print one attribute with a bound DRF field, as ``Serializer.to_representation`` does."""
    try:
        attribute = field.get_attribute(instance)
    except SkipField:
        return
    value = attribute.pk if isinstance(attribute, PKOnlyObject) else attribute
    printed = None if value is None else settled(field.to_representation(attribute))
    result[field.field_name] = printed
