"""What a service says of a constraint that does not hold, in Django's words or in its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.validators import MinValueValidator
from django.db.models import BaseConstraint, Model, UniqueConstraint
from django.utils.translation import gettext

from nova_drf.services.attributes import AnyField
from nova_drf.services.errors import (
    AlreadyExists,
    Conflict,
    ConstraintViolated,
    Problem,
    Problems,
    ServiceError,
)

E = TypeVar("E", bound=ConstraintViolated)


def constraint_error(model: type[Model], constraint: BaseConstraint) -> ConstraintViolated:
    """Say that a constraint does not hold, with its own message if it has one."""
    fields = tuple(getattr(constraint, "fields", ()))
    is_unique = isinstance(constraint, UniqueConstraint)
    if is_unique and fields and not has_own_message(constraint):
        error: ConstraintViolated = unique_error(model, fields)
    else:
        kind: type[ConstraintViolated] = AlreadyExists if is_unique else ConstraintViolated
        message = str(constraint.get_violation_error_message())
        code = constraint.violation_error_code or kind.code
        error = _error(kind, [Problem(message, code)], model, fields)
    error.constraint = constraint.name
    return error


def has_own_message(constraint: BaseConstraint) -> bool:
    """Whether a constraint has a message or a code that is not Django's."""
    default = type(constraint).default_violation_error_message
    return (
        constraint.violation_error_message != default or constraint.violation_error_code is not None
    )


def unique_error(model: type[Model], fields: Iterable[str]) -> AlreadyExists:
    """Say that a column, or several together, are not unique, in Django's words."""
    names = tuple(fields)
    error = model().unique_error_message(model, names)
    problem = Problem(str(error.messages[0]), str(error.code or "unique"))
    problems: Problems = {names[0]: [problem]} if len(names) == 1 else [problem]
    return _error(AlreadyExists, problems, model, names)


def check_error(model: type[Model], field: AnyField) -> ConstraintViolated:
    """Say that a column's own check does not hold, such as that of a positive integer."""
    validators = (each for each in field.validators if isinstance(each, MinValueValidator))
    minimum = next(validators, None)
    if minimum is None:
        problem = Problem(gettext("Enter a valid value."), "invalid")
    else:
        limit = minimum.limit_value() if callable(minimum.limit_value) else minimum.limit_value
        problem = Problem(str(minimum.message % {"limit_value": limit}), str(minimum.code))
    return _error(ConstraintViolated, {field.name: [problem]}, model, (field.name,))


def missing_object_error(model: type[Model], field: AnyField) -> ServiceError:
    """Say that a foreign key refers to no row."""
    name, owner = field.name, model
    declared_by: Any = model._meta.auto_created
    if declared_by:
        # The table of a many-to-many relation, which has a name where it is declared.
        relations = declared_by._meta.local_many_to_many
        relation: Any = next(each for each in relations if each.remote_field.through is model)
        if field.name != relation.m2m_reverse_field_name():
            return Conflict(gettext("The object does not exist any more."), code="foreign_key")
        name, owner = relation.name, declared_by
    message = gettext("The object that this refers to does not exist.")
    problem = Problem(message, "does_not_exist")
    return _error(ConstraintViolated, {name: [problem]}, owner, (name,))


def null_error(model: type[Model], field: AnyField) -> ConstraintViolated:
    """Say that a column may not be null."""
    problem = Problem(str(field.error_messages["null"]), "null")
    return _error(ConstraintViolated, {field.name: [problem]}, model, (field.name,))


def _error(kind: type[E], problems: Problems, model: type[Model], fields: tuple[str, ...]) -> E:
    error = kind(problems)
    error.model, error.fields = model, fields
    return error
