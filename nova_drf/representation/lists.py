"""Output of many objects at once: attribute by attribute instead of object by object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter
from types import NoneType
from typing import Any, Final, NamedTuple

from django.db.models.manager import BaseManager
from django.db.models.query_utils import DeferredAttribute

from nova_drf.core.markers import Unset
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.shape import Kind
from nova_drf.representation.rows import Entry, direct, is_callable

Column = Sequence[Any]
"""The values of one attribute, object by object."""

PrintMany = Callable[[Column], Column]
"""Prints a column of which no value is ``None``."""


# Reading


def attribute_columns(objects: Sequence[Any], names: tuple[str, ...]) -> Iterable[Column]:
    """Return the attributes of objects of one class, a column for each name.

    Args:
        objects: The objects, at least one.
        names: The attributes.

    Raises:
        AttributeError: An object lacks one of them.
    """
    cls: Any = type(objects[0])
    if len(names) > 1 and cls.__getattribute__ is object.__getattribute__:
        own = vars(cls)
        # Looked up each time: somebody may have put another one there, in a test for instance.
        descriptors = [own[name] if name in own else _inherited(cls, name) for name in names]
        way = _way(names, tuple(map(type, descriptors)))
        columns = None if way is None else way.columns(objects)
        if columns is not None:
            return columns
    if len(names) == 1:
        return [list(map(attrgetter(*names), objects))]
    return zip(*map(attrgetter(*names), objects), strict=True)


def _inherited(cls: type, name: str) -> Any:
    """Return what the bases of a class have under a name; ``None`` if they have nothing."""
    return next((vars(base)[name] for base in cls.__mro__[1:] if name in vars(base)), None)


class _Way(NamedTuple):
    """How attributes are read whose values ``__dict__`` holds, most of them.

    Attributes:
        stored: Gets those from ``__dict__``.
        others: Gets each of the others from the object, by its place among all attributes.
    """

    stored: Callable[[dict[str, Any]], tuple[Any, ...]]
    others: tuple[tuple[int, Callable[[Any], Any]], ...]

    def columns(self, objects: Sequence[Any]) -> Sequence[Column] | None:
        """Return the columns; ``None`` if an object lacks a name, such as a deferred column."""
        get = self.stored
        try:
            rows = [get(one.__dict__) for one in objects]
        except (AttributeError, KeyError):
            return None
        columns: list[Column] = list(zip(*rows, strict=True))
        for place, get_other in self.others:
            columns.insert(place, list(map(get_other, objects)))
        return columns


@lru_cache(maxsize=1024)
def _way(names: tuple[str, ...], descriptors: tuple[type, ...]) -> _Way | None:
    """Return how to read attributes; ``None`` where only ``getattr`` does it.

    Args:
        names: The attributes.
        descriptors: The classes of what their class has under these names.
    """
    kinds = list(map(_kind, descriptors))
    stored = [name for name, kind in zip(names, kinds, strict=True) if kind is _STORED]
    if _CODE in kinds or len(stored) < 2:
        return None
    others = [(at, attrgetter(names[at])) for at, kind in enumerate(kinds) if kind is not _STORED]
    return _Way(itemgetter(*stored), tuple(others))


_STORED: Final = "stored"
"""What ``__dict__`` holds, if it holds something, is the attribute: nothing is asked before it, or
one of Django's columns is, which returns what is stored."""

_RELATION: Final = "relation"
"""Another descriptor of Django's reads the attribute, which changes no other one."""

_CODE: Final = "code"
"""Code that might change other attributes reads it, such as a property."""


@lru_cache(maxsize=1024)
def _kind(cls: type) -> str:
    """Return what reads an attribute, by the class of the descriptor that there is for it."""
    is_first = hasattr(cls, "__set__") or hasattr(cls, "__delete__")
    if not is_first or getattr(cls, "__get__", None) is DeferredAttribute.__get__:
        return _STORED
    return _RELATION if owner_of(cls) is Owner.DJANGO else _CODE


# Printing


Printers = dict[tuple[str, type], PrintMany]
"""What prints instances of one class in one field, as long as the settings are what they are."""


def printed_column(entry: Entry, column: Column, printers: Printers) -> Column | None:
    """Print one attribute of many objects; ``None`` if one is unset, or to be called.

    Args:
        entry: The field.
        column: Its values.
        printers: Where what prints them is remembered.
    """
    classes = set(map(type, column))
    if classes <= entry.native:
        return column
    nullable = NoneType in classes
    classes.discard(NoneType)
    if classes <= entry.native:
        return column
    if any(cls is Unset or is_callable(cls) for cls in classes):
        return None
    if not nullable:
        return _printed(entry, column, classes, printers)
    values = [one for one in column if one is not None]
    printed = iter(_printed(entry, values, classes, printers))
    return [None if one is None else next(printed) for one in column]


def _printed(entry: Entry, values: Column, classes: set[type], printers: Printers) -> Column:
    if entry.represent_many is not None:
        return entry.represent_many(values)
    if len(classes) > 1:
        return list(map(entry.represent, values))
    key = (entry.wire_name, classes.pop())
    print_many = printers.get(key)
    if print_many is None:
        print_many = printers[key] = _printer(entry, key[1])
    return print_many(values)


def _printer(entry: Entry, cls: type) -> PrintMany:
    type_, convert = entry.field.type, direct(entry, cls)
    together = None
    if type_.mapping is not None and type_.has_drf_semantics and type_.kind is Kind.SCALAR:
        together = type_.mapping.column(type_).get(cls)
    if together is None:
        return lambda values: list(map(convert, values))

    def print_many(values: Column) -> Column:
        printed = together(values)
        return list(map(convert, values)) if printed is None else printed

    return print_many


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
