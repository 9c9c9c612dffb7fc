"""Type annotations as source code."""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, ForwardRef, Literal, Union, get_args, get_origin

import libcst as cst
import libcst.matchers as m
from pydantic import StringConstraints
from pydantic.fields import FieldInfo
from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.migration.codegen.arguments import Limits, literal
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.convert.type_names import constraints_of

_DATES: Mapping[Any, str] = {one: one.__name__ for one in (date, datetime, time, timedelta)}

NestedName = Callable[[type], str]
"""Returns the name of the schema that stands for a nested serializer class."""


class Nested:
    """The base of the types that stand for nested serializers until their schemas have names."""

    serializer: type


def nested_type(serializer: type) -> object:
    """Return a type that stands for the schema of a serializer class."""
    return type(serializer.__name__, (Nested,), {"serializer": serializer})


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

    def source(self, annotation: Any, limits: Limits | None = None) -> str:
        """Return the annotation as source code.

        Args:
            annotation: A type.
            limits: Writes its constraints; without, they are left out, since a field that goes on
                running has its own.

        Raises:
            CannotWriteError: It holds something that has no name.
        """
        if annotation is None or annotation is type(None):
            return "None"
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self._annotated(arguments[0], arguments[1:], limits)
        if origin in (Union, types.UnionType):
            return self._union(arguments, limits)
        if origin is Literal:
            if limits is not None:
                limits.check_choices()
            return self._literal(arguments)
        if origin is not None and arguments:
            inside = None if limits is None or not _has_limits(arguments) else limits.inside()
            inner = ", ".join(self.source(one, inside) for one in arguments)
            return f"{self._name(origin)}[{inner}]"
        return self._name(annotation)

    def _union(self, arguments: tuple[object, ...], limits: Limits | None) -> str:
        parts = dict.fromkeys(self.source(one, limits) for one in arguments)
        if self.names.use("typing", "Any") in parts:
            # Whatever it is, it may be ``None``.
            return self.names.use("typing", "Any")
        return " | ".join(parts)

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
        if annotation in _DATES and _DATES[annotation] in self.attributes:
            # The attribute hides what ``from datetime import`` would bring.
            return f"{self.names.use('datetime', None, 'dt')}.{_DATES[annotation]}"
        return self.names.use_object(annotation)

    def _annotated(self, type_: object, marks: tuple[object, ...], limits: Limits | None) -> str:
        written = self.source(type_, limits)
        if limits is None:
            return written
        said = [text for mark in marks if (text := self._mark(mark, limits))]
        return self.annotated(written, *said)

    def annotated(self, written: str, *marks: str) -> str:
        """Return ``Annotated[...]`` around a type, flat where it is one already."""
        if not marks:
            return written
        name = self.names.use("typing", "Annotated")
        if self._is_annotated(written):
            return f"{written[:-1]}, {', '.join(marks)}]"
        return f"{name}[{written}, {', '.join(marks)}]"

    def _is_annotated(self, written: str) -> bool:
        """Whether a type is ``Annotated[...]``, rather than something that begins with one."""
        name = self.names.use("typing", "Annotated")
        parsed = cst.parse_expression(written)
        return m.matches(parsed, m.Subscript(m.Name(name)))

    def _mark(self, mark: object, limits: Limits) -> str:
        if isinstance(mark, FieldInfo):
            given = constraints_of(mark).items()
            return self.field({name: limits.text(name, value) for name, value in given})
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


def _has_limits(arguments: tuple[object, ...]) -> bool:
    return any(get_origin(one) is Annotated or get_args(one) for one in arguments)


def nested_classes(bound: Any) -> Iterator[type]:
    """Yield the serializer classes inside of a field."""
    if isinstance(bound, ListSerializer) or isinstance(getattr(bound, "child", None), Field):
        yield from nested_classes(bound.child)
    elif isinstance(bound, BaseSerializer):
        yield type(bound)
