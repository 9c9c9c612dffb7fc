"""One class, written until it comes out equal to the original."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import libcst as cst

from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen import bodies
from nova_drf.migration.codegen.classes import ClassWriter
from nova_drf.migration.codegen.comparison import FieldsOf, differing, own_fields, own_validators
from nova_drf.migration.codegen.fields import Line
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.codegen.origins import Origin
from nova_drf.migration.codegen.outcomes import Outcome, Written
from nova_drf.migration.codegen.running import NotCarriedError, run


class Attempt:
    """Writes one class in the best way that comes out equal.

    Args:
        origin: The class.
        writer: Writes it.
        names: The names of the file.
        written: What became of the classes before it.
        fields_of: Returns the fields of original classes.
        schema_name: Returns what the file calls the schema of another class.
    """

    def __init__(
        self,
        origin: Origin,
        writer: ClassWriter,
        names: Names,
        written: Mapping[type, Written],
        fields_of: FieldsOf,
        schema_name: Callable[[Written], str],
    ) -> None:
        self.origin = origin
        self.writer = writer
        self.names = names
        self.written = written
        self.fields_of = fields_of
        self.schema_name = schema_name

    def equal(self) -> Written:
        """Write the class until its fields, and its validators, are those of the original.

        Raises:
            NotCarriedError: They cannot be.
        """
        for name, ways in self.writer.ways.items():
            if not ways:
                raise NotCarriedError(
                    f"how the field {name} is made was not found",
                    "Declare it in the body of the class.",
                )
        while True:
            written, made = self._made()
            fields = _fields_of_new(made)
            different = differing(self.origin.cls, made, self.fields_of)
            if not different and [*fields] != [*self.origin.fields]:
                different = dict.fromkeys(self.writer.after_all_others, "its place")
            if not different:
                break
            self._write_otherwise(different)
        _compare_validators(self.origin.cls, made)
        return written

    def _write_otherwise(self, different: Mapping[str, str]) -> None:
        for name, reason in different.items():
            if name not in self.writer.ways and not self.writer.keeps_removals:
                self.writer.keeps_removals = True
            elif not self.writer.next_way(name, reason):
                raise NotCarriedError(f"its field {name} would be another one ({reason})")

    def _made(self) -> tuple[Written, Any]:
        """Write a class and import what was written."""
        names, writer, origin = self.names, self.writer, self.origin
        above = self._schema_above()
        writer.inherits = above is not None and self._is_inherited(above)
        statements = writer.enumerations()
        if not writer.inherits:
            inherited = {} if above is None else above.used
            base = names.use("nova_drf", "Schema")
            if above is not None:
                base = self.schema_name(above)
            statements.append(writer.schema_text(inherited, base))
        node = writer.class_node()
        alone = node.with_changes(leading_lines=bodies.attached(node.leading_lines))
        statements.append(cst.Module([alone]).code.strip("\n"))
        there = {**names.namespace(), **_around(origin.cls)}
        namespace = run("\n\n\n".join(statements), there)
        for name in (*_class_names(writer.enumerations()), writer.schema, writer.name):
            if name in namespace:
                names.define(name, namespace[name])
        made = namespace[writer.name]
        written = Written(
            cls=origin.cls,
            name=writer.name,
            schema=above.schema if writer.inherits and above is not None else writer.schema,
            statements=statements,
            is_type=writer.is_type and not own_validators(made),
            used=writer.used,
        )
        return written, made

    def _is_inherited(self, above: Written) -> bool:
        """Whether a class has its schema from its base, and needs none of its own."""
        bases = (self.written[base] for base in self.origin.cls.__bases__ if base in self.written)
        first = next((one for one in bases if one.schema), None)
        return first is above and len(above.used) == len(self.writer.used)

    def _schema_above(self) -> Written | None:
        """Return what was written of a base whose schema the new one begins with."""
        used = [(name, _as_inherited(line)) for name, line in self.writer.used.items()]
        for base in self.origin.cls.__bases__:
            above = self.written.get(base)
            if above is None or above.outcome is not Outcome.WRITTEN or not above.used:
                continue
            there = [(name, _as_inherited(line)) for name, line in above.used.items()]
            if used[: len(there)] == there:
                return above
        return None


def _as_inherited(line: Line) -> tuple[str, str]:
    return line.annotation, line.default


def _class_names(statements: list[str]) -> list[str]:
    return [text.partition("class ")[2].partition("(")[0] for text in statements]


def _fields_of_new(made: Any) -> Mapping[str, AnyField]:
    try:
        return own_fields(made)
    except Exception as error:
        # Such as a ``Meta`` with names of fields that are not there, which DRF passes over.
        raise NotCarriedError(str(error).removeprefix(f"{made.__module__}.")) from error


def _around(cls: type) -> Mapping[str, Any]:
    """Return what the functions and classes around a class bind, as far as its methods hold it."""
    found: dict[str, Any] = {}
    for value in vars(cls).values():
        function = getattr(value, "__func__", value)
        cells = getattr(function, "__closure__", None) or ()
        names = getattr(getattr(function, "__code__", None), "co_freevars", ())
        for name, cell in zip(names, cells, strict=False):
            if name != "__class__":
                found[name] = cell.cell_contents
    return found


def _compare_validators(old: Any, new: Any) -> None:
    try:
        theirs = own_validators(old)
    except Exception as error:
        # What it asks for its fields may be the project's code, which needs a real serializer.
        raise NotCarriedError(f"DRF cannot make its validators: {error}") from error
    ours = own_validators(new)
    if theirs != ours:
        raise NotCarriedError("the validators of its model would be others")
