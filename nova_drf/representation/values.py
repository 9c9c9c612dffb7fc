"""How one value is printed as DRF prints it, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from django.db.models.manager import BaseManager
from pydantic import BaseModel

from nova_drf.mapping.registry import Convert
from nova_drf.mapping.shape import Kind, TypeShape
from nova_drf.representation.lists import PrintMany, lists_of
from nova_drf.representation.printing import pydantic_printer, union_printer

_NATIVE = frozenset((str, int, bool, float))


class SchemaReader(Protocol):
    """What prints the objects of a nested schema."""

    is_special: bool

    @property
    def read(self) -> Convert:
        """Print one object."""
        ...

    @property
    def read_fields(self) -> Convert:
        """Print one object that is no more than its fields."""
        ...

    @property
    def read_many(self) -> PrintMany:
        """Print many objects."""
        ...


ReaderFor = Callable[[type[BaseModel]], SchemaReader]
"""Returns the reader of a nested schema."""


def representer(type_: TypeShape, reader_for: ReaderFor) -> Convert:
    """Return the function that turns a value, never ``None``, into primitives.

    Args:
        type_: What the value is.
        reader_for: Returns what prints nested schemas.
    """
    if type_.mapping is not None and type_.is_printed_by_field:
        return _with_native(native_of(type_), type_.mapping.represent(type_))
    if type_.kind is Kind.SCALAR:
        return _with_native(_NATIVE, pydantic_printer(type_))
    if type_.kind is Kind.LIST and type_.item is not None:
        return _list_representer(representer(type_.item, reader_for))
    if type_.kind is Kind.DICT and type_.item is not None:
        return _dict_representer(representer(type_.item, reader_for))
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        reader = reader_for(type_.schema)
        return reader.read if reader.is_special else reader.read_fields
    if type_.kind in (Kind.UNION, Kind.TAGGED_UNION):
        return union_printer(type_, lambda member: representer(member, reader_for))
    if type_.kind is Kind.KEPT and type_.kept is not None:
        return as_it_is if type_.column is not None else type_.kept.to_representation
    return pydantic_printer(type_)


def _with_native(native: frozenset[type], convert: Convert) -> Convert:
    def represent(value: Any) -> Any:
        return value if value.__class__ in native else convert(value)

    return represent


def _list_representer(item: Convert) -> Convert:
    def represent(value: Any) -> Any:
        values = value.all() if isinstance(value, BaseManager) else value
        return [None if one is None else item(one) for one in values]

    return represent


def _dict_representer(item: Convert) -> Convert:
    def represent(value: Any) -> Any:
        return {str(key): None if one is None else item(one) for key, one in value.items()}

    return represent


def column_representer(type_: TypeShape, reader_for: ReaderFor) -> PrintMany | None:
    """Return what prints many values at once that are no single values, if anything does."""
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        reader = reader_for(type_.schema)
        return None if reader.is_special else reader.read_many
    if type_.kind is Kind.LIST and type_.item is not None and type_.item.is_serializer:
        items = column_representer(type_.item, reader_for)
        return None if items is None else lists_of(items)
    if type_.kind is Kind.KEPT and type_.column is None:
        return getattr(type_.kept, "represent_many", None)
    return None


def as_it_is(value: Any) -> Any:
    """Return a value that is a primitive already."""
    return value


def native_of(type_: TypeShape) -> frozenset[type]:
    """Return the classes whose instances are primitives already, for this field."""
    if type_.kind is not Kind.SCALAR or type_.mapping is None:
        return frozenset()
    return frozenset(type_.mapping.native_types(type_)) if type_.is_printed_by_field else _NATIVE


def representer_of(type_: TypeShape, reader_for: ReaderFor) -> Convert:
    """Return :func:`representer`, made on first use so that schemas may contain themselves."""
    made: Convert | None = None

    def represent(value: Any) -> Any:
        nonlocal made
        if made is None:
            made = representer(type_, reader_for)
        return made(value)

    return represent
