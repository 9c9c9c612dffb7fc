"""A module with the schemas of serializers, new or added to, and the classes that run them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import libcst as cst

from nova_drf.migration.codegen.bindings import dotted, imported_by
from nova_drf.migration.codegen.bodies import assigned_name
from nova_drf.migration.codegen.changes import Change
from nova_drf.migration.codegen.formatting import DEFAULT_WIDTH, formatted, line_length
from nova_drf.migration.codegen.imports import finished
from nova_drf.migration.codegen.layout import note
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.codegen.outcomes import File, Progress, Written
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
    there = _Existing(before)
    width = DEFAULT_WIDTH if path is None else line_length(path)
    bound = there.bound
    while True:
        file = File(Names(bound), width)
        written = _planned(wanted, file, progress)
        blocks = {_mark(one): text for one in written if (text := _block(one, width, path))}
        left = there.names_of(there.blocks.keys() - blocks.keys())
        if not left & {one.name for one in written} - bound.keys():
            break
        # What another run wrote, and this one does not, keeps its names.
        bound = {**bound, **dict.fromkeys(left, object())}
    tree = there.with_blocks(blocks, _docstring(wanted, width))
    where = path or _NOWHERE
    return Change(where, before, finished(tree, there.tree, file.names, where), written)


def _planned(wanted: Sequence[Any], file: File, progress: Progress | None) -> list[Written]:
    packages = {cls.__module__.partition(".")[0] for cls in wanted}
    planner = Planner(
        lambda cls: file, lambda cls: cls.__module__.partition(".")[0] in packages, progress
    )
    for cls in wanted:
        planner.write(cls)
    return list(planner.written.values())


def _docstring(wanted: Sequence[Any], width: int) -> str:
    homes = list(dict.fromkeys(cls.__module__ for cls in wanted))
    of = homes[0] if len(homes) == 1 else f"{homes[0].partition('.')[0]}"
    said = f'"""The serializers of ``{of}`` as schemas, and the classes that run them."""'
    return said if len(said) <= width else f'"""Schemas of ``{of}``."""'


def _mark(one: Written) -> str:
    return f"{_MARK}{one.cls.__module__}.{one.cls.__qualname__}"


def _block(one: Written, width: int, path: Path | None) -> str:
    if not one.statements:
        return ""
    mark = [_mark(one)] if path is not None else []
    said = note(f"Backed: {one.reason}", width) if one.reason else []
    code = formatted("\n\n\n".join(one.statements), path or _NOWHERE)
    return "\n".join((*mark, *said, code))


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
        self.kept: list[Any] = []
        """The statements that stay, and the marks of those that an earlier run wrote."""
        self.blocks: dict[str, list[Any]] = {}
        """What an earlier run wrote, by its marks."""
        mark = ""
        for statement in self.tree.body:
            lines = [line.comment.value for line in statement.leading_lines if line.comment]
            marks = [line for line in lines if line.startswith(_MARK)]
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
        found: dict[str, object] = {}
        for statement in self.kept:
            if isinstance(statement, str):
                continue
            found |= _imported(statement) or {_bound(statement): object()}
        found.pop("", None)
        return found

    def names_of(self, marks: Iterable[str]) -> set[str]:
        """Return the names of what an earlier run wrote under some marks."""
        return {_bound(statement) for mark in marks for statement in self.blocks[mark]} - {""}

    def with_blocks(self, blocks: Mapping[str, str], docstring: str) -> cst.Module:
        """Return the module with new classes: where the old ones were, or at its end."""
        left = dict(blocks)
        body: list[Any] = []
        for one in self.kept:
            if not isinstance(one, str):
                body.append(one)
            elif one not in blocks:
                body += self.blocks[one]
            elif one in left:
                # What it needs, and was not there yet, comes first.
                before = [*left][: [*left].index(one) + 1]
                for mark in [mark for mark in before if mark == one or mark not in self.kept]:
                    body += _statements(left.pop(mark))
        for text in left.values():
            body += _statements(text)
        if not self.tree.body:
            head = cst.parse_module(f"{docstring}\n\nfrom __future__ import annotations\n")
            return head.with_changes(body=[*head.body, *body])
        return self.tree.with_changes(body=body)


def _statements(text: str) -> list[Any]:
    apart = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
    module = cst.parse_module(text)
    head, *rest = module.body
    above = [*apart, *module.header, *_comments(head)]
    return [
        head.with_changes(leading_lines=above),
        *(
            one.with_changes(leading_lines=[*apart, *_comments(one)])
            if isinstance(one, cst.ClassDef)
            else one
            for one in rest
        ),
    ]


def _comments(statement: Any) -> list[Any]:
    return [line for line in statement.leading_lines if line.comment is not None]


def _bound(statement: Any) -> str:
    if isinstance(statement, (cst.ClassDef, cst.FunctionDef)):
        return statement.name.value
    if isinstance(statement, cst.SimpleStatementLine):
        return assigned_name(statement) or ""
    return ""


def _imported(statement: Any) -> Mapping[str, object]:
    lines = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
    return {
        name: found if found.module else object()
        for one in lines
        for name, found in imported_by(one, _home)
    }


def _home(statement: cst.ImportFrom) -> str:
    """Return the module after ``from``; nothing for one that only the file's package knows."""
    return "" if statement.module is None or statement.relative else dotted(statement.module)
