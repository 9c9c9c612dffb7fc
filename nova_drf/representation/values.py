"""How one value becomes a primitive: by its mapping, by its union's member, or by Pydantic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, Final, Protocol

from django.db.models.manager import BaseManager
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, SchemaValidator

from nova_drf.core.core_schema import closed
from nova_drf.core.printers import printer
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.registry import Convert, PrintColumn
from nova_drf.mapping.shape import Kind, TypeShape
from nova_drf.representation.attributes import Column

PrintMany = Callable[[Column], Column]
"""Prints many values, of which none is ``None``."""

NOTHING: Final = frozenset((NoneType,))
"""Of the values that are primitives already there is only ``None``."""

_PRIMITIVES: Final = frozenset((NoneType, str, int, bool, float))
_COLLECTIONS = (list, tuple, set, frozenset)


@dataclass(slots=True, eq=False, repr=False)
class Printer:
    """What prints the values of one field, or of one item.

    Attributes:
        native: The classes whose instances are primitives already.
        represent: Prints one value of any other class.
        columns: Print many values of one class faster than value by value, where they can.
        represent_many: Prints many values of any class faster than value by value.
        reader: What reads the values, if each is an object.
        item_reader: What reads their items, if each is a list of objects.
    """

    native: frozenset[type]
    represent: Convert
    columns: Mapping[type, PrintColumn] = field(default_factory=dict)
    represent_many: PrintMany | None = None
    reader: NestedReader | None = None
    item_reader: NestedReader | None = None

    def print(self, value: object) -> object:
        """Return the primitive of a value, whatever class it is of."""
        return value if value.__class__ in self.native else self.represent(value)


class NestedReader(Protocol):
    """What prints nested objects, by means of their bound serializer if they have one."""

    def read(self, instance: object, serializer: object = None, /) -> object:
        """Return the primitives of one object."""
        ...

    def read_many(self, instances: Iterable[object], serializer: object = None, /) -> list[Any]:
        """Return the primitives of many objects."""
        ...


ReaderFor = Callable[[type[BaseModel]], NestedReader]
"""Returns the reader of a nested schema."""


def value_printer(type_: TypeShape, reader_for: ReaderFor) -> Printer:
    """Return what turns values into primitives.

    Args:
        type_: What the values are.
        reader_for: Returns what prints nested schemas.
    """
    if type_.kind is Kind.SCALAR:
        return scalar_printer(type_)
    if type_.kind is Kind.LIST and type_.item is not None:
        return list_printer(value_printer(type_.item, reader_for))
    if type_.kind is Kind.DICT and type_.item is not None:
        return dict_printer(value_printer(type_.item, reader_for))
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        return object_printer(reader_for(type_.schema))
    if type_.kind in (Kind.UNION, Kind.TAGGED_UNION):
        return Printer(NOTHING, _union_represent(type_, reader_for))
    if type_.kind is Kind.KEPT and type_.kept is not None:
        # A foreign key's column holds what DRF prints.
        is_key = type_.column is not None
        return Printer(NOTHING, as_it_is if is_key else type_.kept.to_representation)
    return Printer(NOTHING, pydantic_represent(type_))


def scalar_printer(type_: TypeShape) -> Printer:
    """Return what prints single values: their mapping, or Pydantic where DRF has no say."""
    mapping = type_.mapping
    if mapping is None or not type_.is_printed_by_field:
        return Printer(_PRIMITIVES, pydantic_represent(type_))
    native = NOTHING.union(mapping.native_types(type_))
    return Printer(native, mapping.represent(type_), mapping.column(type_))


def object_printer(reader: NestedReader) -> Printer:
    """Return what prints nested objects.

    Args:
        reader: Reads them.
    """
    return Printer(NOTHING, reader.read, represent_many=reader.read_many, reader=reader)


def list_printer(item: Printer) -> Printer:
    """Return what prints lists, or what the managers of related objects give.

    Args:
        item: Prints the items.
    """
    native, represent_item = item.native, item.represent

    def represent(value: object) -> list[Any]:
        return [
            item if item.__class__ in native else represent_item(item) for item in items_of(value)
        ]

    many = None if item.represent_many is None else lists_of(item.represent_many)
    return Printer(NOTHING, represent, represent_many=many, item_reader=item.reader)


def dict_printer(item: Printer) -> Printer:
    """Return what prints dictionaries.

    Args:
        item: Prints their values.
    """

    def represent(value: Mapping[object, object]) -> dict[str, Any]:
        return {str(key): item.print(inner) for key, inner in value.items()}

    return Printer(NOTHING, represent)


def lists_of(print_many: PrintMany) -> PrintMany:
    """Return what prints many lists (or managers), the items of all of them at once.

    Args:
        print_many: Prints the items.
    """

    def represent_many(column: Column) -> Column:
        lists = [list(items_of(value)) for value in column]
        items = [item for items in lists for item in items if item is not None]
        printed = iter(print_many(items))
        return [[None if item is None else next(printed) for item in items] for items in lists]

    return represent_many


def items_of(value: Any) -> Iterable[object]:
    """Return the items of a list, or the objects that the manager of a relation gives."""
    objects: Iterable[Any] = value.all() if isinstance(value, BaseManager) else value
    return objects


def as_it_is(value: object) -> object:
    """Return a value that is a primitive already."""
    return value


# By Pydantic


def pydantic_represent(type_: TypeShape) -> Convert:
    """Return a function that prints a value as Pydantic's JSON mode does, without warnings.

    A value that lost its class on the way, as a secret does that comes out of a column, is given
    it back first.
    """
    try:
        core = closed(type_.core, type_.definitions)
    except LookupError:
        # Inside a model that is still being built, some types are known by name only.
        return pydantic_represent_any
    print_value = printer(core)

    @cache
    def validator() -> SchemaValidator:
        return SchemaValidator(core)

    def represent(value: object) -> object:
        try:
            return print_value(value)
        except (PydanticSerializationError, AttributeError):
            # Pydantic 2.11 looks for the root of a ``RootModel`` in a value that is none.
            typed = validator().validate_python(value)
            return print_value(typed)

    return represent


pydantic_represent_any = pydantic_represent(TypeShape(Kind.PYDANTIC, {"type": "any"}))
"""Prints a value of any type as Pydantic's JSON mode does."""


# By the member of a union


def _union_represent(type_: TypeShape, reader_for: ReaderFor) -> Convert:
    """Return what prints the value of a union: one member does it.

    It is picked by the value's class, then by its tag, then by the attributes that it has. What no
    member fits, such as a value of an earlier contract, is printed as Pydantic prints it.
    """
    printers = {label: value_printer(choice, reader_for) for label, choice in type_.choices.items()}
    schemas = {
        label: choice for label, choice in type_.choices.items() if choice.kind is Kind.SCHEMA
    }
    represent_other = pydantic_represent(type_)

    def label_of(value: object) -> str | None:
        own = next(
            (label for label, choice in type_.choices.items() if _is_of(value, choice)), None
        )
        if own is not None and not isinstance(value, Mapping):
            return own
        if isinstance(value, (str, int, float, *_COLLECTIONS)):
            return None
        tag = _tag_of(value, type_)
        if tag in schemas:
            return tag
        # A dictionary that holds all that a schema asks for is that schema's, whatever else fits.
        return next((label for label, choice in schemas.items() if _has_all(value, choice)), own)

    def represent(value: object) -> object:
        label = label_of(value)
        return represent_other(value) if label is None else printers[label].print(value)

    return represent


def _is_of(value: object, choice: TypeShape) -> bool:
    """Whether a value is of a member's own class."""
    if choice.kind is Kind.SCHEMA:
        return value.__class__ is choice.schema
    if choice.kind is Kind.LIST:
        return isinstance(value, _COLLECTIONS)
    if choice.kind is Kind.DICT:
        return isinstance(value, Mapping)
    if choice.kind is not Kind.SCALAR or choice.mapping is None:
        return False
    if choice.core["type"] == "literal":
        literals: Sequence[object] = choice.core["expected"]
        return any(
            value.__class__ is literal.__class__ and value == literal for literal in literals
        )
    return value.__class__ is (choice.core.get("cls") or choice.mapping.python_type)


def _tag_of(value: object, type_: TypeShape) -> str | None:
    discriminator = type_.core.get("discriminator")
    if not isinstance(discriminator, str):
        return None
    if isinstance(value, Mapping):
        tag = value.get(discriminator)
    else:
        tag = getattr(value, discriminator, None)
    return str(tag.value if isinstance(tag, Enum) else tag)


def _has_all(value: object, choice: TypeShape) -> bool:
    assert choice.schema is not None  # noqa: S101  # for type checkers
    return all(
        field.source in value if isinstance(value, Mapping) else hasattr(value, field.source)
        for field in shape_of(choice.schema).fields.values()
        if not field.computed
    )
