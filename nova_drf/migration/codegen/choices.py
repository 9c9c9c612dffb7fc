"""Choices as types: the enumeration that the code names, a new one, or a ``Literal``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from keyword import iskeyword
from typing import NamedTuple
from unicodedata import normalize

import libcst as cst
import libcst.matchers as m
from django.db.models import Choices as DjangoChoices

from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen.arguments import Arguments, constant_pairs
from nova_drf.migration.codegen.names import CannotWriteError, Names

Pair = tuple[cst.BaseExpression, cst.BaseExpression]
"""A value and its label."""


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
    """

    def __init__(self, names: Names, module: str, prefix: str) -> None:
        self.names = names
        self.module = module
        self.prefix = prefix
        self.new: dict[tuple[str, str], str] = {}
        """The enumerations that were made, by base and members."""

    def of(self, field: AnyField, attribute: str, arguments: Arguments) -> Chosen:
        """Return what stands for the choices of a field.

        Args:
            field: The field.
            attribute: The schema's attribute.
            arguments: Where the field has its choices from.

        Raises:
            CannotWriteError: They are worked out, or no type has them.
        """
        expression, module = self._expression(arguments)
        if expression is None:
            raise CannotWriteError("its choices are worked out")
        enumeration = self._enumeration(expression, module)
        if enumeration is not None:
            if field.allow_blank or list(field.choices.items()) != enumeration.choices:
                raise CannotWriteError("its choices are more than those of its enumeration")
            name = self.names.use_object(enumeration)
            members: Mapping[object, str] = {
                member.value: f"{name}.{member.name}" for member in enumeration
            }
            return Chosen(name, "", members)
        pairs = constant_pairs(expression)
        if pairs is None or arguments.column is not None:
            raise CannotWriteError("its choices are worked out")
        if all(label is value for value, label in pairs):
            values = [*dict.fromkeys(arguments.write(value) for value, _label in pairs)]
            if field.allow_blank and '""' not in values:
                values.append('""')
            return Chosen(f"{self.names.use('typing', 'Literal')}[{', '.join(values)}]", "", {})
        if field.allow_blank:
            raise CannotWriteError("an enumeration has no blank")
        return self._new(field, pairs, attribute, arguments)

    def _expression(self, arguments: Arguments) -> tuple[cst.BaseExpression | None, str]:
        """Return the expression of the choices, and the module in which it stands."""
        if "choices" in arguments.expressions or arguments.column is None:
            return arguments.expressions.get("choices"), self.module
        call, module = arguments.column.call()
        for argument in () if call is None else call.args:
            if argument.keyword is not None and argument.keyword.value == "choices":
                return argument.value, module
        return None, ""

    def _enumeration(
        self, expression: cst.BaseExpression, module: str
    ) -> type[DjangoChoices] | None:
        """Return the enumeration that an expression takes the choices from."""
        of_class = m.extract(expression, _OF_ENUMERATION)
        path = of_class["class"] if of_class else expression
        if not isinstance(path, (cst.Name, cst.Attribute)):
            return None
        for value in self._called(cst.Module([]).code_for_node(path), module):
            if isinstance(value, type) and issubclass(value, DjangoChoices) and len(value):
                return value
        return None

    def _called(self, path: str, module: str) -> Iterator[object]:
        """Yield what a dotted name may stand for in a module, or in one of its classes."""
        top = sys.modules.get(module)
        inside = [value for value in vars(top).values() if isinstance(value, type)] if top else []
        for home in (top, *(cls for cls in inside if cls.__module__ == module)):
            value: object = home
            for step in path.split("."):
                value = getattr(value, step, None)
            yield value

    def _new(
        self, field: AnyField, pairs: list[Pair], attribute: str, arguments: Arguments
    ) -> Chosen:
        kinds = {type(value) for value in field.choices}
        if kinds not in ({str}, {int}) or len(field.choices) != len(pairs):
            raise CannotWriteError("the choices are of several classes")
        base = "TextChoices" if kinds == {str} else "IntegerChoices"
        taken: set[str] = set()
        members: list[str] = []
        lines = []
        for value, label in pairs:
            text = _text_of(label if kinds == {int} else value)
            members.append(member_name(text, taken))
            lines.append(f"    {members[-1]} = {arguments.write(value)}, {arguments.write(label)}")
        body = "\n".join(lines)
        code = ""
        name = self.names.enumerations.get((base, body)) or self.new.get((base, body))
        if name is None:
            words = re.split(r"[_\W]+", attribute)
            wanted = f"{self.prefix}{''.join(word.capitalize() for word in words)}"
            name = self.new[base, body] = self.names.reserve(wanted)
            models = self.names.use("django.db", "models")
            head = f'class {name}({models}.{base}):\n    """What ``{attribute}`` may be."""\n\n'
            code = f"{head}{body}"
        dotted = [f"{name}.{member}" for member in members]
        return Chosen(name, code, dict(zip(field.choices, dotted, strict=True)))


_CHOICES_OF_CLASS = m.Attribute(m.SaveMatchedNode(m.DoNotCare(), "class"), m.Name("choices"))
_OF_ENUMERATION = _CHOICES_OF_CLASS | m.Call(
    m.Name("tuple") | m.Name("list"), [m.Arg(_CHOICES_OF_CLASS)]
)


def _text_of(expression: cst.BaseExpression) -> str:
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
    letters = (char if f"a{char}".isidentifier() else "_" for char in normalize("NFKC", text))
    name = re.sub("_+", "_", "".join(letters)).strip("_").upper()
    # Python normalises names; and what is upper case may be no letter of a name any more.
    if not name.isidentifier() or iskeyword(name) or name in _RESERVED:
        name = f"VALUE_{re.sub(r'[^A-Z0-9_]', '_', name)}".rstrip("_")
    while name in taken or hasattr(Enum, name):
        name = f"{name}_"
    taken.add(name)
    return name


_RESERVED = frozenset(("NONE",))
