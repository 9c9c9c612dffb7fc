"""Output of one object: a function made for the fields of one reader.

A loop over the fields costs more than all that it does for most of them. So the function is written
out, field by field, as somebody would write it by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import NoneType
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist

from nova_drf.core.markers import Unset
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.shape import FieldShape, Kind

_CLASSES = 128
"""Of how many classes of values a field remembers what prints them."""


_NAMES = 1024
"""Of how many sets of fields the functions are kept."""


MISSING_ATTRIBUTE = (AttributeError, KeyError, ObjectDoesNotExist)
"""What an object raises that lacks an attribute."""


class CloserLook(Exception):
    """An object needs a closer look: an attribute is missing, unset, or to be called."""


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
    represent_many: Callable[[Sequence[Any]], Sequence[Any]] | None
    field: FieldShape


def direct(entry: Entry, cls: type) -> Convert:
    """Return what prints an instance of exactly this class, as the settings stand now.

    Args:
        entry: The field.
        cls: A class that is not native to it.
    """
    type_ = entry.field.type
    if type_.mapping is None or not type_.has_drf_semantics or type_.kind is not Kind.SCALAR:
        return entry.represent
    # What prints any value would first look whether this one is a primitive already.
    return type_.mapping.direct(type_).get(cls) or type_.mapping.represent(type_)


@lru_cache(maxsize=1024)
def is_callable(cls: type) -> bool:
    """Whether a class's instances can be called (the class itself always can)."""
    return any("__call__" in vars(base) for base in cls.__mro__)


class ClassPrinters(dict[type, Convert | None]):
    """What prints the values of one field, by their class; ``None`` for those that are printed.

    It is found out at the first value of each class, and holds as long as the settings do.

    Args:
        entry: The field.

    Raises:
        CloserLook: There is no saying by the class alone.
    """

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry

    def __missing__(self, cls: type) -> Convert | None:
        if cls is Unset or is_callable(cls):
            raise CloserLook
        if len(self) >= _CLASSES:
            self.clear()
        is_native = cls in self.entry.native or cls is NoneType
        printer = self[cls] = None if is_native else direct(self.entry, cls)
        return printer


ReadRow = Callable[[Any], dict[str, Any]]


def row_reader(get: Callable[[Any], tuple[Any, ...]], printers: Sequence[ClassPrinters]) -> ReadRow:
    """Return what reads and prints one object.

    No value is printed before it is known of all of them how.

    Args:
        get: Gets all attributes of the object.
        printers: Those of each field, in order.
    """
    bind = _row_binder(tuple(one.entry.wire_name for one in printers))
    read: ReadRow = bind(get, *printers)
    return read


@lru_cache(maxsize=_NAMES)
def _row_binder(names: tuple[str, ...]) -> Callable[..., ReadRow]:
    at = range(len(names))
    variables, parameters = _listed(f"value{n}" for n in at), _listed(f"printers{n}" for n in at)
    lines = [
        f"def bind(get, {parameters}):",
        "    def read(instance):",
        "        try:",
        f"            {variables} = get(instance)",
        "        except MISSING_ATTRIBUTE:",
        "            raise CloserLook from None",
        *(f"        print{n} = printers{n}[type(value{n})]" for n in at),
        "        return {",
        *(
            f"{str.__repr__(name)}: value{n} if print{n} is None else print{n}(value{n}),"
            for n, name in enumerate(names)
        ),
        "        }",
        "    return read",
    ]
    scope: dict[str, Any] = {"MISSING_ATTRIBUTE": MISSING_ATTRIBUTE, "CloserLook": CloserLook}
    exec("\n".join(lines), scope)  # noqa: S102  # names and numbers only
    bind: Callable[..., ReadRow] = scope["bind"]
    return bind


def rows_maker(names: Sequence[str]) -> Callable[[Sequence[Sequence[Any]]], list[dict[str, Any]]]:
    """Return what makes a dictionary of each row of some columns.

    Python fills a dictionary display, whose keys it knows when it compiles it, in half the time
    that it needs for ``dict(zip(names, row))``.

    Args:
        names: The keys, at least one.
    """
    return _rows_maker(tuple(names))


@lru_cache(maxsize=_NAMES)
def _rows_maker(
    names: tuple[str, ...],
) -> Callable[[Sequence[Sequence[Any]]], list[dict[str, Any]]]:
    variables = [f"value{at}" for at in range(len(names))]
    pairs = ", ".join(
        f"{str.__repr__(name)}: {variable}" for name, variable in zip(names, variables, strict=True)
    )
    make: Callable[..., list[dict[str, Any]]] = eval(  # noqa: S307  # names and numbers only
        f"lambda columns: [{{{pairs}}} for {_listed(variables)} in zip(*columns)]"
    )
    return make


def _listed(names: Any) -> str:
    return "".join(f"{name}, " for name in names)
