"""Recorded requests: a file of JSON lines, which the middleware writes, or a HAR of a browser."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from nova_drf.core.exceptions import NovaError

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
"""What asks, and changes nothing."""

METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}

HEADERS = (
    *("Accept", "Accept-Language", "Content-Type", "If-Match", "If-Modified-Since"),
    *("If-None-Match", "If-Unmodified-Since", "Range", "X-Requested-With"),
)
"""The headers that are kept. None of them says who the client is."""

JSON_TYPE, FORM_TYPE = "application/json", "application/x-www-form-urlencoded"


class TrafficError(NovaError):
    """There are no recorded requests where they were said to be."""


@dataclass(frozen=True)
class RecordedRequest:
    """One request.

    Attributes:
        method: The HTTP method.
        path: The path.
        query: The names and values of the query string.
        headers: Those headers that are kept.
        body: The body.
        user: The key of the user who asked; empty is nobody, or not known.
        status: What it was answered with; 0 if that is not known.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    user: str = ""
    status: int = 0

    @property
    def is_safe(self) -> bool:
        """Whether it only asks."""
        return self.method in SAFE_METHODS

    def as_line(self) -> str:
        """Return the request as a line of the file, with its end."""
        told = {
            "method": self.method,
            "path": self.path,
            "query": [list(pair) for pair in self.query],
            "headers": dict(self.headers),
            "body": self.body.decode("utf-8"),
            "user": self.user,
            "status": self.status,
        }
        return json.dumps({name: value for name, value in told.items() if value}) + "\n"


@dataclass
class Traffic:
    """The requests of a file.

    Attributes:
        requests: The requests, in order.
        unreadable: How many lines or entries are none.
    """

    requests: list[RecordedRequest] = field(default_factory=list)
    unreadable: int = 0


def load_traffic(file: Path) -> Traffic:
    """Read the requests of a file.

    Args:
        file: JSON lines, or a HAR (version 1.2).

    Raises:
        TrafficError: It cannot be read, or has no request.
    """
    try:
        text = file.read_text("utf-8-sig", errors="replace")
    except OSError as error:
        raise TrafficError(
            f"{file}: it cannot be read ({error}). Name a recording, or a HAR."
        ) from error
    entries = _entries_of_har(text)
    traffic = Traffic()
    for request in _of_lines(text) if entries is None else map(_of_har, entries):
        if request is None:
            traffic.unreadable += 1
        else:
            traffic.requests.append(request)
    if not traffic.requests:
        raise TrafficError(
            f"{file}: it has no requests. Record some with the middleware, or save a HAR."
        )
    return traffic


def _of_lines(text: str) -> Iterator[RecordedRequest | None]:
    for line in text.split("\n"):
        if line.strip():
            yield _of_line(line)


def _of_line(line: str) -> RecordedRequest | None:
    try:
        told = json.loads(line)
        return _request(
            method=told["method"],
            path=told["path"],
            query=[(name, value) for name, value in told.get("query", ())],
            headers=dict(told.get("headers", {})),
            body=told.get("body", ""),
            user=told.get("user", ""),
            status=told.get("status", 0),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        # A line that a crash cut off, or of another program; it is counted.
        return None


def _entries_of_har(text: str) -> list[Any] | None:
    """Return the entries of a HAR; ``None`` if it is none."""
    try:
        entries = json.loads(text)["log"]["entries"]
    except (ValueError, TypeError, KeyError):
        return None
    return entries if isinstance(entries, list) else None


def _of_har(entry: Any) -> RecordedRequest | None:
    try:
        told = entry["request"]
        address = urlsplit(told["url"])
        named = ((header["name"], header["value"]) for header in told.get("headers", ()))
        posted = told.get("postData") or {}
        headers = dict(kept_headers(named))
        if posted.get("mimeType"):
            headers.setdefault("Content-Type", posted["mimeType"])
        return _request(
            method=told["method"],
            path=address.path,
            query=parse_qsl(address.query, keep_blank_values=True),
            headers=headers,
            body=posted.get("text", ""),
            user="",
            status=(entry.get("response") or {}).get("status", 0),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _request(
    *,
    method: str,
    path: str,
    query: list[tuple[str, str]],
    headers: Mapping[str, str],
    body: str,
    user: str,
    status: int,
) -> RecordedRequest:
    """Return a request whose fields have their types.

    Raises:
        ValueError: One of them has not.
    """
    texts = (method, path, body, user, *headers, *headers.values(), *sum(query, ()))
    if not all(isinstance(text, str) for text in texts) or not isinstance(status, int):
        raise ValueError("it is of another type")
    if method.upper() not in METHODS or not path.startswith("/"):
        raise ValueError("it is no request")
    content = body.encode("utf-8", "surrogatepass")
    return RecordedRequest(
        method.upper(), path, tuple(query), kept_headers_of(headers), content, user, status
    )


def kept_headers(headers: Iterable[tuple[str, str]], more: Iterable[str] = ()) -> Iterator[Any]:
    """Yield those headers that are kept, under their usual names.

    Args:
        headers: The headers.
        more: Further names that are kept.
    """
    usual = {name.lower(): name for name in (*HEADERS, *more)}
    for name, value in headers:
        if name.lower() in usual:
            yield usual[name.lower()], value


def kept_headers_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a file; what would say who the client is was never meant to be there.

    Args:
        headers: The headers.
    """
    refused = ("authorization", "cookie", "host", "content-length", "connection")
    return {name: value for name, value in headers.items() if name.lower() not in refused}
