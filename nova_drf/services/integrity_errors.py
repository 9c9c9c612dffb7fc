"""What a database says when it refuses a row, in each database's own wording."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.backends.signals import connection_created

from nova_drf.core.concurrency import runs_on_loop


class Kind(Enum):
    """What kind of constraint does not hold."""

    UNIQUE = "unique"
    CHECK = "check"
    NOT_NULL = "not null"
    MISSING = "a foreign key refers to a row that does not exist"
    REFERENCED = "a foreign key refers to the row"
    FOREIGN_KEY = "either of these two"


class ConstraintFailure(NamedTuple):
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


def failure_of(error: IntegrityError) -> ConstraintFailure | None:
    """Return what the database said; ``None`` if it is no database that is known here."""
    # Django raises some of MySQL's errors anew, with the same arguments but without a cause.
    cause = error.__cause__ or error
    return next((failure for read in _DIALECTS if (failure := read(cause))), None)


def statement_of(error: IntegrityError) -> Statement | None:
    """Return the statement that failed; ``None`` for a commit."""
    return vars(error).get(_STATEMENT)


# The statement is remembered by Django's database instrumentation.


def _remember(
    execute: Any, sql: object, params: object, many: bool, context: dict[str, Any]
) -> object:
    try:
        return execute(sql, params, many, context)
    except IntegrityError as error:
        setattr(error, _STATEMENT, Statement(str(sql), context["connection"].alias))
        raise


def _instrument(connection: Any, **kwargs: object) -> None:
    if _remember not in connection.execute_wrappers:
        connection.execute_wrappers.append(_remember)


connection_created.connect(_instrument, dispatch_uid="nova_drf.services.integrity_errors")
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


def _postgresql(cause: BaseException) -> ConstraintFailure | None:
    diagnosis = getattr(cause, "diag", None)
    kind = _POSTGRESQL_KINDS.get(getattr(diagnosis, "sqlstate", None) or "")
    if diagnosis is None or kind is None:
        return None
    # The server translates the text around it; but not ``(columns)=(values)``.
    detail = diagnosis.message_detail or ""
    match = re.search(r"\((.+?)\)=\(", detail)
    columns = _identifiers(match[1]) if match else ()
    if kind is Kind.NOT_NULL:
        columns = (diagnosis.column_name,)
    # The other table's name ends the sentence.
    text = detail[match.end() :] if match else None
    return ConstraintFailure(kind, diagnosis.table_name, diagnosis.constraint_name, columns, text)


def _identifiers(text: str) -> tuple[str, ...]:
    names = re.findall(r'"((?:[^"]|"")+)"|([^,\s"]+)', text)
    return tuple(quoted.replace('""', '"') or name for quoted, name in names)


# SQLite

_SQLITE_KINDS = {"UNIQUE": Kind.UNIQUE, "CHECK": Kind.CHECK, "NOT NULL": Kind.NOT_NULL}


def _sqlite(cause: BaseException) -> ConstraintFailure | None:
    message = str(cause)
    if message == "FOREIGN KEY constraint failed":
        return ConstraintFailure(Kind.FOREIGN_KEY)
    match = re.fullmatch(r"(UNIQUE|CHECK|NOT NULL) constraint failed: (.+)", message, re.DOTALL)
    if match is None:
        return None
    kind = _SQLITE_KINDS[match[1]]
    index = re.fullmatch(r"index '(.+)'", match[2])
    if index is not None or kind is Kind.CHECK:
        return ConstraintFailure(kind, name=match[2] if index is None else index[1])
    return ConstraintFailure(kind, text=match[2])


# MySQL and MariaDB

_DUPLICATE_ENTRY = 1062
_NULL = 1048
_MYSQL_CHECK, _MARIADB_CHECK = 3819, 4025
_MISSING, _REFERENCED = 1452, 1451
_MISSING_UNNAMED, _REFERENCED_UNNAMED = 1216, 1217
"""MySQL 8 says no more to a user who has no rights to the other table."""


def _mysql(cause: BaseException) -> ConstraintFailure | None:
    arguments = cause.args
    if len(arguments) < 2 or not isinstance(arguments[1], str):
        return None
    read = _MYSQL_READERS.get(arguments[0])
    return None if read is None else read(arguments[1])


def _last_quoted(message: str) -> str:
    """Return the last name in quotes; what stands before it may be a client's."""
    before, _, _ = message.rpartition("'")
    return before.rpartition("'")[2]


def _mysql_unique(message: str) -> ConstraintFailure | None:
    named = _last_quoted(message)
    return ConstraintFailure(Kind.UNIQUE, name=named) if named else None


def _mysql_null(message: str) -> ConstraintFailure:
    return ConstraintFailure(Kind.NOT_NULL, columns=(_last_quoted(message),))


def _mysql_check(message: str) -> ConstraintFailure:
    names = re.findall(r"`((?:[^`]|``)+)`", message)
    if not names:
        return ConstraintFailure(Kind.CHECK, name=_last_quoted(message))
    return ConstraintFailure(Kind.CHECK, names[-1] if len(names) > 1 else None, names[0])


def _mysql_foreign_key(kind: Kind) -> Callable[[str], ConstraintFailure]:
    def read(message: str) -> ConstraintFailure:
        match = re.search(r"`([^`]+)`, CONSTRAINT `([^`]+)` FOREIGN KEY \(`([^`]+)`", message)
        if match is None:
            return ConstraintFailure(kind)
        table, name, column = match.groups()
        return ConstraintFailure(kind, table, name, (column,))

    return read


_MYSQL_READERS: dict[object, Callable[[str], ConstraintFailure | None]] = {
    _DUPLICATE_ENTRY: _mysql_unique,
    _NULL: _mysql_null,
    _MYSQL_CHECK: _mysql_check,
    _MARIADB_CHECK: _mysql_check,
    _MISSING: _mysql_foreign_key(Kind.MISSING),
    _MISSING_UNNAMED: _mysql_foreign_key(Kind.MISSING),
    _REFERENCED: _mysql_foreign_key(Kind.REFERENCED),
    _REFERENCED_UNNAMED: _mysql_foreign_key(Kind.REFERENCED),
}

_DIALECTS: tuple[Callable[[BaseException], ConstraintFailure | None], ...] = (
    _postgresql,
    _sqlite,
    _mysql,
)


# MySQL's and MariaDB's catalogue


def columns_of_key(alias: str, table: str, key: str) -> tuple[str, ...] | None:
    """Return the columns of a unique key; ``None`` where the catalogue cannot be asked.

    MySQL and MariaDB name a key after its first column, and keep the name when the column gets
    another one. Their transactions go on after a statement that failed, so that they can be asked.
    PostgreSQL and SQLite name the columns themselves.

    Args:
        alias: The database.
        table: ``Meta.db_table``.
        key: The name of the key.
    """
    connection: Any = connections[alias]
    if connection.vendor != "mysql" or runs_on_loop():
        return None
    is_broken = connection.in_atomic_block and transaction.get_rollback(using=alias)
    try:
        if is_broken:
            transaction.set_rollback(False, using=alias)
        with connection.cursor() as cursor:
            stored = connection.introspection.get_constraints(cursor, table).get(key)
    except DatabaseError:
        return None  # The connection is lost, or there is no such table any more.
    finally:
        if is_broken:
            transaction.set_rollback(True, using=alias)
    return None if stored is None else tuple(stored["columns"])
