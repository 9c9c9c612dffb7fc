"""``progress_report``: how far the migration is, what is open, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, transaction

from nova_drf.migration.inventory import Progress
from nova_drf.migration.progress.advice import Step, next_step
from nova_drf.migration.progress.burnup import SERIES, Count
from nova_drf.migration.progress.evidence import Evidence, OpenDifference, Proof, Speed
from nova_drf.migration.progress.history import Event, History, project_history, revision
from nova_drf.migration.progress.stages import Side, Stage, Standing, apps_of, standings
from nova_drf.migration.proof.approvals import unnamed
from nova_drf.migration.proof.shadow.summary import ShadowSummary, shadow_summaries

COUNTED = "counted"
_AGAIN_AFTER = timedelta(days=1)
"""After which time the same counts are written down once more."""


@dataclass(frozen=True)
class Line:
    """All there is to say of one action of one endpoint.

    Attributes:
        standing: How far it is.
        proof: Its last proof, if there is one.
        differences: What is open there.
        step: What to do next.
        shadow: What its shadow saw, if it has one.
    """

    standing: Standing
    proof: Proof | None
    differences: Sequence[OpenDifference]
    step: Step
    shadow: ShadowSummary | None = None


@dataclass(frozen=True)
class AppProgress:
    """How far one app is.

    Attributes:
        name: Its label.
        lines: Its actions.
    """

    name: str
    lines: Sequence[Line]

    @property
    def total(self) -> int:
        """How many actions it has."""
        return len(self.lines)

    @property
    def moved(self) -> int:
        """How many of them new code answers."""
        return sum(line.standing.is_moved for line in self.lines)

    @property
    def proved(self) -> int:
        """How many of them were proved."""
        return sum(line.proof is not None and line.proof.ok for line in self.lines)

    @property
    def stages(self) -> dict[str, int]:
        """How many actions are at each stage."""
        counted = Counter(line.standing.stage for line in self.lines)
        return {stage.value: counted[stage] for stage in Stage}

    @property
    def sides(self) -> dict[str, int]:
        """How many actions each side answers."""
        counted = Counter(line.standing.side for line in self.lines)
        return {side.value: counted[side] for side in Side}


@dataclass(frozen=True)
class ProgressReport:
    """How far the migration is.

    Attributes:
        at: When it was looked at.
        revision: The revision of the code; empty where Git knows none.
        apps: The apps with their endpoints.
        differences: What is open anywhere.
        speeds: How fast both sides were, where that was measured.
        counts: How far the project was before, and is now.
        notes: What could not be looked at.
    """

    at: datetime
    revision: str
    apps: Sequence[AppProgress]
    differences: Sequence[OpenDifference]
    speeds: Sequence[Speed]
    counts: Sequence[Count]
    notes: Sequence[str] = ()

    @property
    def lines(self) -> list[Line]:
        """All actions of all apps."""
        return [line for app in self.apps for line in app.lines]

    @property
    def whole(self) -> AppProgress:
        """All apps as if they were one."""
        return AppProgress("", self.lines)

    @property
    def steps(self) -> list[tuple[Step, list[Line]]]:
        """What to do, the most urgent first, each with the actions for which it is to be done."""
        grouped: dict[Step, list[Line]] = {}
        for line in self.lines:
            grouped.setdefault(line.step, []).append(line)
        return sorted(grouped.items(), key=lambda pair: pair[0].urgency)

    def as_json(self) -> dict[str, Any]:
        """Return the report as what JSON can hold."""
        return {
            "at": self.at,
            "revision": self.revision,
            "total": self.whole.total,
            "moved": self.whole.moved,
            "proved": self.whole.proved,
            "stages": self.whole.stages,
            "sides": self.whole.sides,
            "apps": [
                {
                    "name": app.name,
                    **{name: getattr(app, name) for name in (*SERIES, "stages", "sides")},
                    "endpoints": [_as_json(line) for line in app.lines],
                }
                for app in self.apps
            ],
            "differences": [asdict(difference) for difference in self.differences],
            "speeds": [{**asdict(speed), "ratio": speed.ratio} for speed in self.speeds],
            "history": [asdict(count) for count in self.counts],
            "notes": list(self.notes),
        }


def _as_json(line: Line) -> dict[str, Any]:
    standing = line.standing
    return {
        **asdict(standing.entry),
        "stage": standing.stage,
        "side": standing.side,
        "switch": standing.switch,
        "new_view": standing.new_view,
        "new_serializer": standing.serializer,
        "proof": None if line.proof is None else asdict(line.proof),
        "differences": len(line.differences),
        "shadow": None if line.shadow is None else asdict(line.shadow),
        "next": asdict(line.step),
    }


def progress_report(
    patterns: Iterable[object] | None = None,
    *,
    history: History | None = None,
    record: bool = True,
    progress: Progress | None = None,
    tests: Path | None = None,
) -> ProgressReport:
    """Say how far the migration is, and write the counts into the history.

    Args:
        patterns: The URL patterns; those of ``ROOT_URLCONF`` when left out.
        history: The history; the project's when left out.
        record: Whether to write the counts down where they are new, or a day old.
        progress: Is told each view's name, before the view is looked at.
        tests: The directory in which to look for tests; ``settings.BASE_DIR`` when left out.

    Raises:
        HistoryError: The history cannot be read or written.
    """
    history = history or project_history()
    events = history.events()
    now = revision(history.file)
    evidence = Evidence(events, now)
    differences = evidence.open_differences()
    shadows = _shadows()
    lines = [
        _line(each, evidence, differences, shadows.get((each.switch, each.entry.action)))
        for each in standings(patterns, progress, tests)
    ]
    whole = AppProgress("", lines)
    count = Count(datetime.now(UTC), whole.total, whole.moved, whole.proved)
    counts = list(counts_of(events))
    if record and _is_news(count, counts):
        history.append(COUNTED, {name: getattr(count, name) for name in SERIES})
    notes = [f"Lines of {history.file.name} that cannot be read: {history.unreadable}."]
    return ProgressReport(
        at=count.at,
        revision=now,
        apps=_apps(lines),
        differences=differences,
        speeds=evidence.speeds(),
        counts=[*counts, count],
        notes=notes if history.unreadable else [],
    )


def _shadows() -> dict[tuple[str, str], ShadowSummary]:
    # Tables that are not there yet are no obstacle to a report.
    with suppress(DatabaseError), transaction.atomic():
        return {(summary.switch, summary.action): summary for summary in shadow_summaries()}
    return {}


def _line(
    standing: Standing,
    evidence: Evidence,
    differences: Sequence[OpenDifference],
    shadow: ShadowSummary | None,
) -> Line:
    proof = evidence.proof_of(standing)
    key = unnamed(standing.endpoint)
    here = [
        difference
        for difference in differences
        if unnamed(difference.endpoint) == key
        or (difference.new == standing.serializer and difference.endpoint == difference.old)
    ]
    step = next_step(standing, proof, here, 0 if shadow is None else shadow.open)
    return Line(standing, proof, here, step, shadow)


def _apps(lines: Iterable[Line]) -> list[AppProgress]:
    by_standing = {id(line.standing): line for line in lines}
    each = apps_of(line.standing for line in by_standing.values())
    return [
        AppProgress(name, [by_standing[id(standing)] for standing in some]) for name, some in each
    ]


def counts_of(events: Iterable[Event]) -> Iterator[Count]:
    """Yield the counts that a history has.

    Args:
        events: Its events.
    """
    for event in events:
        numbers: Mapping[str, Any] = {name: event.data.get(name) for name in SERIES}
        if event.kind == COUNTED and all(isinstance(number, int) for number in numbers.values()):
            yield Count(event.at, **numbers)


def _is_news(count: Count, counts: Sequence[Count]) -> bool:
    if not counts or count.at - counts[-1].at >= _AGAIN_AFTER:
        return True
    return any(getattr(count, name) != getattr(counts[-1], name) for name in SERIES)
