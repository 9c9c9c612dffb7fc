"""One serializer class as a schema and a serializer class that runs it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import libcst as cst

from nova_drf.migration.codegen import bodies, hooks
from nova_drf.migration.codegen.bases import Bases
from nova_drf.migration.codegen.fields import NO_TYPE, Line, Lines
from nova_drf.migration.codegen.layout import note
from nova_drf.migration.codegen.origins import Origin
from nova_drf.migration.codegen.outcomes import File


class ClassWriter:
    """Writes one class.

    Args:
        origin: What is written.
        name: The name of the new class.
        schema: The name of its schema.
        bases: Its bases.
        file: The file for which it is written.
        lines: Writes its fields.
    """

    def __init__(
        self,
        origin: Origin,
        name: str,
        schema: str,
        bases: Bases,
        file: File,
        lines: Lines,
    ) -> None:
        self.origin = origin
        self.name = name
        self.schema = schema
        self.bases = bases
        self.names = file.names
        self.width = file.width
        self.quoted = file.quoted
        self.ways = {given.name: list(lines.ways(given)) for given in origin.given(file.names)}
        self.chosen = dict.fromkeys(self.ways, 0)
        self.reasons: dict[str, str] = {}
        self.keeps_removals = False
        self.keeps_options = False
        self.inherits = False
        """Whether the schema of a base does for this class as well."""

    # Choosing

    def line(self, name: str) -> Line:
        """Return the way in which a field is written now."""
        ways = self.ways[name]
        return ways[min(self.chosen[name], len(ways) - 1)]

    def next_way(self, name: str, reason: str) -> bool:
        """Write a field in the next way; whether there is one.

        Args:
            name: The field.
            reason: In what it would differ from the original.
        """
        self.reasons[name] = reason
        self.chosen[name] = self.chosen.get(name, 0) + 1
        return self.chosen[name] < len(self.ways.get(name, ()))

    @property
    def used(self) -> dict[str, Line]:
        """How each field is written."""
        return {name: self.line(name) for name in self.ways if self.ways[name]}

    # The schema

    def validators(self) -> dict[str, cst.FunctionDef]:
        """Return the ``validate_<field>`` methods that become validators of the schema."""
        if self.origin.has_heirs:
            return {}
        by_hook = {f"validate_{name}": line for name, line in self.used.items()}
        return {
            method.name.value: hooks.as_validator(
                self.origin.source.moved(method, self.names),
                by_hook[method.name.value].attribute,
                self.names.use("pydantic", "field_validator"),
            )
            for method in bodies.methods(self.origin.node)
            if method.name.value in by_hook
            and self._is_for_type(by_hook[method.name.value])
            and hooks.is_pure(method)
        }

    def _is_for_type(self, line: Line) -> bool:
        """Whether the schema's attribute holds what the hook is given in a serializer."""
        has_default = line.default and not line.default.endswith("unset()")
        return line.is_plain and not has_default and "default" not in line.annotation

    def enumerations(self) -> list[str]:
        """Return the enumerations that the schema needs."""
        return [line.enumeration for line in self.used.values() if line.enumeration]

    def schema_text(self, above: Mapping[str, Line], base: str) -> str:
        """Return the schema's source code.

        Args:
            above: The fields that the base has already.
            base: The base.
        """
        head = [f"class {self.schema}({base}):"]
        docstring = bodies.docstring_of(self.origin.node)
        if docstring is not None:
            head += [f"    {docstring}"]
        rest = {name: line for name, line in self.used.items() if name not in above}
        written = [text for name, line in rest.items() for text in self._field(name, line)]
        if written and docstring is not None:
            head.append("")
        for method in self.validators().values():
            code = cst.Module([method.with_changes(leading_lines=_comments(method))]).code
            written += ["", *textwrap.indent(code.strip("\n"), "    ").split("\n")]
        if not written and docstring is None:
            written = ["    pass"]
        return "\n".join((*head, *written))

    def _field(self, name: str, line: Line) -> Iterator[str]:
        if not line.annotation:
            return
        statement = bodies.declarations(self.origin.node).get(name)
        if statement is not None and not line.stays:
            yield from (f"    {comment}" for comment in bodies.comments_of(statement))
        if line.note:
            yield from note(f"kept: {self._why(name, line)}", self.width, "    ")
        suffix = f" = {line.default}" if line.default else ""
        annotation = f'"{line.annotation}"' if self._is_early(line.annotation) else line.annotation
        text = f"    {line.attribute}: {annotation}{suffix}"
        marked = f"{self.names.use('typing', 'Annotated')}["
        if suffix and len(text) > self.width and annotation.startswith(marked):
            # Of a line that is too long, Ruff would rather put the default into brackets.
            text = f"{text.removesuffix(f']{suffix}')},]{suffix}"
        yield text

    def _why(self, name: str, line: Line) -> str:
        found = self.reasons.get(name, "")
        if line.note != NO_TYPE or not found.isidentifier():
            return line.note
        return f"its {found.replace('_', ' ')}"

    def _is_early(self, annotation: str) -> bool:
        """Whether an annotation names the schema in which it stands, and would be evaluated."""
        names_it = re.search(rf"\b{self.schema}\b", annotation)
        return self.quoted and names_it is not None and '"' not in annotation

    # The serializer

    def class_node(self) -> cst.ClassDef:
        """Return the serializer class."""
        body = bodies.Body(self.origin.node)
        body.without([*self._superfluous()])
        body.with_meta({}, drop=not self.keeps_options)
        body = bodies.Body(self.origin.source.moved(body.finished(None), self.names))
        runs = f"{self.names.use('nova_drf', 'SchemaSerializer')}[{self.schema}]"
        is_direct = "" in self.bases.expressions
        if not is_direct and not self.inherits:
            body.with_meta({"schema": self.schema}, drop=False, base=self.bases.meta)
        bases = [*dict.fromkeys(one or runs for one in self.bases.expressions)]
        return body.finished(bases, self.name)

    def _superfluous(self) -> Iterator[Any]:
        node = self.origin.node
        declared = bodies.declarations(node)
        for name, line in self.used.items():
            if name in declared and not line.stays:
                yield declared[name]
        moved = self.validators()
        for method in bodies.methods(node):
            if method.name.value in moved or (
                self.origin.added and method.name.value == "get_fields"
            ):
                yield method
        if not self.keeps_removals:
            yield from self._removals(declared)

    def _removals(self, declared: Mapping[str, Any]) -> Iterator[Any]:
        """Yield statements like ``name = None``, with which a class takes a field away."""
        above = {name for base in self.origin.cls.__mro__[1:] for name in _declared(base)}
        for name, statement in declared.items():
            is_none = getattr(bodies.assigned_value(statement), "value", "") == "None"
            if is_none and name in above and name not in {*self.used, *self.origin.of_bases}:
                yield statement

    @property
    def after_all_others(self) -> list[str]:
        """The fields that only the serializer has, and that so come after all others."""
        return [name for name, line in self.used.items() if not line.annotation]

    @property
    def is_type(self) -> bool:
        """Whether the schema alone says all that the class does."""
        if not all(line.is_type for line in self.used.values()):
            return False
        node = self.class_node()
        left = [one for one in node.body.body if not _says_nothing(one)]
        return self.bases.expressions == [""] and not left and not node.decorators


def _says_nothing(statement: object) -> bool:
    """Whether a statement in the body of a serializer is a docstring, ``pass`` or just a model."""
    if isinstance(statement, cst.ClassDef):
        inner = statement.body.body
        names = [
            bodies.assigned_name(one) for one in inner if isinstance(one, cst.SimpleStatementLine)
        ]
        return statement.name.value == "Meta" and set(names) <= {"model", "ref_name"}
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    return all(isinstance(one, (cst.Expr, cst.Pass)) for one in statement.body)


def _declared(cls: type) -> Mapping[str, Any]:
    found: Mapping[str, Any] = vars(cls).get("_declared_fields", {})
    return found


def _comments(method: cst.FunctionDef) -> list[cst.EmptyLine]:
    return [line for line in method.leading_lines if line.comment is not None]
