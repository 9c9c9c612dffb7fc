"""Enumerations for choices: the project's own where there is one, otherwise a new one."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal

from django.db.models import Choices as DjangoChoices
from django.utils.functional import Promise

from nova_drf.mapping.rows.choices import literal_values
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.codegen.values import value_source


class Choices:
    """Writes the choices of one serializer class.

    Args:
        names: The names of the file.
        serializer: The class; enumerations in its module and beside its model are found.
        prefix: What the names of new enumerations begin with.
    """

    def __init__(self, names: Names, serializer: type, prefix: str) -> None:
        self.names = names
        self.serializer = serializer
        self.prefix = prefix

    def of(self, field: Any, attribute: str, expression: str | None) -> tuple[Any, str] | None:
        """Return the annotation for the choices of a field, and the class that it needs.

        Args:
            field: The field.
            attribute: The schema's attribute.
            expression: What declares the field; an enumeration counts if it is named there.

        Returns:
            The annotation is a type, or a text if it names the class that is yet to be made.
            ``None`` where the type that is there already does.
        """
        pairs = list(field.choices.items())
        known = next((one for one in self._known(expression) if one.choices == pairs), None)
        if known is not None and not field.allow_blank:
            return (known | None if field.allow_null else known), ""
        values = literal_values(field)
        if values is None or _nested(field):
            raise CannotWriteError("these choices are no plain list")
        if all(str(value) == str(label) for value, label in pairs):
            return (Literal[(*values, None)] if field.allow_null else Literal[tuple(values)]), ""
        if field.allow_blank or any(isinstance(label, Promise) for _value, label in pairs):
            raise CannotWriteError("the labels of these choices would be lost")
        return self._made(pairs, attribute)

    def _known(self, expression: str | None) -> Iterator[Any]:
        """Yield the enumerations in sight: beside the serializer, in its model, beside that."""
        for one in self._in_sight():
            try:
                name = self.names.use_object(one)
            except CannotWriteError:
                continue
            if expression is None or f"{name}.choices" in expression or f"{name})" in expression:
                yield one

    def _in_sight(self) -> Iterator[object]:
        model = getattr(getattr(self.serializer, "Meta", None), "model", None)
        homes: list[Any] = [self.serializer, *(() if model is None else model.__mro__)]
        for module in dict.fromkeys(getattr(home, "__module__", "") for home in homes[:2]):
            found = sys.modules.get(module)
            homes.append(found)
            homes += [one for one in list(vars(found).values()) if inspect.isclass(one)]
        for home in homes:
            for value in list(getattr(home, "__dict__", {}).values()):
                if _is_enumeration(value):
                    yield value

    def _made(self, pairs: list[tuple[Any, Any]], attribute: str) -> tuple[str, str]:
        kinds = {type(value) for value, _label in pairs}
        if kinds not in ({str}, {int}):
            raise CannotWriteError("the choices are of several classes")
        words = re.split(r"[_\W]+", attribute)
        name = self.names.reserve(f"{self.prefix}{''.join(word.capitalize() for word in words)}")
        base = "TextChoices" if kinds == {str} else "IntegerChoices"
        models = self.names.use("django.db", "models")
        lines = [f"class {name}({models}.{base}):", f'    """What ``{attribute}`` may be."""', ""]
        taken: set[str] = set()
        for value, label in pairs:
            member = _member_name(str(label) if kinds == {int} else str(value), taken)
            pair = f"{value_source(value, self.names)}, {value_source(str(label), self.names)}"
            lines.append(f"    {member} = {pair}")
        return name, "\n".join(lines)


def _is_enumeration(value: Any) -> bool:
    is_choices = inspect.isclass(value) and issubclass(value, DjangoChoices)
    return is_choices and issubclass(value, Enum) and len(value) > 0


def _nested(field: Any) -> bool:
    return any(isinstance(one, dict) for one in field.grouped_choices.values())


def _member_name(text: str, taken: set[str]) -> str:
    name = re.sub(r"\W+", "_", text).strip("_").upper()
    if not name.isidentifier() or name in _RESERVED:
        name = f"VALUE_{name}".rstrip("_")
    while name in taken:
        name = f"{name}_"
    taken.add(name)
    return name


_RESERVED = frozenset(("NONE",))
