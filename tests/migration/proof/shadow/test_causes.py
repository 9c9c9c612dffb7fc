"""One mistake is one cause, however often it is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nova_drf.migration.proof.shadow import causes
from nova_drf.migration.proof.shadow.causes import Finding, Outcome, Tally

FINDING = Finding("books", "list", "GET /books/", "value", "[].price", "1", "2")


def test_values_do_not_tell_causes_apart_and_places_do() -> None:
    assert replace(FINDING, old="3", new="4", example="x").cause == FINDING.cause
    for name in ("switch", "action", "endpoint", "kind", "where", "detail"):
        assert replace(FINDING, **{name: "other"}).cause != FINDING.cause


def test_it_travels_as_plain_data() -> None:
    assert Finding.from_dict(FINDING.as_dict()) == FINDING


def test_it_is_told_in_a_line() -> None:
    assert str(FINDING) == "GET /books/: value at [].price: 1 became 2"
    crash = replace(FINDING, kind="crash", where="", detail="views.py, get")
    assert str(crash) == "GET /books/: crash (views.py, get): 1 became 2"


def test_a_tally_counts_and_gives_what_is_new() -> None:
    tally = Tally()
    assert tally.add(FINDING, 1.0)
    assert not tally.add(replace(FINDING, old="other"), 2.0)
    tally.count("books", "list", Outcome.EQUAL)
    tally.count("books", "list", Outcome.EQUAL, 2)
    seen, counts = tally.take()
    assert [(one.finding, one.first, one.last, one.total, one.pending) for one in seen] == [
        (FINDING, 1.0, 2.0, 2, 2)
    ]
    assert counts == {("books", "list", Outcome.EQUAL): 3}
    assert tally.take() == ([], {})
    tally.add(FINDING, 3.0)
    ((again,), _) = tally.take()
    assert (again.total, again.pending) == (3, 1)


def test_a_process_keeps_so_many_causes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causes, "CAUSES", 1)
    tally = Tally()
    assert tally.add(FINDING, 1.0)
    assert not tally.add(replace(FINDING, where="other"), 1.0)
    seen, _ = tally.take()
    assert [one.finding for one in seen] == [FINDING]
