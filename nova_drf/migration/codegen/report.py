"""What ``nova_convert`` tells about each class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from nova_drf.migration.codegen.outcomes import Outcome, Written
from nova_drf.migration.codegen.sources import source_of

COLUMNS = ("serializer", "result", "kept fields", "where", "why", "remedy")


def row(one: Written) -> dict[str, str]:
    """Return the line of the table for a class."""
    kept = [name for name, line in one.used.items() if line.is_kept]
    return {
        "serializer": one.cls.__name__,
        "result": str(one.outcome),
        "kept fields": f"{len(kept)} of {len(one.used)}" if kept else "",
        "where": _where(one.cls),
        "why": one.reason,
        "remedy": one.remedy,
    }


def _where(cls: type) -> str:
    source = source_of(cls)
    if source is None:
        return cls.__module__
    here = Path.cwd()
    is_near = source.path.is_relative_to(here)
    path = source.path.relative_to(here) if is_near else source.path
    return f"{path}:{source.line_of(cls)}"


def summary(written: Iterable[Written]) -> str:
    """Return one sentence about all classes, and their fields."""
    counted: Counter[Outcome] = Counter()
    fields = kept = 0
    for one in written:
        counted[one.outcome] += 1
        fields += len(one.used)
        kept += sum(line.is_kept for line in one.used.values())
    said = ", ".join(f"{counted[outcome]} {outcome}" for outcome in Outcome)
    return f"{counted.total()} serializers: {said}; {kept} of {fields} fields go on running."
