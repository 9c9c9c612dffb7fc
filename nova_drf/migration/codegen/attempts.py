"""One class, written until it comes out equal to the original."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen import bodies, obstacles
from nova_drf.migration.codegen.classes import ClassWriter
from nova_drf.migration.codegen.comparison import differing, own_fields, own_validators
from nova_drf.migration.codegen.fields import Line
from nova_drf.migration.codegen.outcomes import Outcome, Written
from nova_drf.migration.codegen.running import NotCarriedError, run


def equal(writer: ClassWriter) -> Written:
    """Write a class in the best way in which its fields, and its validators, are the original's.

    Args:
        writer: Writes it.

    Raises:
        NotCarriedError: They cannot be.
    """
    origin = writer.origin
    while True:
        written, new = _imported(writer)
        obstacles.check_model(origin.cls, new)
        fields = _fields_of_new(new)
        different = differing(origin.cls, new, writer.plan.fields_of)
        if not different and [*fields] != [*origin.fields]:
            different = dict.fromkeys(writer.after_all_others, "its place")
        if different:
            _write_otherwise(writer, different)
            continue
        validators = _validators_of(origin.cls)
        if validators == own_validators(new):
            return written
        if validators or writer.has_no_validators:
            raise NotCarriedError("the validators of its model would be others")
        writer.has_no_validators = True


def _write_otherwise(writer: ClassWriter, different: Mapping[str, str]) -> None:
    for name, reason in different.items():
        if name in writer.used:
            writer.reasons[name] = reason
            is_written = writer.next_way(name)
        else:
            is_written = writer.take_away(name)
        if not is_written:
            raise NotCarriedError(f"its field {name} would be another one ({reason})")


def _imported(writer: ClassWriter) -> tuple[Written, Any]:
    """Write a class and import what was written; return both."""
    names, origin = writer.names, writer.origin
    above = _schema_above(writer)
    writer.inherits = above is not None and _is_inherited(above, writer)
    statements = writer.enumerations()
    new_names = [*map(_class_name, statements), writer.schema, writer.name]
    if not writer.inherits:
        inherited = {} if above is None else above.used
        base = names.use("nova_drf", "Schema")
        if above is not None:
            base = writer.plan.schema_name(above, writer.file)
        statements.append(writer.schema_text(inherited, base))
    node = writer.class_node()
    alone = node.with_changes(leading_lines=bodies.attached(node.leading_lines))
    statements.append(cst.Module([alone]).code.strip("\n"))
    around = {**names.namespace(), **_enclosed_by(origin.cls)}
    namespace = run("\n\n\n".join(statements), around)
    for name in new_names:
        if name in namespace:
            names.define(name, namespace[name])
    new: Any = namespace[writer.name]
    written = Written(
        cls=origin.cls,
        name=writer.name,
        schema=above.schema if writer.inherits and above is not None else writer.schema,
        statements=statements,
        is_type=writer.is_type and not own_validators(new),
        used=dict(writer.used),
    )
    return written, new


def _is_inherited(above: Written, writer: ClassWriter) -> bool:
    """Whether a class has its schema from its base, and needs none of its own."""
    written = writer.plan.written
    bases = (written[base] for base in writer.origin.cls.__bases__ if base in written)
    first = next((base for base in bases if base.schema), None)
    return first is above and len(above.used) == len(writer.used)


def _schema_above(writer: ClassWriter) -> Written | None:
    """Return what was written of a base whose schema the new one begins with."""
    used = [*map(_as_inherited, writer.used.items())]
    for base in writer.origin.cls.__bases__:
        above = writer.plan.written.get(base)
        if above is None or above.outcome is not Outcome.WRITTEN or not above.used:
            continue
        if used[: len(above.used)] == [*map(_as_inherited, above.used.items())]:
            return above
    return None


def _as_inherited(item: tuple[str, Line]) -> tuple[str, str, str]:
    name, line = item
    return name, line.annotation, line.default


def _class_name(statement: str) -> str:
    return statement.partition("class ")[2].partition("(")[0]


def _fields_of_new(new: Any) -> Mapping[str, AnyField]:
    try:
        return own_fields(new)
    except Exception as error:
        # Such as a ``Meta`` with names of fields that are not there, which DRF passes over.
        raise NotCarriedError(str(error).removeprefix(f"{new.__module__}.")) from error


def _enclosed_by(cls: type) -> Mapping[str, object]:
    """Return what the functions and classes around a class bind, as far as its methods hold it."""
    bound: dict[str, object] = {}
    for value in vars(cls).values():
        function = getattr(value, "__func__", value)
        cells = getattr(function, "__closure__", None) or ()
        names = getattr(getattr(function, "__code__", None), "co_freevars", ())
        for name, cell in zip(names, cells, strict=False):
            if name != "__class__":
                bound[name] = cell.cell_contents
    return bound


def _validators_of(cls: Any) -> list[str]:
    try:
        return own_validators(cls)
    except Exception as error:
        # What it asks for its fields may be the project's code, which needs a real serializer.
        raise NotCarriedError(f"DRF cannot make its validators: {error}") from error
