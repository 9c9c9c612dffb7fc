"""A module with the schemas of serializers, new or added to, and the classes that run them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import libcst as cst

from nova_drf.migration.codegen.bindings import imported_by
from nova_drf.migration.codegen.bodies import assigned_name
from nova_drf.migration.codegen.formatting import (
    DEFAULT_WIDTH,
    FORMATTED,
    line_length,
    note,
    through,
)
from nova_drf.migration.codegen.imports import Statement, finished
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.codegen.outcomes import Change, File, Progress, Written
from nova_drf.migration.codegen.planner import Planner

_MARK = "# Written by nova_convert from "
_NOWHERE = Path("generated.py")


def module_source(
    classes: Iterable[Any], path: Path | None = None, progress: Progress | None = None
) -> Change:
    """Write the named serializers, and those that they nest or derive from, into a module.

    A file that is there keeps what it has: only classes that an earlier run wrote are replaced.

    Args:
        classes: Serializer classes.
        path: Where the module is, or will be; the project there says how it is formatted.
        progress: Is told about each class.

    Raises:
        SyntaxError: The file that is there is no Python.
    """
    wanted = list(classes)
    before = path.read_text() if path is not None and path.exists() else ""
    existing = _Existing(before)
    width = DEFAULT_WIDTH if path is None else line_length(path)
    bound = existing.bound
    while True:
        file = File(Names(bound), width)
        written = _planned(wanted, file, progress)
        blocks = {_mark(each): text for each in written if (text := _block(each, width, path))}
        left = existing.names_of(existing.blocks.keys() - blocks.keys())
        if not left & {each.name for each in written} - bound.keys():
            break
        # What another run wrote, and this one does not, keeps its names.
        bound = {**bound, **dict.fromkeys(left, object())}
    tree = existing.with_blocks(blocks, _docstring(wanted, width))
    where = path or _NOWHERE
    return Change(where, before, finished(tree, existing.tree, file.names, where), written)


def _planned(wanted: Sequence[Any], file: File, progress: Progress | None) -> list[Written]:
    packages = {cls.__module__.partition(".")[0] for cls in wanted}
    planner = Planner(
        lambda cls: file, lambda cls: cls.__module__.partition(".")[0] in packages, progress
    )
    for cls in wanted:
        planner.write(cls)
    return list(planner.written.values())


def _docstring(wanted: Sequence[type], width: int) -> str:
    homes = list(dict.fromkeys(cls.__module__ for cls in wanted))
    home = homes[0] if len(homes) == 1 else homes[0].partition(".")[0]
    long = f'"""The serializers of ``{home}`` as schemas, and the classes that run them."""'
    return long if len(long) <= width else f'"""Schemas of ``{home}``."""'


def _mark(written: Written) -> str:
    return f"{_MARK}{written.cls.__module__}.{written.cls.__qualname__}"


def _block(written: Written, width: int, path: Path | None) -> str:
    if not written.statements:
        return ""
    mark = [_mark(written)] if path is not None else []
    reason = note(f"Backed: {written.reason}", width) if written.reason else []
    code = through(FORMATTED, "\n\n\n".join(written.statements), path or _NOWHERE)
    return "\n".join((*mark, *reason, code))


class _Existing:
    """A file that is added to.

    Args:
        text: Its source code.
    """

    def __init__(self, text: str) -> None:
        try:
            self.tree = cst.parse_module(text)
        except cst.ParserSyntaxError as error:
            raise SyntaxError(error.message) from error
        self.kept: list[Statement | str] = []
        """The statements that stay, and the marks of those that an earlier run wrote."""
        self.blocks: dict[str, list[Statement]] = {}
        """What an earlier run wrote, by its marks."""
        mark = ""
        for statement in self.tree.body:
            comments = [line.comment.value for line in _comments(statement) if line.comment]
            marks = [comment for comment in comments if comment.startswith(_MARK)]
            if marks:
                mark = marks[0]
                self.kept.append(mark)
            if not mark:
                self.kept.append(statement)
                continue
            self.blocks.setdefault(mark, []).append(statement)
            if _bound(statement).endswith(mark.rpartition(".")[2]):
                mark = ""

    @property
    def bound(self) -> Mapping[str, object]:
        """What names stand for in the statements that stay."""
        bound: dict[str, object] = {}
        for statement in self.kept:
            if not isinstance(statement, str):
                bound |= _imported(statement) or {_bound(statement): object()}
        bound.pop("", None)
        return bound

    def names_of(self, marks: Iterable[str]) -> set[str]:
        """Return the names of what an earlier run wrote under some marks."""
        return {_bound(statement) for mark in marks for statement in self.blocks[mark]} - {""}

    def with_blocks(self, blocks: Mapping[str, str], docstring: str) -> cst.Module:
        """Return the module with new classes: where the old ones were, or at its end."""
        left = dict(blocks)
        body: list[Statement] = []
        for kept in self.kept:
            if not isinstance(kept, str):
                body.append(kept)
            elif kept not in blocks:
                body += self.blocks[kept]
            elif kept in left:
                # What it needs, and was not there yet, comes first.
                before = [*left][: [*left].index(kept) + 1]
                for mark in [mark for mark in before if mark == kept or mark not in self.kept]:
                    body += _statements(left.pop(mark))
        for text in left.values():
            body += _statements(text)
        if not self.tree.body:
            head = cst.parse_module(f"{docstring}\n\nfrom __future__ import annotations\n")
            return head.with_changes(body=[*head.body, *body])
        return self.tree.with_changes(body=body)


def _statements(text: str) -> list[Statement]:
    apart = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
    module = cst.parse_module(text)
    head, *rest = module.body
    above = [*apart, *module.header, *_comments(head)]
    return [
        head.with_changes(leading_lines=above),
        *(
            statement.with_changes(leading_lines=[*apart, *_comments(statement)])
            if isinstance(statement, cst.ClassDef)
            else statement
            for statement in rest
        ),
    ]


def _comments(statement: Statement) -> list[cst.EmptyLine]:
    return [line for line in statement.leading_lines if line.comment is not None]


def _bound(statement: Statement) -> str:
    if isinstance(statement, (cst.ClassDef, cst.FunctionDef)):
        return statement.name.value
    if isinstance(statement, cst.SimpleStatementLine):
        return assigned_name(statement) or ""
    return ""


def _imported(statement: Statement) -> Mapping[str, object]:
    """Return what a statement imports; what only the file's package knows, is some object."""
    lines = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
    return {name: target or object() for line in lines for name, target in imported_by(line)}
