"""What to do next with an endpoint, and the command for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from nova_drf.migration.convert.report import Extent
from nova_drf.migration.progress.evidence import OpenDifference, Proof
from nova_drf.migration.progress.stages import Side, Stage, Standing


@dataclass(frozen=True)
class Step:
    """What to do next.

    Attributes:
        urgency: What has the smallest number comes first.
        text: What to do.
        command: What does it; empty where a person has to.
    """

    urgency: int
    text: str
    command: str = ""


def next_step(
    standing: Standing,
    proof: Proof | None,
    differences: Sequence[OpenDifference],
    seen_by_shadow: int = 0,
) -> Step:
    """Return what to do next with an endpoint.

    Args:
        standing: How far it is.
        proof: Its last proof.
        differences: What is open there.
        seen_by_shadow: How many differences its shadow saw that nobody approved.
    """
    if seen_by_shadow:
        return Step(0, "Mend or approve what its shadow saw: the admin pages show it")
    if differences:
        text = f"Mend or approve {len(differences)} difference{'s' if differences[1:] else ''}"
        return Step(0, text, differences[0].command)
    if standing.switch:
        return _of_switch(standing, proof)
    if standing.stage in (Stage.CLASSIC, Stage.BACKED):
        return _of_conversion(standing)
    if proof is None or not proof.ok:
        if not standing.serializer:
            return Step(4, "Compare it with the classic view, if there was one")
        command = f"manage.py nova_convert {standing.serializer} --verify"
        return Step(1, "Prove it: it answers, and was never compared", command)
    return Step(9, "Moved and proved; a service or async where it pays")


def _of_switch(standing: Standing, proof: Proof | None) -> Step:
    # A serializer is not all of an endpoint.
    if proof is None or not proof.ok or proof.how == "serializer":
        urgency = 2 if standing.side in (Side.OLD, Side.SHADOW) else 1
        text = "Prove it before it answers" if urgency == 2 else "Prove it: it answers already"
        command = f"manage.py nova_verify {standing.entry.view} {standing.new_view}"
        return Step(urgency, text, command)
    if standing.side is Side.NEW:
        return Step(8, "Take the switch out when nobody wants to go back")
    action = f"{quote(standing.switch)} new --action {standing.entry.action}"
    text = "It is proved: let the new code answer"
    return Step(3, text, f"manage.py nova_switch {action}")


def _of_conversion(standing: Standing) -> Step:
    entry = standing.entry
    if not entry.serializer:
        return Step(7, entry.reason or "No serializer: move it to a service by hand")
    if entry.converts == Extent.NOT:
        return Step(6, f"Does not convert: {entry.reason}")
    command = f"manage.py nova_migrate {entry.view} --dry-run"
    if standing.stage is Stage.BACKED:
        return Step(7, f"Backed: give it a schema, it converts {entry.converts}", command)
    return Step(5, f"Convert its serializer: it converts {entry.converts}", command)
