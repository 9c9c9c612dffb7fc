"""One serializer class as a schema and a serializer class that runs it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import get_origin

import libcst as cst
from rest_framework.serializers import ModelSerializer

from nova_drf.migration.codegen import bodies, hooks, obstacles
from nova_drf.migration.codegen.choices import Choices
from nova_drf.migration.codegen.fields import NO_TYPE, Line, Lines
from nova_drf.migration.codegen.formatting import note
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.codegen.origins import Origin
from nova_drf.migration.codegen.outcomes import Outcome, Written
from nova_drf.migration.codegen.plans import Plan
from nova_drf.migration.codegen.running import NotCarriedError
from nova_drf.migration.codegen.sources import Writer
from nova_drf.serializers.backed import SchemaBackedMixin
from nova_drf.serializers.schema_serializer import SchemaSerializer


class ClassWriter:
    """Writes one class.

    Args:
        origin: What is written.
        plan: What became of the classes before it.
        name: The name of the new class.
        schema: The name of its schema.
    """

    def __init__(self, origin: Origin, plan: Plan, name: str, schema: str) -> None:
        self.origin = origin
        self.plan = plan
        self.name = name
        self.schema = schema
        self.file = plan.file_of(origin.cls)
        self.names = self.file.names
        self.bases = _bases_of(origin, self.names, plan)
        origin.of_bases = self.bases.declared
        choices = Choices(self.names, origin.source.name, schema.rstrip("_").removesuffix("Schema"))
        lines = Lines(
            self.names,
            partial(plan.nested_name, place=origin.place, file=self.file),
            partial(plan.loose_name, place=origin.place, file=self.file),
            choices,
            origin.fields,
        )
        self._ways = {each.name: lines.ways(each) for each in origin.declared(self.names)}
        self.used: dict[str, Line] = {}
        """How each field is written now."""
        for name in self._ways:
            if not self.next_way(name):
                raise NotCarriedError(
                    f"how the field {name} is made was not found",
                    "Declare it in the body of the class.",
                )
        self.names.enumerations |= choices.new
        self.reasons: dict[str, str] = {}
        self.keeps_removals = False
        self.removed: list[str] = []
        """The fields of bases that ``Meta.fields`` of the original leaves out."""
        self.has_no_validators = False
        """Whether methods of the original take the validators of its model away."""
        self.keeps_options = obstacles.reads_options(origin.cls) or (
            plan.in_place and obstacles.is_read_elsewhere(origin.cls)
        )
        self.inherits = False
        """Whether the schema of a base does for this class as well."""

    # Choosing

    def next_way(self, name: str) -> bool:
        """Write a field in the next way; whether there is one.

        Args:
            name: The field.
        """
        line = next(self._ways[name], None)
        if line is not None:
            self.used[name] = line
        return line is not None

    def take_away(self, name: str) -> bool:
        """Write the class without a field that the original has not; whether that is possible.

        Args:
            name: The field.
        """
        if not self.keeps_removals:
            self.keeps_removals = True
            return True
        if name not in self.origin.of_bases or name in self.removed:
            return False
        self.removed.append(name)
        return True

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
            yield from note(f"kept: {self._why(name, line)}", self.file.width, "    ")
        suffix = f" = {line.default}" if line.default else ""
        annotation = f'"{line.annotation}"' if self._is_early(line.annotation) else line.annotation
        text = f"    {line.attribute}: {annotation}{suffix}"
        marked = f"{self.names.use('typing', 'Annotated')}["
        if suffix and len(text) > self.file.width and annotation.startswith(marked):
            # Of a line that is too long, Ruff would rather put the default into brackets.
            text = f"{text.removesuffix(f']{suffix}')},]{suffix}"
        yield text

    def _why(self, name: str, line: Line) -> str:
        reason = self.reasons.get(name, "")
        if line.note != NO_TYPE or not reason:
            return line.note
        return f"its {reason.replace('_', ' ')}" if reason.isidentifier() else f"else {reason}"

    def _is_early(self, annotation: str) -> bool:
        """Whether an annotation names the schema in which it stands, and would be evaluated."""
        names_it = re.search(rf"\b{self.schema}\b", annotation)
        return self.file.quoted and names_it is not None and '"' not in annotation

    # The serializer

    def class_node(self) -> cst.ClassDef:
        """Return the serializer class."""
        body = bodies.Body(self.origin.node)
        body.without([*self._superfluous()])
        body.with_removals(self.removed)
        options = {"validators": "[]"} if self.has_no_validators else {}
        body.with_meta(options, () if self.keeps_options else self._options_of_schema())
        body = bodies.Body(self.origin.source.moved(body.finished(None), self.names))
        runs = f"{self.names.use('nova_drf', 'SchemaSerializer')}[{self.schema}]"
        is_direct = "" in self.bases.expressions
        if not is_direct and not self.inherits:
            body.with_meta({self._schema_option(): self.schema}, base=self.bases.meta)
        bases = [*dict.fromkeys(expression or runs for expression in self.bases.expressions)]
        return body.finished(bases, self.name)

    def _schema_option(self) -> str:
        """Return ``schema``, with a type where a class below has one that is not below it."""
        heirs = (self.plan.fields_of(heir) for heir in obstacles.heirs(self.origin.cls))
        names = [*self.origin.fields]
        if all([*fields][: len(names)] == names for fields in heirs):
            return "schema"
        return f"schema: type[{self.names.use('nova_drf', 'Schema')}]"

    def _options_of_schema(self) -> set[str]:
        """Return the options of ``Meta`` that the schema makes superfluous."""
        # A model that the original only names, the new class would write.
        is_model = issubclass(self.origin.cls, ModelSerializer)
        return {*bodies.SAID_BY_SCHEMA, *(() if is_model else ("model",))}

    def _superfluous(self) -> Iterator[cst.BaseStatement]:
        node = self.origin.node
        declared = bodies.declarations(node)
        for name, line in self.used.items():
            if name in declared and not line.stays:
                yield declared[name]
        gone = {*self.validators(), *(("get_fields",) if self.origin.added else ())}
        if self.has_no_validators and not self.origin.has_heirs:
            gone |= _MAKING_VALIDATORS
        yield from (method for method in bodies.methods(node) if method.name.value in gone)
        if not self.keeps_removals:
            yield from self._removals(declared)

    def _removals(
        self, declared: Mapping[str, cst.SimpleStatementLine]
    ) -> Iterator[cst.BaseStatement]:
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
        left = [statement for statement in node.body.body if not _says_nothing(statement)]
        return self.bases.expressions == [""] and not left and not node.decorators


_MAKING_VALIDATORS = {"get_unique_together_validators", "get_unique_for_date_validators"}
"""What only ``ModelSerializer`` calls."""


def _says_nothing(statement: object) -> bool:
    """Whether a statement in the body of a serializer is a docstring, ``pass`` or just a model."""
    if isinstance(statement, cst.ClassDef):
        lines = statement.body.body
        names = {
            bodies.assigned_name(line)
            for line in lines
            if isinstance(line, cst.SimpleStatementLine)
        }
        return statement.name.value == "Meta" and names <= {"model", "ref_name"}
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    return all(isinstance(part, (cst.Expr, cst.Pass)) for part in statement.body)


def _declared(cls: type) -> Mapping[str, object]:
    declared: Mapping[str, object] = vars(cls).get("_declared_fields", {})
    return declared


def _comments(method: cst.FunctionDef) -> list[cst.EmptyLine]:
    return [line for line in method.leading_lines if line.comment is not None]


# The bases


@dataclass(frozen=True)
class _Bases:
    """The bases of a new class.

    Attributes:
        expressions: Each as source code; an empty one stands for the class that runs the schema.
        meta: The ``Meta`` from which a new one has to derive; empty if there is none.
        declared: The fields that they declare in their bodies, which come before any schema.
    """

    expressions: list[str]
    meta: str
    declared: frozenset[str]


def _bases_of(origin: Origin, names: Names, plan: Plan) -> _Bases:
    """Return what a new class derives from.

    What is written anew takes the place of its original, and so does ``SchemaSerializer`` that of
    DRF's classes. A house base stays as it is, and is a mixin to the new class.

    Raises:
        NotCarriedError: The class statement does not show its bases, or one of them stays.
    """
    write = Writer(origin.source, names)
    expressions: list[str] = []
    metas: list[str] = []
    declared: set[str] = set()
    has_schema = False
    for argument, base in _resolved(origin):
        above = plan.written.get(base)
        outcome = None if above is None else above.outcome
        if base is SchemaBackedMixin:
            # A class with a schema has no use for it.
            continue
        if base in obstacles.DRF_BASES:
            kept = [write(argument)] if obstacles.needs_model_serializer(origin) else []
            expressions += [*kept, ""]
            continue
        if above is not None and outcome is Outcome.WRITTEN:
            if not plan.is_in_reach(base, origin.place, plan.file_of(origin.cls)):
                raise NotCarriedError(
                    f"its base {base.__name__} is defined under a condition",
                    "Define the base without one.",
                )
            declared |= _staying(above)
        else:
            declared |= {*getattr(base, "_declared_fields", {})}
        has_schema |= outcome is Outcome.WRITTEN or issubclass(base, SchemaSerializer)
        is_classic = outcome is Outcome.BACKED and not plan.in_place
        expressions.append(_original(base, names) if is_classic else write(argument))
        if hasattr(base, "Meta"):
            metas.append(f"{expressions[-1].partition('[')[0]}.Meta")
    expressions = [expression for expression in expressions if expression or not has_schema]
    if not has_schema and "" not in expressions:
        expressions.append("")
    return _Bases(expressions, metas[0] if metas else "", frozenset(declared))


def _resolved(origin: Origin) -> Iterator[tuple[cst.BaseExpression, type]]:
    """Yield the bases in a class statement, and what they are."""
    cls, arguments = origin.cls, origin.node.bases
    resolved = vars(cls).get("__orig_bases__", cls.__bases__)
    if len(resolved) != len(arguments) or any(argument.star for argument in arguments):
        raise NotCarriedError("its bases are worked out", "Name them in the class statement.")
    for argument, base in zip(arguments, resolved, strict=True):
        yield argument.value, get_origin(base) or base


def _original(base: type, names: Names) -> str:
    return names.use(base.__module__, base.__name__, f"Classic{names.renamed[base]}")


def _staying(above: Written) -> set[str]:
    return {name for name, line in above.used.items() if line.stays}
