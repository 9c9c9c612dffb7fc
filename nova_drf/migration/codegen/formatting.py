"""The last touch: Ruff, with the settings of the project."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DEFAULT_WIDTH = 88
"""The length of a line where the project says nothing; that of Black and Ruff."""


def line_length(path: Path) -> int:
    """Return the length of a line in the project that a file belongs to.

    Args:
        path: The file, which need not be there yet.
    """
    found = (width for settings in _settings(path) if (width := _width(settings)) is not None)
    return next(found, DEFAULT_WIDTH)


def _settings(path: Path) -> Iterator[Mapping[str, object]]:
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


def formatted(text: str, path: Path) -> str:
    """Return source code as Ruff formats it, with the project's settings.

    Without Ruff, which need not be there, it stays as it is; so it does in all that follows.

    Args:
        text: The source code.
        path: The file for which it is, by which Ruff finds its settings.
    """
    return _through(("format",), text, path)


def sorted_and_formatted(text: str, path: Path) -> str:
    """Return a module with its imports in order, and formatted."""
    return formatted(_through((*_FIX, "--select", "I"), text, path), path)


def mended(text: str, path: Path) -> str:
    """Return a module without what the project has Ruff mend, as far as that is safe."""
    return sorted_and_formatted(_through((*_FIX, "--unfixable", "TC"), text, path), path)


_FIX = ("check", "--fix", "--exit-zero", "--quiet")
# What only annotations use is needed when a schema is made: no import moves for type checkers.


def is_formatted(text: str, path: Path) -> bool:
    """Whether Ruff would leave source code as it is, import order included."""
    return ruff() is not None and sorted_and_formatted(text, path) == text


def ruff() -> str | None:
    """Return where Ruff is, or ``None``."""
    beside = Path(sys.executable).with_name("ruff")
    return str(beside) if beside.exists() else shutil.which("ruff")


def _through(arguments: tuple[str, ...], text: str, path: Path) -> str:
    program = ruff()
    if program is None:
        return text
    width = ("--line-length", str(line_length(path)))
    command = [program, *arguments, *width, "--no-cache", "--stdin-filename", str(path), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603  # Ruff of this environment
    return f"{done.stdout.rstrip()}\n"
