"""Type annotations as source code."""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Annotated, Any, ForwardRef, Literal, Optional, Union, get_args, get_origin
from uuid import UUID

import libcst as cst
import libcst.matchers as m
from pydantic import EmailStr, StringConstraints
from pydantic.fields import FieldInfo
from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.migration.codegen.arguments import Arguments, literal
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.convert.type_names import constraints_of

DATES: Mapping[object, str] = {cls: cls.__name__ for cls in (date, datetime, time, timedelta)}
"""The types whose names are attributes of many schemas, where ``datetime.`` stands before them."""

_BARE: Mapping[object, int] = {list: 1, set: 1, frozenset: 1, dict: 2}
"""The types that type checkers want to know more about, and how much."""

NestedName = Callable[[type], str]
"""Returns the name of the schema that stands for a nested serializer class."""


class Nested:
    """The base of the types that stand for nested serializers until their schemas have names."""

    serializer: type


def nested_type(serializer: type) -> object:
    """Return a type that stands for the schema of a serializer class."""
    return type(serializer.__name__, (Nested,), {"serializer": serializer})


def nested_classes(bound: object) -> Iterator[type]:
    """Yield the serializer classes inside of a field."""
    child = getattr(bound, "child", None)
    if isinstance(child, Field):
        yield from nested_classes(child)
    elif isinstance(bound, BaseSerializer) and not isinstance(bound, ListSerializer):
        yield type(bound)


class Annotations:
    """Writes annotations for one file.

    Args:
        names: The names of the file.
        nested: Names the schemas of nested serializers.
        attributes: The names of the schema's attributes, which hide what else has them.
    """

    def __init__(self, names: Names, nested: NestedName, attributes: Collection[str] = ()) -> None:
        self.names = names
        self.nested = nested
        self.attributes = attributes

    def source(self, annotation: object, arguments: Arguments | None = None) -> str:
        """Return the annotation as source code.

        Args:
            annotation: A type.
            arguments: Writes its constraints; without, they are left out, since a field that goes
                on running has its own.

        Raises:
            CannotWriteError: It holds something that has no name.
        """
        if annotation is None or annotation is NoneType:
            return "None"
        origin, inner = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self._annotated(inner[0], inner[1:], arguments)
        if origin in (Union, types.UnionType):
            return self._union(inner, arguments)
        if origin is Literal:
            if arguments is not None:
                arguments.check_choices()
            return self._literal(inner)
        if origin is not None and inner:
            has_limits = any(get_origin(type_) is Annotated or get_args(type_) for type_ in inner)
            inside = arguments.inside() if arguments is not None and has_limits else None
            written = ", ".join(self.source(type_, inside) for type_ in inner)
            return f"{self.names.use_object(origin)}[{written}]"
        return self._name(annotation)

    def _union(self, branches: tuple[object, ...], arguments: Arguments | None) -> str:
        parts = dict.fromkeys(self.source(branch, arguments) for branch in branches)
        anything = self.names.use("typing", "Any")
        # Whatever it is, it may be ``None``.
        return anything if anything in parts else " | ".join(parts)

    def _literal(self, values: tuple[object, ...]) -> str:
        written = ", ".join(literal(value, self.names) for value in values)
        return f"{self.names.use('typing', 'Literal')}[{written}]"

    def _name(self, annotation: object) -> str:
        if annotation is Any:
            return self.names.use("typing", "Any")
        if annotation is Ellipsis:
            return "..."
        if isinstance(annotation, type) and issubclass(annotation, Nested):
            return self.nested(annotation.serializer)
        if isinstance(annotation, (str, ForwardRef)):
            raise CannotWriteError(f"{annotation!r} is a name of another file")
        if annotation in DATES and DATES[annotation] in self.attributes:
            # The attribute hides what ``from datetime import`` would bring.
            return f"{self.names.use('datetime', None, 'dt')}.{DATES[annotation]}"
        written = self.names.use_object(annotation)
        arity = _BARE.get(annotation, 0) if isinstance(annotation, type) else 0
        anything = ", ".join([self.names.use("typing", "Any")] * arity) if arity else ""
        return f"{written}[{anything}]" if arity else written

    def _annotated(
        self, type_: object, marks: tuple[object, ...], arguments: Arguments | None
    ) -> str:
        written = self.source(type_, arguments)
        if arguments is None:
            return written
        texts = [text for mark in marks if (text := self._mark(mark, arguments))]
        return self.annotated(written, *texts)

    def annotated(self, written: str, *marks: str) -> str:
        """Return ``Annotated[...]`` around a type, flat where it is one already."""
        if not marks:
            return written
        name = self.names.use("typing", "Annotated")
        if m.matches(cst.parse_expression(written), m.Subscript(m.Name(name))):
            return f"{written[:-1]}, {', '.join(marks)}]"
        return f"{name}[{written}, {', '.join(marks)}]"

    def _mark(self, mark: object, arguments: Arguments) -> str:
        if isinstance(mark, FieldInfo):
            limits = constraints_of(mark).items()
            return self.field(
                {
                    name: arguments.text(name, value)
                    for name, value in limits
                    if not arguments.is_of_database(name, value)
                }
            )
        if isinstance(mark, StringConstraints):
            name = self.names.use("pydantic", "StringConstraints")
            return call_source(name, {"strip_whitespace": repr(mark.strip_whitespace)})
        return ""

    def field(self, arguments: Mapping[str, str]) -> str:
        """Return a call of ``Field``; nothing if it has nothing to say."""
        return call_source(self.names.use("pydantic", "Field"), arguments) if arguments else ""


def call_source(callee: str, arguments: Mapping[str, str], *positional: str) -> str:
    """Return a call."""
    keywords = (f"{name}={value}" for name, value in arguments.items())
    return f"{callee}({', '.join((*positional, *keywords))})"


# What type checkers, and schemas, take for a value of a type


def takes(annotation: object, value: object) -> bool:
    """Whether a type checker takes a literal for a value of a type."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return takes(inner[0], value)
    if origin is Literal:
        return value in inner
    if NoneType in inner:
        return any(takes(branch, value) for branch in inner)
    return annotation is Any or type(value) in _TAKEN.get(annotation, (annotation,))


_TAKEN: Mapping[object, tuple[type, ...]] = {
    EmailStr: (str,),
    float: (float, int),
    None: (NoneType,),
}

_MADE_BY_FIELDS = (
    *(str, int, float, bool, Decimal, date, datetime, time, timedelta),
    *(UUID, EmailStr, NoneType),
)


def holds_field_values(annotation: object) -> bool:
    """Whether an attribute of a type holds the very values that DRF's fields make."""
    inner = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return holds_field_values(inner[0])
    return all(map(holds_field_values, inner)) if inner else annotation in _MADE_BY_FIELDS


def without_literals(annotation: object) -> object:
    """Return a type with the classes of texts and numbers in place of each of them."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return without_literals(inner[0])
    if origin is Literal:
        classes = {type(value) for value in inner}
        return classes.pop() if len(classes) == 1 else Any
    if origin is not None and origin in (list, set, dict):
        return types.GenericAlias(origin, tuple(map(without_literals, inner)))
    if NoneType in inner:
        rest = [without_literals(branch) for branch in inner if branch is not NoneType]
        return Optional[rest[0]] if len(rest) == 1 else annotation  # noqa: UP045  # a type made at run time
    return annotation
