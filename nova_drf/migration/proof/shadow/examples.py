"""In the child process: differences and requests as they may be stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from nova_drf.migration.proof.comparison import Difference, Kind
from nova_drf.migration.proof.shadow.answers import Answer
from nova_drf.migration.proof.shadow.causes import Finding
from nova_drf.migration.proof.shadow.redaction import REDACTED, Redactor
from nova_drf.migration.proof.shadow.samples import Sample

_CREDENTIALS = ("HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_PROXY_AUTHORIZATION", "HTTP_X_CSRFTOKEN")


class Examples:
    """Makes what is stored of a difference.

    Args:
        names: Further names whose values are secret.
        patterns: Further regular expressions of what is secret.
    """

    def __init__(self, names: Iterable[str] = (), patterns: Iterable[str] = ()) -> None:
        self._names, self._patterns = tuple(names), tuple(patterns)

    def findings(
        self,
        sample: Sample,
        endpoint: str,
        differing: Sequence[Difference],
        answers: Sequence[Answer],
    ) -> list[Finding]:
        """Return differences as they are stored; each cause once, whatever the item of a list.

        Args:
            sample: The request.
            endpoint: Its method and route.
            differing: The differences.
            answers: The answers to it, the new code's first.
        """
        hidden = write_only_names(answer.view for answer in answers)
        body = _document(sample)
        redactor = self._redactor(sample, body, hidden)
        example = _example(sample, body, redactor, hidden is None)
        findings = [
            Finding(
                switch=sample.switch,
                action=sample.action,
                endpoint=endpoint,
                kind=difference.kind.value,
                where=redactor.text(difference.where),
                old=redactor.shown(difference.old, difference.path),
                new=redactor.shown(difference.new, difference.path),
                detail=answers[0].crash_at if difference.kind is Kind.CRASH else "",
                example=example,
            )
            for difference in differing
        ]
        return list({finding.cause: finding for finding in reversed(findings)}.values())[::-1]

    def _redactor(self, sample: Sample, body: object, hidden: frozenset[str] | None) -> Redactor:
        """Return what takes out all that is secret in this request, wherever it occurs."""
        plain = Redactor((*self._names, *(hidden or ())), self._patterns)
        query = dict(parse_qsl(sample.environ.get("QUERY_STRING", "")))
        secrets = [
            *plain.secrets_of(body, is_secret=hidden is None),
            *plain.secrets_of(query),
            *_credentials(sample.environ, plain),
        ]
        return Redactor((*self._names, *(hidden or ())), self._patterns, secrets)


def _credentials(environ: Mapping[str, str], redactor: Redactor) -> Iterator[str]:
    for name, value in environ.items():
        if name in _CREDENTIALS or (name.startswith("HTTP_") and redactor.hides(name)):
            yield value
            yield from (part.strip() for part in value.replace("=", " ").replace(";", " ").split())


def _document(sample: Sample) -> object:
    kind = sample.environ.get("CONTENT_TYPE", "")
    text = sample.body.decode("utf-8", "replace")
    if "json" in kind:
        try:
            return json.loads(text)
        except ValueError:
            return f"{len(sample.body)} bytes that are no JSON"
    if "x-www-form-urlencoded" in kind:
        return dict(parse_qsl(text, keep_blank_values=True))
    return f"{len(sample.body)} bytes" if sample.body else None


def _example(sample: Sample, body: object, redactor: Redactor, hides_all: bool) -> str:
    query = redactor.document(dict(parse_qsl(sample.environ.get("QUERY_STRING", ""))))
    asked = "&".join(f"{name}={value}" for name, value in query.items())  # type: ignore[attr-defined]  # a dictionary stays one
    path = redactor.text(sample.environ.get("PATH_INFO", ""))
    line = f"{sample.method} {path}{'?' if asked else ''}{asked}"
    if body is None:
        return line
    shown = _masked(body) if hides_all else redactor.document(body)
    return f"{line}\n{json.dumps(shown, default=str)[:2000]}"


def _masked(body: object) -> object:
    """Return the names of a body, and none of its values."""
    if isinstance(body, Mapping):
        return {str(key): _masked(inner) for key, inner in body.items()}
    return [_masked(inner) for inner in body] if isinstance(body, list) else REDACTED


def write_only_names(views: Iterable[Any]) -> frozenset[str] | None:
    """Return the names of fields that never leave; ``None`` if that cannot be told.

    Args:
        views: The instances of views that answered.
    """
    names: set[str] = set()
    for view in views:
        try:
            cls = view.get_serializer_class()
            serializer = cls(context={"request": view.request, "view": view})
            names.update(_write_only(serializer))
        except Exception:
            # Whatever the project's code raises: without its fields, no value is stored.
            return None
    return frozenset(names)


def _write_only(field: Any) -> Iterator[str]:
    fields: Mapping[str, Any] | Callable[..., Any] = getattr(field, "fields", {})
    inner = getattr(field, "child", None)
    if inner is not None:
        yield from _write_only(inner)
    for name, inner_field in fields.items() if isinstance(fields, Mapping) else ():
        if inner_field.write_only:
            yield name
        yield from _write_only(inner_field)
