"""The answers of a step, held against those of the classic clinic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nova_drf.migration.proof.approvals import Approval, ApprovedDifferences, load_approvals
from nova_drf.migration.proof.comparison import KINDS, Exchange, differences


def compared(
    classic: Path, step: Path, approved: ApprovedDifferences
) -> tuple[list[str], list[Approval], int]:
    """Compare two files of answers.

    Args:
        classic: What the classic clinic answered.
        step: What the clinic answers now, to the same requests.
        approved: The differences that are wanted.

    Returns:
        What differs and is not approved, what is approved and does not occur, and how many answers
        differ as is approved.
    """
    told: list[str] = []
    asked: set[str] = set()
    covered = 0
    for old, new in zip(_answers(classic), _answers(step), strict=True):
        asked.add(old.get("endpoint", ""))
        if old != new:
            found = _told(old, new, approved)
            told += found
            covered += not found
    return told, approved.stale(asked, KINDS), covered


def approvals(file: Path) -> ApprovedDifferences:
    """Return what a clinic approves of.

    Args:
        file: Its file of approved differences, which need not be there.
    """
    return load_approvals(file, KINDS) if file.exists() else ApprovedDifferences()


def _answers(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def _told(
    old: Mapping[str, Any], new: Mapping[str, Any], approved: ApprovedDifferences
) -> list[str]:
    """Return the differences that nobody approved; every byte counts."""
    if old["request"] == "rows":
        changed = [table for table in old["rows"] if old["rows"][table] != new["rows"].get(table)]
        return [f"other rows are left in {table}" for table in changed]
    found = differences(_exchange(old), _exchange(new))
    said = [
        f"{old['request']}: {difference}"
        for difference in found
        if not approved.cover(old["endpoint"], difference.kind, difference.where)
    ]
    if not found:
        parts = [name for name in old if old[name] != new[name]]
        return [f"{old['request']}: other bytes in {', '.join(parts)}"]
    return said


def _exchange(answer: Mapping[str, Any]) -> Exchange:
    body = answer["body"].encode("latin-1")
    return Exchange(answer["status"], answer["headers"], body, {"mail": answer["mail"]})
