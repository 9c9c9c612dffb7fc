"""What is left for a person after a view was moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from shlex import quote

from django.apps import apps

from nova_drf.migration.codegen.outcomes import Outcome, Written
from nova_drf.migration.moves.candidates import Candidate
from nova_drf.migration.proof.verification import Report


def leftovers(
    candidate: Candidate, written: Iterable[Written], report: Report, *, is_switched: bool
) -> list[str]:
    """Say what is left for a person, what matters most first.

    Args:
        candidate: The view.
        written: What became of its serializers.
        report: What the comparison found.
        is_switched: Whether a switch was put in.
    """
    return [
        *report.notes,
        *_of_serializers(written),
        *_of_tests(candidate),
        *(_of_switch(candidate) if is_switched else ()),
        *_of_async(candidate),
    ]


def _of_serializers(written: Iterable[Written]) -> Iterator[str]:
    for serializer in written:
        if serializer.outcome is not Outcome.WRITTEN:
            remedy = f" {serializer.remedy}" if serializer.remedy else ""
            yield f"{serializer.name} has no schema: {serializer.reason}.{remedy}"
        kept = [name for name, line in serializer.used.items() if line.is_kept]
        if kept:
            yield f"{serializer.name}: fields of DRF's go on running: {', '.join(kept)}."


def _of_tests(candidate: Candidate) -> Iterator[str]:
    untested = [standing.endpoint for standing in candidate.standings if not standing.entry.tested]
    if untested:
        yield f"No test mentions {', '.join(untested)}."


def _of_switch(candidate: Candidate) -> Iterator[str]:
    name = quote(candidate.name)
    actions = list(dict.fromkeys(standing.entry.action for standing in candidate.standings))
    if apps.is_installed("nova_drf.migration.proof"):
        yield (
            "The old code answers. Let the new code answer one action first: manage.py "
            f"nova_switch {name} new --action {actions[0]}"
        )
    else:
        yield (
            "The old code answers. Let the new code answer one action first: write "
            f'actions={{"{actions[0]}": "new"}} into the switch, or add '
            "'nova_drf.migration.proof' to INSTALLED_APPS and say it with nova_switch."
        )


def _of_async(candidate: Candidate) -> Iterator[str]:
    blocks = dict.fromkeys(
        name for standing in candidate.standings for name in standing.entry.blocks
    )
    if blocks:
        yield f"Before the view is async: {', '.join(blocks)} would run in a thread."
