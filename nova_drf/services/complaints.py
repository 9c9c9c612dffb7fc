"""What a database says when it refuses a row, in the words of each database."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, connections
from django.db.backends.signals import connection_created


class Kind(Enum):
    """What kind of constraint does not hold."""

    UNIQUE = "unique"
    CHECK = "check"
    NOT_NULL = "not null"
    MISSING = "a foreign key refers to a row that does not exist"
    REFERENCED = "a foreign key refers to the row"
    FOREIGN_KEY = "either of these two"


@dataclass(frozen=True)
class Complaint:
    """A violated constraint, as far as the database names it.

    Attributes:
        kind: What kind of constraint it is.
        table: The table, without its schema.
        name: The name of the constraint or of its index. MySQL writes ``table.key``, and MariaDB
            names a check of a column so.
        columns: The columns.
        text: SQLite's words about the columns, which quote nothing.
    """

    kind: Kind
    table: str | None = None
    name: str | None = None
    columns: tuple[str, ...] = ()
    text: str | None = None


class Statement(NamedTuple):
    """The statement that failed, since MySQL does not always name the table."""

    sql: str
    alias: str


_STATEMENT = "__nova_statement__"


def complaint_of(error: IntegrityError) -> Complaint | None:
    """Return what the database said; ``None`` if these are not the words of a known one."""
    # Django raises some of MySQL's errors anew, with the same arguments but without a cause.
    cause = error.__cause__ or error
    return next((found for read in _DIALECTS if (found := read(cause))), None)


def statement_of(error: IntegrityError) -> Statement | None:
    """Return the statement that failed; ``None`` for a commit."""
    return vars(error).get(_STATEMENT)


# The statement is remembered by Django's database instrumentation.


def _remember(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    try:
        return execute(sql, params, many, context)
    except IntegrityError as error:
        setattr(error, _STATEMENT, Statement(str(sql), context["connection"].alias))
        raise


def _instrument(connection: Any, **kwargs: Any) -> None:
    if _remember not in connection.execute_wrappers:
        connection.execute_wrappers.append(_remember)


connection_created.connect(_instrument, dispatch_uid="nova_drf.services.complaints")
if settings.configured:
    for _connection in connections.all(initialized_only=True):
        _instrument(_connection)


# PostgreSQL

_POSTGRESQL_KINDS = {
    "23505": Kind.UNIQUE,
    "23514": Kind.CHECK,
    "23P01": Kind.CHECK,
    "23502": Kind.NOT_NULL,
    "23503": Kind.FOREIGN_KEY,
    "23001": Kind.REFERENCED,
}


def _postgresql(cause: Any) -> Complaint | None:
    diagnosis = getattr(cause, "diag", None)
    kind = _POSTGRESQL_KINDS.get(getattr(diagnosis, "sqlstate", None) or "")
    if diagnosis is None or kind is None:
        return None
    # The words around it are translated by the server; ``(columns)=(values)`` is not.
    detail = diagnosis.message_detail or ""
    found = re.search(r"\((.+?)\)=\(", detail)
    columns = _identifiers(found[1]) if found else ()
    if kind is Kind.NOT_NULL:
        columns = (diagnosis.column_name,)
    # The other table's name ends the sentence.
    text = detail[found.end() :] if found else None
    return Complaint(kind, diagnosis.table_name, diagnosis.constraint_name, columns, text)


def _identifiers(text: str) -> tuple[str, ...]:
    parts = re.findall(r'"((?:[^"]|"")+)"|([^,\s"]+)', text)
    return tuple(quoted.replace('""', '"') or plain for quoted, plain in parts)


# SQLite

_SQLITE_KINDS = {"UNIQUE": Kind.UNIQUE, "CHECK": Kind.CHECK, "NOT NULL": Kind.NOT_NULL}


def _sqlite(cause: Any) -> Complaint | None:
    words = str(cause)
    if words == "FOREIGN KEY constraint failed":
        return Complaint(Kind.FOREIGN_KEY)
    found = re.fullmatch(r"(UNIQUE|CHECK|NOT NULL) constraint failed: (.+)", words, re.DOTALL)
    if found is None:
        return None
    kind = _SQLITE_KINDS[found[1]]
    index = re.fullmatch(r"index '(.+)'", found[2])
    if index is not None or kind is Kind.CHECK:
        return Complaint(kind, name=found[2] if index is None else index[1])
    return Complaint(kind, text=found[2])


# MySQL and MariaDB

_DUPLICATE_ENTRY = 1062
_NULL = 1048
_MYSQL_CHECK, _MARIADB_CHECK = 3819, 4025
_MISSING, _REFERENCED = 1452, 1451
_MISSING_UNNAMED, _REFERENCED_UNNAMED = 1216, 1217
"""MySQL 8 says no more to a user who has no rights to the other table."""


def _mysql(cause: Any) -> Complaint | None:
    arguments: tuple[Any, ...] = getattr(cause, "args", ())
    if len(arguments) < 2 or not isinstance(arguments[1], str):
        return None
    read = _MYSQL_READERS.get(arguments[0])
    return None if read is None else read(arguments[1])


def _last_quoted(words: str) -> str:
    """Return the last name in quotes; what stands before it may be a client's."""
    before, _, _ = words.rpartition("'")
    return before.rpartition("'")[2]


def _mysql_unique(words: str) -> Complaint | None:
    named = _last_quoted(words)
    return Complaint(Kind.UNIQUE, name=named) if named else None


def _mysql_null(words: str) -> Complaint:
    return Complaint(Kind.NOT_NULL, columns=(_last_quoted(words),))


def _mysql_check(words: str) -> Complaint:
    names = re.findall(r"`((?:[^`]|``)+)`", words)
    if not names:
        return Complaint(Kind.CHECK, name=_last_quoted(words))
    return Complaint(Kind.CHECK, names[-1] if len(names) > 1 else None, names[0])


def _mysql_foreign_key(kind: Kind) -> Callable[[str], Complaint]:
    def read(words: str) -> Complaint:
        found = re.search(r"`([^`]+)`, CONSTRAINT `([^`]+)` FOREIGN KEY \(`([^`]+)`", words)
        return (
            Complaint(kind) if found is None else Complaint(kind, found[1], found[2], (found[3],))
        )

    return read


_MYSQL_READERS: dict[Any, Callable[[str], Complaint | None]] = {
    _DUPLICATE_ENTRY: _mysql_unique,
    _NULL: _mysql_null,
    _MYSQL_CHECK: _mysql_check,
    _MARIADB_CHECK: _mysql_check,
    _MISSING: _mysql_foreign_key(Kind.MISSING),
    _MISSING_UNNAMED: _mysql_foreign_key(Kind.MISSING),
    _REFERENCED: _mysql_foreign_key(Kind.REFERENCED),
    _REFERENCED_UNNAMED: _mysql_foreign_key(Kind.REFERENCED),
}

_DIALECTS: tuple[Callable[[Any], Complaint | None], ...] = (_postgresql, _sqlite, _mysql)
