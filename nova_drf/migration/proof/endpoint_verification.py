"""``verify_endpoints``: no client can tell two views apart, whatever it sends and whoever it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from django.urls import get_resolver

from nova_drf.migration.proof.approvals import ApprovedDifferences
from nova_drf.migration.proof.cases import Case, as_test
from nova_drf.migration.proof.comparison import (
    Difference,
    Exchange,
    differences,
    form,
    lasting_differences,
)
from nova_drf.migration.proof.endpoints import endpoints
from nova_drf.migration.proof.requests import Requests, Target, targets
from nova_drf.migration.proof.sandbox import sandbox
from nova_drf.migration.proof.sending import Side
from nova_drf.migration.proof.verification import (
    Finding,
    Judge,
    Locale,
    Progress,
    Report,
    project_locales,
    project_users,
)
from nova_drf.testing.parity import search

_ROUNDS = 5
"""How many differences are looked for by draws at one target, each of which begins anew."""

_MORE_DRAWS = 3
"""How many more series are drawn where something is approved that did not occur."""

_ATTEMPTS = 40
"""How many smaller requests are tried for one difference."""


class _Differs(Exception):
    """A case that was drawn shows a difference."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.case = case


def verify_endpoints(
    old: object,
    new: object,
    *,
    patterns: Iterable[object] | None = None,
    users: Mapping[str, object] | None = None,
    locales: Sequence[Locale] | None = None,
    methods: Sequence[str] = (),
    approved: ApprovedDifferences | None = None,
    examples: int = 60,
    repeat: int | None = None,
    first_only: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Send the same requests to two views, and list in what their answers differ.

    The new view stands at the routes, and under the name, of the old one. Every method is sent at
    every route: to rows that there are and to others, by each user, with each format, filter, page
    and order that either side names, with bodies that are valid, nearly valid, at the limits, of
    other types, with fields missing, null and unknown. Compared are status, headers, body, the
    rows that are written, mail, what waits for the commit, and whether more queries are made. All
    that is written is rolled back.

    Args:
        old: The view class that is there.
        new: The one that is to replace it.
        patterns: The URL patterns; those of ``ROOT_URLCONF`` when left out.
        users: Who asks, by name, the empty name for nobody; when left out, nobody, and one user of
            each kind that there is.
        locales: The languages and time zones; those of the project when left out.
        methods: The HTTP methods that are sent; all when left out.
        approved: The differences that are approved.
        examples: How many requests are drawn for each method at each route, besides the sweep.
        repeat: A number that stands for one series of draws.
        first_only: Whether to end with the first difference.
        progress: Is told how far it is.

    Raises:
        EndpointError: The views cannot be compared.
        SandboxError: What they write could not be rolled back.
    """
    views = endpoints(old, new, get_resolver().url_patterns if patterns is None else patterns)
    asked = dict(project_users() if users is None else users) or {"": None}
    judge = Judge(approved or ApprovedDifferences())
    sides = [Side(urlconf, asked) for urlconf in views.urlconfs]
    run = _Run(sides[0], sides[1], judge, first_only)
    with sandbox():
        wanted = targets(views, asked, methods)
        total = len(wanted)
        for done, target in enumerate(wanted):
            if progress is not None:
                progress(target.endpoint, done, total)
            run.target(target, locales or project_locales(), examples, repeat)
            if run.is_done:
                break
    return judge.finish([target.endpoint for target in wanted])


class _Run:
    """Two sides, and the judge of what they answer."""

    def __init__(self, old: Side, new: Side, judge: Judge, first_only: bool) -> None:
        self.old, self.new, self.judge = old, new, judge
        self._first_only = first_only

    @property
    def is_done(self) -> bool:
        """Whether one difference is enough, and there is one."""
        return self._first_only and bool(self.judge.report.findings)

    def target(
        self, target: Target, locales: Sequence[Locale], examples: int, repeat: int | None
    ) -> None:
        """Compare all requests to one method at one route."""
        here = replace(target.case(), language=locales[0].language, zone=locales[0].zone)
        requests = Requests(target, lambda case: self._accepts(_under(case, here)))
        self._note(target, requests)
        kinds: dict[tuple[int, str], Case] = {}
        for case in requests.sweep():
            old = self._compare(_under(case, here))
            kinds.setdefault((old.status, form(old.body.decode(errors="replace"))), case)
            if self.is_done:
                return
        for locale in locales[1:]:
            there = replace(here, language=locale.language, zone=locale.zone)
            # One request for each kind of answer: what differs by language or zone is the answer.
            for case in kinds.values():
                self._compare(_under(case, there))
                if self.is_done:
                    return
        self._draw(requests, here, examples, repeat)
        for again in range(1, _MORE_DRAWS + 1):
            # What is approved may be seldom.
            if self.judge.missing(target.endpoint):
                self._draw(requests, here, examples, again if repeat is None else repeat + again)

    def _accepts(self, case: Case) -> bool:
        return self.old.answer(case).status < 300

    def _note(self, target: Target, requests: Requests) -> None:
        notes, old = self.judge.report.notes, target.sides[0]
        if old.model is not None and not old.rows:
            notes[f"{old.model._meta.label} has no rows: what is read was not compared."] = None
        elif target.method == "get" and not target.route.arguments and old.unfilled:
            notes[f"{target.endpoint}: {old.unfilled}: its pages were not compared."] = None
        if old.unfiltered:
            notes[f"{target.endpoint}: {old.unfiltered}, so they were not compared."] = None
        handled = target.route.handlers[0].get(target.method)
        if handled and not self._accepts(requests.base):
            notes[f"{target.endpoint}: no request was found that the old code takes."] = None

    def _draw(self, requests: Requests, here: Case, examples: int, repeat: int | None) -> None:
        def compare(case: Case) -> None:
            there = _under(case, here)
            _old, differing = self._answers(there)
            if any(self.judge.is_new(there.endpoint, difference) for difference in differing):
                raise _Differs(there)

        for _ in range(_ROUNDS if examples and not self.is_done else 0):
            try:
                search(requests.drawn(), compare, examples, repeat)
            except _Differs as differing:
                self._compare(differing.case)
            else:
                return

    def _compare(self, case: Case) -> Exchange:
        old, differing = self._answers(case)
        for difference in differing:
            if self.judge.is_new(case.endpoint, difference):
                self._keep(case, difference)
        return old

    def _answers(self, case: Case) -> tuple[Exchange, list[Difference]]:
        self.judge.report.cases += 1
        old, new = self.old.answer(case), self.new.answer(case)
        if old.crash:
            told = f"{case.endpoint}: the old code raises {old.crash.partition(':')[0]}."
            self.judge.report.notes[told] = None
        ask_old, ask_new = partial(self.old.answer, case), partial(self.new.answer, case)
        return old, lasting_differences(old, new, ask_old, ask_new)

    def _keep(self, case: Case, difference: Difference) -> None:
        """Keep a difference with the smallest request that shows it."""
        best = case, self.old.answer(case), difference
        attempts = 0
        smaller = case.smaller()
        while attempts < _ATTEMPTS:
            candidate = next(smaller, None)
            if candidate is None:
                break
            attempts += 1
            old = self.old.answer(candidate)
            differing = differences(old, self.new.answer(candidate))
            same = [other for other in differing if _key(other) == _key(difference)]
            if same:
                best, smaller = (candidate, old, same[0]), candidate.smaller()
        smallest, old, shown = best
        self.judge.keep(Finding(case.endpoint, shown, tuple(as_test(smallest, old, shown))))


def _key(difference: Difference) -> tuple[str, str]:
    return difference.kind.value, difference.where


def _under(case: Case, here: Case) -> Case:
    return replace(case, language=here.language, zone=here.zone)
