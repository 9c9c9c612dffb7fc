"""What is secret is never written down, and what stands in its place can be sent."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova_drf.migration.proof.shadow.redaction import REDACTED
from nova_drf.migration.replay.redaction import EMAIL, RequestRedactor

SECRETS = [
    "ada@example.org",
    "Bearer abcdef123456",
    "eyJhbGciOi.eyJzdWIi.c2lnbmF0",
    "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
    "DE89 3704 0044 0532 0130 00",
    "4111 1111 1111 1111",
    "4111111111111111",
    "0123456789abcdef0123456789abcdef01234567",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_secret_is_taken_out(secret: str) -> None:
    redactor = RequestRedactor()
    assert secret not in redactor.text(f"see {secret} here")
    told = redactor.document({"a": [{"b": secret}], secret: 1})
    assert secret not in json.dumps(told)
    assert secret not in dict(redactor.pairs([("q", secret)]))["q"]


@pytest.mark.parametrize(
    "harmless",
    [
        "a title",
        "978-0-00-000000-2",
        "12345678901234",
        "2026-01-01T10:00:00Z",
        "Größe",
        "",
        "01234567-89ab-cdef-0123-456789abcdef",
        "https://example.org/books/?page=2",
    ],
)
def test_the_rest_stays(harmless: str) -> None:
    assert RequestRedactor().text(harmless) == harmless
    assert RequestRedactor().document({"title": harmless}) == {"title": harmless}


NAMES = ["password", "new_password2", "accessToken", "API-Key", "X-CSRF", "pin", "client_secret"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("abc", REDACTED),
        (1234, 0),
        (1.5, 0),
        (None, None),
        (True, True),
        ({"a": 1}, {}),
        (["x"], []),
    ],
)
def test_names_tell_what_is_secret(name: str, value: object, left: object) -> None:
    assert RequestRedactor().document({name: value}) == {name: left}


def test_a_project_has_names_of_its_own() -> None:
    assert RequestRedactor().document({"shoe_size": 44}) == {"shoe_size": 44}
    assert RequestRedactor(["Shoe Size"]).document({"shoe_size": 44}) == {"shoe_size": 0}


def test_queries_and_forms() -> None:
    pairs = [("token", "x"), ("token", ""), ("page", "2"), ("q", "ada@example.org")]
    assert RequestRedactor().pairs(pairs) == [
        ("token", REDACTED),
        ("token", ""),
        ("page", "2"),
        ("q", EMAIL),
    ]


def test_numbers_of_cards_are_taken_out_as_numbers_too() -> None:
    assert RequestRedactor().document({"a": 4111111111111111, "b": 4111111111111112}) == {
        "a": 0,
        "b": 4111111111111112,
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_nothing_that_is_redacted_changes_again(document: object) -> None:
    redactor = RequestRedactor()
    left = redactor.document(document)
    assert redactor.document(left) == left
    json.dumps(left)
