"""What an error of the database means: which constraint of which model does not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias, TypeVar

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, DatabaseError, IntegrityError, connections
from django.db.backends.utils import names_digest
from django.db.models import (
    BaseConstraint,
    Model,
    ProtectedError,
    RestrictedError,
    UniqueConstraint,
)
from django.utils.translation import gettext

from nova_drf.services.attributes import AnyField
from nova_drf.services.constraint_errors import (
    check_error,
    constraint_error,
    missing_object_error,
    null_error,
    unique_error,
)
from nova_drf.services.errors import (
    AlreadyExists,
    Conflict,
    ConstraintViolated,
    ServiceError,
    StillReferenced,
    Unavailable,
)
from nova_drf.services.integrity_errors import (
    ConstraintFailure,
    Kind,
    Statement,
    columns_of_key,
    failure_of,
    statement_of,
)
from nova_drf.services.retries import is_transient

T = TypeVar("T")
Candidate: TypeAlias = tuple[type[Model], T]

_LONGEST_NAME = 63
"""Of PostgreSQL, in bytes; it cuts longer ones."""


def translated(error: DatabaseError) -> ServiceError | None:
    """Return what a service raises instead; ``None`` for what is a mistake in the program.

    Args:
        error: As Django raised it, from a statement or from a commit.
    """
    if isinstance(error, IntegrityError):
        return violation(error)
    return Unavailable() if is_transient(error) else None


def violation(error: IntegrityError) -> ServiceError | None:
    """Translate what a database refuses; ``None`` if it is about no constraint of any model.

    Args:
        error: As Django raised it: PostgreSQL's, SQLite's, MySQL's or MariaDB's words, or that
            objects are protected from being deleted.
    """
    if isinstance(error, (ProtectedError, RestrictedError)):
        return StillReferenced()
    failure = failure_of(error)
    if failure is None:
        return None
    return _Search(failure, statement_of(error)).error()


class _Search:
    """Looks for the constraint that a failure is about.

    Args:
        failure: What the database said.
        statement: The statement that failed, if it is known.
    """

    def __init__(self, failure: ConstraintFailure, statement: Statement | None) -> None:
        self.failure = failure
        self.name = failure.name or ""
        self.alias = statement.alias if statement is not None else DEFAULT_DB_ALIAS
        self.knows_table = True
        self._stored: dict[type[Model], tuple[str, ...] | None] = {}
        self.models = self._candidates(statement)

    def _candidates(self, statement: Statement | None) -> list[type[Model]]:
        """Return the models whose table it is, or all where nobody says which table it is."""
        models = [
            model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy
        ]
        table, text = self.failure.table, self.failure.text
        if table is not None:
            return [model for model in models if same_name(bare_table(model), table)]
        if text is not None:
            return [model for model in models if text.startswith(f"{bare_table(model)}.")]
        prefixed = [model for model in models if _is_prefix(bare_table(model), self.name)]
        if prefixed:
            self.name = self.name[len(bare_table(prefixed[0])) + 1 :]
            return prefixed
        written = [model for model in models if statement and _writes(statement, model)]
        self.knows_table = bool(written)
        return written or models

    def _unambiguous(self, candidates: list[Candidate[T]]) -> Candidate[T] | None:
        """Return the first candidate, unless they are of several tables."""
        models = {model for model, _ in candidates}
        return candidates[0] if models and (self.knows_table or len(models) == 1) else None

    def error(self) -> ServiceError | None:
        """Return what to raise."""
        kind = self.failure.kind
        if kind in (Kind.UNIQUE, Kind.CHECK):
            named = self._named()
            if named is not None:
                return constraint_error(*named)
        if kind is Kind.UNIQUE:
            return self._unique()
        if kind is Kind.CHECK:
            return self._checked_column()
        if kind is Kind.NOT_NULL:
            return self._null()
        return self._foreign_key()

    # Named constraints

    def _named(self) -> tuple[type[Model], BaseConstraint] | None:
        # Names of constraints are unique in a database, so that a table adds nothing here.
        for model in (*self.models, *apps.get_models(include_auto_created=True)):
            for constraint in model._meta.constraints:
                if same_name(constraint.name, self.name):
                    return model, constraint
        return None

    # Unique columns

    def _unique(self) -> AlreadyExists | None:
        candidates = [
            (model, unique)
            for model in self.models
            for unique in _unique_sets(model)
            if self._is_about(model, unique)
        ]
        candidate = self._unambiguous(candidates)
        if candidate is None:
            return None
        model, unique = candidate
        if unique.constraint is not None:
            return constraint_error(model, unique.constraint)  # type: ignore[return-value]  # an error of a constraint of this model
        return unique_error(model, unique.fields)

    def _is_about(self, model: type[Model], unique: _UniqueSet) -> bool:
        columns, failure = unique.columns(model), self.failure
        if failure.text is not None and not failure.columns:
            table = bare_table(model)
            return failure.text == ", ".join(f"{table}.{column}" for column in columns)
        if failure.columns:
            return [*failure.columns] == [*columns]
        return self._is_key(model, columns)

    def _is_key(self, model: type[Model], columns: tuple[str, ...]) -> bool:
        """Whether MySQL's key, or PostgreSQL's constraint, is that of some columns."""
        name, table = self.name, bare_table(model)
        stored = self._stored_key(model)
        if stored is not None:
            return stored == columns
        if name.endswith(f"_{names_digest(table, *columns, length=8)}_uniq"):
            return True
        if columns == _key_columns(model) and name in ("PRIMARY", f"{table}_pkey"):
            return True
        return len(columns) == 1 and name in (columns[0], f"{table}_{columns[0]}_key")

    def _stored_key(self, model: type[Model]) -> tuple[str, ...] | None:
        if not self.knows_table:
            return None
        if model not in self._stored:
            self._stored[model] = columns_of_key(self.alias, model._meta.db_table, self.name)
        return self._stored[model]

    # Single columns

    def _checked_column(self) -> ConstraintViolated | None:
        candidates = [
            (model, field)
            for model in self.models
            for field in model._meta.local_concrete_fields
            if self._is_check_of(model, field)
        ]
        candidate = self._unambiguous(candidates)
        return None if candidate is None else check_error(*candidate)

    def _is_check_of(self, model: type[Model], field: AnyField) -> bool:
        check = field.db_check(connections[self.alias])
        if check is None:
            return False
        table, column = bare_table(model), field.column
        return self.name in (check, column, f"{table}.{column}", f"{table}_{column}_check")

    def _null(self) -> ConstraintViolated | None:
        candidate = self._unambiguous(list(self._columns()))
        return None if candidate is None else null_error(*candidate)

    def _columns(self) -> Iterator[tuple[type[Model], AnyField]]:
        """Yield the columns that the failure names, by any table that it may mean."""
        for model in self.models:
            table = bare_table(model)
            for field in model._meta.local_concrete_fields:
                if self.failure.columns:
                    is_meant = (field.column,) == self.failure.columns
                else:
                    is_meant = self.failure.text == f"{table}.{field.column}"
                if is_meant:
                    yield model, field

    # Foreign keys

    def _foreign_key(self) -> ServiceError:
        kind = self.failure.kind
        if kind is Kind.REFERENCED:
            return StillReferenced()
        for model in self.models if self.failure.columns else ():
            for field in model._meta.local_concrete_fields:
                if self._refers_to_nothing(field):
                    return missing_object_error(model, field)
        if kind is Kind.FOREIGN_KEY and self.failure.columns:
            return StillReferenced()
        message = gettext(
            "This refers to an object that does not exist, or other objects refer to it."
        )
        return Conflict(message, code="foreign_key")

    def _refers_to_nothing(self, field: AnyField) -> bool:
        if (field.column,) != self.failure.columns or field.remote_field is None:
            return False
        if self.failure.kind is Kind.MISSING:
            return True
        # A sentence about the object itself ends with the table that the key refers to.
        related: Any = field.related_model
        name = re.escape(bare_table(related))
        return re.search(rf"(?<!\w){name}(?!\w)", self.failure.text or "") is not None


class _UniqueSet(NamedTuple):
    """What must be unique together in a table."""

    fields: tuple[str, ...]
    constraint: UniqueConstraint | None = None

    def columns(self, model: type[Model]) -> tuple[str, ...]:
        fields: list[Any] = [model._meta.get_field(name) for name in self.fields]
        return tuple(field.column for field in fields)


def _unique_sets(model: type[Model]) -> Iterator[_UniqueSet]:
    """Yield what is unique; single columns first, since every database checks them first."""
    options = model._meta
    for field in options.local_concrete_fields:
        if field.unique:
            yield _UniqueSet((field.name,))
    if len(_key_columns(model)) > 1:
        yield _UniqueSet(tuple(field.name for field in options.pk_fields))
    for together in options.unique_together:
        yield _UniqueSet(tuple(together))
    for constraint in options.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.fields:
            yield _UniqueSet(tuple(constraint.fields), constraint)


def _key_columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(str(field.column) for field in model._meta.pk_fields)


def _writes(statement: Statement, model: type[Model]) -> bool:
    quoted = connections[statement.alias].ops.quote_name(model._meta.db_table)
    before, table, _ = statement.sql.partition(quoted)
    return bool(table) and re.fullmatch(r"[\sA-Za-z]*", before) is not None


def _is_prefix(table: str, name: str) -> bool:
    return name.casefold().startswith(f"{table}.".casefold())


def bare_table(model: type[Model]) -> str:
    """Return a model's table without its schema, which Django has no option for.

    ``db_table = '"shop"."item"'`` is what people write.
    """
    return re.split(r'["`]\.["`]', model._meta.db_table.strip('"`'))[-1]


def same_name(name: str, reported: str) -> bool:
    """Whether a name is the one that a database reports, which may be cut or in another case."""
    if name.casefold() == reported.casefold():
        return True
    cut = name.encode()[:_LONGEST_NAME].decode(errors="ignore")
    return len(cut) < len(name) and cut == reported
