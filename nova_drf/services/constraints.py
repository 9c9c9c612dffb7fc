"""Which constraint of which model does not hold, from what a database complained about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias, TypeVar

from django.apps import apps
from django.core.validators import MinValueValidator
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections
from django.db.backends.utils import names_digest
from django.db.models import (
    BaseConstraint,
    Field,
    Model,
    ProtectedError,
    RestrictedError,
    UniqueConstraint,
)
from django.utils.translation import gettext

from nova_drf.services.catalogue import columns_of_key
from nova_drf.services.complaints import Complaint, Kind, Statement, complaint_of, statement_of
from nova_drf.services.errors import (
    AlreadyExists,
    Conflict,
    ConstraintViolated,
    Problem,
    Problems,
    ServiceError,
    StillReferenced,
)

T = TypeVar("T")
E = TypeVar("E", bound=ConstraintViolated)
Found: TypeAlias = tuple[type[Model], T]

_LONGEST_NAME = 63
"""Of PostgreSQL, in bytes; it cuts longer ones."""


def violation(error: IntegrityError) -> ServiceError | None:
    """Translate what a database refuses; ``None`` if it is about no constraint of any model.

    Args:
        error: As Django raised it: PostgreSQL's, SQLite's, MySQL's or MariaDB's words, or that
            objects are protected from being deleted.
    """
    if isinstance(error, (ProtectedError, RestrictedError)):
        return StillReferenced()
    complaint = complaint_of(error)
    if complaint is None:
        return None
    return _Search(complaint, statement_of(error)).found()


class _Search:
    """Looks for the constraint that a complaint is about.

    Args:
        complaint: What the database said.
        statement: The statement that failed, if it is known.
    """

    def __init__(self, complaint: Complaint, statement: Statement | None) -> None:
        self.complaint = complaint
        self.name = complaint.name or ""
        self.alias = statement.alias if statement is not None else DEFAULT_DB_ALIAS
        self.knows_table = True
        self._stored: dict[type[Model], tuple[str, ...] | None] = {}
        self.models = self._candidates(statement)

    def _candidates(self, statement: Statement | None) -> list[type[Model]]:
        """Return the models whose table it is, or all where nobody says which table it is."""
        models = [
            model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy
        ]
        table, text = self.complaint.table, self.complaint.text
        if table is not None:
            return [one for one in models if same_name(bare_table(one), table)]
        if text is not None:
            return [one for one in models if text.startswith(f"{bare_table(one)}.")]
        prefixed = [one for one in models if _is_prefix(bare_table(one), self.name)]
        if prefixed:
            self.name = self.name[len(bare_table(prefixed[0])) + 1 :]
            return prefixed
        written = [] if statement is None else [one for one in models if _writes(statement, one)]
        self.knows_table = bool(written)
        return written or models

    def _only(self, found: list[Found[T]]) -> Found[T] | None:
        """Return what was found, unless it may be of several tables."""
        models = {one[0] for one in found}
        return found[0] if models and (self.knows_table or len(models) == 1) else None

    def found(self) -> ServiceError | None:
        """Return what to raise."""
        kind = self.complaint.kind
        if kind in (Kind.UNIQUE, Kind.CHECK):
            named = self._named()
            if named is not None:
                return of_constraint(*named)
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
        found = [
            (model, unique)
            for model in self.models
            for unique in _unique_sets(model)
            if self._is_about(model, unique)
        ]
        only = self._only(found)
        if only is None:
            return None
        model, unique = only
        if unique.constraint is not None:
            return of_constraint(model, unique.constraint)  # type: ignore[return-value]
        return of_fields(model, unique.fields)

    def _is_about(self, model: type[Model], unique: _UniqueSet) -> bool:
        columns, complaint = unique.columns(model), self.complaint
        if complaint.text is not None and not complaint.columns:
            table = bare_table(model)
            return complaint.text == ", ".join(f"{table}.{column}" for column in columns)
        if complaint.columns:
            return [*complaint.columns] == [*columns]
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
        found = [
            (model, field)
            for model in self.models
            for field in model._meta.local_concrete_fields
            if self._is_check_of(model, field)
        ]
        only = self._only(found)
        return None if only is None else of_check(*only)

    def _is_check_of(self, model: type[Model], field: Field[Any, Any]) -> bool:
        check = field.db_check(connections[self.alias])
        if check is None:
            return False
        table, column = bare_table(model), field.column
        return self.name in (check, column, f"{table}.{column}", f"{table}_{column}_check")

    def _null(self) -> ConstraintViolated | None:
        only = self._only(list(self._columns()))
        if only is None:
            return None
        model, field = only
        problem = Problem(str(field.error_messages["null"]), "null")
        return _error(ConstraintViolated, {field.name: [problem]}, model, (field.name,))

    def _columns(self) -> Iterator[tuple[type[Model], Field[Any, Any]]]:
        """Yield the columns that the complaint names, by any table that it may mean."""
        for model in self.models:
            table = bare_table(model)
            for field in model._meta.local_concrete_fields:
                if self.complaint.columns:
                    is_meant = (field.column,) == self.complaint.columns
                else:
                    is_meant = self.complaint.text == f"{table}.{field.column}"
                if is_meant:
                    yield model, field

    # Foreign keys

    def _foreign_key(self) -> ServiceError:
        kind = self.complaint.kind
        if kind is Kind.REFERENCED:
            return StillReferenced()
        for model in self.models if self.complaint.columns else ():
            for field in model._meta.local_concrete_fields:
                if self._refers_to_nothing(field):
                    return _of_missing(model, field)
        if kind is Kind.FOREIGN_KEY and self.complaint.columns:
            return StillReferenced()
        message = gettext(
            "This refers to an object that does not exist, or other objects refer to it."
        )
        return Conflict(message, code="foreign_key")

    def _refers_to_nothing(self, field: Field[Any, Any]) -> bool:
        if (field.column,) != self.complaint.columns or field.remote_field is None:
            return False
        if self.complaint.kind is Kind.MISSING:
            return True
        # A sentence about the row itself ends with the table that the key refers to.
        related: Any = field.related_model
        name = re.escape(bare_table(related))
        return re.search(rf"(?<!\w){name}(?!\w)", self.complaint.text or "") is not None


class _UniqueSet(NamedTuple):
    """What must be unique together in a table."""

    fields: tuple[str, ...]
    constraint: UniqueConstraint | None = None

    def columns(self, model: type[Model]) -> tuple[str, ...]:
        found: list[Any] = [model._meta.get_field(name) for name in self.fields]
        return tuple(field.column for field in found)


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
    before, found, _ = statement.sql.partition(quoted)
    return bool(found) and re.fullmatch(r"[\sA-Za-z]*", before) is not None


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


# What to say


def of_constraint(model: type[Model], constraint: BaseConstraint) -> ConstraintViolated:
    """Say that a constraint does not hold, in its own words if it has any."""
    fields = tuple(getattr(constraint, "fields", ()))
    is_unique = isinstance(constraint, UniqueConstraint)
    if is_unique and fields and not has_own_words(constraint):
        found: ConstraintViolated = of_fields(model, fields)
    else:
        kind: type[ConstraintViolated] = AlreadyExists if is_unique else ConstraintViolated
        message = str(constraint.get_violation_error_message())
        code = constraint.violation_error_code or kind.code
        found = _error(kind, [Problem(message, code)], model, fields)
    found.constraint = constraint.name
    return found


def has_own_words(constraint: BaseConstraint) -> bool:
    """Whether a constraint has a message or a code that is not Django's."""
    default = type(constraint).default_violation_error_message
    return (
        constraint.violation_error_message != default or constraint.violation_error_code is not None
    )


def of_fields(model: type[Model], fields: Iterable[str]) -> AlreadyExists:
    """Say that a column, or several together, are not unique, in Django's words."""
    names = tuple(fields)
    words = model().unique_error_message(model, names)
    problem = Problem(str(words.messages[0]), str(words.code or "unique"))
    problems: Problems = {names[0]: [problem]} if len(names) == 1 else [problem]
    return _error(AlreadyExists, problems, model, names)


def of_check(model: type[Model], field: Field[Any, Any]) -> ConstraintViolated:
    """Say that a column's own check does not hold, such as that of a positive integer."""
    least = next((one for one in field.validators if isinstance(one, MinValueValidator)), None)
    if least is None:
        problem = Problem(gettext("Enter a valid value."), "invalid")
    else:
        limit = least.limit_value() if callable(least.limit_value) else least.limit_value
        problem = Problem(str(least.message % {"limit_value": limit}), str(least.code))
    return _error(ConstraintViolated, {field.name: [problem]}, model, (field.name,))


def _of_missing(model: type[Model], field: Field[Any, Any]) -> ServiceError:
    """Say that a foreign key refers to no row."""
    name, owner = field.name, model
    declared_by: Any = model._meta.auto_created
    if declared_by:
        # A row of a many-to-many relation, which has a name where it is declared.
        relations = declared_by._meta.local_many_to_many
        relation: Any = next(one for one in relations if one.remote_field.through is model)
        if field.name != relation.m2m_reverse_field_name():
            return Conflict(gettext("The object does not exist any more."), code="foreign_key")
        name, owner = relation.name, declared_by
    message = gettext("The object that this refers to does not exist.")
    problem = Problem(message, "does_not_exist")
    return _error(ConstraintViolated, {name: [problem]}, owner, (name,))


def _error(kind: type[E], problems: Problems, model: type[Model], fields: tuple[str, ...]) -> E:
    error = kind(problems)
    error.model, error.fields = model, fields
    return error
