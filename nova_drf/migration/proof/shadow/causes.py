"""Differences, each cause once: what is seen a thousand times is one line with a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from hashlib import blake2b

CAUSES = 1000
"""How many causes a process tells apart; what comes after them is counted and not kept."""


class Outcome(StrEnum):
    """What came of a request that was to be compared."""

    EQUAL = "equal"
    DIFFERENT = "different"
    NOT_REPEATABLE = "not repeatable"
    """The old code itself answers otherwise when it is asked again: nothing can be said."""
    TIME = "time"
    """The new code took too long; the child was killed."""
    MEMORY = "memory"
    """The new code took too much memory; the child was ended."""
    DIED = "died"
    """The new code ended the child."""
    FAILED = "failed"
    """The comparison failed."""
    DROPPED = "dropped"
    """Too many requests waited, or the share of the processor was used up."""
    SKIPPED = "skipped"
    """A stream, or a body that is too large."""


COSTLY = frozenset((Outcome.TIME, Outcome.MEMORY, Outcome.DIED, Outcome.FAILED))
"""What a circuit breaker counts."""


@dataclass(frozen=True)
class Finding:
    """One difference between the two sides, redacted.

    Attributes:
        switch: The name of the switch.
        action: The action.
        endpoint: The method and the route, as the file of approved differences has them.
        kind: In what the answers differ.
        where: The path in the answer.
        old: What the old code has there.
        new: What the new code has there.
        detail: Where a crash came from.
        example: A request that shows it.
    """

    switch: str
    action: str
    endpoint: str
    kind: str
    where: str
    old: str = ""
    new: str = ""
    detail: str = ""
    example: str = ""

    @property
    def cause(self) -> str:
        """What all differences have in common that come from one mistake."""
        said = (self.switch, self.action, self.endpoint, self.kind, self.where, self.detail)
        return blake2b("\n".join(said).encode(), digest_size=16).hexdigest()

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Finding:
        """Return a difference that was plain data.

        Args:
            data: What :meth:`as_dict` returned.
        """
        return cls(**{field.name: str(data[field.name]) for field in fields(cls)})

    def __str__(self) -> str:
        place = f" at {self.where}" if self.where else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.endpoint}: {self.kind}{place}{detail}: {self.old} became {self.new}"


@dataclass
class Seen:
    """How often a difference was seen.

    Attributes:
        finding: The first of them.
        first: When, in seconds since the epoch.
        last: When the last time.
        total: How often in this process.
        pending: How often since it was last stored.
    """

    finding: Finding
    first: float
    last: float
    total: int = 0
    pending: int = 0


class Tally:
    """What was seen in this process, by cause."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}
        self._counts: dict[tuple[str, str, Outcome], int] = {}

    def add(self, finding: Finding, now: float) -> bool:
        """Count a difference; return whether its cause is new.

        Args:
            finding: The difference.
            now: The time, in seconds since the epoch.
        """
        cause = finding.cause
        is_new = cause not in self._seen
        if is_new:
            if len(self._seen) >= CAUSES:
                return False
            self._seen[cause] = Seen(finding, now, now)
        seen = self._seen[cause]
        seen.last = now
        seen.total += 1
        seen.pending += 1
        return is_new

    def count(self, switch: str, action: str, outcome: Outcome, times: int = 1) -> None:
        """Count what came of a request.

        Args:
            switch: The name of the switch.
            action: The action.
            outcome: What came of it.
            times: How often.
        """
        key = (switch, action, outcome)
        self._counts[key] = self._counts.get(key, 0) + times

    def take(self) -> tuple[list[Seen], dict[tuple[str, str, Outcome], int]]:
        """Return what is to be stored since the last time."""
        pending = [
            Seen(seen.finding, seen.first, seen.last, seen.total, seen.pending)
            for seen in self._seen.values()
            if seen.pending
        ]
        for seen in self._seen.values():
            seen.pending = 0
        counts, self._counts = self._counts, {}
        return pending, counts
