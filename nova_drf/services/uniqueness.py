"""Which unique column or constraint a database complained about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import IntegrityError
from django.db.models import Model, UniqueConstraint

from nova_drf.services.errors import AlreadyExists, Problem, Problems

Complaint = tuple[str | None, str | None, tuple[str, ...]]
"""A table, a constraint and columns, as far as a database names them."""

_POSTGRESQL_UNIQUE_VIOLATION = "23505"
_MYSQL_DUPLICATE_ENTRY = 1062


def already_exists(error: IntegrityError) -> AlreadyExists | None:
    """Translate a database's complaint about a duplicate; ``None`` if it is about something else.

    Args:
        error: As Django raised it. PostgreSQL, SQLite, MySQL and MariaDB say enough.
    """
    complaint = _complaint(error)
    if complaint is None:
        return None
    for model in apps.get_models(include_auto_created=True):
        found = _in_model(model, *complaint)
        if found is not None:
            return found
    return None


def _complaint(error: IntegrityError) -> Complaint | None:
    cause = error.__cause__
    for read in _DIALECTS:
        complaint = read(cause)
        if complaint is not None:
            return complaint
    return None


def _postgresql(cause: Any) -> Complaint | None:
    diagnosis = getattr(cause, "diag", None)
    if diagnosis is None or diagnosis.sqlstate != _POSTGRESQL_UNIQUE_VIOLATION:
        return None
    # The words around it are translated by the server; ``(columns)=(values)`` is not.
    named = re.search(r"\(([^()]+)\)=\(", diagnosis.message_detail or "")
    columns = tuple(part.strip(' "') for part in named[1].split(",")) if named else ()
    return diagnosis.table_name, diagnosis.constraint_name, columns


def _sqlite(cause: Any) -> Complaint | None:
    found = re.fullmatch(r"UNIQUE constraint failed: (.+)", str(cause))
    if found is None:
        return None
    index = re.fullmatch(r"index '(.+)'", found[1])
    if index is not None:
        return None, index[1], ()
    columns = [part.strip().rpartition(".") for part in found[1].split(",")]
    return columns[0][0], None, tuple(column for _, _, column in columns)


def _mysql(cause: Any) -> Complaint | None:
    arguments: tuple[Any, ...] = getattr(cause, "args", ())
    if len(arguments) < 2 or arguments[0] != _MYSQL_DUPLICATE_ENTRY:
        return None
    found = re.search(r"for key '(?:(.+)\.)?(.+)'$", arguments[1])
    return (found[1], found[2], (found[2],)) if found else None


_DIALECTS: tuple[Callable[[Any], Complaint | None], ...] = (_postgresql, _sqlite, _mysql)


def _in_model(
    model: type[Model], table: str | None, name: str | None, columns: tuple[str, ...]
) -> AlreadyExists | None:
    constraints = model._meta.total_unique_constraints + _conditional(model)
    for constraint in constraints:
        if constraint.name == name:
            return of_constraint(model, constraint)
    if model._meta.db_table != table:
        return None
    by_column = {field.column: field.name for field in model._meta.local_concrete_fields}
    fields = tuple(by_column[column] for column in columns if column in by_column)
    if not fields:
        return None
    for constraint in constraints:
        # A column that is unique by itself is checked first by every database.
        if tuple(constraint.fields) == fields and not _is_unique(model, fields):
            return of_constraint(model, constraint)
    return of_fields(model, fields)


def _is_unique(model: type[Model], fields: tuple[str, ...]) -> bool:
    return len(fields) == 1 and bool(getattr(model._meta.get_field(fields[0]), "unique", False))


def _conditional(model: type[Model]) -> list[UniqueConstraint]:
    """Return the constraints with a condition or an expression, which have only a name."""
    return [
        constraint
        for constraint in model._meta.constraints
        if isinstance(constraint, UniqueConstraint)
        and constraint not in model._meta.total_unique_constraints
    ]


def of_constraint(model: type[Model], constraint: UniqueConstraint) -> AlreadyExists:
    """Say that a ``UniqueConstraint`` does not hold, in its own words if it has any."""
    fields = tuple(constraint.fields)
    has_own_words = constraint.violation_error_message != constraint.default_violation_error_message
    if fields and not has_own_words and constraint.violation_error_code is None:
        found = of_fields(model, fields)
    else:
        message = str(constraint.get_violation_error_message())
        code = constraint.violation_error_code or "unique"
        found = _error([Problem(message, code)], model, fields)
    found.constraint = constraint.name
    return found


def of_fields(model: type[Model], fields: Iterable[str]) -> AlreadyExists:
    """Say that a column, or several together, are not unique, in Django's words."""
    names = tuple(fields)
    words = model().unique_error_message(model, names)
    problem = Problem(str(words.messages[0]), str(words.code or "unique"))
    if len(names) == 1:
        return _error({names[0]: [problem]}, model, names)
    return _error([problem], model, names)


def _error(problems: Problems, model: type[Model], fields: tuple[str, ...]) -> AlreadyExists:
    error = AlreadyExists(problems)
    error.model, error.fields = model, fields
    return error
