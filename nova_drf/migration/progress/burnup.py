"""The burn-up: how many actions there are, have moved and are proved, over the history, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

WIDTH, HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 14, 30
_TICKS = 4

SERIES = ("total", "moved", "proved")
"""What is counted, from the line that is above the others downwards."""


@dataclass(frozen=True)
class Count:
    """How far the project was at one time.

    Attributes:
        at: When.
        total: How many actions its endpoints have.
        moved: How many of them new code answers.
        proved: How many were proved.
    """

    at: datetime
    total: int
    moved: int
    proved: int


@dataclass(frozen=True)
class Mark:
    """A label on one of the axes.

    Attributes:
        place: Its place in pixels.
        text: The label.
    """

    place: float
    text: str


@dataclass(frozen=True)
class Chart:
    """What there is to draw.

    Attributes:
        lines: The points of each line, by what it counts, as SVG writes them.
        ends: Where each line ends.
        levels: The labels of the vertical axis, by their heights.
        days: The labels of the horizontal axis.
    """

    lines: Mapping[str, str]
    ends: Mapping[str, tuple[float, float]]
    levels: Sequence[Mark]
    days: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM


def chart(counts: Sequence[Count]) -> Chart | None:
    """Return the burn-up of some counts; ``None`` where there are fewer than two.

    Args:
        counts: The counts, the oldest first.
    """
    if len(counts) < 2:
        return None
    began, ended = counts[0].at, counts[-1].at
    duration = max(ended - began, timedelta(seconds=1))
    most = max(1, *(getattr(count, name) for count in counts for name in SERIES))
    top = _rounded(most)

    def across(at: datetime) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * ((at - began) / duration), 1)

    def up(number: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * number / top, 1)

    places = {
        name: [(across(count.at), up(getattr(count, name))) for count in counts] for name in SERIES
    }
    return Chart(
        lines={name: " ".join(_stairs(points)) for name, points in places.items()},
        ends={name: points[-1] for name, points in places.items()},
        levels=[Mark(up(level), str(level)) for level in _levels(top)],
        days=[
            Mark(across(began), _day(began)),
            Mark(across(ended), _day(ended)),
        ],
    )


def _stairs(points: Sequence[tuple[float, float]]) -> list[str]:
    """Return points between which a number stays until it changes."""
    steps = [f"{points[0][0]},{points[0][1]}"]
    for (_, before), (x, y) in pairwise(points):
        if y != before:
            steps.append(f"{x},{before}")
        steps.append(f"{x},{y}")
    return steps


def _rounded(most: int) -> int:
    """Return the next number that can be told in equal steps."""
    step = max(1, -(-most // _TICKS))
    return step * _TICKS if most > _TICKS else most


def _levels(top: int) -> list[int]:
    step = max(1, top // _TICKS)
    return list(range(0, top + 1, step))


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
