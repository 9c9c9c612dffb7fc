"""Text: every value goes through DRF's field and through the schema, which have to agree."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

import pytest
from django.db import models
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from pydantic import AnyHttpUrl, BaseModel, EmailStr, Field, HttpUrl, StringConstraints
from rest_framework import fields as drf
from rest_framework.exceptions import ValidationError

from nova_drf import Schema
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import UNKNOWN, Side

TEXTS: tuple[Any, ...] = (
    *("", " ", "  ab ", "ab", "abc", "a" * 101, "\x00", "a\x00b", "\ud800", "a\ud800", "a\x1c"),
    *("\x1c", "\x1fab\x1d", "\u00a0ab\u00a0", "\u200b", "\u2003x", "a\nb", "\u0130", "e\u0301"),
    *(0, 1, -1, 1.5, 1e22, float("nan"), float("inf"), 10**30, True, False, None, b"ab", [], {}),
    *((), UNKNOWN, "null", "None", "\U0001f600" * 3),
)
"""What a client, or code, may give for a text."""


def text(**constraints: Any) -> Any:
    """Return the annotation of a constrained text."""
    return Annotated[str, StringConstraints(**constraints)]


@pytest.fixture(
    params=[
        pytest.param((str, drf.CharField()), id="plain"),
        pytest.param((text(max_length=3), drf.CharField(max_length=3)), id="max_length"),
        pytest.param((text(min_length=2), drf.CharField(min_length=2)), id="min_length"),
        pytest.param((text(min_length=0), drf.CharField(allow_blank=True)), id="allow_blank"),
        pytest.param(
            (text(strip_whitespace=False), drf.CharField(trim_whitespace=False)), id="untrimmed"
        ),
        pytest.param(
            (
                text(strip_whitespace=False, min_length=0, max_length=2),
                drf.CharField(trim_whitespace=False, allow_blank=True, max_length=2),
            ),
            id="untrimmed, blank, max_length",
        ),
        pytest.param((str | None, drf.CharField(allow_null=True)), id="or null"),
        pytest.param((text(pattern="^a"), drf.RegexField("^a")), id="pattern"),
        pytest.param((EmailStr, drf.EmailField()), id="email"),
        pytest.param((HttpUrl, drf.URLField()), id="url"),
    ]
)
def side(request: pytest.FixtureRequest) -> Side:
    """A text on both sides."""
    annotation, field = request.param
    return Side(annotation, field)


@pytest.mark.parametrize("value", TEXTS, ids=ascii)
def test_every_text_gets_the_verdict_value_and_words_of_drfs_field(side: Side, value: Any) -> None:
    side.check(value)


STORED = ("", "x", " x ", "a" * 300, 5, 1.5, True, gettext_lazy("Yes"), SafeString("<b>"), "\u2028")


@pytest.mark.parametrize("stored", STORED, ids=ascii)
def test_a_stored_text_is_printed_whatever_the_contract_says_today(side: Side, stored: Any) -> None:
    assert side.prints(stored) == str(stored)


def test_text_is_trimmed_before_its_length_is_checked() -> None:
    side = Side(text(max_length=2), drf.CharField(max_length=2))
    assert side.accepts(" ab ") == "ab"


def test_trimming_knows_the_same_white_space_as_python() -> None:
    side = Side(str, drf.CharField())
    assert side.accepts("a\x1c\x1d\x1e\x1f\x85\u2003") == "a"
    assert side.refuses("\x1c") == "blank"


def test_numbers_become_text_and_booleans_do_not() -> None:
    side = Side(str, drf.CharField())
    assert side.accepts(1) == "1"
    assert side.accepts(1.5) == "1.5"
    assert side.refuses(True) == "invalid"
    assert side.refuses([]) == "invalid"


def test_white_space_alone_is_blank_and_null_is_not_blank() -> None:
    side = Side(str | None, drf.CharField(allow_null=True))
    assert side.refuses("") == "blank"
    assert side.refuses("   ") == "blank"
    assert side.accepts(None) is None


def test_nul_and_lone_surrogates_are_errors_of_the_field() -> None:
    side = Side(str, drf.CharField())
    assert side.refuses("a\x00") == "null_characters_not_allowed"
    assert side.refuses("\ud800") == "surrogate_characters_not_allowed"


def test_bytes_are_no_text() -> None:
    assert Side(str, drf.CharField()).refuses(b"ab") == "invalid"


@pytest.mark.parametrize("pattern", [r"^(?!bad)\w+$", r"^a$", r"(?<=x)y", r"(a)\1", r"^\w+$", "b"])
@pytest.mark.parametrize("value", ["a", "a\n", "bad", "good", "xy", "aa", " a ", ""])
def test_patterns_are_searched_in_the_text_that_drf_would_search(pattern: str, value: str) -> None:
    Side(text(pattern=pattern), drf.RegexField(pattern)).check(value)


@pytest.mark.parametrize("pattern", [r"^(?!bad)\w+$", r"(?<=x)y", r"(a)\1"])
@pytest.mark.parametrize("value", ["a", "a\n", "bad", "good", "xy", "aa", " a ", ""])
def test_what_rust_cannot_read_is_searched_by_pythons_re(pattern: str, value: str) -> None:
    untrimmed = text(pattern=pattern, strip_whitespace=False)
    Side(untrimmed, drf.RegexField(pattern, trim_whitespace=False)).check(value)


def test_a_dollar_matches_at_the_end_as_for_pydantic() -> None:
    class Untrimmed(Schema):
        word: Annotated[str, Field(pattern="^a$"), StringConstraints(strip_whitespace=False)]

    refused = serializer_from_schema(Untrimmed)(data={"word": "a\n"})
    assert not refused.is_valid()
    assert refused.errors["word"][0].code == "invalid"


def test_a_pattern_that_only_rust_understands_is_still_checked() -> None:
    class Greek(Schema):
        word: Annotated[str, Field(pattern=r"^\p{Greek}+$")]

    serializer_class = serializer_from_schema(Greek)
    assert serializer_class(data={"word": " \u03b1\u03b2 "}).is_valid()
    refused = serializer_class(data={"word": "ab"})
    assert not refused.is_valid()
    assert refused.errors["word"][0].code == "string_pattern_mismatch"


ADDRESSES: tuple[Any, ...] = (
    *("A@B.CO", "a@b.co", " a@b.co ", "Name <a@b.co>", "a@localhost", "a@b.test", "\u00fc@b.co"),
    *("a@b", ".a@b.co", "a..b@c.co", '"q"@b.co', "a@[127.0.0.1]", "a@-b.co", "a@b.co\n", "a@b.co."),
    *("a@" + "b" * 63 + ".co", "a@" + "b" * 64 + ".co", "a" * 250 + "@b.co", "a" * 320 + "@b.co"),
    *("a@b.xn--p1ai", "a@b.c", "a'b@c.co", "a%b+c@d.org", "", 5, None, b"a@b.co"),
)


@pytest.mark.parametrize("value", ADDRESSES, ids=ascii)
@pytest.mark.parametrize("limits", [{}, {"max_length": 9}, {"min_length": 8}])
def test_every_address_gets_the_verdict_of_drfs_field(value: Any, limits: dict[str, Any]) -> None:
    annotation: Any = Annotated[EmailStr, Field(**limits)] if limits else EmailStr
    Side(annotation, drf.EmailField(**limits)).check(value)


def test_an_email_address_is_kept_as_it_was_written() -> None:
    side = Side(EmailStr, drf.EmailField())
    assert side.accepts("A@B.CO") == "A@B.CO"
    assert side.accepts("a@localhost") == "a@localhost"
    assert side.refuses("Name <a@b.co>") == "invalid"
    assert side.refuses("\u00fc@b.co") == "invalid"


ADDRESSES_OF_PAGES: tuple[Any, ...] = (
    *(
        "http://a.io",
        "HTTP://A.io",
        "ftp://a.io",
        "ftps://a.io",
        "http://a_b.io",
        "a.io",
        "http://",
    ),
    *(
        "http://a.io?q=1",
        "http://localhost:8000/x",
        "http://1.2.3.4",
        "http://[::1]/",
        "http://a.i",
    ),
    *(
        "http://a.io:99999",
        "javascript:alert(1)",
        "http://a.io/\u00e9",
        "http://a.io/ b",
        " http://a.io ",
    ),
    *("http://" + "a" * 64 + ".io", "http://a.io/" + "x" * 2100, "http://a.io./x", "http://a..io"),
    *("http://u:p@a.io", "http://-a.io", "http://a-.io", "http://xn--p1ai.io", "http://a.io/%zz"),
    *("http://" + "a." * 110 + "io", "http://[::1", "", None, 5, "https://a.io/path/~x%20y"),
)


@pytest.mark.parametrize("value", ADDRESSES_OF_PAGES, ids=lambda value: ascii(value)[:40])
@pytest.mark.parametrize("annotation", [HttpUrl, AnyHttpUrl])
def test_every_url_gets_the_verdict_of_drfs_field(annotation: Any, value: Any) -> None:
    Side(annotation, drf.URLField()).check(value)


def test_a_url_stays_the_text_that_was_sent() -> None:
    side = Side(HttpUrl, drf.URLField())
    assert side.accepts("http://a.io") == "http://a.io"
    assert side.accepts("HTTP://A.io") == "HTTP://A.io"
    assert side.accepts("ftp://a.io") == "ftp://a.io"
    assert side.refuses("http://a_b.io") == "invalid"


def test_the_limit_of_a_url_is_drfs() -> None:
    side = Side(Annotated[HttpUrl, Field(max_length=12)], drf.URLField(max_length=12))
    assert side.refuses("http://a.io/long") == "max_length"


class Letter(str, Enum):  # noqa: UP042  (its str() is the point)
    """A member of it is a ``str`` whose text differs from what ``str()`` says."""

    A = "a"


class Word(models.TextChoices):
    """Django's own kind of the same, whose ``str()`` is the value."""

    A = "a"


def test_members_of_text_enumerations_are_taken_for_their_value() -> None:
    assert Side(str, drf.CharField()).accepts(Word.A) == "a"
    serializer = Side(str, drf.CharField()).ours(data={"v": Letter.A})
    assert serializer.is_valid()
    assert serializer.validated_data == {"v": "a"}


def test_constraints_that_drf_lacks_work_on_the_trimmed_text() -> None:
    class Code(Schema):
        code: Annotated[str, StringConstraints(to_upper=True, max_length=3)]

    serializer = serializer_from_schema(Code)(data={"code": " abc "})
    assert serializer.is_valid()
    assert serializer.validated_data == {"code": "ABC"}


def test_a_plain_models_text_is_pydantics_and_its_refusals_are_in_drfs_words() -> None:
    class Plain(BaseModel):
        title: Annotated[str, Field(max_length=3)]

    serializer_class = serializer_from_schema(Plain)
    assert serializer_class(data={"title": ""}).is_valid()
    too_long, number = serializer_class(data={"title": "abcd"}), serializer_class(data={"title": 5})
    assert not too_long.is_valid()
    assert not number.is_valid()
    limited = drf.CharField(max_length=3)
    with pytest.raises(ValidationError) as refusal:
        limited.run_validation("abcd")
    assert too_long.errors == {"title": refusal.value.detail}
    assert number.errors == {"title": [limited.error_messages["invalid"]]}
