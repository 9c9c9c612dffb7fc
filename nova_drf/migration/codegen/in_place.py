"""The file in which serializers are, with their schemas in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst as cst
from rest_framework.serializers import (
    BaseSerializer,
    ListSerializer,
    Serializer,
    SerializerMetaclass,
)

from nova_drf.core.overrides import is_users
from nova_drf.migration.codegen.bodies import attached
from nova_drf.migration.codegen.classes import note
from nova_drf.migration.codegen.formatting import line_length, polished
from nova_drf.migration.codegen.imports import with_imports
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.codegen.obstacles import heirs
from nova_drf.migration.codegen.planner import Planner, Written
from nova_drf.migration.codegen.sources import SourceModule, names_outside, source_of
from nova_drf.serializers.backed import SchemaBackedMixin
from nova_drf.serializers.schema_serializer import SchemaSerializer


@dataclass(frozen=True)
class Change:
    """A file as it is, and as it is to be.

    Attributes:
        path: The file.
        before: Its source code.
        after: Its source code with the schemas.
        written: What became of each class.
    """

    path: Path
    before: str
    after: str
    written: Sequence[Written] = ()

    def diff(self) -> str:
        """Return what changes, as a unified diff."""
        name = _shown(self.path)
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            f"a/{name}",
            f"b/{name}",
        )
        return "".join(lines)

    def apply(self) -> None:
        """Write the file."""
        if self.after != self.before:
            encoding = cst.parse_module(self.before).encoding
            self.path.write_text(self.after, encoding=encoding, newline="")


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def changed_file(classes: Iterable[Any]) -> Change:
    """Put schemas in the place of serializers, which keep their names.

    The serializers of the same file that these nest or derive from, and those that derive from
    them, are converted as well. A class that cannot be is run on pydantic-core as it is, by
    :class:`~nova_drf.SchemaBackedMixin`; a comment says why.

    Args:
        classes: Serializer classes of one file.

    Raises:
        OSError: The file is not there.
    """
    wanted = list(classes)
    source = source_of(wanted[0])
    if source is None:
        raise OSError(f"the source code of {wanted[0].__module__} is not there")
    path = source.path
    todo = [cls for cls in wanted if not is_done(cls)]
    if not todo:
        return Change(path, source.text, source.text, [])
    width = line_length(path)
    names, written = _planned(todo, source, width)
    after = _Rewriting(source, names, written, width, path).text()
    return Change(path, source.text, after, list(written.values()))


def is_done(cls: Any) -> bool:
    """Whether a class was converted before."""
    return issubclass(cls, (SchemaSerializer, SchemaBackedMixin))


def _planned(
    todo: list[Any], source: SourceModule, width: int
) -> tuple[Names, dict[type, Written]]:
    """Plan until no class that stays as it is derives from one that does not."""
    stays: dict[type, str] = {}
    while True:
        names = Names(vars(source.module), source.name)
        planner = Planner(
            names,
            lambda cls: cls.__module__ == source.name and not is_done(cls),
            width,
            in_place=True,
            quoted=not source.postponed,
            stays=stays,
        )
        queue = list(todo)
        while queue:
            cls = queue.pop(0)
            planner.write(cls)
            found = [one for done in planner.written for one in heirs(done)]
            queue += [one for one in found if one not in planner.written and planner.wanted(one)]
        more = _bound_to_stay(planner.written)
        if not more.keys() - stays.keys():
            return names, planner.written
        stays |= more


def _bound_to_stay(written: Mapping[type, Written]) -> dict[type, str]:
    return {
        base: f"{cls.__name__}, which derives from it, cannot be written ({one.reason})"
        for cls, one in written.items()
        if one.reason
        for base in cls.__mro__[1:]
        if base in written and not written[base].reason
    }


class _Rewriting:
    """Puts what was written into the file.

    Args:
        source: The file.
        names: Its names.
        written: What became of each class.
        width: The length of a line.
        path: Where the file is.
    """

    def __init__(
        self,
        source: SourceModule,
        names: Names,
        written: Mapping[type, Written],
        width: int,
        path: Path,
    ) -> None:
        self.source = source
        self.names = names
        self.width = width
        self.path = path
        self.by_name = {one.name: one for one in written.values()}
        self.backed = _to_be_backed(written)

    def text(self) -> str:
        """Return the file's new source code."""
        body: list[Any] = []
        for statement in self.source.tree.body:
            one = self._written(statement)
            body += [statement] if one is None else self._replaced(statement, one)
        tree = self.source.tree.with_changes(body=body)
        used = names_outside(cst.parse_module(tree.code))
        needed = {
            name: one for name, one in self.names.imports.items() if name.partition(".")[0] in used
        }
        return with_imports(tree, self.source, needed, self.width).code

    def _written(self, statement: object) -> Written | None:
        if not isinstance(statement, cst.ClassDef):
            return None
        one = self.by_name.get(statement.name.value)
        return one if one is not None and self.source.class_def(one.cls) is statement else None

    def _replaced(self, node: Any, one: Written) -> list[Any]:
        if one.reason:
            return [self._kept(node, one)]
        code = polished("\n\n\n".join(one.statements), self.path)
        statements = list(cst.parse_module(code, self.source.tree.config_for_parsing).body)
        above = node.leading_lines[: len(node.leading_lines) - len(attached(node.leading_lines))]
        apart = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
        parsed: list[Any] = []
        for at, statement in enumerate(statements):
            lines = attached(statement.leading_lines)
            parsed.append(statement.with_changes(leading_lines=[*(apart if at else above), *lines]))
        return parsed

    def _kept(self, node: cst.ClassDef, one: Written) -> cst.ClassDef:
        """Return the class as it is, with a comment that says why, run by the mixin."""
        if one.cls not in self.backed and _takes_mixin(one.cls):
            return node
        lines = note(f"{one.name} goes on running as it is: {one.reason}", self.width)
        there = {line.comment.value for line in node.leading_lines if line.comment is not None}
        if lines[0] in there:
            return node
        comments = [cst.EmptyLine(indent=False, comment=cst.Comment(line)) for line in lines]
        node = node.with_changes(leading_lines=[*node.leading_lines, *comments])
        if one.cls not in self.backed:
            return node
        mixin = self.names.use("nova_drf", "SchemaBackedMixin")
        return node.with_changes(bases=[cst.Arg(cst.Name(mixin)), *node.bases])


def _to_be_backed(written: Mapping[type, Written]) -> set[type]:
    """Return the classes that get the mixin; what derives from one of them has it by that."""
    kept = [cls for cls, one in written.items() if one.reason and _takes_mixin(cls)]
    concrete = [cls for cls in kept if _can_be_made(cls)]
    return {cls for cls in concrete if not any(base in concrete for base in cls.__mro__[1:])}


def _takes_mixin(cls: type) -> bool:
    """Whether the mixin can stand in front of a class: not if that has a metaclass of its own."""
    return issubclass(cls, Serializer) and type(cls) is SerializerMetaclass


def _can_be_made(cls: Any) -> bool:
    try:
        getattr(cls(), "fields", None)
    except Exception:
        return False
    return True


def serializers_of(module: Any) -> list[Any]:
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
