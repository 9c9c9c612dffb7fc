"""``verify_serializers``: no client can tell two serializers apart, whatever its language."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.utils import timezone, translation

from nova_drf.core.overrides import SerializerClass
from nova_drf.migration.proof.approvals import ApprovedDifferences
from nova_drf.migration.proof.comparison import (
    Difference,
    Exchange,
    compare_documents,
    differences,
)
from nova_drf.migration.proof.sandbox import sandbox
from nova_drf.migration.proof.verification import (
    Finding,
    Judge,
    Locale,
    Progress,
    Report,
    project_locales,
)
from nova_drf.testing.outcomes import Outcome, Verdict
from nova_drf.testing.parity import Difference as Disparity
from nova_drf.testing.parity import ParityError, assert_parity

_STATUSES = {Verdict.VALID: 200, Verdict.PRINTED: 200, Verdict.INVALID: 400, Verdict.CRASHED: 500}

_FEWER = 4
"""The part of the draws that is made under each further language or zone."""

_MORE_DRAWS = 5
"""How many more series are drawn where something is approved that did not occur."""

_ROUNDS = 20
"""How many differences are looked for under one language and time zone."""


def verify_serializers(
    old: SerializerClass,
    new: SerializerClass,
    *,
    locales: Sequence[Locale] | None = None,
    approved: ApprovedDifferences | None = None,
    examples: int = 100,
    repeat: int | None = None,
    first_only: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Compare two serializers with ``assert_parity``, and list in what they differ.

    Args:
        old: The serializer class that is there.
        new: The one that is to replace it.
        locales: The languages and time zones; those of the project when left out.
        approved: The differences that are approved.
        examples: How many inputs, and how many objects, are drawn under the first of them.
        repeat: A number that stands for one series of draws.
        first_only: Whether to end with the first difference.
        progress: Is told how far it is.
    """
    name = f"{old.__module__}.{old.__qualname__}"
    judge = Judge(approved or ApprovedDifferences())
    places = list(project_locales() if locales is None else locales)
    with sandbox():
        for done, place in enumerate(places):
            if progress is not None:
                progress(f"{old.__name__} ({place.language}, {place.zone})", done, len(places))
            with translation.override(place.language), timezone.override(place.zone):
                # What differs by language or zone is what is told, which the sweep shows.
                drawn = examples if done == 0 else max(1, examples // _FEWER)
                _compare(old, new, name, judge, drawn, repeat, 1 if first_only else _ROUNDS)
            if first_only and judge.report.findings:
                break
        for again in range(1, _MORE_DRAWS + 1):
            # What is approved may be seldom.
            if judge.missing(name):
                seed = again if repeat is None else repeat + again
                _compare(old, new, name, judge, examples, seed, 1 if first_only else _ROUNDS)
    return judge.finish([name])


def _compare(
    old: SerializerClass,
    new: SerializerClass,
    name: str,
    judge: Judge,
    examples: int,
    repeat: int | None,
    rounds: int,
) -> None:
    def is_known(disparity: Disparity) -> bool:
        return not any(judge.is_new(name, difference) for difference in _differences(disparity))

    for _ in range(rounds):
        try:
            assert_parity(old, new, examples=examples, repeat=repeat, approved=is_known)
        except ParityError as error:
            for difference in _differences(error.difference):
                if judge.is_new(name, difference):
                    judge.keep(Finding(name, difference, error.difference.as_test()))
        else:
            return


def _differences(disparity: Disparity) -> list[Difference]:
    """Return in what two outcomes differ, as if each were the answer of an endpoint."""
    old, new = _exchange(disparity.expected), _exchange(disparity.actual)
    return differences(old, new) or compare_documents(
        _document(disparity.expected.value), _document(disparity.actual.value)
    )


def _exchange(outcome: Outcome) -> Exchange:
    content = outcome.errors if outcome.verdict is Verdict.INVALID else outcome.value
    if outcome.verdict is Verdict.PRINTED:
        body: bytes = outcome.value[1]
    else:
        body = json.dumps(_document(content), default=str).encode()
    crash = outcome.shown if outcome.verdict is Verdict.CRASHED else ""
    headers = {"Content-Type": "application/json"}
    return Exchange(_STATUSES[outcome.verdict], headers, body, crash=crash)


def _document(value: object) -> object:
    """Return what ``typed()`` or ``error_tree()`` made as dictionaries, lists and texts."""
    if isinstance(value, dict):
        return {str(key): _document(inner) for key, inner in value.items()}
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], list):
        kind, items = value
        if kind == "mapping":
            return {_name(key): _document(inner) for key, inner in items}
        return [_document(inner) for inner in items]
    if isinstance(value, list):
        return [_document(inner) for inner in value]
    return value if isinstance(value, (str, int, float, type(None))) else repr(value)


def _name(key: object) -> str:
    """Return the name of a key, which ``typed()`` tells together with its type."""
    if isinstance(key, tuple) and len(key) == 2 and key[0] == "str":
        return str(key[1])[1:-1]
    return str(key)
