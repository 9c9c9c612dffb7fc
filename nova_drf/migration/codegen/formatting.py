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

    Args:
        text: The source code.
        path: The file for which it is, by which Ruff finds its settings.
    """
    return _through(("format",), text, path)


def sorted_and_formatted(text: str, path: Path) -> str:
    """Return a module with its imports in order, and formatted."""
    arguments = ("check", "--select", "I", "--fix", "--exit-zero", "--quiet")
    return formatted(_through(arguments, text, path), path)


def is_formatted(text: str, path: Path) -> bool:
    """Whether Ruff would leave source code as it is, import order included."""
    return sorted_and_formatted(text, path) == text


def ruff() -> str | None:
    """Return where Ruff is, or ``None``."""
    beside = Path(sys.executable).with_name("ruff")
    return str(beside) if beside.exists() else shutil.which("ruff")


def _through(arguments: tuple[str, ...], text: str, path: Path) -> str:
    program = ruff()
    if program is None:
        raise FileNotFoundError("Ruff is not installed.")
    width = ("--line-length", str(line_length(path)))
    command = [program, *arguments, *width, "--no-cache", "--stdin-filename", str(path), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603  # Ruff of this environment
    return f"{done.stdout.rstrip()}\n"
