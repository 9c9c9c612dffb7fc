"""The last touch: the project's own formatter, where there is one."""

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


_OF_ROOTS = ("pyproject.toml", "ruff.toml", ".ruff.toml", ".git")


def source_roots(path: Path) -> frozenset[Path]:
    """Return the folders in which the packages are that the project around a file calls its own.

    Args:
        path: The file, which need not be there yet.
    """
    folder = path.absolute().parent
    package = next(one for one in (folder, *folder.parents) if not (one / "__init__.py").exists())
    found = (one for one in (folder, *folder.parents) if any((one / n).exists() for n in _OF_ROOTS))
    root = next(found, folder)
    return frozenset((root, root / "src", package))


def polished(text: str, path: Path) -> str:
    """Return source code as the project's Ruff formats it; unchanged where there is none.

    Args:
        text: The source code.
        path: The file for which it is, by which Ruff finds its settings.
    """
    return _through(("format",), text, path)


def with_sorted_imports(text: str, path: Path) -> str:
    """Return a module with its imports in the order of the project's Ruff."""
    arguments = ("check", "--select", "I", "--fix", "--exit-zero", "--quiet")
    return polished(_through(arguments, text, path), path)


def _through(arguments: tuple[str, ...], text: str, path: Path) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    program = str(ruff) if ruff.exists() else shutil.which("ruff")
    if program is None:
        return text
    command = [program, *arguments, "--no-cache", "--stdin-filename", str(path), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)  # noqa: S603  # Ruff of this environment
    return text if done.returncode else f"{done.stdout.rstrip()}\n"
