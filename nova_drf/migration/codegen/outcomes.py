"""What becomes of each serializer class, and what is told of it; the files that classes go to."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import libcst as cst

from nova_drf.migration.codegen.fields import Line
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.codegen.sources import source_of

Progress = Callable[[str, int], None]
"""Is told the name of the class that is looked at, and how many were before it."""


class Outcome(StrEnum):
    """What becomes of a class."""

    WRITTEN = "written"
    """A schema, and a serializer that runs it."""
    BACKED = "backed"
    """The original, run on pydantic-core."""
    CARRIED = "carried"
    """The original, a base of classes that are written."""
    KEPT = "kept"
    """The original, untouched."""


@dataclass
class Written:
    """What became of a class.

    Attributes:
        cls: The class.
        name: The name of the new class.
        outcome: What became of it.
        schema: The name of its schema; empty if it has none of its own.
        reason: Why it is not written, if it is not.
        remedy: What to do about that.
        statements: The source code in order: enumerations, schema, serializer.
        is_type: Whether the schema alone says all of it.
        used: How each field is written.
    """

    cls: Any
    name: str
    outcome: Outcome = Outcome.WRITTEN
    schema: str = ""
    reason: str = ""
    remedy: str = ""
    statements: list[str] = field(default_factory=list)
    is_type: bool = False
    used: Mapping[str, Line] = field(default_factory=dict)

    @property
    def kept_fields(self) -> list[str]:
        """The names of the fields that go on running as DRF's."""
        return [name for name, line in self.used.items() if line.is_kept]


@dataclass
class File:
    """A file that classes are written for.

    Attributes:
        names: Its names.
        width: The length of a line.
        quoted: Whether annotations are evaluated when the classes are made.
        imported: The modules that it imports from anyway; ``None`` if it may import from any.
    """

    names: Names
    width: int
    quoted: bool = False
    imported: frozenset[str] | None = None


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
        name = _from_here(self.path)
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


COLUMNS = ("serializer", "result", "kept fields", "where", "why", "remedy")


def row(written: Written) -> dict[str, str]:
    """Return the line of the table for a class."""
    kept, source = written.kept_fields, source_of(written.cls)
    where = written.cls.__module__
    if source is not None:
        where = f"{_from_here(source.path)}:{source.line_of(written.cls)}"
    return {
        "serializer": written.cls.__name__,
        "result": str(written.outcome),
        "kept fields": f"{len(kept)} of {len(written.used)}" if kept else "",
        "where": where,
        "why": written.reason,
        "remedy": written.remedy,
    }


def summary(written: Iterable[Written]) -> str:
    """Return one sentence about all classes, and their fields."""
    classes = list(written)
    counts = Counter(each.outcome for each in classes)
    outcomes = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
    fields = sum(len(each.used) for each in classes)
    kept = sum(len(each.kept_fields) for each in classes)
    return f"{len(classes)} serializers: {outcomes}; {kept} of {fields} fields go on running."


def _from_here(path: Path) -> Path:
    """Return a path as the person who runs the command would write it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
