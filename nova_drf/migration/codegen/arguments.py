"""The arguments with which fields are made, as the project writes them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from re import Pattern
from typing import Any, Protocol

import libcst as cst
import libcst.matchers as m
from django.db.models import Model
from rest_framework.serializers import ListSerializer

from nova_drf.core.ownership import Owner, owner_of
from nova_drf.core.settings import get_setting
from nova_drf.mapping import builtin as _builtin_rows  # noqa: F401  (registers the rows)
from nova_drf.mapping.registry import registry
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen.bindings import is_constant
from nova_drf.migration.codegen.bodies import assigned_value, declarations
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.codegen.sources import place_of


class Write(Protocol):
    """Writes expressions for a file."""

    names: Names

    def __call__(self, expression: cst.BaseExpression) -> str:
        """Return an expression as the file has to write it."""
        ...


ARGUMENTS = {
    "ge": "min_value",
    "le": "max_value",
    "pattern": "regex",
    "strip_whitespace": "trim_whitespace",
}
"""What DRF calls some of Pydantic's constraints; others have the same name in both."""

_IMPLIED = frozenset((("min_length", 0), ("min_length", 1), ("strip_whitespace", False)))
"""Constraints that stand for a flag: ``allow_blank``, ``allow_empty``, ``trim_whitespace``."""


class Limits(Protocol):
    """Knows what a constraint's value is written as."""

    def text(self, name: str, value: object) -> str:
        """Return the expression for a constraint of Pydantic's.

        Raises:
            CannotWriteError: Its value is not what the code says, but what it came to.
        """
        ...

    def inside(self) -> Limits:
        """Return those of what a list or a dictionary holds."""
        ...

    def check_choices(self) -> None:
        """Raise :class:`CannotWriteError` unless the code lists the choices as constants."""


class Arguments:
    """The arguments of a call that declares a field.

    Args:
        given: The expressions, by the names of the arguments.
        field: The field.
        write: Writes them for another file.
    """

    def __init__(
        self, given: Mapping[str, cst.BaseExpression], field: AnyField, write: Write
    ) -> None:
        self.given = given
        self.field = field
        self.write = write

    def written(self, name: str) -> str | None:
        """Return an argument as it is to be written; ``None`` if it is not given."""
        return None if name not in self.given else self.write(self.given[name])

    def text(self, name: str, value: object) -> str:
        argument = ARGUMENTS.get(name, name)
        if argument in self.given and argument != "trim_whitespace":
            written = self.write(self.given[argument])
            is_compiled = name != "pattern" or written.startswith("re.compile(")
            return written if is_compiled else self._compiled(written)
        if (name, value) in _IMPLIED or _is_drfs(self.field):
            return literal(value, self.write.names)
        raise CannotWriteError(f"{name} is said by {type(self.field).__name__} itself")

    def _compiled(self, written: str) -> str:
        # A text would be searched by Rust, and a classic field's expression is one of Python's.
        return f"{self.write.names.use('re', None)}.compile({written})"

    def inside(self) -> Arguments:
        child = self.given.get("child")
        if child is None:
            return Arguments({}, self.field, self.write)
        found = arguments_of(child, self.field.child, self.write)
        if found is None:
            raise CannotWriteError("its child is made elsewhere")
        found.check_flags()
        return found

    def check_choices(self) -> None:
        given = self.given.get("choices")
        if given is None or constant_pairs(given) is None:
            raise CannotWriteError("its choices are worked out")

    def check_flags(self) -> None:
        """Refuse arguments that decide about the type, but are decided elsewhere.

        Raises:
            CannotWriteError: There is one.
        """
        for name, expression in self.given.items():
            if name not in _CARRIED and not is_constant(expression):
                raise CannotWriteError(f"{name} is an expression")


_CARRIED = frozenset(
    (
        *("label", "help_text", "default", "choices", "child", "queryset", "regex", "style"),
        *("min_length", "max_length", "min_value", "max_value", "max_digits", "decimal_places"),
    )
)
"""The arguments that have a place of their own, whatever their expression is."""


def _is_drfs(field: AnyField) -> bool:
    return owner_of(type(field)) is Owner.DRF


def arguments_of(expression: cst.BaseExpression, field: AnyField, write: Write) -> Arguments | None:
    """Return the arguments of a call that makes a field; ``None`` if it does not show them.

    Args:
        expression: The call.
        field: What it makes.
        write: Writes expressions for another file.
    """
    if not isinstance(expression, cst.Call) or any(one.star for one in expression.args):
        return None
    made: Any = field.child if isinstance(field, ListSerializer) else field
    try:
        signature = inspect.signature(type(made))
        names = [*signature.parameters]
        given = {
            names[at] if one.keyword is None else one.keyword.value: one.value
            for at, one in enumerate(expression.args)
        }
    except (IndexError, ValueError):
        return None
    return None if {"args", "kwargs"} & given.keys() else Arguments(given, field, write)


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
        one: Any = element.value
        is_pair = isinstance(one, (cst.List, cst.Tuple)) and len(one.elements) == 2
        value, label = (part.value for part in one.elements) if is_pair else (one, one)
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
    body = "".join(_ESCAPED.get(one) or (one if one == "'" else repr(one)[1:-1]) for one in text)
    return f'"{body}"'


_ESCAPED = {'"': '\\"'}


class Column:
    """The limits of a column of a model.

    They are written where the model's code has them as plain numbers; what comes from settings,
    or from a class of the project's, is not copied.

    Args:
        model: The model.
        name: The column.
        extra: What ``Meta.extra_kwargs`` says about its field.
    """

    def __init__(self, model: type[Model], name: str, extra: Arguments) -> None:
        self.model = model
        self.name = name
        self.extra = extra
        self.write = extra.write

    def text(self, name: str, value: object) -> str:
        if ARGUMENTS.get(name, name) in self.extra.given:
            return self.extra.text(name, value)
        if (name, value) in _IMPLIED:
            return literal(value, self.write.names)
        if not get_setting("COLUMN_LIMITS_IN_CODE"):
            raise CannotWriteError(SAID_BY_MODEL)
        self._check()
        return literal(value, self.write.names)

    def inside(self) -> Column:
        return self

    def check_choices(self) -> None:
        raise CannotWriteError("the model has its choices")

    def _check(self) -> None:
        call, _home = column_call(self.model, self.name)
        if call is None:
            raise CannotWriteError(f"where {self.model.__name__} has {self.name} was not found")
        if not all(map(_is_made_of_constants, (one.value for one in call.args if _limits(one)))):
            raise CannotWriteError(f"its limits are worked out in {self.model.__name__}")
        column: Any = self.model._meta.get_field(self.name)
        if owner_of(type(column)) is not Owner.DJANGO:
            raise CannotWriteError(f"{type(column).__name__} has its own limits")


SAID_BY_MODEL = "its limits are those of its column"
"""Why a column's limits are not repeated."""


def _limits(argument: cst.Arg) -> bool:
    return argument.keyword is None or argument.keyword.value in (
        *("max_length", "max_digits", "decimal_places", "validators"),
    )


def _is_made_of_constants(expression: cst.BaseExpression) -> bool:
    """Whether an expression, or the arguments of the calls in it, are constants."""
    if isinstance(expression, (cst.List, cst.Tuple, cst.Set)):
        return all(_is_made_of_constants(one.value) for one in expression.elements)
    if isinstance(expression, cst.Call):
        return all(_is_made_of_constants(one.value) for one in expression.args)
    return is_constant(expression) or _is_translated(expression)


def _is_translated(expression: cst.BaseExpression) -> bool:
    return m.matches(expression, m.Call(m.Name("_") | m.Name("gettext_lazy")))


def column_call(model: type[Model], name: str) -> tuple[cst.Call | None, str]:
    """Return the call that makes a column, and its module, where a model's body has it."""
    for cls in model.__mro__:
        place = place_of(cls)
        statement = None if place is None else declarations(place.node).get(name)
        if statement is not None:
            value = assigned_value(statement)
            return (value if isinstance(value, cst.Call) else None), cls.__module__
    return None, ""
