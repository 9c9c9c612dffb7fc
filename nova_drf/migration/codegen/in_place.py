"""The files in which serializers are, with their schemas in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import libcst as cst
from libcst.helpers import ensure_type
from rest_framework.serializers import (
    BaseSerializer,
    ListSerializer,
    Serializer,
    SerializerMetaclass,
)

from nova_drf.core.overrides import is_users
from nova_drf.migration.codegen.bodies import attached
from nova_drf.migration.codegen.elsewhere import read_metas
from nova_drf.migration.codegen.formatting import (
    FORMATTED,
    is_left_alone,
    line_length,
    note,
    through,
)
from nova_drf.migration.codegen.imports import Statement, finished
from nova_drf.migration.codegen.names import Import, Names
from nova_drf.migration.codegen.obstacles import heirs
from nova_drf.migration.codegen.outcomes import Change, File, Outcome, Progress, Written
from nova_drf.migration.codegen.planner import Planner
from nova_drf.migration.codegen.running import NotCarriedError
from nova_drf.migration.codegen.sources import Place, SourceModule, source_of
from nova_drf.serializers.backed import SchemaBackedMixin
from nova_drf.serializers.schema_serializer import SchemaSerializer


def changed_files(classes: Iterable[Any], progress: Progress | None = None) -> list[Change]:
    """Put schemas in the place of serializers, which keep their names.

    The serializers of the same files that these nest or derive from, and those that derive from
    them, are converted as well. A class that cannot be is run on pydantic-core as it is, by
    :class:`~nova_drf.SchemaBackedMixin`; a comment says why.

    Args:
        classes: Serializer classes.
        progress: Is told about each class.
    """
    read_metas.cache_clear()
    todo = [cls for cls in classes if not is_done(cls)]
    files = _files(todo)
    written = _planned([cls for cls in todo if cls.__module__ in files], files, progress)
    changes = [_Rewriting(source, file, written).change() for source, file in files.values()]
    lost = [cls for cls in todo if cls.__module__ not in files]
    return changes + [_without_source(cls) for cls in lost]


def _without_source(cls: type) -> Change:
    reason = f"the source code of {cls.__module__} is not there"
    return Change(Path(), "", "", [Written(cls, cls.__name__, Outcome.KEPT, reason=reason)])


def is_done(cls: type) -> bool:
    """Whether a class has a schema. One that has the mixin may still get one."""
    return issubclass(cls, SchemaSerializer)


Files = Mapping[str, tuple[SourceModule, File]]


def _files(classes: Iterable[type]) -> dict[str, tuple[SourceModule, File]]:
    written: dict[Import, object] = {}
    files: dict[str, tuple[SourceModule, File]] = {}
    for cls in classes:
        source = source_of(cls)
        if source is not None and source.name not in files:
            names = Names(vars(source.module), source.name, written)
            names.for_checkers, names.starred = source.for_checkers, source.starred
            width, quoted = line_length(source.path), not source.postponed
            reached = frozenset(target.module for target in source.imports.values())
            files[source.name] = source, File(names, width, quoted, reached)
    return files


def _planned(
    todo: Sequence[type], files: Files, progress: Progress | None
) -> Mapping[type, Written]:
    """Plan until no class that stays as it is derives from one that does not."""
    stays: dict[type, NotCarriedError] = {}
    while True:
        for source, file in files.values():
            file.names.reset(vars(source.module))
        planner = Planner(
            lambda cls: files[cls.__module__][1],
            lambda cls: cls.__module__ in files and not is_done(cls),
            progress,
            in_place=True,
            stays=stays,
        )
        queue, seen = list(todo), set[type]()
        while queue:
            planner.write(queue.pop(0))
            new = [cls for cls in planner.written if cls not in seen]
            seen.update(new)
            queue += [heir for cls in new for heir in heirs(cls) if planner.plan.wanted(heir)]
        more = _bound_to_stay(planner.written)
        if not more.keys() - stays.keys():
            return planner.written
        stays = more | stays


def _bound_to_stay(written: Mapping[type, Written]) -> dict[type, NotCarriedError]:
    """Return the classes that others derive from which are backed, with these and their reasons."""
    stays: dict[type, NotCarriedError] = {}
    for cls, heir in written.items():
        bases = [base for base in cls.__mro__[1:] if base in written]
        new = [base for base in bases if written[base].outcome is Outcome.WRITTEN]
        if heir.outcome is not Outcome.BACKED or not new:
            continue
        stays[cls] = NotCarriedError(heir.reason, heir.remedy)
        reason = f"{cls.__name__}, which derives from it, is backed: {heir.reason}"
        stays |= {base: NotCarriedError(reason, heir.remedy) for base in new}
    return stays


class _Rewriting:
    """Puts what was written into a file.

    Args:
        source: The file.
        file: Its names and its style.
        written: What became of each class.
    """

    def __init__(self, source: SourceModule, file: File, written: Mapping[type, Written]) -> None:
        self.source = source
        self.file = file
        self.written = [each for each in written.values() if each.cls.__module__ == source.name]
        self.backed = _to_be_backed(written)
        self.is_formatted = is_left_alone(source.text, source.path, FORMATTED)

    def change(self) -> Change:
        """Return the file with its new source code."""
        source, file = self.source, self.file
        replaced: dict[cst.ClassDef, list[Statement]] = {}
        for written in self.written:
            if written.outcome is Outcome.BACKED and not _may_run_backed(written.cls):
                written.outcome = Outcome.KEPT
            place = source.place(written.cls)
            if place is not None and written.outcome is Outcome.WRITTEN:
                replaced[place.node] = self._rewritten(place, written)
            elif place is not None and written.outcome is not Outcome.CARRIED:
                replaced[place.node] = [self._kept(place.node, written)]
        tree = ensure_type(source.tree.visit(_Replacing(replaced)), cst.Module)
        text = source.text
        if tree.code != text:
            text = finished(tree, source.tree, file.names, source.path)
        return Change(source.path, source.text, text, self.written)

    def _rewritten(self, place: Place, written: Written) -> list[Statement]:
        statements = self._parsed(written.statements)
        lines = place.node.leading_lines
        above = lines[: len(lines) - len(attached(lines))]
        apart = [cst.EmptyLine(indent=False)] * (1 if place.blocks else 2)
        return [
            statement.with_changes(
                leading_lines=[*(apart if at else above), *attached(statement.leading_lines)]
            )
            for at, statement in enumerate(statements)
        ]

    def _parsed(self, statements: Sequence[str]) -> Sequence[Statement]:
        code = through(FORMATTED, "\n\n\n".join(statements), self.source.path)
        new = cst.parse_module(code, self.source.tree.config_for_parsing).body
        if self.is_formatted:
            return new
        # The methods of the serializer stay as they are written; only its head is new.
        moved = cst.parse_module(statements[-1], self.source.tree.config_for_parsing).body[-1]
        head, body = ensure_type(new[-1], cst.ClassDef), ensure_type(moved, cst.ClassDef).body
        return [*new[:-1], head.with_changes(body=body)]

    def _kept(self, node: cst.ClassDef, written: Written) -> cst.ClassDef:
        """Return the class as it is, with a comment that says why, run by the mixin."""
        is_backed = written.cls in self.backed
        if not is_backed and _may_run_backed(written.cls):
            return node
        lines = note(f"{'Backed' if is_backed else 'Kept'}: {written.reason}", self.file.width)
        there = {line.comment.value for line in node.leading_lines if line.comment is not None}
        if lines[0] in there:
            return node
        comments = [cst.EmptyLine(indent=True, comment=cst.Comment(line)) for line in lines]
        node = node.with_changes(leading_lines=[*node.leading_lines, *comments])
        if not is_backed:
            return node
        mixin = self.file.names.use("nova_drf", "SchemaBackedMixin")
        return node.with_changes(bases=[cst.Arg(cst.Name(mixin)), *node.bases])


class _Replacing(cst.CSTTransformer):
    """Puts other statements in the place of classes, wherever they stand."""

    def __init__(self, statements: Mapping[cst.ClassDef, list[Statement]]) -> None:
        self.statements = statements

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.FlattenSentinel[cst.BaseStatement]:
        return cst.FlattenSentinel(self.statements.get(original_node, [updated_node]))


def _to_be_backed(written: Mapping[type, Written]) -> set[type]:
    """Return the classes that get the mixin; what derives from one of them has it by that."""
    backed = (cls for cls, each in written.items() if each.outcome is Outcome.BACKED)
    kept = [cls for cls in backed if _takes_mixin(cls)]
    concrete = [cls for cls in kept if _can_be_made(cls)]
    return {cls for cls in concrete if not any(base in concrete for base in cls.__mro__[1:])}


def _takes_mixin(cls: type) -> bool:
    """Whether the mixin can stand in front of a class: not if that has a metaclass of its own."""
    return issubclass(cls, Serializer) and type(cls) is SerializerMetaclass


def _may_run_backed(cls: type) -> bool:
    """Whether a class takes the mixin, or has it."""
    return _takes_mixin(cls) or has_mixin(cls)


def has_mixin(cls: type) -> bool:
    """Whether a class is run on pydantic-core already, by its own bases or by those of a base."""
    return issubclass(cls, SchemaBackedMixin)


def _can_be_made(cls: Any) -> bool:
    try:
        getattr(cls(), "fields", None)
    except Exception:
        # It is the project's code; whatever it raises, this class cannot be compared.
        return False
    return True


def serializers_of(module: ModuleType) -> list[Any]:
    """Return the serializer classes that a module defines, lists apart."""
    return [
        cls
        for cls in vars(module).values()
        if isinstance(cls, type)
        and issubclass(cls, BaseSerializer)
        and not issubclass(cls, ListSerializer)
        and cls.__module__ == module.__name__
        and is_users(cls)
    ]
