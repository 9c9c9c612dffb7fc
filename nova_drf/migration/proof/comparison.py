"""What tells two answers to one request apart. It knows nothing of Django.

An :class:`Exchange` is all that a client can observe of an answer, and besides the rows that were
written and the number of queries. :func:`differences` lists where two of them differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Path = tuple[str | int, ...]


class Kind(StrEnum):
    """In what two answers differ."""

    STATUS = "status"
    HEADER = "header"
    MISSING = "missing"
    """The new answer lacks a key that the old one has."""
    ADDED = "added"
    TYPE = "type"
    VALUE = "value"
    LENGTH = "length"
    """A list has another number of items."""
    ORDER = "order"
    """The same keys, or items, stand in another order."""
    BYTES = "bytes"
    """The same JSON is written in other bytes."""
    ROWS = "rows"
    """Other rows are written, or another thing is sent out."""
    QUERIES = "queries"
    """The database is asked more often."""
    CRASH = "crash"
    """The new code raises an exception that nobody answers."""


KINDS = tuple(kind.value for kind in Kind)
"""The kinds as texts."""


@dataclass(frozen=True)
class Exchange:
    """One answer.

    Attributes:
        status: The status code.
        headers: The headers; cookies are among them as ``Set-Cookie <name>``.
        body: The body.
        rows: What was written: by table, or by what else took it (``mail``), a list of changes.
        queries: How many queries were made.
        crash: The exception that nobody answered, for a reader.
        seconds: How long it took; it is no part of the comparison.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    rows: Mapping[str, object] = field(default_factory=dict)
    queries: int = 0
    crash: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Difference:
    """One thing in which the new answer is not the old one.

    Attributes:
        kind: In what they differ.
        path: Where: keys and indices of the body, the name of a header, a table and its column.
        old: What the old answer has there.
        new: What the new one has.
    """

    kind: Kind
    path: Path
    old: object = None
    new: object = None

    @property
    def where(self) -> str:
        """The path, whatever the index: ``results[].price``."""
        parts = ("[]" if str(part).isdecimal() else f".{part}" for part in self.path)
        return "".join(parts).removeprefix(".")

    def __str__(self) -> str:
        place = f" at {self.where}" if self.path else ""
        return f"{self.kind}{place}: {_shown(self.old)} became {_shown(self.new)}"


def differences(old: Exchange, new: Exchange, again: Exchange | None = None) -> list[Difference]:
    """List in what an answer differs from the one that is expected.

    Where the old code crashes, the new code may do whatever it likes but write: an answer of status
    500 is nobody's contract. Fewer queries are no difference.

    Args:
        old: What the old code answered.
        new: What the new code answered to the same.
        again: What the old code answered when it was asked once more. Where that differs from the
            first time (a new key, the present time), only the form of a value counts.
    """
    all_differences = list(_differences(old, new))
    if not all_differences or again is None:
        return all_differences
    unstable = {(difference.kind, difference.path) for difference in _differences(old, again)}
    if old.queries != again.queries:
        unstable.add((Kind.QUERIES, ()))
    return [
        difference
        for difference in all_differences
        if (difference.kind, difference.path) not in unstable or not _same_form(difference)
    ]


def lasting_differences(
    old: Exchange, new: Exchange, ask_old: Callable[[], Exchange], ask_new: Callable[[], Exchange]
) -> list[Difference]:
    """List differences that are still there when both sides are asked once more.

    Only those are asked for again that time may have made, as the seconds of a throttle that one
    side was a little later to tell. So nothing is asked again where the answers are equal.

    Args:
        old: What the old code answered.
        new: What the new code answered to the same.
        ask_old: Sends the request to the old code.
        ask_new: Sends it to the new code.
    """
    if not differences(old, new):
        return []
    found = differences(old, new, ask_old())
    if not any(map(_same_form, found)):
        return found
    shown = {(each.kind, each.path) for each in differences(ask_old(), ask_new())}
    return [each for each in found if not _same_form(each) or (each.kind, each.path) in shown]


def _differences(old: Exchange, new: Exchange) -> Iterator[Difference]:
    if old.crash or new.crash:
        yield from _crashes(old, new)
        return
    if old.status != new.status:
        for path in _statuses(old, new):
            yield Difference(Kind.STATUS, path, old.status, new.status)
    if old.status // 100 != new.status // 100:
        # What else differs follows from that.
        return
    yield from _headers(old, new)
    yield from _bodies(old, new)
    for difference in _documents(_as_json(old.rows), _as_json(new.rows)):
        yield Difference(Kind.ROWS, difference.path, difference.old, difference.new)
    if new.queries > old.queries:
        yield Difference(Kind.QUERIES, (), old.queries, new.queries)


def _crashes(old: Exchange, new: Exchange) -> Iterator[Difference]:
    if not old.crash:
        yield Difference(Kind.CRASH, (new.crash.partition(":")[0],), old.status, new.crash)
    elif new.rows and not old.rows:
        yield Difference(Kind.ROWS, (), "an exception", new.rows)


def _statuses(old: Exchange, new: Exchange) -> Iterator[Path]:
    """Yield both statuses; where only one of them refuses the body, once for each field of it."""
    said = f"{old.status} to {new.status}"
    refused = [body_of(exchange) for exchange in (old, new) if exchange.status == 400]
    paths = list(_refused(refused[0])) if len(refused) == 1 else []
    for path in paths or [()]:
        yield (said, *path)


def _refused(errors: object) -> Iterator[Path]:
    """Yield the fields that have errors; of a list, those of its items."""
    if isinstance(errors, list) and any(isinstance(inner, dict) for inner in errors):
        errors = {str(index): inner for index, inner in enumerate(errors) if inner}
    for key, inner in errors.items() if isinstance(errors, dict) else ():
        if key.isdecimal() and isinstance(inner, dict):
            yield from ((key, *path) for path in _refused(inner))
        else:
            yield (key,)


# Headers

_NOT_CONTRACT = frozenset(
    {
        *("date", "server", "content-length", "server-timing", "x-runtime", "x-response-time"),
        *("x-request-id", "x-correlation-id", "traceparent", "tracestate"),
    }
)
"""What says nothing that a client could rely on, or that the body does not say."""

_DERIVED = frozenset(("etag", "digest", "content-md5"))
"""What follows from the bytes of the body: only whether they are there counts."""

_SETS = frozenset(("allow", "vary", "access-control-allow-headers", "access-control-allow-methods"))
"""Lists whose order means nothing."""


def _headers(old: Exchange, new: Exchange) -> Iterator[Difference]:
    before, after = _that_matter(old), _that_matter(new)
    names = {name.lower(): name for name in (*new.headers, *old.headers)}
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            yield Difference(Kind.HEADER, (names[key],), before.get(key), after.get(key))


def _that_matter(exchange: Exchange) -> dict[str, str]:
    headers = {name.lower(): value for name, value in exchange.headers.items()}
    return {
        name: _header_value(name, value)
        for name, value in headers.items()
        if name not in _NOT_CONTRACT
    }


def _header_value(name: str, value: str) -> str:
    if name in _DERIVED:
        return "present"
    if name in _SETS:
        return ", ".join(sorted(part.strip().lower() for part in value.split(",")))
    return value


# Bodies


class _Number(str):
    """A number as it is written: ``1.50`` is not ``1.5``."""


def _bodies(old: Exchange, new: Exchange) -> Iterator[Difference]:
    if old.body == new.body:
        return
    before, after = body_of(old), body_of(new)
    if old.status != new.status and not _is_structured(before):
        # A page of the browsable API shows the status.
        return
    in_documents = list(_documents(before, after))
    yield from in_documents
    if not in_documents:
        yield Difference(Kind.BYTES, (), old.body, new.body)


def body_of(exchange: Exchange) -> object:
    """Return a body as JSON, or as a list of lines where it is none.

    Args:
        exchange: Whose body it is.
    """
    types = [value for name, value in exchange.headers.items() if name.lower() == "content-type"]
    text = exchange.body.decode("utf-8", "backslashreplace")
    if any("json" in value for value in types):
        try:
            return json.loads(text, parse_float=_Number, parse_int=_Number)
        except ValueError:
            # It says that it is JSON, and is not.
            return text.splitlines()
    return text.splitlines()


def _is_structured(document: object) -> bool:
    return isinstance(document, dict) or (
        isinstance(document, list) and any(isinstance(inner, (dict, list)) for inner in document)
    )


def _as_json(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _as_json(inner) for key, inner in value.items()}
    return [_as_json(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def compare_documents(old: object, new: object) -> list[Difference]:
    """List in what two documents of dictionaries, lists and values differ.

    Args:
        old: The document that is expected.
        new: The document that is there.
    """
    return list(_documents(_as_json(old), _as_json(new)))


def _documents(old: object, new: object, path: Path = ()) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _objects(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(old, new, path)
    elif _type(old) != _type(new):
        yield Difference(Kind.TYPE, path, old, new)
    elif old != new:
        yield Difference(Kind.VALUE, path, old, new)


def _objects(old: dict[str, Any], new: dict[str, Any], path: Path) -> Iterator[Difference]:
    for key, value in old.items():
        if key not in new:
            yield Difference(Kind.MISSING, (*path, key), value)
        else:
            yield from _documents(value, new[key], (*path, key))
    for key in new:
        if key not in old:
            yield Difference(Kind.ADDED, (*path, key), None, new[key])
    before, after = [key for key in old if key in new], [key for key in new if key in old]
    if before != after:
        yield Difference(Kind.ORDER, path, before, after)


def _lists(old: list[Any], new: list[Any], path: Path) -> Iterator[Difference]:
    if len(old) != len(new):
        yield Difference(Kind.LENGTH, path, len(old), len(new))
    elif old != new and _sorted(old) == _sorted(new):
        yield Difference(Kind.ORDER, path, old, new)
    else:
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _documents(before, after, (*path, index))


def _sorted(values: list[Any]) -> list[str]:
    return sorted(map(repr, values))


_TYPES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"),
    ((int, float, _Number), "number"),
    (str, "text"),
    (type(None), "null"),
    (dict, "object"),
    (list, "list"),
)


def _type(value: object) -> str:
    named = (name for classes, name in _TYPES if isinstance(value, classes))
    return next(named, type(value).__name__)


# Values that differ each time

_VARIABLE = re.compile(
    r"(?P<uuid>\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)"
    r"|(?P<date>\d{4}-\d\d-\d\d)(?P<time>[T ]\d\d:\d\d(:\d\d)?(\.\d+)?)?(?P<zone>Z|[+-]\d\d:\d\d)?"
    # Django's hash of a password, with its algorithm in front of the salt.
    r"|^(?P<algorithm>\w+)\$[\w$+/=.,-]{24,}$"
    # In small and capital letters a text may be random without a digit.
    r"|(?P<token>(?<![\w+/])[\w+/]{16,}={1,2}|\b(?=[\w-]*(?:\d|(?-i:[a-z][A-Z])))[\w-]{16,}|\b[\w-]{24,})"
    r"|(?P<number>\d+)",
    re.IGNORECASE,
)
"""What may be new each time: keys, times, tokens, counters."""


def form(value: object) -> str:
    """Return what is left of a value when all that may be new each time is taken away.

    Args:
        value: A value of a document: two UUIDs have one form, and two times in one zone.
    """
    if not isinstance(value, str) or isinstance(value, _Number):
        return _type(value)
    return _VARIABLE.sub(_name_of, value)


def _name_of(match: re.Match[str]) -> str:
    if match["algorithm"]:
        return f"{match['algorithm']}$<hash>"
    if match["date"]:
        return f"<{'time' if match['time'] else 'date'} {match['zone']}>"
    return f"<{match.lastgroup}>"


def _same_form(difference: Difference) -> bool:
    return form(difference.old) == form(difference.new)


def _shown(value: object) -> str:
    if isinstance(value, _Number):
        return str(value)
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else repr(value)
    return text if len(text) <= 200 else f"{text[:197]}..."
