"""What each step gained, as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_STAGES = ("classic", "backed", "schema", "service", "async")
_HEAD = ("step", *_STAGES, "typed", "lines", "tests", "differences", "time")


@dataclass(frozen=True)
class Line:
    """What a step came to.

    Attributes:
        name: The step.
        stages: How many actions are in each stage.
        typed: How many fields have a type that checkers know.
        lines: The lines of the clinic's code.
        tests: How many of its own tests passed.
        approved: How many answers differ as was approved; none differs otherwise.
        time: The processor time of all requests, as a part of the classic clinic's; ``None`` if
            it was not measured.
    """

    name: str
    stages: dict[str, int]
    typed: int
    lines: int
    tests: int
    approved: int
    time: float | None

    def cells(self) -> Iterable[str]:
        """Return the cells of the line."""
        stages = (str(self.stages.get(stage, 0)) for stage in _STAGES)
        numbers = (self.typed, self.lines, self.tests)
        differing = f"{self.approved} approved" if self.approved else "none"
        told = "" if self.time is None else f"{self.time:.2f}"
        return (self.name, *stages, *map(str, numbers), differing, told)


def printed(lines: Iterable[Line]) -> str:
    """Return lines as a table."""
    rows = [_HEAD, *(tuple(line.cells()) for line in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
