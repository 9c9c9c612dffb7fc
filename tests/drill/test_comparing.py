"""The drill fails for one byte, for one row, and for an approval that nothing needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nova_drf.migration.proof.approvals import Approval, ApprovedDifferences
from tests.drill.comparing import approvals, compared

ANSWER: dict[str, Any] = {
    "request": "GET /api/v1/me/ by nobody",
    "endpoint": "GET /api/v1/me/",
    "status": 200,
    "headers": {"Content-Type": "application/json", "Content-Length": "7"},
    "body": '{"a":1}',
    "mail": [],
    "crash": "",
}
ROWS = {"request": "rows", "rows": {"shop.Book": ["[1]"]}}


def told(folder: Path, new: dict[str, Any], *entries: Approval) -> tuple[list[str], int, int]:
    for name, answers in (("old", (ANSWER, ROWS)), ("new", ({**ANSWER, **new}, ROWS))):
        (folder / name).write_text("".join(json.dumps(one) + "\n" for one in answers))
    said, stale, covered = compared(folder / "old", folder / "new", ApprovedDifferences(entries))
    return said, len(stale), covered


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ({"status": 201}, "status"),
        ({"body": '{"a": 1}'}, "bytes"),
        ({"body": '{"a":2}'}, "value at a"),
        ({"headers": {**ANSWER["headers"], "Content-Length": "8"}}, "other bytes in headers"),
        ({"mail": [["to", "subject", "body"]]}, "rows"),
        ({"crash": "ValueError: no"}, "other bytes in crash"),
    ],
)
def test_whatever_a_client_could_see_is_told(
    new: dict[str, Any], said: str, tmp_path: Path
) -> None:
    ((line,), stale, covered) = told(tmp_path, new)
    assert line.startswith(ANSWER["request"])
    assert said in line
    assert (stale, covered) == (0, 0)


def test_what_is_approved_has_to_occur(tmp_path: Path) -> None:
    entry = Approval("GET /api/v1/me/", "value", "Wanted.", "Ada", "a")
    assert told(tmp_path, {"body": '{"a":2}'}, entry) == ([], 0, 1)
    assert told(tmp_path, {}, entry) == ([], 1, 0)


def test_rows_are_compared(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text(json.dumps(ROWS) + "\n")
    new.write_text(json.dumps({**ROWS, "rows": {"shop.Book": ["[2]"]}}) + "\n")
    said, _stale, _covered = compared(old, new, approvals(tmp_path / "not there"))
    assert said == ["other rows are left in shop.Book"]
