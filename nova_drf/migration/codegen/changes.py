"""A file as it is, and as it is to be."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

from nova_drf.migration.codegen.outcomes import Written


@dataclass(frozen=True)
class Change:
    """A file as it is, and as it is to be.

    Attributes:
        path: The file.
        before: Its source code; empty if it is not there.
        after: Its source code with the schemas.
        written: What became of each class.
    """

    path: Path
    before: str
    after: str
    written: Sequence[Written] = ()

    def diff(self) -> str:
        """Return what changes, as a unified diff."""
        here = Path.cwd()
        is_near = self.path.is_relative_to(here)
        name = str(self.path.relative_to(here) if is_near else self.path)
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
            self.path.parent.mkdir(parents=True, exist_ok=True)
            encoding = cst.parse_module(self.before).encoding
            self.path.write_text(self.after, encoding=encoding, newline="")
