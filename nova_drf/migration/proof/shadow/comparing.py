"""In the child process: what a request shows of the difference between the two sides.

The new code answers, within a transaction in which both sides see the same data. Where its answer
is not the one that the client got, the old code answers as well, twice: only what differs from all
its answers is a difference. So neither data that changed meanwhile nor values that are new each
time are told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from nova_drf.migration.proof.approvals import ApprovedDifferences
from nova_drf.migration.proof.choices import Choice
from nova_drf.migration.proof.comparison import Difference, Exchange, Kind, differences
from nova_drf.migration.proof.replacement import shown_route
from nova_drf.migration.proof.shadow.answers import Answer, Sides
from nova_drf.migration.proof.shadow.causes import Finding, Outcome
from nova_drf.migration.proof.shadow.examples import Examples
from nova_drf.migration.proof.shadow.options import SAFE_METHODS, Writes
from nova_drf.migration.proof.shadow.samples import Sample
from nova_drf.migration.proof.shadow.taking_back import created, take_back
from nova_drf.migration.proof.shadow.transactions import Access, Databases

OUTSIDE = "outside"
"""Where what a shadow was refused stands among what was written."""


@dataclass(frozen=True)
class Judgement:
    """What came of one request.

    Attributes:
        outcome: In one word.
        findings: The differences, redacted.
        approved: How many more of them are approved.
    """

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    approved: int = 0


class Comparison:
    """Compares the two sides.

    Args:
        sides: Answers by either side.
        databases: The databases of this process.
        examples: Makes examples of requests, redacted.
    """

    def __init__(self, sides: Sides, databases: Databases, examples: Examples) -> None:
        self._sides, self._databases, self._examples = sides, databases, examples

    def judge(self, sample: Sample, approved: ApprovedDifferences) -> Judgement:
        """Let the new code answer, and compare.

        Args:
            sample: The request, and what the old code answered.
            approved: The differences that are approved.
        """
        writes = sample.method not in SAFE_METHODS and sample.writes == Writes.ROLLED_BACK
        access = Access.WRITE if writes and self._databases.can_write else Access.READ
        first = partial(take_back, sample) if created(sample) else None
        with self._databases.transaction(access, sample.seconds, first):
            run = _Run(self._sides, sample, access)
            outcome, differing = run.compare()
        if not differing:
            return Judgement(outcome)
        endpoint = endpoint_of(sample, run.new)
        left = [
            difference
            for difference in differing
            if not approved.cover(endpoint, difference.kind.value, difference.where)
        ]
        findings = self._examples.findings(sample, endpoint, left, run.answers)
        told = Outcome.DIFFERENT if findings else Outcome.EQUAL
        return Judgement(told, tuple(findings), len(differing) - len(left))


class _Run:
    """The answers to one request."""

    def __init__(self, sides: Sides, sample: Sample, access: Access) -> None:
        self._sides, self._sample, self._access = sides, sample, access
        self.answers: list[Answer] = []

    @property
    def new(self) -> Answer:
        """What the new code answered."""
        return self.answers[0]

    def _ask(self, side: Choice) -> Answer:
        answer = self._sides.answer(self._sample, side)
        self.answers.append(answer)
        return answer

    def compare(self) -> tuple[Outcome, list[Difference]]:
        """Return the outcome, and the differences."""
        sample, new = self._sample, self._ask(Choice.NEW)
        if new.is_out_of_memory:
            return Outcome.MEMORY, []
        if sample.method in SAFE_METHODS and new.stopped_at:
            return self._compare_read_that_writes(new)
        recorded, answer = sample.answer, self._exchange(new)
        differing = differences(recorded, replace(answer, rows={}))
        if not differing and not answer.rows:
            return Outcome.EQUAL, []
        again = self._exchange(self._ask(Choice.OLD))
        if _is_other(again, recorded):
            return self._in_present_state(again, answer, differing)
        return self._stable(recorded, again, answer)

    def _stable(
        self, recorded: Exchange, again: Exchange, answer: Exchange
    ) -> tuple[Outcome, list[Difference]]:
        """Return the differences from all three answers of the old code."""
        before = replace(recorded, rows=again.rows)
        differing = differences(again, answer, before)
        if not differing:
            return Outcome.EQUAL, []
        second = self._exchange(self._ask(Choice.OLD))
        always = differences(again, answer, second)
        differing = [difference for difference in differing if difference in always]
        if differing and self.new.refused and (answer.crash or answer.status >= 500):
            return self._refused()
        return (Outcome.DIFFERENT if differing else Outcome.EQUAL), differing

    def _refused(self) -> tuple[Outcome, list[Difference]]:
        """Compare what was refused, where that is why the new code failed."""
        new, first = (sorted(set(answer.refused)) for answer in self.answers[:2])
        if new == first:
            return Outcome.NOT_REPEATABLE, []
        return Outcome.DIFFERENT, [Difference(Kind.ROWS, (OUTSIDE,), first or None, new)]

    def _in_present_state(
        self, again: Exchange, answer: Exchange, differing: list[Difference]
    ) -> tuple[Outcome, list[Difference]]:
        """Compare where the old code itself answers otherwise now."""
        if not differing:
            return Outcome.EQUAL, []
        if again.crash or answer.crash:
            return Outcome.NOT_REPEATABLE, []
        second = self._exchange(self._ask(Choice.OLD))
        now = differences(again, answer, second)
        return (Outcome.DIFFERENT if now else Outcome.NOT_REPEATABLE), now

    def _compare_read_that_writes(self, new: Answer) -> tuple[Outcome, list[Difference]]:
        if self._ask(Choice.OLD).stopped_at:
            return Outcome.NOT_REPEATABLE, []
        said = "nothing", "a request that only reads writes"
        return Outcome.DIFFERENT, [Difference(Kind.ROWS, (new.stopped_at,), *said)]

    def _exchange(self, answer: Answer) -> Exchange:
        """Return an answer; that of code which was stopped at its first write is a success."""
        if answer.exchange is not None:
            return answer.exchange
        recorded = self._sample.answer
        return recorded if recorded.status < 400 else Exchange(200)


def _is_other(again: Exchange, recorded: Exchange) -> bool:
    return bool(again.crash) or again.status // 100 != recorded.status // 100


def endpoint_of(sample: Sample, answer: Answer) -> str:
    """Return the method and the route, as ``nova_verify`` and the approved differences have them.

    Args:
        sample: The request.
        answer: One answer to it.
    """
    return f"{sample.method} {shown_route(answer.route)}"
