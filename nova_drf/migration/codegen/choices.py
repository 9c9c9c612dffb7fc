"""Choices as types: the enumeration that the code names, a new one, or a ``Literal``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from keyword import iskeyword
from typing import Any, NamedTuple
from unicodedata import normalize

import libcst as cst
import libcst.matchers as m
from django.db.models import Choices as DjangoChoices

from nova_drf.migration.codegen.arguments import (
    Arguments,
    Column,
    Limits,
    Write,
    column_call,
    constant_pairs,
)
from nova_drf.migration.codegen.names import CannotWriteError, Names


class Chosen(NamedTuple):
    """What stands for choices.

    Attributes:
        annotation: Their type.
        enumeration: The class that it needs, as source code; empty if that is there.
        members: The members of the enumeration, by their values.
    """

    annotation: str
    enumeration: str
    members: Mapping[object, str]


class Choices:
    """Writes the choices of one serializer class.

    Args:
        names: The names of the file.
        module: The module of the serializer.
        prefix: What the names of new enumerations begin with.
        write: Writes expressions for the file.
    """

    def __init__(self, names: Names, module: str, prefix: str, write: Write) -> None:
        self.names = names
        self.module = module
        self.prefix = prefix
        self.write = write
        self.new: dict[tuple[str, str], str] = {}
        """The enumerations that were made, by base and members."""

    def of(self, field: Any, attribute: str, limits: Limits) -> Chosen:
        """Return what stands for the choices of a field.

        Args:
            field: The field.
            attribute: The schema's attribute.
            limits: Where the field has its choices from.

        Raises:
            CannotWriteError: They are worked out, or no type has them.
        """
        given, module = self._given(limits)
        if given is None:
            raise CannotWriteError("its choices are worked out")
        enumeration = self._enumeration(given, module)
        if enumeration is not None:
            if field.allow_blank or list(field.choices.items()) != enumeration.choices:
                raise CannotWriteError("its choices are more than those of its enumeration")
            name = self.names.use_object(enumeration)
            return Chosen(name, "", {one.value: f"{name}.{one.name}" for one in enumeration})
        pairs = constant_pairs(given)
        if pairs is None or not isinstance(limits, Arguments):
            raise CannotWriteError("its choices are worked out")
        if all(label is value for value, label in pairs):
            values = [*dict.fromkeys(self.write(value) for value, _label in pairs)]
            if field.allow_blank and '""' not in values:
                values.append('""')
            return Chosen(f"{self.names.use('typing', 'Literal')}[{', '.join(values)}]", "", {})
        if field.allow_blank:
            raise CannotWriteError("an enumeration has no blank")
        return self._new(field, pairs, attribute)

    def _given(self, limits: Limits) -> tuple[cst.BaseExpression | None, str]:
        """Return the expression of the choices, and the module in which it stands."""
        if isinstance(limits, Arguments):
            return limits.given.get("choices"), self.module
        if isinstance(limits, Column) and "choices" not in limits.extra.given:
            call, home = column_call(limits.model, limits.name)
            for argument in () if call is None else call.args:
                if argument.keyword is not None and argument.keyword.value == "choices":
                    return argument.value, home
        return None, ""

    def _enumeration(self, given: cst.BaseExpression, module: str) -> Any:
        """Return the enumeration that an expression takes the choices from."""
        found = m.extract(given, _OF_ENUMERATION)
        path = found["class"] if found else given
        if not m.matches(path, m.Name() | m.Attribute()):  # type: ignore[arg-type]
            return None
        for value in self._called(cst.Module([]).code_for_node(path), module):  # type: ignore[arg-type]
            if isinstance(value, type) and issubclass(value, DjangoChoices) and len(value):
                return value
        return None

    def _called(self, path: str, module: str) -> Iterator[object]:
        """Yield what a dotted name may stand for in a module, or in one of its classes."""
        top: Any = sys.modules.get(module)
        inside = [one for one in vars(top).values() if isinstance(one, type)] if top else []
        for home in (top, *(one for one in inside if one.__module__ == module)):
            value: Any = home
            for step in path.split("."):
                value = getattr(value, step, None)
            yield value

    def _new(
        self, field: Any, pairs: list[tuple[cst.BaseExpression, cst.BaseExpression]], attribute: str
    ) -> Chosen:
        kinds = {type(value) for value in field.choices}
        if kinds not in ({str}, {int}) or len(field.choices) != len(pairs):
            raise CannotWriteError("the choices are of several classes")
        base = "TextChoices" if kinds == {str} else "IntegerChoices"
        models = self.names.use("django.db", "models")
        taken: set[str] = set()
        members = []
        lines = []
        for value, label in pairs:
            text = _text_of(label) if kinds == {int} else _text_of(value)
            members.append(member_name(text, taken))
            lines.append(f"    {members[-1]} = {self.write(value)}, {self.write(label)}")
        body = "\n".join(lines)
        code = ""
        name = self.names.enumerations.get((base, body)) or self.new.get((base, body))
        if name is None:
            words = re.split(r"[_\W]+", attribute)
            named = f"{self.prefix}{''.join(word.capitalize() for word in words)}"
            name = self.new[base, body] = self.names.reserve(named)
            head = f'class {name}({models}.{base}):\n    """What ``{attribute}`` may be."""\n\n'
            code = f"{head}{body}"
        dotted = [f"{name}.{member}" for member in members]
        return Chosen(name, code, dict(zip(field.choices, dotted, strict=True)))


_OF_ENUMERATION = m.Attribute(
    m.SaveMatchedNode(m.DoNotCare(), "class"), m.Name("choices")
) | m.Call(
    m.Name("tuple") | m.Name("list"),
    [m.Arg(m.Attribute(m.SaveMatchedNode(m.DoNotCare(), "class"), m.Name("choices")))],
)


def _text_of(expression: Any) -> str:
    """Return the text in a constant, or in the call that translates it."""
    if isinstance(expression, cst.Call):
        return _text_of(expression.args[0].value)
    if isinstance(expression, cst.SimpleString):
        return str(expression.evaluated_value)
    return cst.Module([]).code_for_node(expression)


def member_name(text: str, taken: set[str]) -> str:
    """Return a name for a member of an enumeration, and remember it.

    Args:
        text: What the member stands for.
        taken: The names that are there.
    """
    letters = (one if f"a{one}".isidentifier() else "_" for one in normalize("NFKC", text))
    name = re.sub("_+", "_", "".join(letters)).strip("_").upper()
    # Python normalises names; and what is upper case may be no letter of a name any more.
    if not name.isidentifier() or iskeyword(name) or name in _RESERVED:
        name = f"VALUE_{re.sub(r'[^A-Z0-9_]', '_', name)}".rstrip("_")
    while name in taken or hasattr(Enum, name):
        name = f"{name}_"
    taken.add(name)
    return name


_RESERVED = frozenset(("NONE",))
