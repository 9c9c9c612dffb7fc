"""The file of approved differences: what it covers, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova_drf.migration.proof.approvals import (
    ApprovalsError,
    ApprovedDifferences,
    load_approvals,
)
from nova_drf.migration.proof.comparison import KINDS

ENTRY = """
[[approved]]
endpoint = "GET /api/books/"
path = "results[].price"
kind = "type"
reason = "Prices are numbers."
approved_by = "Ada"
"""


def load(tmp_path: Path, text: str) -> ApprovedDifferences:
    file = tmp_path / "approved.toml"
    file.write_text(text)
    return load_approvals(file, KINDS)


def test_an_entry_covers_one_difference_and_no_other(tmp_path: Path) -> None:
    approved = load(tmp_path, ENTRY)
    assert approved.cover("GET /api/books/", "type", "results[].price")
    for other in (
        ("GET /api/books/", "value", "results[].price"),
        ("GET /api/books/", "type", "results[].prices"),
        ("GET /api/books/", "type", "results[].price.amount"),
        ("POST /api/books/", "type", "results[].price"),
        ("GET /api/books/1/", "type", "results[].price"),
        ("GET /api/books/", "type", ""),
    ):
        assert not approved.cover(*other), other


COVERED = [
    ("GET /api/books/<pk>/", "a", "GET /api/books/{id}/", "a"),
    ("* /api/books/*", "a", "DELETE /api/books/{id}/", "a"),
    ("catalogue.*", "a", "catalogue.serializers.BookSerializer", "a"),
    ("GET /a/", "tags[].*.name", "GET /a/", "tags[].first.name"),
    ("GET /a/?b=[1]", "", "GET /a/?b=[1]", ""),
]
NOT_COVERED = [
    ("GET /a/", "tags.*", "GET /a/", "tags.first.name"),
    ("GET /a?/", "a", "GET /ab/", "a"),
    ("GET /[ab]/", "a", "GET /a/", "a"),
    ("GET /a/", "a", "GET /b/", "a"),
]


@pytest.mark.parametrize("case", COVERED + NOT_COVERED)
def test_patterns(tmp_path: Path, case: tuple[str, str, str, str]) -> None:
    endpoint, path, asked, where = case
    text = ENTRY.replace("GET /api/books/", endpoint).replace("results[].price", path)
    approved = load(tmp_path, text)
    assert approved.cover(asked, "type", where) is (case in COVERED)


def test_what_no_longer_occurs_is_stale_if_it_was_looked_for(tmp_path: Path) -> None:
    approved = load(tmp_path, ENTRY)
    assert [str(one) for one in approved.stale(["GET /api/books/"], KINDS)] == [
        "GET /api/books/: type at results[].price (Prices are numbers.)"
    ]
    assert approved.stale(["GET /api/authors/"], KINDS) == []
    assert approved.stale(["GET /api/books/"], ["queries"]) == []
    approved.cover("GET /api/books/", "type", "results[].price")
    assert approved.stale(["GET /api/books/"], KINDS) == []


WRONG = {
    "no TOML": ("[[approved]", "cannot be read"),
    "another table": ("[[aproved]]\n", "there is no key 'aproved'. Each difference is a table"),
    "one table": ("[approved]\n", "'approved' is one table. Write [[approved]]"),
    "no table": ("approved = [1]\n", "entry 1: it is no table"),
    "an unknown key": (
        ENTRY + 'reviewer = "Bo"\n',
        "entry 1: there is no key 'reviewer'. There are: endpoint, kind, reason,",
    ),
    "a key that is nearly right": (
        ENTRY.replace("approved_by", "aproved_by"),
        "there is no key 'aproved_by'. Did you mean 'approved_by'?",
    ),
    "no reason": (ENTRY.replace("Prices are numbers.", " "), "'reason' is missing"),
    "nobody": (ENTRY.replace('approved_by = "Ada"', ""), "'approved_by' is missing"),
    "no text": (ENTRY.replace('"Ada"', "7"), "approved_by is 7. Write a text."),
    "an unknown kind": (
        ENTRY.replace('"type"', '"typo"'),
        "there is no kind 'typo'. Did you mean 'type'?",
    ),
    "twice": (ENTRY + ENTRY, "entry 2: it stands there twice"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told(tmp_path: Path, case: str) -> None:
    text, message = WRONG[case]
    with pytest.raises(ApprovalsError) as told:
        load(tmp_path, text)
    assert message in str(told.value)
    assert "approved.toml" in str(told.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ApprovalsError, match="cannot be read"):
        load_approvals(tmp_path / "none.toml", KINDS)


def test_an_empty_file_approves_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "").entries == ()
