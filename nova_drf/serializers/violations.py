"""A constraint that the database found violated, in the words of DRF's own validators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Model, UniqueConstraint
from rest_framework.exceptions import ErrorDetail
from rest_framework.serializers import ModelSerializer
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from nova_drf.services.errors import AlreadyExists, ConstraintViolated, walk


class Said(NamedTuple):
    """What a validator would have said, and the serializer's field it would have said it of."""

    detail: ErrorDetail
    field: str | None


def said_by_serializer(error: ConstraintViolated, serializer: object) -> Said | None:
    """Return what a serializer says of a value that its database refused.

    Args:
        error: What the database said. Its model is that of the serializer.
        serializer: Its validators may have messages of their own.

    Returns:
        ``None`` if it has no validator for that, nor the field.
    """
    if isinstance(error, AlreadyExists):
        return next(_said_of_duplicate(error, serializer), None)
    if len(error.fields) == 1 and _codes(error) == {"null"}:
        for name, field in _fields_of(serializer, error.fields[0]):
            return Said(ErrorDetail(str(field.error_messages["null"]), "null"), name)
    return None


def said_of_model(error: ConstraintViolated, names: Mapping[str, str]) -> Said | None:
    """Return what DRF's serializer of a model would have said.

    Args:
        error: What the database said.
        names: Clients' names of the model's fields, where they differ.
    """
    if error.model is None or not error.fields:
        return None
    concerned = (*error.fields, *sorted(_condition_fields(error)))
    serializer = _reference(error.model, tuple(dict.fromkeys(concerned)))()
    said = said_by_serializer(error, serializer)
    return said and said._replace(field=said.field and names.get(said.field, said.field))


@cache
def _reference(model: type[Model], fields: tuple[str, ...]) -> Any:
    """Return the serializer that DRF makes of a model's fields."""
    meta = type("Meta", (), {"model": model, "fields": list(fields)})
    return type(f"{model.__name__}Reference", (ModelSerializer,), {"Meta": meta})


def _codes(error: ConstraintViolated) -> set[str]:
    return {problem.code for _, problem in walk(error.detail)}


def _said_of_duplicate(error: AlreadyExists, serializer: Any) -> Iterator[Said]:
    """Yield what the validators for these fields say, those that fit best first."""
    of_fields = _said_of_fields(error, serializer)
    if len({*error.fields, *_condition_fields(error)}) == 1:
        yield from of_fields
    for together in serializer.validators:
        if isinstance(together, UniqueTogetherValidator) and _is_for(together, error, serializer):
            words = str(together.message).format(field_names=", ".join(together.fields))
            code = getattr(together, "code", None) or "unique"
            yield Said(ErrorDetail(words, code), None)
    # DRF 3.17 and older have these for a condition on other fields, too.
    yield from of_fields


def _said_of_fields(error: AlreadyExists, serializer: object) -> Iterator[Said]:
    """Yield what the validators of a single field say."""
    if len(error.fields) != 1:
        return
    for name, field in _fields_of(serializer, error.fields[0]):
        for validator in field.validators:
            if isinstance(validator, UniqueValidator):
                yield Said(ErrorDetail(str(validator.message), "unique"), name)


def _is_for(together: UniqueTogetherValidator, error: AlreadyExists, serializer: object) -> bool:
    sources = {_source(serializer, name) for name in together.fields}
    if sources != {*error.fields}:
        return False
    constraint = _constraint(error)
    # Several constraints may be about the same fields.
    return constraint is None or getattr(together, "condition", None) == constraint.condition


def _source(serializer: Any, name: str) -> str:
    field = serializer.fields.get(name)
    return name if field is None else field.source


def _fields_of(serializer: Any, source: str) -> Iterator[tuple[str, Any]]:
    for name, field in serializer.fields.items():
        if field.source == source:
            yield name, field


def _constraint(error: AlreadyExists) -> UniqueConstraint | None:
    named = (
        constraint
        for constraint in error.model._meta.constraints
        if constraint.name == error.constraint
    )
    return next(
        (constraint for constraint in named if isinstance(constraint, UniqueConstraint)), None
    )


def _condition_fields(error: ConstraintViolated) -> set[str]:
    """Return the fields that a constraint's condition is about."""
    if not isinstance(error, AlreadyExists):
        return set()
    constraint = _constraint(error)
    condition = None if constraint is None else constraint.condition
    return set() if condition is None else set(condition.referenced_base_fields)
