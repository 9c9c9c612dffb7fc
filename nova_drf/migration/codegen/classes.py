"""One serializer class as a schema and a serializer class that runs it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen import bodies, hooks
from nova_drf.migration.codegen.fields import Given, Line, Lines
from nova_drf.migration.codegen.layout import fitted
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.codegen.sources import SourceModule, names_outside, source_of
from nova_drf.migration.codegen.values import field_source
from nova_drf.migration.convert.names import attribute_name


@dataclass
class Origin:
    """A serializer class that is to be written, and its source code.

    Attributes:
        cls: The class.
        source: Its module.
        node: Its body.
        fields: Its fields, bound; ``None`` for a class that is only there to derive from.
        added: The fields that its ``get_fields`` adds, where it does nothing else.
        has_heirs: Whether other classes derive from it.
    """

    cls: Any
    source: SourceModule
    node: cst.ClassDef
    fields: Mapping[str, AnyField] | None
    added: Mapping[str, cst.BaseExpression] = field(default_factory=dict)
    has_heirs: bool = False

    def declaration(self, name: str) -> tuple[SourceModule, cst.ClassDef, Any] | None:
        """Return where a field is declared: the module, the class body, and the expression."""
        if name in self.added:
            return self.source, self.node, self.added[name]
        if name not in self.cls._declared_fields:
            return None
        for base in self.cls.__mro__:
            if vars(base).get("_declared_fields", {}).get(name) is None:
                continue
            source = source_of(base)
            node = None if source is None else source.class_def(base)
            if source is not None and node is not None and name in bodies.declarations(node):
                statement = bodies.declarations(node)[name]
                return source, node, bodies.assigned_value(statement)
        return None


class ClassWriter:
    """Writes one class.

    Args:
        origin: What is written.
        name: The name of the new class.
        schema: The name of its schema.
        bases: The expressions of its bases; one that is empty stands for DRF's class.
        names: The names of the file.
        lines: Writes its fields.
        width: The length of a line.
        quoted: Whether annotations have to be in quotes where they name what comes later.
    """

    def __init__(
        self,
        origin: Origin,
        name: str,
        schema: str,
        bases: list[str],
        names: Names,
        lines: Lines,
        width: int,
        *,
        quoted: bool = False,
    ) -> None:
        self.origin = origin
        self.name = name
        self.schema = schema
        self.bases = bases
        self.names = names
        self.lines = lines
        self.width = width
        self.quoted = quoted
        self.ways = {given.name: list(lines.ways(given)) for given in self._given()}
        self.chosen = dict.fromkeys(self.ways, 0)
        self.keeps_removals = False
        self.inherits = not schema
        """Whether the schema of a base does for this class as well."""

    def _given(self) -> Iterator[Given]:
        fields = self.origin.fields or {}
        as_they_are = {name for name in fields if attribute_name(name) == name}
        attributes: set[str] = set()
        for name, bound in fields.items():
            taken = as_they_are | attributes
            attribute = name if name in as_they_are else attribute_name(name, taken)
            attributes.add(attribute)
            yield self._one(name, attribute, bound)

    def _one(self, name: str, attribute: str, bound: AnyField) -> Given:
        found = self.origin.declaration(name)
        expression, movable = None, True
        if found is not None:
            source, node, value = found
            movable = not names_outside(value) & bodies.names_bound(node)
            expression = _one_line(source.moved(value, self.names))
        return Given(name, attribute, bound, expression, self._inferred, movable)

    def _inferred(self, bound: AnyField) -> str:
        model = getattr(getattr(self.origin.cls, "Meta", None), "model", None)
        return field_source(bound, self.names, model)

    # Choosing

    def line(self, name: str) -> Line:
        """Return the way in which a field is written now."""
        ways = self.ways[name]
        return ways[min(self.chosen[name], len(ways) - 1)]

    def next_way(self, name: str) -> bool:
        """Write a field in the next way; whether there is one."""
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
        if line.stays or line.note or line.default or "default_factory" in line.annotation:
            return False
        return line.is_type and not line.enumeration and "UseField" not in line.annotation

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
            yield from note(line.note, self.width, "    ")
        suffix = f" = {line.default}" if line.default else ""
        annotation = f'"{line.annotation}"' if self._is_early(line.annotation) else line.annotation
        yield fitted(annotation, self.width, "    ", f"{line.attribute}: ", suffix)

    def _is_early(self, annotation: str) -> bool:
        """Whether an annotation names the schema in which it stands, and would be evaluated."""
        return self.quoted and self.schema in annotation and '"' not in annotation

    # The serializer

    def class_node(self) -> cst.ClassDef:
        """Return the serializer class."""
        body = bodies.Body(self.origin.node)
        body.without([*self._superfluous()])
        body = bodies.Body(self.origin.source.moved(body.finished([]), self.names))
        runs = f"{self.names.use('nova_drf', 'SchemaSerializer')}[{self.schema}]"
        direct = "" in self.bases
        additions = {} if direct or self.inherits or not self.schema else {"schema": self.schema}
        body.with_meta(additions, drop=self._drops_options(), base=self._meta_above())
        return body.finished([one or runs for one in self.bases], self.name)

    def _meta_above(self) -> str:
        """Return the ``Meta`` from which a new one has to derive."""
        bases = zip(self.bases, self.origin.cls.__bases__, strict=False)
        return next((f"{name}.Meta" for name, base in bases if name and hasattr(base, "Meta")), "")

    def _drops_options(self) -> bool:
        """Whether nobody reads the options of ``Meta`` that the schema makes superfluous."""
        source, cls = self.origin.source, self.origin.cls
        inside = source.tree.code_for_node(self.origin.node)
        read = f"{cls.__name__}.Meta" in source.text or ".Meta" in inside
        return not (self.origin.has_heirs or read)

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
        if self.origin.fields is not None:
            yield from bodies.local_variables(node)
            if not self.keeps_removals:
                yield from self._removals(declared)

    def _removals(self, declared: Mapping[str, Any]) -> Iterator[Any]:
        """Yield statements like ``name = None``, with which a class takes a field away."""
        above = {name for base in self.origin.cls.__mro__[1:] for name in _declared(base)}
        for name, statement in declared.items():
            is_none = getattr(bodies.assigned_value(statement), "value", "") == "None"
            if is_none and name in above and name not in self.used:
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
        return self.bases == [""] and not left and not node.decorators


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


def note(text: str, width: int, indent: str = "") -> list[str]:
    """Return a comment that says what could not be written as a type, and why."""
    lead = f"{indent}# nova: "
    return textwrap.wrap(
        text,
        max(width, 60),
        initial_indent=lead,
        subsequent_indent=f"{indent}#     ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _one_line(expression: cst.BaseExpression) -> str:
    """Return an expression's code, on one line where it has no comments in it."""
    code = cst.Module([]).code_for_node(expression)
    if "\n" not in code or "#" in code:
        return code
    joined = cst.parse_expression(code).visit(_Joined())
    assert isinstance(joined, cst.BaseExpression)  # noqa: S101  # for type checkers
    return cst.Module([]).code_for_node(joined)


class _Joined(cst.CSTTransformer):
    """Takes the line breaks inside of brackets away, and the commas before the closing ones."""

    def leave_ParenthesizedWhitespace(
        self, original_node: object, updated_node: object
    ) -> cst.SimpleWhitespace:
        return cst.SimpleWhitespace("")

    def leave_Comma(self, original_node: cst.Comma, updated_node: cst.Comma) -> cst.Comma:
        return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        return updated_node.with_changes(args=_without_last_comma(updated_node.args))

    def leave_List(self, original_node: cst.List, updated_node: cst.List) -> cst.List:
        return updated_node.with_changes(elements=_without_last_comma(updated_node.elements))

    def leave_Dict(self, original_node: cst.Dict, updated_node: cst.Dict) -> cst.Dict:
        return updated_node.with_changes(elements=_without_last_comma(updated_node.elements))

    def leave_Tuple(self, original_node: cst.Tuple, updated_node: cst.Tuple) -> cst.Tuple:
        if len(updated_node.elements) < 2:
            return updated_node
        return updated_node.with_changes(elements=_without_last_comma(updated_node.elements))


def _without_last_comma(elements: Any) -> Any:
    if not elements:
        return elements
    return [*elements[:-1], elements[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
