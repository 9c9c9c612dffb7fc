"""A request as data: it can be sent to two sides, made smaller, and printed as a test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.test.client import encode_multipart
from django.utils.http import urlencode

from nova_drf.migration.proof.comparison import Difference, Exchange, Kind
from nova_drf.testing.payloads import form_of

NO_BODY = object()
"""There is no body, which is not the same as the body ``null``."""

_BOUNDARY = "BoUnDaRyOfNoVa"


@dataclass(frozen=True)
class Case:
    """One request.

    Attributes:
        endpoint: The method and the route, for people: ``GET /books/<pk>/``.
        method: The HTTP method.
        path: The path.
        query: The names and values of the query string.
        body: The body as Python, or bytes as they are, or :data:`NO_BODY`.
        encoding: ``json``, ``form``, ``multipart``, or the content type of bytes.
        accept: The header ``Accept``, if there is one.
        user: Who asks, by the name to log in with; empty is nobody.
        has_user_key: Whether ``user`` is a primary key instead.
        language: The language of the client.
        zone: The current time zone.
        times: How often it is sent; the last answer counts.
        headers: What else is said in the head.
    """

    endpoint: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = NO_BODY
    encoding: str = "json"
    accept: str = ""
    user: str = ""
    has_user_key: bool = False
    language: str = ""
    zone: str = ""
    times: int = 1
    headers: tuple[tuple[str, str], ...] = ()

    def content(self) -> tuple[bytes, str]:
        """Return the body as bytes, and its content type."""
        if self.body is NO_BODY:
            return b"", ""
        if isinstance(self.body, bytes):
            return self.body, self.encoding
        if self.encoding == "form":
            content = urlencode(list(form_of(self.body).lists()), doseq=True)
            return content.encode(), "application/x-www-form-urlencoded"
        if self.encoding == "multipart":
            form = dict(form_of(self.body).lists())
            for value in (value for values in form.values() for value in values):
                if isinstance(value, UploadedFile):
                    value.seek(0)
            return encode_multipart(_BOUNDARY, form), f"multipart/form-data; boundary={_BOUNDARY}"
        return json.dumps(self.body, default=str).encode(), "application/json"

    def smaller(self) -> Iterator[Case]:
        """Yield the same request without one thing each."""
        if self.language or self.zone:
            yield replace(self, language="", zone="")
        if self.times > 1:
            yield replace(self, times=self.times // 2)
        if self.accept:
            yield replace(self, accept="")
        if isinstance(self.body, dict):
            for key in self.body:
                body = {name: value for name, value in self.body.items() if name != key}
                yield replace(self, body=body)
            if self.encoding != "json":
                yield replace(self, encoding="json")
        for index in range(len(self.query)):
            yield replace(self, query=self.query[:index] + self.query[index + 1 :])


# As a test


def as_test(case: Case, old: Exchange, difference: Difference) -> list[str]:
    """Return the lines of a test that the old code passes, and the new code does not.

    Args:
        case: The request.
        old: What the old code answers.
        difference: In what the new code's answer differs.
    """
    lines = ["client = APIClient(raise_request_exception=False)"]
    if case.user:
        key = repr(case.user)
        lookup = f"get(pk={key})" if case.has_user_key else f"get_by_natural_key({key})"
        lines.append(f"user = get_user_model().objects.{lookup}")
        lines.append("client.force_authenticate(user)")
    contexts = []
    if case.language or case.zone:
        language, zone = case.language or None, case.zone or None
        contexts += [f"translation.override({language!r})", f"timezone.override({zone!r})"]
    if difference.kind is Kind.QUERIES:
        contexts.append("CaptureQueriesContext(connection) as queries")
    blocks = [f"with {', '.join(contexts)}:"] if contexts else []
    if case.times > 1:
        # The last answer counts.
        blocks.append(f"for _ in range({case.times}):")
    lines += [f"{'    ' * depth}{line}" for depth, line in enumerate((*blocks, _call(case)))]
    return [*lines, *_assertions(old, difference)]


def _call(case: Case) -> str:
    arguments = [repr(case.path)]
    if isinstance(case.body, bytes):
        arguments += [f"{case.body!r}", f"content_type={case.encoding!r}"]
    elif case.body is not NO_BODY and case.encoding == "form":
        content, content_type = case.content()
        arguments += [f"{content.decode()!r}", f"content_type={content_type!r}"]
    elif case.body is not NO_BODY:
        arguments += [as_python(case.body), f"format={case.encoding!r}"]
    if case.query:
        arguments.append(f"query_params={dict(case.query)!r}")
    headers = dict(case.headers)
    if case.accept:
        headers["accept"] = case.accept
    if case.language:
        headers["accept-language"] = case.language
    if headers:
        arguments.append(f"headers={headers!r}")
    return f"response = client.{case.method.lower()}({', '.join(arguments)})"


def as_python(value: object) -> str:
    """Return a body as an expression that makes it.

    Args:
        value: The body, or a part of it.
    """
    if isinstance(value, Mapping):
        items = (f"{as_python(key)}: {as_python(inner)}" for key, inner in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_python, value))}]"
    if isinstance(value, UploadedFile):
        value.seek(0)
        return f"SimpleUploadedFile({value.name!r}, {value.read()!r})"
    return repr(value)


def _assertions(old: Exchange, difference: Difference) -> Iterator[str]:
    kind, path = difference.kind, difference.path
    if kind in (Kind.STATUS, Kind.CRASH):
        yield f"assert response.status_code == {old.status}"
    elif kind is Kind.HEADER:
        yield f"assert response.headers.get({path[0]!r}) == {difference.old!r}"
    elif kind is Kind.QUERIES:
        yield f"assert len(queries) <= {difference.old}"
    elif kind is Kind.ROWS:
        yield f"# Written to {difference.where or 'the database'}: {difference.old!r}, and not"
        yield f"# {difference.new!r}."
    elif kind is Kind.BYTES or not _is_json(old):
        yield f"assert response.content == {old.body!r}"
    else:
        yield _of_json(difference)


def _is_json(old: Exchange) -> bool:
    return any("json" in value for name, value in old.headers.items() if name == "Content-Type")


def _of_json(difference: Difference) -> str:
    kind, path = difference.kind, difference.path
    if kind in (Kind.MISSING, Kind.ADDED):
        holder = f"response.json(){_keys(path[:-1])}"
        negated = "" if kind is Kind.MISSING else "not "
        return f"assert {path[-1]!r} {negated}in {holder}"
    value = f"response.json(){_keys(path)}"
    if kind is Kind.LENGTH:
        return f"assert len({value}) == {difference.old}"
    if kind is Kind.ORDER and difference.old and isinstance(difference.old, list):
        return f"assert list({value}) == {_json_as_python(difference.old)}"
    return f"assert {value} == {_json_as_python(difference.old)}"


def _keys(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{part!r}]" for part in path)


def _json_as_python(value: object) -> str:
    if isinstance(value, dict):
        items = (f"{key!r}: {_json_as_python(inner)}" for key, inner in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_json_as_python, value))}]"
    # A number is kept as it is written.
    return str(value) if isinstance(value, str) and type(value) is not str else repr(value)
