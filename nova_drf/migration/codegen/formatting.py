"""How code looks: expressions on one line, comments, and Ruff with the settings of the project."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import libcst as cst

DEFAULT_WIDTH = 88
"""The length of a line where the project says nothing; that of Black and Ruff."""


def line_length(path: Path) -> int:
    """Return the length of a line in the project that a file belongs to.

    Args:
        path: The file, which need not be there yet.
    """
    widths = (width for tools in _tools(path) if (width := _width(tools)) is not None)
    return next(widths, DEFAULT_WIDTH)


def _tools(path: Path) -> Iterator[Mapping[str, Any]]:
    for folder in path.absolute().parents:
        for name, inside in (("ruff.toml", False), (".ruff.toml", False), ("pyproject.toml", True)):
            if (folder / name).is_file():
                settings = tomllib.loads((folder / name).read_text())
                yield settings.get("tool", {}) if inside else {"ruff": settings}


def _width(tools: Mapping[str, Any]) -> int | None:
    for tool in ("ruff", "black"):
        width = tools.get(tool, {}).get("line-length")
        if isinstance(width, int):
            return width
    return None


Step = tuple[str, ...]
"""What Ruff is asked to do."""

_FIX = ("check", "--fix", "--exit-zero", "--quiet")
# What only annotations use is needed when a schema is made: no import moves for type checkers.
MENDED: Step = (*_FIX, "--unfixable", "TC")
"""What the project has Ruff mend, as far as that is safe."""
SORTED: Step = (*_FIX, "--select", "I")
"""Imports in order."""
FORMATTED: Step = ("format",)
"""Lines, brackets and quotes."""


def styled(text: str, path: Path, before: str = "") -> str:
    """Return a module in the style of what was there: with each step that left that as it was.

    Without Ruff, which need not be there, nothing changes.

    Args:
        text: The source code.
        path: The file for which it is, by which Ruff finds the project's settings.
        before: What was there; nothing if the file is new.
    """
    for step in (MENDED, SORTED, FORMATTED):
        if not before or is_left_alone(before, path, step):
            text = through(step, text, path)
    return text


def is_left_alone(text: str, path: Path, step: Step) -> bool:
    """Whether Ruff would leave source code as it is."""
    return ruff() is not None and through(step, text, path) == text


def ruff() -> str | None:
    """Return where Ruff is, or ``None``."""
    beside = Path(sys.executable).with_name("ruff")
    return str(beside) if beside.exists() else shutil.which("ruff")


@lru_cache(maxsize=64)
def through(step: Step, text: str, path: Path) -> str:
    """Return source code as one step of Ruff's leaves it."""
    program = ruff()
    if program is None:
        return text
    width = ("--line-length", str(line_length(path)))
    command = [program, *step, *width, "--no-cache", "--stdin-filename", str(path), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603  # Ruff of this environment
    return f"{done.stdout.rstrip()}\n"


def one_line(expression: cst.BaseExpression) -> str:
    """Return an expression's code, on one line where it has no comments in it."""
    code = cst.Module([]).code_for_node(expression)
    if "\n" not in code or "#" in code or '"""' in code:
        return code
    joined = expression.visit(_Joined())
    assert isinstance(joined, cst.BaseExpression)  # noqa: S101  # for type checkers
    return cst.Module([]).code_for_node(joined)


class _Joined(cst.CSTTransformer):
    """Takes the line breaks inside of brackets away, and the commas before the closing ones."""

    def leave_ParenthesizedWhitespace(
        self,
        original_node: cst.ParenthesizedWhitespace,
        updated_node: cst.ParenthesizedWhitespace,
    ) -> cst.SimpleWhitespace:
        return cst.SimpleWhitespace(" ")

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        changes: dict[str, object] = dict.fromkeys(
            _BESIDE_BRACKETS.get(type(updated_node), ()), cst.SimpleWhitespace("")
        )
        if isinstance(updated_node, _SEPARATED):
            changes["comma"] = cst.MaybeSentinel.DEFAULT
        changed = updated_node.with_changes(**changes) if changes else updated_node
        return super().on_leave(original_node, changed)


_SEPARATED = (
    *(cst.Arg, cst.DictElement, cst.Element, cst.StarredDictElement, cst.StarredElement),
    cst.SubscriptElement,
)
_BESIDE_BRACKETS: Mapping[type[cst.CSTNode], tuple[str, ...]] = {
    cst.Arg: ("whitespace_after_arg",),
    cst.Call: ("whitespace_before_args",),
    cst.Dot: ("whitespace_before", "whitespace_after"),
    cst.LeftCurlyBrace: ("whitespace_after",),
    cst.LeftParen: ("whitespace_after",),
    cst.LeftSquareBracket: ("whitespace_after",),
    cst.RightCurlyBrace: ("whitespace_before",),
    cst.RightParen: ("whitespace_before",),
    cst.RightSquareBracket: ("whitespace_before",),
}


def note(text: str, width: int, indent: str = "") -> list[str]:
    """Return a comment that says what could not be written as a type, and why."""
    return textwrap.wrap(
        text,
        max(width, 60),
        initial_indent=f"{indent}# ",
        subsequent_indent=f"{indent}# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
