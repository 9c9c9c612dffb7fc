"""The bases of a new serializer class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_origin

import libcst as cst

from nova_drf.migration.codegen import obstacles
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.codegen.origins import Origin, Writer
from nova_drf.migration.codegen.outcomes import Outcome, Written
from nova_drf.migration.codegen.running import NotCarriedError
from nova_drf.serializers.backed import SchemaBackedMixin
from nova_drf.serializers.schema_serializer import SchemaSerializer


@dataclass(frozen=True)
class Bases:
    """The bases of a new class.

    Attributes:
        expressions: Each as source code; an empty one stands for the class that runs the schema.
        meta: The ``Meta`` from which a new one has to derive; empty if there is none.
        declared: The fields that they declare in their bodies, which come before any schema.
    """

    expressions: list[str]
    meta: str
    declared: frozenset[str]


def bases_of(
    origin: Origin, names: Names, written: Mapping[type, Written], *, in_place: bool
) -> Bases:
    """Return what a new class derives from.

    What is written anew takes the place of its original, and so does ``SchemaSerializer`` that of
    DRF's classes. A house base stays as it is, and is a mixin to the new class.

    Args:
        origin: The class.
        names: The names of the file.
        written: What became of the classes before it.
        in_place: Whether the new classes replace the originals.

    Raises:
        NotCarriedError: The class statement does not show its bases, or one of them stays.
    """
    write = Writer(origin.source, names)
    expressions: list[str] = []
    metas: list[str] = []
    declared: set[str] = set()
    has_schema = False
    for argument, base in _resolved(origin):
        above = written.get(base)
        if base is SchemaBackedMixin:
            # A class with a schema has no use for it.
            continue
        if base in obstacles.DRF_BASES:
            kept = [write(argument)] if obstacles.needs_model_serializer(origin) else []
            expressions += [*kept, ""]
            continue
        if above is not None and above.outcome is Outcome.BACKED and in_place:
            raise NotCarriedError(f"its base {base.__name__} is backed: {above.reason}")
        is_new = above is not None and above.outcome is Outcome.WRITTEN
        has_schema |= is_new or issubclass(base, SchemaSerializer)
        declared |= _declared(above) if is_new else {*getattr(base, "_declared_fields", {})}
        is_classic = above is not None and above.outcome is Outcome.BACKED
        expressions.append(_original(base, names) if is_classic else write(argument))
        if hasattr(base, "Meta"):
            metas.append(f"{expressions[-1].partition('[')[0]}.Meta")
    expressions = [one for one in expressions if one or not has_schema]
    if not has_schema and "" not in expressions:
        expressions.append("")
    return Bases(expressions, metas[0] if metas else "", frozenset(declared))


def _resolved(origin: Origin) -> Iterator[tuple[cst.BaseExpression, Any]]:
    """Yield the bases in a class statement, and what they are."""
    cls, arguments = origin.cls, origin.node.bases
    resolved = vars(cls).get("__orig_bases__", cls.__bases__)
    if len(resolved) != len(arguments) or any(one.star for one in arguments):
        raise NotCarriedError("its bases are worked out", "Name them in the class statement.")
    for argument, base in zip(arguments, resolved, strict=True):
        yield argument.value, get_origin(base) or base


def _original(base: type, names: Names) -> str:
    return names.use(base.__module__, base.__name__, f"Classic{names.renamed[base]}")


def _declared(above: Any) -> set[str]:
    return {name for name, line in above.used.items() if line.stays}
