"""The arguments with which fields are made, as the project writes them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from re import Pattern
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m
from django.db import connection
from django.db.models import Field as ModelField
from django.db.models import IntegerField, Model
from rest_framework.serializers import ListSerializer

from nova_drf.core.ownership import Owner, owner_of
from nova_drf.core.settings import get_setting
from nova_drf.mapping import builtin as _builtin_rows  # noqa: F401  (registers the rows)
from nova_drf.mapping.registry import registry
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen.bindings import is_constant
from nova_drf.migration.codegen.bodies import assigned_value, declarations
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.codegen.sources import Writer, place_of

ARGUMENTS = {
    "ge": "min_value",
    "le": "max_value",
    "pattern": "regex",
    "strip_whitespace": "trim_whitespace",
}
"""What DRF calls some of Pydantic's constraints; others have the same name in both."""

_IMPLIED = frozenset((("min_length", 0), ("min_length", 1), ("strip_whitespace", False)))
"""Constraints that stand for a flag: ``allow_blank``, ``allow_empty``, ``trim_whitespace``."""

SAID_BY_MODEL = "its limits are those of its column"
"""Why a column's limits are not repeated."""


class Column(NamedTuple):
    """A column of a model, from which a field is inferred.

    Attributes:
        model: The model.
        name: The column.
    """

    model: type[Model]
    name: str

    def call(self) -> tuple[cst.Call | None, str]:
        """Return the call that makes it, and its module, where a model's body has it."""
        for cls in self.model.__mro__:
            place = place_of(cls)
            statement = None if place is None else declarations(place.body).get(self.name)
            if statement is not None:
                value = assigned_value(statement)
                return (value if isinstance(value, cst.Call) else None), cls.__module__
        return None, ""

    def check_limits(self) -> None:
        """Refuse limits that are no plain numbers in the model's code.

        What comes from settings, or from a class of the project's, is not copied.

        Raises:
            CannotWriteError: They are not, or the model is to say them alone.
        """
        if not get_setting("COLUMN_LIMITS_IN_CODE"):
            raise CannotWriteError(SAID_BY_MODEL)
        call, _module = self.call()
        if call is None:
            raise CannotWriteError(f"where {self.model.__name__} has {self.name} was not found")
        limits = (argument.value for argument in call.args if _limits(argument))
        if not all(map(_is_made_of_constants, limits)):
            raise CannotWriteError(f"its limits are worked out in {self.model.__name__}")
        column: ModelField[object, object] = self.model._meta.get_field(self.name)  # type: ignore[assignment]  # no relation has limits
        if owner_of(type(column)) is not Owner.DJANGO:
            raise CannotWriteError(f"{type(column).__name__} has its own limits")


class Arguments:
    """What the code says about a field.

    Args:
        expressions: The arguments of the call that declares it, or what ``Meta.extra_kwargs`` says
            about it, by name.
        field: The field.
        write: Writes expressions for another file.
        column: The column that it is inferred from; ``None`` if it is declared.
    """

    def __init__(
        self,
        expressions: Mapping[str, cst.BaseExpression],
        field: AnyField,
        write: Writer,
        column: Column | None = None,
    ) -> None:
        self.expressions = expressions
        self.field = field
        self.write = write
        self.column = column

    def written(self, name: str) -> str | None:
        """Return an argument as it is to be written; ``None`` if it is not there."""
        return None if name not in self.expressions else self.write(self.expressions[name])

    def text(self, name: str, value: object) -> str:
        """Return the expression for a constraint of Pydantic's.

        Raises:
            CannotWriteError: Its value is not what the code says, but what it came to.
        """
        argument = ARGUMENTS.get(name, name)
        if argument in self.expressions and argument != "trim_whitespace":
            written = self.write(self.expressions[argument])
            is_compiled = name != "pattern" or written.startswith("re.compile(")
            return written if is_compiled else self._compiled(written)
        if (name, value) not in _IMPLIED:
            self._check_said(name, argument)
        return literal(value, self.write.names)

    def is_of_database(self, name: str, value: object) -> bool:
        """Whether a constraint is the range of integers that the database of today has."""
        if self.column is None or ARGUMENTS.get(name, name) in self.expressions or value == 0:
            return False
        column = self.column.model._meta.get_field(self.column.name)
        if not isinstance(column, IntegerField):
            return False
        return value in connection.ops.integer_field_range(column.get_internal_type())

    def _check_said(self, name: str, argument: str) -> None:
        if self.column is not None and argument not in self.expressions:
            self.column.check_limits()
        elif owner_of(type(self.field)) is not Owner.DRF:
            raise CannotWriteError(f"{name} is said by {type(self.field).__name__} itself")

    def _compiled(self, written: str) -> str:
        # A text would be searched by Rust, and a classic field's expression is one of Python's.
        return f"{self.write.names.use('re', None)}.compile({written})"

    def inside(self) -> Arguments:
        """Return those of what a list or a dictionary holds."""
        child = self.expressions.get("child")
        if self.column is not None:
            return self
        if child is None:
            return Arguments({}, self.field, self.write)
        arguments = arguments_of(child, self.field.child, self.write)
        if arguments is None:
            raise CannotWriteError("its child is made elsewhere")
        arguments.check_flags()
        return arguments

    def check_choices(self) -> None:
        """Raise :class:`CannotWriteError` unless the code lists the choices as constants."""
        if self.column is not None:
            raise CannotWriteError("the model has its choices")
        choices = self.expressions.get("choices")
        if choices is None or constant_pairs(choices) is None:
            raise CannotWriteError("its choices are worked out")

    def check_flags(self) -> None:
        """Refuse arguments that decide about the type, but are decided elsewhere.

        Raises:
            CannotWriteError: There is one.
        """
        for name, expression in {} if self.column is not None else self.expressions.items():
            if name not in _CARRIED and not is_constant(expression):
                raise CannotWriteError(f"{name} is an expression")


WRITTEN_AS_THEY_ARE = frozenset(
    (
        *("label", "help_text", "default", "regex", "style"),
        *("min_length", "max_length", "min_value", "max_value", "max_digits", "decimal_places"),
    )
)
"""The arguments whose expressions are written, whatever they come to."""
_CARRIED = {*WRITTEN_AS_THEY_ARE, "choices", "child", "queryset"}
"""The arguments that have a place of their own."""


def arguments_of(
    expression: cst.BaseExpression, field: AnyField, write: Writer
) -> Arguments | None:
    """Return the arguments of a call that makes a field; ``None`` if it does not show them.

    Args:
        expression: The call.
        field: What it makes.
        write: Writes expressions for another file.
    """
    if not isinstance(expression, cst.Call) or any(argument.star for argument in expression.args):
        return None
    called: type = type(field.child if isinstance(field, ListSerializer) else field)
    try:
        names = [*inspect.signature(called).parameters]
        expressions = {
            names[at] if argument.keyword is None else argument.keyword.value: argument.value
            for at, argument in enumerate(expression.args)
        }
    except (IndexError, ValueError):
        return None
    is_shown = not {"args", "kwargs"} & expressions.keys()
    return Arguments(expressions, field, write) if is_shown else None


def constant_pairs(
    choices: cst.BaseExpression,
) -> list[tuple[cst.BaseExpression, cst.BaseExpression]] | None:
    """Return the values and labels of choices that the code lists; ``None`` if it does not.

    Args:
        choices: The expression; values are constants, labels may be translated.
    """
    if not isinstance(choices, (cst.List, cst.Tuple, cst.Set)):
        return None
    pairs = []
    for element in choices.elements:
        value = label = element.value
        if isinstance(value, (cst.List, cst.Tuple)) and len(value.elements) == 2:
            value, label = (part.value for part in value.elements)
        if not is_constant(value) or not (is_constant(label) or _is_translated(label)):
            return None
        pairs.append((value, label))
    return pairs


def literal(value: object, names: Names) -> str:
    """Return a constant of a type's as source code.

    Args:
        value: The constant.
        names: The names of the file.

    Raises:
        CannotWriteError: It is none.
    """
    if isinstance(value, Pattern):
        return f"{names.use('re', None)}.compile({literal(value.pattern, names)})"
    if value is None or type(value) in (bool, int, float):
        return repr(value)
    if type(value) is str:
        return text_source(value)
    row = registry.for_value(value)
    arguments = None if row is None else row.source_arguments(value)
    if arguments is not None:
        return f"{names.use_object(type(value))}({arguments})"
    raise CannotWriteError(f"{value!r} is no constant")


def text_source(text: str) -> str:
    """Return a text in double quotes, unless that takes more escapes than single ones."""
    if '"' in text and "'" not in text:
        return repr(text)
    as_they_are = {'"': '\\"', "'": "'"}
    return f'"{"".join(as_they_are.get(letter) or repr(letter)[1:-1] for letter in text)}"'


def _limits(argument: cst.Arg) -> bool:
    return argument.keyword is None or argument.keyword.value in (
        *("max_length", "max_digits", "decimal_places", "validators"),
    )


def _is_made_of_constants(expression: cst.BaseExpression) -> bool:
    """Whether an expression, or the arguments of the calls in it, are constants."""
    if isinstance(expression, (cst.List, cst.Tuple, cst.Set)):
        return all(_is_made_of_constants(element.value) for element in expression.elements)
    if isinstance(expression, cst.Call):
        return all(_is_made_of_constants(argument.value) for argument in expression.args)
    return is_constant(expression) or _is_translated(expression)


def _is_translated(expression: cst.BaseExpression) -> bool:
    return m.matches(expression, m.Call(m.Name("_") | m.Name("gettext_lazy")))
