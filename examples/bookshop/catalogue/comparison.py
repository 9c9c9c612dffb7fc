"""Send the same requests to the old and the new endpoint and compare the answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import override_settings
from rest_framework.response import Response
from rest_framework.test import APIClient

from nova_drf.testing import AsyncAPIClient

OLD, NEW, ASYNC = "/api/books-classic/", "/api/books/", "/api/books-async/"
SWITCHED = "/api/books-switched/"
SHADOWED = "/api/books-shadowed/"

_IN_MEMORY = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
_COMPARED_HEADERS = ("Content-Type", "Allow", "Location", "Vary")


@dataclass(frozen=True)
class Exchange:
    """One request, to be sent to both endpoints."""

    title: str
    method: str = "post"
    path: str = ""
    data: Any = None
    format: str | None = "json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What a client can observe of a response."""

    status: int
    headers: dict[str, str]
    body: bytes


GOOD = {
    "title": "Winter Ledger",
    "isbn": "9780000000059",
    "status": "in-print",
    "price": "12.5",
    "pages": "180",
    "published": "2024-01-02",
    "available_from": "2024-01-02T03:04:05Z",
    "author": 1,
    "tags": [1, 2],
}

LITTLE = {"title": "Ox", "isbn": "1", "author": "1"}


def _changed(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


def exchanges() -> list[Exchange]:
    """Return the requests: good ones, and every kind of bad one."""
    return [
        Exchange("list", "get"),
        Exchange("list, filtered and ordered", "get", "?status=in-print&ordering=-price"),
        Exchange("list, a page that is not there", "get", "?page=9"),
        Exchange("retrieve", "get", "1/"),
        Exchange("retrieve, not there", "get", "99/"),
        Exchange("create", data=GOOD),
        Exchange("create, only what is required", data=LITTLE),
        Exchange(
            "create, read-only and unknown keys", data=_changed(id=77, reviews=[], colour="red")
        ),
        Exchange("create, nothing", data={}),
        Exchange("create, wrong types", data={name: {"a": [1]} for name in GOOD}),
        Exchange("create, nulls", data=dict.fromkeys(GOOD)),
        Exchange("create, blanks", data=dict.fromkeys(GOOD, "")),
        Exchange("create, too long and too short", data=_changed(title="x", isbn="1" * 14)),
        Exchange("create, not a choice", data=_changed(status="lost")),
        Exchange("create, too many decimals", data=_changed(price="1.555")),
        Exchange("create, a date with a time", data=_changed(published="2024-01-02T00:00:00")),
        Exchange("create, no such author or tag", data=_changed(author=99, tags=[1, 98])),
        Exchange("create, ISBN taken", data=_changed(isbn="9780000000011")),
        Exchange("create, title taken", data=_changed(title="The Quiet Engine")),
        Exchange("create, refused by validate_isbn", data=_changed(isbn="12-34")),
        Exchange("create, refused by validate", data=_changed(price="0")),
        Exchange("create, in French", data={}, headers={"accept-language": "fr"}),
        Exchange("create, a list instead of an object", data=[GOOD]),
        Exchange("create, form", format="multipart", data=_form()),
        Exchange("create, form with a file", format="multipart", data=_form(cover=True)),
        Exchange("create, empty form", format="multipart", data={"title": ""}),
        Exchange("update", "put", "1/", GOOD),
        Exchange("update, incomplete", "put", "1/", {"title": "Half"}),
        Exchange("partial update", "patch", "2/", {"price": 7, "published": None}),
        Exchange("partial update, refused by validate", "patch", "2/", {"price": "0.00"}),
        Exchange("partial update, its own ISBN", "patch", "1/", {"isbn": "9780000000011"}),
        Exchange("delete", "delete", "4/"),
        Exchange("options", "options"),
        Exchange("a method that is not allowed", "post", "1/", GOOD),
        Exchange("malformed JSON", data=b'{"title": ', format=None),
        Exchange("NaN in JSON", data=b'{"price": NaN}', format=None),
        Exchange("the browsable API", "get", "1/", headers={"accept": "text/html"}),
    ]


def _form(*, cover: bool = False) -> dict[str, Any]:
    form = {name: value for name, value in GOOD.items() if name != "tags"}
    form["tags"] = ["1", "3"]
    return {**form, "cover": "file"} if cover else form


def compare(new: str = NEW) -> Iterator[tuple[Exchange, Answer, Answer]]:
    """Yield each request with both answers; nothing that they write is kept.

    Args:
        new: Where the new endpoint is. The async ones are asked through ASGI, the other by WSGI.
    """
    for exchange in exchanges():
        yield exchange, answer(exchange, OLD), answer(exchange, new)


def answer(exchange: Exchange, prefix: str) -> Answer:
    """Send one request and roll back what it did."""
    send = async_to_sync(_send_async) if prefix in (ASYNC, SWITCHED) else _send
    with override_settings(STORAGES=_IN_MEMORY), transaction.atomic():
        response = send(exchange, prefix)
        transaction.set_rollback(True)
    headers = {name: response[name] for name in _COMPARED_HEADERS if response.has_header(name)}
    return Answer(response.status_code, headers, _without_prefix(response.content, prefix))


def _send(exchange: Exchange, prefix: str) -> Response:
    return _call(APIClient(raise_request_exception=False), exchange, prefix)  # type: ignore[no-any-return]  # of a test client


async def _send_async(exchange: Exchange, prefix: str) -> Response:
    client = AsyncAPIClient(raise_request_exception=False)
    return await _call(client, exchange, prefix)  # type: ignore[no-any-return]  # of a test client


def _call(client: Any, exchange: Exchange, prefix: str) -> Any:
    data = exchange.data
    options: dict[str, Any] = {"headers": exchange.headers}
    if isinstance(data, bytes):
        options["content_type"] = "application/json"
    elif exchange.format:
        options["format"] = exchange.format
    if isinstance(data, dict) and data.get("cover") == "file":
        data = {**data, "cover": SimpleUploadedFile("cover.txt", b"a picture")}
    if exchange.method == "get":
        data = None
        options.pop("format", None)
    return getattr(client, exchange.method)(prefix + exchange.path, data, **options)


def _without_prefix(body: bytes, prefix: str) -> bytes:
    """Take away what must differ: the endpoint's address and title, and the CSRF token."""
    body = re.sub(rb'"csrfToken": "[^"]+"', b"", body)
    body = body.replace(prefix.encode(), b"/api/.../")
    for name in (b"Classic Book", b"Async Book", b"Book"):
        body = body.replace(name + b" List", b"...").replace(name + b" Instance", b"...")
    return body
