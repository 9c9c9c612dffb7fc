"""What shadows saw so far, from the tables: for the admin pages and for reports."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Count, Max

from nova_drf.migration.proof.shadow.causes import COSTLY, Outcome
from nova_drf.migration.proof.shadow.stores import APP


@dataclass(frozen=True)
class ShadowSummary:
    """What the shadow of one action saw.

    Attributes:
        switch: The name of the switch.
        action: The action.
        counts: How often each thing came of a request, by :class:`Outcome`.
        open: How many differences nobody approved.
        approved: How many are marked as approved.
        last_seen: When a difference was seen last, as ISO 8601; empty if none was.
    """

    switch: str
    action: str
    counts: dict[str, int] = field(default_factory=dict)
    open: int = 0
    approved: int = 0
    last_seen: str = ""

    @property
    def compared(self) -> int:
        """How many requests were compared whole."""
        return self.counts.get(Outcome.EQUAL, 0) + self.counts.get(Outcome.DIFFERENT, 0)

    @property
    def costly(self) -> int:
        """How many requests ended the child, or could not be compared."""
        return sum(self.counts.get(outcome, 0) for outcome in COSTLY)


def shadow_summaries() -> list[ShadowSummary]:
    """Return what the tables say of each action; nothing where they are not installed."""
    if APP not in apps.app_configs:
        return []
    from nova_drf.migration.proof.models import ShadowCount, ShadowDifference

    counts: dict[tuple[str, str], dict[str, int]] = {}
    for row in ShadowCount._default_manager.values_list("switch", "action", "outcome", "times"):
        counts.setdefault(row[:2], {})[row[2]] = row[3]
    grouped = (
        ShadowDifference._default_manager.order_by()
        .values("switch", "action", "approved_by")
        .annotate(causes=Count("pk"), last=Max("last_seen"))
    )
    seen: dict[tuple[str, str], list[Any]] = {}
    for group in grouped:
        seen.setdefault((group["switch"], group["action"]), []).append(group)
    return [
        _summary(switch, action, counts.get((switch, action), {}), seen.get((switch, action), []))
        for switch, action in sorted({*counts, *seen})
    ]


def _summary(switch: str, action: str, counts: dict[str, int], groups: list[Any]) -> ShadowSummary:
    return ShadowSummary(
        switch,
        action,
        counts,
        open=sum(group["causes"] for group in groups if not group["approved_by"]),
        approved=sum(group["causes"] for group in groups if group["approved_by"]),
        last_seen=max((group["last"].isoformat() for group in groups), default=""),
    )


def approval_entry(difference: Any, approved_by: str = "", reason: str = "") -> str:
    """Return the entry for the file of approved differences that covers a difference.

    Args:
        difference: A row of ``ShadowDifference``, or a :class:`Finding`.
        approved_by: Who approves it.
        reason: Why; to be written by a person when left out.
    """
    lines = {
        "endpoint": difference.endpoint,
        "path": difference.where,
        "kind": difference.kind,
        "reason": reason,
        "approved_by": approved_by,
    }
    # A text of JSON is one of TOML; DEL alone is none.
    told = (
        f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")
        for name, value in lines.items()
        if value or name != "path"
    )
    return "\n".join(("[[approved]]", *told, ""))
