"""``replay``: recorded requests are sent to the old code and to the new, and answers compared."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from statistics import median
from typing import Any, Protocol
from urllib.parse import unquote

from django.contrib.admindocs.views import simplify_regex
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from nova_drf.migration.endpoints import endpoints
from nova_drf.migration.paths import EndpointsByPath
from nova_drf.migration.proof.approvals import ApprovedDifferences
from nova_drf.migration.proof.cases import NO_BODY, Case, as_test
from nova_drf.migration.proof.comparison import Difference, Exchange, lasting_differences
from nova_drf.migration.proof.sandbox import sandbox
from nova_drf.migration.proof.verification import Finding, Judge, Progress
from nova_drf.migration.replay.traffic import RecordedRequest

MISSING_USER = "the user is not in this database"
UNSAFE = "they change something; that is only tried in process"
NO_ENDPOINT = "no endpoint of DRF's has the path"
NO_ANSWER = "the old code raised an exception, so there was nothing to compare with"

AHEAD = 4
"""How many requests wait for each of those that are under way."""


class AnySide(Protocol):
    """Answers requests."""

    def answer(self, case: Case) -> Exchange:
        """Return the answer to a request.

        Args:
            case: The request.
        """
        ...


Sides = tuple[AnySide, AnySide]


@dataclass(frozen=True)
class Answers:
    """What both sides answered to a request.

    Attributes:
        old: What the old code answered.
        new: What the new code answered.
        differing: In what that differs.
    """

    old: Exchange
    new: Exchange
    differing: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        """Whether both sides have answered, and nothing differs."""
        return not (self.differing or self.old.crash or self.new.crash)


@dataclass
class EndpointReplay:
    """What came of the requests to one endpoint.

    Attributes:
        requests: How many were compared.
        findings: In what the answers differ.
        old: How long the old code took each time, in seconds.
        new: How long the new code took.
    """

    requests: int = 0
    findings: list[Finding] = field(default_factory=list)
    old: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)

    @property
    def medians(self) -> tuple[float, float] | None:
        """The medians of both in milliseconds; ``None`` where nothing was timed."""
        if not self.old or not self.new:
            return None
        return median(self.old) * 1000, median(self.new) * 1000


@dataclass
class ReplayReport:
    """What came of a replay.

    Attributes:
        endpoints: What came of each endpoint, by the method and the route.
        skipped: How many requests were not compared, by the reason.
        approved: How many kinds of differences were approved.
        notes: What a reader should know.
    """

    endpoints: dict[str, EndpointReplay] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    approved: int = 0
    notes: dict[str, None] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """How many requests were compared."""
        return sum(endpoint.requests for endpoint in self.endpoints.values())

    @property
    def findings(self) -> list[Finding]:
        """In what the answers differ."""
        return [finding for endpoint in self.endpoints.values() for finding in endpoint.findings]

    @property
    def ok(self) -> bool:
        """Whether something was compared, and nothing differs but what is approved."""
        return self.requests > 0 and not self.findings

    def recorded(self) -> dict[str, Any]:
        """Return what a history keeps: no value of a request or an answer."""
        return {
            "endpoints": {name: _recorded(endpoint) for name, endpoint in self.endpoints.items()}
        }


def _recorded(endpoint: EndpointReplay) -> dict[str, Any]:
    places = [
        (finding.difference.kind.value, finding.difference.where) for finding in endpoint.findings
    ]
    told: dict[str, Any] = {
        "requests": endpoint.requests,
        "differences": [{"kind": kind, "path": path} for kind, path in places],
    }
    if endpoint.medians is not None:
        told["old_ms"], told["new_ms"] = (round(each, 3) for each in endpoint.medians)
    return told


class Routes:
    """The endpoints of the project, to which recorded requests belong.

    Args:
        patterns: The URL patterns.
    """

    def __init__(self, patterns: Iterable[object]) -> None:
        self._by_path = EndpointsByPath(endpoints(patterns))

    def name(self, request: RecordedRequest) -> str:
        """Return the method and the route of a request; empty if it leads to no endpoint.

        Args:
            request: The request.
        """
        entry = self._by_path.at(unquote(request.path).removeprefix("/"))
        return "" if entry is None else f"{request.method} {simplify_regex(entry.path)}"


def cases(
    requests: Iterable[RecordedRequest],
    routes: Routes,
    report: ReplayReport,
    *,
    users: Container[str] | None = None,
    name: str | None = None,
    unsafe: bool = True,
) -> Iterator[Case]:
    """Yield the requests that are sent; the report counts the others.

    Args:
        requests: The recorded requests.
        routes: The endpoints of the project.
        report: The report.
        users: The keys of those who may ask; where left out, all may.
        name: Who asks instead of the recorded user, by the name to log in with; empty is nobody.
        unsafe: Whether requests that may change something are sent.
    """
    for request in requests:
        endpoint = routes.name(request)
        if not endpoint:
            report.skipped[NO_ENDPOINT] += 1
        elif not unsafe and not request.is_safe:
            report.skipped[UNSAFE] += 1
        elif name is None and users is not None and request.user not in users:
            report.skipped[MISSING_USER] += 1
        else:
            yield _case(request, endpoint, name)


def _case(request: RecordedRequest, endpoint: str, name: str | None) -> Case:
    headers = dict(request.headers)
    content_type = headers.pop("Content-Type", "application/octet-stream")
    return Case(
        endpoint=endpoint,
        method=request.method,
        path=request.path,
        query=request.query,
        body=request.body or NO_BODY,
        encoding=content_type,
        headers=tuple(headers.items()),
        user=request.user if name is None else name,
        has_user_key=name is None,
    )


def replay(
    sides: Sides,
    sent: Sequence[Case],
    report: ReplayReport,
    *,
    approved: ApprovedDifferences | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> ReplayReport:
    """Send requests to two sides, and list in what their answers differ.

    Args:
        sides: The side that is expected to be right, and the other one.
        sent: The requests.
        report: Where it is noted.
        approved: The differences that are approved.
        workers: How many requests are under way at once.
        progress: Is told how far it is.
    """
    judge = Judge(approved or ApprovedDifferences())

    def answer(number: int) -> Answers:
        return compare(sides, number, sent[number])

    with ThreadPoolExecutor(workers) if workers > 1 else nullcontext() as pool:
        numbers = iter(range(len(sent)))
        answers: Iterator[Answers] = map(answer, numbers)
        if pool is not None:
            answers = in_order(pool, answer, numbers, workers * AHEAD)
        for done, (case, answered) in enumerate(zip(sent, answers, strict=True)):
            if progress is not None:
                progress(case.endpoint, done, len(sent))
            note(report, judge, case, answered)
    report.approved = judge.report.approved
    return report


def compare(sides: Sides, number: int, case: Case) -> Answers:
    """Send a request to both sides; return what they answer, and in what that differs.

    Args:
        sides: The side that is expected to be right, and the other one.
        number: Its place among the requests; the sides go first in turn.
        case: The request.
    """
    old, new = sides
    # Who goes first finds colder caches.
    first, second = (old, new) if number % 2 else (new, old)
    answers = {id(side): side.answer(case) for side in (first, second)}
    before, after = answers[id(old)], answers[id(new)]
    ask_old, ask_new = partial(old.answer, case), partial(new.answer, case)
    differing = lasting_differences(before, after, ask_old, ask_new)
    return Answers(before, after, tuple(differing))


def in_order(
    pool: Executor, answer: Callable[[int], Answers], numbers: Iterator[int], size: int
) -> Iterator[Answers]:
    """Yield the answers to requests in their order, while a bounded number of them is under way.

    Args:
        pool: What answers.
        answer: Returns the answers to a request, by its number.
        numbers: The numbers.
        size: How many are under way, or wait to be.
    """
    waiting = deque(pool.submit(answer, number) for number in islice(numbers, size))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(answer, number) for number in islice(numbers, 1))


def note(report: ReplayReport, judge: Judge, case: Case, answers: Answers) -> None:
    """Note what came of a request.

    Args:
        report: Where.
        judge: Knows what is approved, and what was told already.
        case: The request.
        answers: The answers.
    """
    old, new = answers.old, answers.new
    endpoint = report.endpoints.setdefault(case.endpoint, EndpointReplay())
    if old.crash:
        report.skipped[NO_ANSWER] += 1
        report.notes[f"{case.endpoint}: the old code raises {old.crash.partition(':')[0]}."] = None
    else:
        endpoint.requests += 1
    if not old.crash and not new.crash:
        endpoint.old.append(old.seconds)
        endpoint.new.append(new.seconds)
    for difference in answers.differing:
        if judge.is_new(case.endpoint, difference):
            finding = Finding(case.endpoint, difference, tuple(as_test(case, old, difference)))
            judge.keep(finding)
            endpoint.findings.append(finding)


def replay_in_process(
    sides: Sides,
    sent: Sequence[Case],
    report: ReplayReport,
    *,
    approved: ApprovedDifferences | None = None,
    progress: Progress | None = None,
) -> ReplayReport:
    """Send requests to two URL configurations of this process; all that they write is rolled back.

    They are sent one after the other: the transaction that is rolled back is that of one thread,
    and mail, files and caches are those of the whole process. Several at once are sent by
    ``replay_in_processes``.

    Args:
        sides: The side that is expected to be right, and the other one.
        sent: The requests.
        report: Where it is noted.
        approved: The differences that are approved.
        progress: Is told how far it is.

    Raises:
        SandboxError: What they write could not be rolled back.
    """
    with sandbox():
        return replay(sides, sent, report, approved=approved, progress=progress)


def users_of(requests: Iterable[RecordedRequest]) -> dict[str, Any]:
    """Return those users of some requests that the database has, by their keys as texts.

    Args:
        requests: The requests.
    """
    model = get_user_model()
    users: dict[str, Any] = {"": None}
    for key in {request.user for request in requests} - {""}:
        try:
            user = model._default_manager.filter(pk=key).first()
        except (ValueError, TypeError, ValidationError):
            # The key of another kind of user.
            continue
        if user is not None:
            users[key] = user
    return users
