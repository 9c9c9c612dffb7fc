"""Output of many objects at once: attribute by attribute instead of object by object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter, itemgetter
from types import NoneType
from typing import Any, NamedTuple

from django.db.models.manager import BaseManager
from django.db.models.query_utils import DeferredAttribute

from nova_drf.mapping.registry import Convert
from nova_drf.mapping.shape import FieldShape, Kind
from nova_drf.markers import Unset

Column = Sequence[Any]
"""The values of one attribute, object by object."""

PrintMany = Callable[[Column], Column]
"""Prints a column of which no value is ``None``."""


class Entry(NamedTuple):
    """One field of a reader, unpacked in its loops.

    Attributes:
        wire_name: The key on the wire.
        attribute: Where the value is; ``None`` where more than ``getattr`` is needed.
        native: The classes whose instances are primitives already.
        represent: Prints a value that is not ``None``.
        represent_many: Prints a whole column faster than value by value, if anything does.
        field: The field's description.
    """

    wire_name: str
    attribute: str | None
    native: frozenset[type]
    represent: Convert
    represent_many: PrintMany | None
    field: FieldShape


# Reading


def attribute_columns(objects: Sequence[Any], names: Sequence[str]) -> Iterable[Column]:
    """Return the attributes of objects of one class, a column for each name.

    Args:
        objects: The objects, at least one.
        names: The attributes.

    Raises:
        AttributeError: An object lacks one of them.
    """
    if len(names) == 1:
        return [list(map(attrgetter(*names), objects))]
    cls = type(objects[0])
    descriptors = {name: _descriptor(cls, name) for name in names}
    stored = [name for name, descriptor in descriptors.items() if _is_stored(descriptor)]
    columns: dict[str, Column] | None = None
    if len(stored) > 1 and _reads_as_usual(cls) and not any(map(_is_users, descriptors.values())):
        columns = _stored_columns(objects, stored)
    if columns is None:
        return zip(*map(attrgetter(*names), objects), strict=True)
    return [
        columns[name] if name in columns else list(map(attrgetter(name), objects)) for name in names
    ]


def _stored_columns(objects: Sequence[Any], names: Sequence[str]) -> dict[str, Column] | None:
    """Read ``__dict__`` of the objects; ``None`` if one lacks a name, such as a deferred column."""
    get = itemgetter(*names)
    try:
        rows = [get(one.__dict__) for one in objects]
    except (AttributeError, KeyError):
        return None
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _reads_as_usual(cls: type) -> bool:
    return cls.__getattribute__ is object.__getattribute__


def _descriptor(cls: type, name: str) -> Any:
    """Return what a class has under a name, as it stands there; ``None`` if it has nothing."""
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)


def _is_first(descriptor: Any) -> bool:
    """Whether a descriptor is asked before ``__dict__`` is."""
    return hasattr(type(descriptor), "__set__") or hasattr(type(descriptor), "__delete__")


def _is_stored(descriptor: Any) -> bool:
    """Whether an attribute is what ``__dict__`` holds, if it holds something.

    Of the descriptors that are asked first, those of Django's columns return what is stored.
    """
    get = getattr(type(descriptor), "__get__", None)
    return not _is_first(descriptor) or get is DeferredAttribute.__get__


def _is_users(descriptor: Any) -> bool:
    """Whether reading an attribute runs code that might change other attributes."""
    return _is_first(descriptor) and not type(descriptor).__module__.startswith("django.")


# Printing


def printed_column(entry: Entry, column: Column) -> Column | None:
    """Print one attribute of many objects; ``None`` if one is unset, or to be called."""
    classes = set(map(type, column))
    nullable = NoneType in classes
    classes.discard(NoneType)
    if classes <= entry.native:
        return column
    if any(cls is Unset or is_callable(cls) for cls in classes):
        return None
    if not nullable:
        return _printed(entry, column, classes)
    printed = iter(_printed(entry, [one for one in column if one is not None], classes))
    return [None if one is None else next(printed) for one in column]


def _printed(entry: Entry, values: Column, classes: set[type]) -> Column:
    if entry.represent_many is not None:
        return entry.represent_many(values)
    if len(classes) > 1:
        return list(map(entry.represent, values))
    (cls,) = classes
    printed = _printed_together(entry, cls, values)
    return list(map(direct(entry, cls), values)) if printed is None else printed


def _printed_together(entry: Entry, cls: type, values: Column) -> Column | None:
    type_ = entry.field.type
    if type_.mapping is None or not type_.wire or type_.kind is not Kind.SCALAR:
        return None
    print_many = type_.mapping.column(type_).get(cls)
    return None if print_many is None else print_many(values)


def direct(entry: Entry, cls: type) -> Convert:
    """Return what prints an instance of exactly this class, as the settings stand now."""
    type_ = entry.field.type
    if type_.mapping is None or not type_.wire or type_.kind is not Kind.SCALAR:
        return entry.represent
    return type_.mapping.direct(type_).get(cls, entry.represent)


def is_callable(cls: type) -> bool:
    """Whether a class's instances can be called (the class itself always can)."""
    return any("__call__" in vars(base) for base in cls.__mro__)


def lists_of(print_many: PrintMany) -> PrintMany:
    """Return what prints a column of lists (or of managers), their items all at once.

    Args:
        print_many: Prints the items.
    """

    def represent_many(column: Column) -> Column:
        lists = [list(one.all() if isinstance(one, BaseManager) else one) for one in column]
        items = [item for one in lists for item in one if item is not None]
        printed = iter(print_many(items))
        return [[None if item is None else next(printed) for item in one] for one in lists]

    return represent_many


def rows_maker(names: Sequence[str]) -> Callable[[Sequence[Column]], list[dict[str, Any]]]:
    """Return what makes a dictionary of each row of some columns.

    Python fills a dictionary display, whose keys it knows when it compiles it, in half the time
    that it needs for ``dict(zip(names, row))``.

    Args:
        names: The keys, at least one.
    """
    variables = [f"value{at}" for at in range(len(names))]
    pairs = ", ".join(
        f"{str.__repr__(name)}: {variable}" for name, variable in zip(names, variables, strict=True)
    )
    targets = "".join(f"{variable}, " for variable in variables)
    source = f"lambda columns: [{{{pairs}}} for {targets}in zip(*columns)]"
    make: Callable[[Sequence[Column]], list[dict[str, Any]]] = eval(source)
    return make
