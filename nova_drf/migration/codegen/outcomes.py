"""What becomes of each serializer class, and the files that classes are written for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nova_drf.migration.codegen.fields import Line
from nova_drf.migration.codegen.names import Names

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
