"""Type annotations as source code."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator
from typing import Annotated, Any, ForwardRef, Literal, Union, get_args, get_origin

from pydantic import StringConstraints
from pydantic.fields import FieldInfo
from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.migration.codegen.layout import scan
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.codegen.values import call_source, value_source
from nova_drf.migration.convert.type_names import constraints_of

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
        constrained: Whether to write constraints; a field that goes on running has its own.
    """

    def __init__(self, names: Names, nested: NestedName, *, constrained: bool = True) -> None:
        self.names = names
        self.nested = nested
        self.constrained = constrained

    def source(self, annotation: Any) -> str:
        """Return the annotation as source code.

        Raises:
            CannotWriteError: It holds something that has no name.
        """
        if annotation is None or annotation is type(None):
            return "None"
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self._annotated(arguments[0], arguments[1:])
        if origin in (Union, types.UnionType):
            return self._union(arguments)
        if origin is Literal:
            return self._literal(arguments)
        if origin is not None and arguments:
            inner = ", ".join(map(self.source, arguments))
            return f"{self._name(origin)}[{inner}]"
        return self._name(annotation)

    def _union(self, arguments: tuple[object, ...]) -> str:
        parts = dict.fromkeys(map(self.source, arguments))
        if self.names.use("typing", "Any") in parts:
            # Whatever it is, it may be ``None``.
            return self.names.use("typing", "Any")
        return " | ".join(parts)

    def _literal(self, values: tuple[object, ...]) -> str:
        written = ", ".join(value_source(value, self.names) for value in values)
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
        return self.names.use_object(annotation)

    def _annotated(self, type_: object, marks: tuple[object, ...]) -> str:
        written = self.source(type_)
        said = [text for mark in marks if (text := self._mark(mark))] if self.constrained else []
        return self.annotated(written, *said)

    def annotated(self, written: str, *marks: str) -> str:
        """Return ``Annotated[...]`` around a type, flat where it is one already."""
        if not marks:
            return written
        name = self.names.use("typing", "Annotated")
        if written.startswith(f"{name}[") and written.endswith("]") and _is_one(written):
            return f"{written[:-1]}, {', '.join(marks)}]"
        return f"{name}[{written}, {', '.join(marks)}]"

    def _mark(self, mark: object) -> str:
        if isinstance(mark, FieldInfo):
            return self.field(constraints_of(mark))
        if isinstance(mark, StringConstraints):
            name = self.names.use("pydantic", "StringConstraints")
            return call_source(name, {"strip_whitespace": repr(mark.strip_whitespace)})
        return ""

    def field(self, arguments: dict[str, Any]) -> str:
        """Return a call of ``Field``."""
        if not arguments:
            return ""
        written = {name: self._constraint(value) for name, value in arguments.items()}
        return call_source(self.names.use("pydantic", "Field"), written)

    def _constraint(self, value: object) -> str:
        written = value_source(value, self.names)
        # A text would be searched by Rust, and a classic field's expression is one of Python's.
        is_pythons = isinstance(value, re.Pattern)
        return f"{self.names.use('re', None)}.compile({written})" if is_pythons else written


def _is_one(written: str) -> bool:
    """Whether the first bracket closes at the end."""
    closings = (at for at, character, depth in scan(written) if character == "]" and depth == 0)
    return next(closings) == len(written) - 1


def nested_classes(bound: Any) -> Iterator[type]:
    """Yield the serializer classes inside of a field."""
    if isinstance(bound, ListSerializer) or isinstance(getattr(bound, "child", None), Field):
        yield from nested_classes(bound.child)
    elif isinstance(bound, BaseSerializer):
        yield type(bound)
