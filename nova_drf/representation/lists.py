"""Output of many objects at once: attribute by attribute instead of object by object."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import repeat
from types import NoneType
from typing import Any

from django.db.models.manager import BaseManager

from nova_drf.core.markers import Unset
from nova_drf.representation.attributes import Column
from nova_drf.representation.values import Printer


def printed_column(printer: Printer, column: Column) -> Column | None:
    """Print one attribute of many objects; ``None`` if one is unset, or to be called.

    Args:
        printer: Prints single values.
        column: The values.
    """
    classes = set(map(type, column))
    if classes <= printer.native:
        return column
    if any(cls is Unset or _is_callable(cls) for cls in classes):
        return None
    if NoneType not in classes:
        return _printed(printer, column, classes)
    classes.discard(NoneType)
    values = [value for value in column if value is not None]
    printed = iter(_printed(printer, values, classes))
    return [None if value is None else next(printed) for value in column]


def _printed(printer: Printer, values: Column, classes: set[type]) -> Column:
    if printer.represent_many is not None:
        return printer.represent_many(values)
    if len(classes) > 1:
        return list(map(printer.print, values))
    print_column = printer.columns.get(next(iter(classes)))
    printed = None if print_column is None else print_column(values)
    return list(map(printer.represent, values)) if printed is None else printed


@lru_cache(maxsize=1024)
def _is_callable(cls: type) -> bool:
    """Whether a class's instances can be called (the class itself always can).

    The managers of related objects can, to get another manager; DRF does not do so.
    """
    if issubclass(cls, BaseManager):
        return False
    return any("__call__" in vars(base) for base in cls.__mro__)


def dictionaries(names: Sequence[str], columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return a dictionary for each object.

    All begin as copies of one that has the keys, which takes half as long as to make each of them
    by ``dict(zip(names, values))``.

    Args:
        names: The keys.
        columns: The values of each key, object by object; at least one column.
    """
    blank = dict.fromkeys(names)
    result = list(map(dict.copy, repeat(blank, len(columns[0]))))
    for name, column in zip(names, columns, strict=True):
        for dictionary, value in zip(result, column):  # noqa: B905  # an argument takes its time
            dictionary[name] = value
    return result
