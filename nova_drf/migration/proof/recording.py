"""What a request does to the databases: how often it asks, and which rows it writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from django.apps import apps
from django.core import mail
from django.db import connections
from django.test import TestCase

from nova_drf.migration.proof.sandbox import rolled_back

_WRITES = re.compile(
    r"""\s*(?:INSERT\s+(?:OR\s+\w+\s+|IGNORE\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM)
    \s+["`\[]?([\w.]+)""",
    re.IGNORECASE | re.VERBOSE,
)
_OF_TRANSACTIONS = re.compile(r"\s*(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SET)\b", re.IGNORECASE)

ROWS_READ = 2000
"""Of a table with more rows than these, the statements are compared and not the rows."""


class Recording:
    """What was asked and written meanwhile.

    Attributes:
        queries: How many queries were made.
        rows: The changes of each table, the mail, and what waits for the commit.
    """

    def __init__(self) -> None:
        self.queries = 0
        self.rows: dict[str, list[object]] = {}


@contextmanager
def recorded() -> Iterator[Recording]:
    """Note what is asked and written, and roll it back."""
    recording = Recording()
    mails = len(getattr(mail, "outbox", ()))
    observers = {alias: _Observer(recording) for alias in connections}
    with ExitStack() as stack:
        for alias, observer in observers.items():
            stack.enter_context(_rolled_back(alias, observer, recording))
        waiting: list[list[Callable[[], object]]] = []
        stack.callback(_note_waiting, recording, waiting)
        for alias in connections:
            waiting.append(stack.enter_context(TestCase.captureOnCommitCallbacks(using=alias)))
        for alias, observer in observers.items():
            stack.enter_context(connections[alias].execute_wrapper(observer))
        yield recording
    sent = getattr(mail, "outbox", [])[mails:]
    if sent:
        recording.rows["mail"] = [
            {"to": list(message.to), "subject": message.subject} for message in sent
        ]


class _Observer:
    """Counts the queries to one database, and notes the tables that are written to."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.statements: dict[str, list[object]] = {}

    def __call__(
        self,
        execute: Callable[..., object],
        sql: Any,
        params: object,
        many: bool,
        context: Mapping[str, object],
    ) -> object:
        text = str(sql)
        if not _OF_TRANSACTIONS.match(text):
            self.recording.queries += 1
            written = _WRITES.match(text)
            if written:
                self.statements.setdefault(written[1], []).append([text, repr(params)])
        return execute(sql, params, many, context)


@contextmanager
def _rolled_back(alias: str, observer: _Observer, recording: Recording) -> Iterator[None]:
    after: dict[str, Any] = {}
    with rolled_back(alias):
        try:
            yield
        finally:
            if not connections[alias].needs_rollback:
                after = {table: _rows(alias, table) for table in observer.statements}
    for table, rows in after.items():
        before = _rows(alias, table)
        changes: list[object]
        if before is None or rows is None:
            changes = observer.statements[table]
        else:
            changes = list(_changes(before, rows))
        if changes:
            recording.rows[table] = changes


def _note_waiting(recording: Recording, waiting: list[list[Callable[[], object]]]) -> None:
    names = [
        getattr(callback, "__qualname__", repr(type(callback)))
        for some in waiting
        for callback in some
    ]
    if names:
        recording.rows["on commit"] = list(names)


def _rows(alias: str, table: str) -> dict[object, dict[str, object]] | None:
    """Return the rows of a table by their keys; ``None`` if there are too many."""
    connection = connections[alias]
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        limit = connection.ops.limit_offset_sql(0, ROWS_READ + 1)
        cursor.execute(f"SELECT * FROM {name} {limit}")  # noqa: S608  (the name is quoted)
        columns = [column[0] for column in cursor.description]
        values = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    if len(values) > ROWS_READ:
        return None
    key = _key_column(table)
    if key in columns:
        return {row[key]: row for row in values}
    return {repr(row): row for row in values}


def _key_column(table: str) -> str:
    models = apps.get_models(include_auto_created=True)
    keys = (model._meta.pk.column for model in models if model._meta.db_table == table)
    return next(keys, "") or ""


def _changes(
    before: dict[object, dict[str, object]], after: dict[object, dict[str, object]]
) -> Iterator[dict[str, object]]:
    for key in sorted({**before, **after}, key=lambda key: (str(type(key)), key)):
        old, new = before.get(key), after.get(key)
        if old is None and new is not None:
            yield {"": "inserted", **_with_readable_values(new)}
        elif new is None:
            yield {"": "deleted", "key": str(key)}
        elif old is not None and old != new:
            changed = {name: new[name] for name in new if new[name] != old[name]}
            yield {"": "changed", "key": str(key), **_with_readable_values(changed)}


def _with_readable_values(row: dict[str, object]) -> dict[str, object]:
    kept = (bool, int, float, str, type(None))
    return {name: value if isinstance(value, kept) else str(value) for name, value in row.items()}
