"""What is secret is never stored: by its name, its look, or because it was secret elsewhere."""

from __future__ import annotations

import pytest

from nova_drf.migration.proof.shadow.redaction import LENGTH, REDACTED, Redactor


@pytest.mark.parametrize(
    "name",
    [
        *("password", "new_password1", "Api-Key", "access_token", "Authorization", "Set-Cookie x"),
        *(
            "client_secret",
            "sessionid",
            "X-CSRFToken",
            "cardNumber",
            "PIN",
            "cvv",
            "WWW-Authenticate",
        ),
    ],
)
def test_names_that_hide(name: str) -> None:
    assert Redactor().hides(name)
    assert Redactor().document({name: "value", "other": 1}) == {name: REDACTED, "other": 1}


@pytest.mark.parametrize("name", ["title", "opinion", "pinned", "option", "author", "id", ""])
def test_names_that_do_not_hide(name: str) -> None:
    assert not Redactor().hides(name)


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abcdef123456",
        "Basic YWRhOnNlY3JldA==",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
        "ada@example.org",
        "4111 1111 1111 1111",
        "5500005555555559",
        "DE89 3704 0044 0532 0130 00",
        "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8",
    ],
)
def test_what_looks_secret(secret: str) -> None:
    assert Redactor().text(f"before {secret} after") == f"before {REDACTED} after"


def test_the_credentials_of_an_address() -> None:
    text = Redactor().text("postgres://ada:secret@db.internal/shop")
    assert text == f"postgres://{REDACTED}@db.internal/shop"


@pytest.mark.parametrize(
    "harmless",
    [
        *("a short text", "2020-01-01T00:00:00Z", "1234567890123456", "978-3-16-148410-0", "12.50"),
        "1f0c2a3b-0000-4000-8000-000000000000",
    ],
)
def test_what_does_not(harmless: str) -> None:
    assert Redactor().text(harmless) == harmless


def test_a_project_adds_its_own() -> None:
    redactor = Redactor(names=["Blood-Type"], patterns=[r"\bP\d{4}\b"])
    document = redactor.document({"blood_type": "AB", "note": "patient P1234", "list": [b"P1111"]})
    assert document == {
        "blood_type": REDACTED,
        "note": f"patient {REDACTED}",
        "list": [REDACTED],
    }


def test_a_secret_value_is_taken_out_wherever_it_occurs() -> None:
    plain = Redactor(names=["word"])
    body = {
        "word": "swordfish",
        "list": [{"word": 12345, "pin": True}],
        "title": "open",
        "pin": "1",
    }
    secrets = list(plain.secrets_of(body))
    assert secrets == ["swordfish", "12345", "1"]
    redactor = Redactor(secrets=secrets)
    assert redactor.text("a swordfish, 12345 of 1") == f"a {REDACTED}, {REDACTED} of 1"
    assert list(plain.secrets_of({"a": ["b"]}, is_secret=True)) == ["b"]


def test_a_value_is_shown_short_and_hidden_by_any_name_on_its_way() -> None:
    redactor = Redactor()
    assert redactor.shown(None, ("title",)) == ""
    assert redactor.shown("x", ("results", 0, "password")) == REDACTED
    assert redactor.shown({"a": 1, "token": "t"}) == '{"a": 1, "token": "[redacted]"}'
    assert redactor.shown(4111111111111111) == REDACTED
    assert redactor.shown([True, None, 1.5]) == "[true, null, 1.5]"
    long = redactor.shown("word " * 100)
    assert (len(long), long[-3:]) == (LENGTH, "...")
