"""What counts as a difference between two answers, and what does not."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.utils import crypto

from nova_drf.migration.proof.comparison import (
    Exchange,
    Kind,
    compare_documents,
    differences,
    form,
    lasting_differences,
)

JSON = {"Content-Type": "application/json"}


def answer(body: Any = None, status: int = 200, **more: Any) -> Exchange:
    text = body if isinstance(body, str) else json.dumps(body)
    return Exchange(status, {**JSON, **more.pop("headers", {})}, text.encode(), **more)


def found(old: Exchange, new: Exchange, again: Exchange | None = None) -> list[tuple[str, str]]:
    return [(one.kind.value, one.where) for one in differences(old, new, again)]


BODIES: dict[str, tuple[Any, Any, list[tuple[str, str]]]] = {
    "nothing": ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, []),
    "a value": ({"a": {"b": 1}}, {"a": {"b": 2}}, [("value", "a.b")]),
    "a value in a list": ([{"b": 1}, {"b": 1}], [{"b": 1}, {"b": 2}], [("value", "[].b")]),
    "a key is gone": ({"a": 1, "b": 2}, {"a": 1}, [("missing", "b")]),
    "a key came": ({"a": 1}, {"a": 1, "b": 2}, [("added", "b")]),
    "null for a value": ({"a": 1}, {"a": None}, [("type", "a")]),
    "a text for a number": ({"a": 1}, {"a": "1"}, [("type", "a")]),
    "true for one": ({"a": 1}, {"a": True}, [("type", "a")]),
    "an object for a list": ({"a": []}, {"a": {}}, [("type", "a")]),
    "keys in another order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}, [("order", "")]),
    "items in another order": ([1, 2], [2, 1], [("order", "")]),
    "fewer items": ({"results": [1, 2]}, {"results": [1]}, [("length", "results")]),
    "a number written otherwise": ('{"a": 1.50}', '{"a": 1.5}', [("value", "a")]),
    "a whole number with a point": ('{"a": 1}', '{"a": 1.0}', [("value", "a")]),
    "spaces between": ('{"a":1}', '{"a": 1}', [("bytes", "")]),
    "escapes": ('{"a":"\\u00e9"}', '{"a":"é"}', [("bytes", "")]),
    "no JSON": ("{", "}", [("value", "[]")]),
}


@pytest.mark.parametrize("case", BODIES)
def test_bodies(case: str) -> None:
    old, new, expected = BODIES[case]
    assert found(answer(old), answer(new)) == expected


def test_a_body_that_is_no_json_differs_line_by_line() -> None:
    old = Exchange(200, {"Content-Type": "text/csv"}, b"a;b\n1;2\n")
    new = Exchange(200, {"Content-Type": "text/csv"}, b"a;b\n1;3\n")
    (only,) = differences(old, new)
    assert (only.kind, only.path, only.old, only.new) == (Kind.VALUE, (1,), "1;2", "1;3")


def test_the_body_of_another_class_of_status_says_nothing() -> None:
    refused = answer({"detail": "no"}, 403)
    assert found(answer({"a": 1}, 200), refused) == [("status", "200 to 403")]
    created, refused = answer({"a": 2}, 201), answer({"b": ["no"], "a": ["no"]}, 400)
    assert found(answer({"a": 1}, 200), created) == [("status", "200 to 201"), ("value", "a")]
    assert found(refused, created) == [("status", "400 to 201.b"), ("status", "400 to 201.a")]
    assert found(created, refused) == [("status", "201 to 400.b"), ("status", "201 to 400.a")]
    for errors in ([{}, {"a": ["no"]}], {"1": {"a": ["no"]}}):
        assert found(answer(errors, 400), created) == [("status", "400 to 201[].a")]
    assert found(answer(["no"], 400), created) == [("status", "400 to 201")]


def test_a_page_that_shows_the_status_says_nothing_more() -> None:
    old, new = (
        Exchange(status, {"Content-Type": "text/html"}, f"HTTP {status}".encode())
        for status in (204, 200)
    )
    assert found(old, new) == [("status", "204 to 200")]


HEADERS: dict[str, tuple[dict[str, str], dict[str, str], list[tuple[str, str]]]] = {
    "lost": ({"Location": "/1/"}, {}, [("header", "Location")]),
    "new": ({}, {"Retry-After": "1"}, [("header", "Retry-After")]),
    "another value": ({"X-A": "1"}, {"X-A": "2"}, [("header", "X-A")]),
    "another case of the name": ({"X-A": "1"}, {"x-a": "1"}, []),
    "the order of methods": ({"Allow": "GET, POST"}, {"Allow": "POST,GET"}, []),
    "a method less": ({"Allow": "GET, POST"}, {"Allow": "GET"}, [("header", "Allow")]),
    "what the body says": ({"Content-Length": "1", "ETag": "a"}, {"ETag": "b"}, []),
    "no more ETag": ({"ETag": "a"}, {}, [("header", "ETag")]),
    "the clock": ({"Date": "now", "X-Request-ID": "1"}, {"Date": "later"}, []),
}


@pytest.mark.parametrize("case", HEADERS)
def test_headers(case: str) -> None:
    old, new, expected = HEADERS[case]
    assert found(answer(headers=old), answer(headers=new)) == expected


def test_what_is_written_and_asked_counts() -> None:
    old = answer(rows={"book": [{"title": "a", "pages": 1}]}, queries=2)
    new = answer(rows={"book": [{"title": " a", "pages": 1}]}, queries=3)
    assert found(old, new) == [("rows", "book[].title"), ("queries", "")]
    assert found(old, answer(queries=1)) == [("rows", "book")]


def test_where_the_old_code_crashes_only_writing_is_refused() -> None:
    crashed = Exchange(500, crash="KeyError: 'a'")
    assert found(crashed, answer({"a": 1}, 200)) == []
    assert found(crashed, answer({}, 400)) == []
    assert found(crashed, answer({}, 201, rows={"book": [{}]})) == [("rows", "")]
    assert found(answer({}), crashed) == [("crash", "KeyError")]
    (only,) = differences(answer({}), crashed)
    assert str(only) == "crash at KeyError: 200 became \"KeyError: 'a'\""


UNSTABLE: dict[str, tuple[Any, Any, Any, bool]] = {
    "a new number": (1, 2, 3, True),
    "a new key": (
        "6f1f2f3e-0000-4000-8000-000000000001",
        "6f1f2f3e-0000-4000-8000-00000000000f",
        "0f1f2f3e-0000-4000-8000-000000000002",
        True,
    ),
    "a new key without its hyphens": (
        "6f1f2f3e-0000-4000-8000-000000000001",
        "6f1f2f3e-0000-4000-8000-00000000000f",
        "0f1f2f3e000040008000000000000002",
        False,
    ),
    "now": (
        "2024-01-01T10:00:00.1+01:00",
        "2024-01-01T10:00:01+01:00",
        "2024-01-01T10:00:02.25+01:00",
        True,
    ),
    "now, in another zone": (
        "2024-01-01T10:00:00.1+01:00",
        "2024-01-01T10:00:01.1+01:00",
        "2024-01-01T09:00:02.1Z",
        False,
    ),
    "an address": ("http://a.io/9/", "http://a.io/10/", "http://a.io/11/", True),
    "another address": ("http://a.io/9/", "http://a.io/10/", "http://b.io/11/", False),
    "a text for a number": (1, 2, "3", False),
    "the same each time": (1, 1, 2, False),
}


@pytest.mark.parametrize("case", UNSTABLE)
def test_where_the_old_code_differs_from_itself_the_form_counts(case: str) -> None:
    old, again, new, same = UNSTABLE[case]
    answers = [answer({"a": value, "b": 1}) for value in (old, new, again)]
    assert (not found(*answers)) is same


def test_queries_that_differ_each_time_do_not_count() -> None:
    assert found(answer(queries=3), answer(queries=4)) == [("queries", "")]
    assert not found(answer(queries=3), answer(queries=4), answer(queries=2))


def test_headers_and_rows_may_differ_each_time_too() -> None:
    first, second, third = (
        answer(headers={"Location": f"/{key}/"}, rows={"book": [{"id": key}]}) for key in (1, 2, 3)
    )
    assert found(first, second) == [("header", "Location"), ("rows", "book[].id")]
    assert not found(first, second, third)


def test_what_the_time_made_is_gone_when_both_sides_are_asked_once_more() -> None:
    later, sooner = (answer({"wait": wait, "words": "a"}) for wait in (5, 6))
    asked: list[str] = []

    def ask(side: str, exchange: Exchange) -> Callable[[], Exchange]:
        def send() -> Exchange:
            asked.append(side)
            return exchange

        return send

    # The new code was a second later this one time.
    assert not lasting_differences(sooner, later, ask("old", sooner), ask("new", sooner))
    assert asked == ["old", "old", "new"]
    always = lasting_differences(sooner, later, ask("old", sooner), ask("new", later))
    assert [difference.where for difference in always] == ["wait"]
    # What no clock can have made is believed at once.
    asked.clear()
    words = answer({"wait": 6, "words": "b"})
    assert lasting_differences(sooner, words, ask("old", sooner), ask("new", sooner))
    assert asked == ["old"]
    asked.clear()
    assert not lasting_differences(sooner, sooner, ask("old", later), ask("new", later))
    assert asked == []


def test_a_form_keeps_what_is_no_counter() -> None:
    assert form("2024-01-02") != form("2024-01-02T00:00")
    assert form("2024-01-02T10:00:00Z") != form("2024-01-02T10:00:00")
    assert form("csrf 8pKQ2vNd91xYz0aB7c") == form("csrf zzzQ2vNd91xYz0aB7c")
    assert form("Not found.") == "Not found."


@pytest.mark.parametrize(
    "hasher",
    [hashers.PBKDF2PasswordHasher(), hashers.MD5PasswordHasher(), hashers.ScryptPasswordHasher()],
    ids=lambda hasher: str(hasher.algorithm),
)
def test_hashes_of_a_password_have_one_form(hasher: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hasher, "iterations", 1, raising=False)
    monkeypatch.setattr(hasher, "work_factor", 2, raising=False)
    # Salts without a digit, and hashes with "+" and "/", are among as many as these.
    forms = {form(hasher.encode("secret", hasher.salt())) for _ in range(300)}
    assert forms == {f"{hasher.algorithm}$<hash>"}


def test_random_letters_have_one_form() -> None:
    texts = {crypto.get_random_string(22) for _ in range(1000)}
    assert {form(text) for text in texts} == {"<token>"}
    assert len({form(base64.b64encode(bytes([n] * 20)).decode()) for n in range(250)}) == 1


def test_documents_of_python_are_compared_as_well() -> None:
    (only,) = compare_documents({"a": ({"b": 1},)}, {"a": [{"b": "1"}]})
    assert (only.kind, only.where, str(only)) == (Kind.TYPE, "a[].b", "type at a[].b: 1 became '1'")
