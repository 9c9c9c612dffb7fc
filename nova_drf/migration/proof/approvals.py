"""The differences that a team approved: a TOML file that is reviewed like code.

.. code-block:: toml

    [[approved]]
    endpoint = "GET /api/books/"
    path = "results[].price"
    kind = "type"
    reason = "Prices are numbers from version 3 of the API on."
    approved_by = "Ada, pull request 1234"

``*`` in an endpoint stands for any text, and in a path for one key. All other differences fail, and
so does an entry that no longer occurs. One file serves all that compares.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from nova_drf.core.exceptions import NovaError

_TABLE = "approved"


class ApprovalsError(NovaError):
    """The file of approved differences cannot be read as one."""


@dataclass(frozen=True)
class Approval:
    """One entry of the file.

    Attributes:
        endpoint: The method and the route, or a serializer's dotted name.
        kind: In what the answers may differ.
        reason: Why.
        approved_by: Who said so.
        path: Where in the body; a header's name; a table and its column. Empty is the whole.
    """

    endpoint: str
    kind: str
    reason: str
    approved_by: str
    path: str = ""

    def covers(self, endpoint: str, kind: str, where: str) -> bool:
        """Whether a difference is the one that was approved.

        Args:
            endpoint: Of which endpoint it is.
            kind: Its kind.
            where: Its path, as :attr:`Difference.where` says it.
        """
        return (
            kind == self.kind
            and fnmatchcase(unnamed(endpoint), _escaped(unnamed(self.endpoint)))
            and _path_pattern(self.path).fullmatch(where) is not None
        )

    def __str__(self) -> str:
        place = f" at {self.path}" if self.path else ""
        return f"{self.endpoint}: {self.kind}{place} ({self.reason})"


def unnamed(endpoint: str) -> str:
    """Return an endpoint without the names of its arguments: ``<pk>`` is ``{id}``."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "{}", endpoint)


def _escaped(pattern: str) -> str:
    """Return a pattern in which ``*`` alone is special."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def _path_pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace(r"\*", r"[^.\[\]]+"))


class ApprovedDifferences:
    """The entries of a file, and which of them occurred.

    Args:
        entries: The entries.
        source: The file, for messages.
    """

    def __init__(self, entries: Iterable[Approval] = (), source: str = "") -> None:
        self.entries = tuple(entries)
        self.source = source
        self._occurred: set[Approval] = set()

    def cover(self, endpoint: str, kind: str, where: str) -> bool:
        """Whether a difference is approved; the entry then has occurred.

        Args:
            endpoint: Of which endpoint it is.
            kind: Its kind.
            where: Its path.
        """
        covering = [entry for entry in self.entries if entry.covers(endpoint, kind, where)]
        self._occurred.update(covering)
        return bool(covering)

    def stale(self, endpoints: Collection[str], kinds: Collection[str]) -> list[Approval]:
        """Return the entries that did not occur, although what they speak of was looked at.

        Args:
            endpoints: The endpoints that were compared.
            kinds: The kinds of differences that would have been noticed.
        """
        patterns = {entry: _escaped(unnamed(entry.endpoint)) for entry in self.entries}
        names = [unnamed(endpoint) for endpoint in endpoints]
        return [
            entry
            for entry, pattern in patterns.items()
            if entry not in self._occurred
            and entry.kind in kinds
            and any(fnmatchcase(name, pattern) for name in names)
        ]


def load_approvals(file: Path, kinds: Collection[str]) -> ApprovedDifferences:
    """Read a file of approved differences.

    Args:
        file: The file.
        kinds: The kinds that there are.

    Raises:
        ApprovalsError: It is no TOML, or an entry has an unknown key, lacks one, or has no sense.
    """
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ApprovalsError(f"{file}: cannot be read: {error}") from error
    for key in content:
        if key != _TABLE:
            raise ApprovalsError(
                f"{file}: there is no key {key!r}. Each difference is a table [[{_TABLE}]]."
            )
    tables = content.get(_TABLE, [])
    if not isinstance(tables, list):
        raise ApprovalsError(f"{file}: {_TABLE!r} is one table. Write [[{_TABLE}]] for each entry.")
    entries = [
        _entry(f"{file}, entry {number}", table, kinds) for number, table in enumerate(tables, 1)
    ]
    for number, entry in enumerate(entries, 1):
        if entry in entries[: number - 1]:
            raise ApprovalsError(f"{file}, entry {number}: it stands there twice. Remove one.")
    return ApprovedDifferences(entries, str(file))


def _entry(place: str, table: object, kinds: Collection[str]) -> Approval:
    if not isinstance(table, Mapping):
        raise ApprovalsError(f"{place}: it is no table. Write [[{_TABLE}]].")
    names = [field.name for field in fields(Approval)]
    for key, value in table.items():
        if key not in names:
            raise ApprovalsError(
                f"{place}: there is no key {key!r}.{_nearest(key, names)} "
                f"There are: {', '.join(names)}."
            )
        if not isinstance(value, str):
            raise ApprovalsError(f"{place}: {key} is {value!r}. Write a text.")
    for name in names:
        if name != "path" and not str(table.get(name, "")).strip():
            raise ApprovalsError(f"{place}: {name!r} is missing. Write it in a few words.")
    entry = Approval(**table)
    if entry.kind not in kinds:
        raise ApprovalsError(
            f"{place}: there is no kind {entry.kind!r}.{_nearest(entry.kind, kinds)}"
        )
    return entry


def _nearest(word: str, words: Iterable[str]) -> str:
    near = get_close_matches(word, list(words), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
