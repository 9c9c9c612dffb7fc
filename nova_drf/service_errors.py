"""What a service raised, as the exception that DRF answers with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.db.models import Model
from pydantic import ValidationError as PydanticValidationError
from pydantic_core import ErrorDetails
from rest_framework import exceptions, status
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.serializers import ModelSerializer, as_serializer_error
from rest_framework.settings import api_settings
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from nova_drf import compat
from nova_drf.errors.carried import detail_of_raised, was_raised
from nova_drf.mapping.shape import EXACT, FAST
from nova_drf.services import (
    AlreadyExists,
    Conflict,
    Invalid,
    InvalidArguments,
    NotFound,
    PermissionDenied,
    Problem,
)
from nova_drf.services.errors import problem_tree
from nova_drf.services.uniqueness import already_exists


class ConflictError(APIException):
    """409: the state of things does not allow what was asked."""

    status_code = status.HTTP_409_CONFLICT
    default_detail: Any = Conflict.message
    default_code = Conflict.code


def api_error(
    error: Exception, *, whole: str | None = None, names: Mapping[str, str] | None = None
) -> Exception:
    """Return what DRF answers with; the error itself where no client may see why.

    Args:
        error: What a service raised.
        whole: The argument that the request's whole body was, whose name no client knows.
        names: Clients' names of the model's fields, where they differ.
    """
    if isinstance(error, IntegrityError):
        duplicate = already_exists(error)
        return error if duplicate is None else ValidationError(_duplicate(duplicate, names or {}))
    if isinstance(error, AlreadyExists):
        return ValidationError(_duplicate(error, names or {}))
    if isinstance(error, InvalidArguments):
        return ValidationError(_of_whole(error.detail, whole))
    if isinstance(error, Invalid):
        return ValidationError(_detail(error.detail))
    if isinstance(error, PydanticValidationError):
        return ValidationError(_detail(_problems(error)))
    if isinstance(error, DjangoValidationError):
        return ValidationError(_of_django(error))
    return _by_status(error)


def _by_status(error: Exception) -> Exception:
    for kind, made in (
        (NotFound, exceptions.NotFound),
        (PermissionDenied, exceptions.PermissionDenied),
        (Conflict, ConflictError),
    ):
        if isinstance(error, kind):
            words: Any = error.message  # translated when it is printed
            return made(words, error.code)
    return error


def _detail(problems: Any) -> Any:
    """Give problems the form of a serializer's errors."""
    made = _below(problems)
    return made if isinstance(made, dict) else {api_settings.NON_FIELD_ERRORS_KEY: made}


def _below(problems: Any) -> Any:
    if isinstance(problems, list):
        return [ErrorDetail(str(one.message), one.code) for one in problems]
    made = {_key(key): _below(value) for key, value in problems.items()}
    if made and all(isinstance(key, int) and isinstance(made[key], dict) for key in made):
        # Of objects; a list of plain values has a dictionary in every version of DRF.
        return compat.list_serializer_errors(made, max(made) + 1)
    return made


def _key(key: Any) -> Any:
    return api_settings.NON_FIELD_ERRORS_KEY if key in ("", NON_FIELD_ERRORS) else key


def _of_whole(problems: Any, whole: str | None) -> Any:
    if whole is None or not isinstance(problems, dict) or whole not in problems:
        return _detail(problems)
    others = {key: value for key, value in problems.items() if key != whole}
    inside = _detail(problems[whole])
    return {**inside, **(_detail(others) if others else {})}


def _problems(error: PydanticValidationError) -> Any:
    """Return what Pydantic found anywhere inside a service, without values and internals."""
    return problem_tree(
        ((*(part for part in line["loc"] if part != EXACT), *below), problem)
        for line in error.errors(include_url=False, include_input=False)
        if FAST not in line["loc"]
        for below, problem in _problems_of_line(line)
    )


def _problems_of_line(line: ErrorDetails) -> Iterator[tuple[tuple[Any, ...], Problem]]:
    """Yield what DRF's field or a validator said, by place below; or else what Pydantic did."""
    if was_raised(line):
        yield from _leaves(detail_of_raised(line), ())
    else:
        yield (), Problem(line["msg"], line["type"])


def _leaves(detail: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Problem]]:
    if isinstance(detail, dict):
        for key, below in detail.items():
            yield from _leaves(below, path if key == _key("") else (*path, key))
    elif isinstance(detail, list):
        for below in detail:
            yield from _leaves(below, path)
    else:
        yield path, Problem(str(detail), detail.code)


def _of_django(error: DjangoValidationError) -> Any:
    return {_key(key): value for key, value in as_serializer_error(error).items()}


def _duplicate(error: AlreadyExists, names: Mapping[str, str]) -> Any:
    """Say of a duplicate what DRF's validators would have said, had they seen it in time."""
    found = None if error.model is None else _drf_words(error.model, error.fields)
    if found is None:
        return _detail(error.detail)
    if len(error.fields) == 1:
        (name,) = error.fields
        return {names.get(name, name): [found]}
    return {api_settings.NON_FIELD_ERRORS_KEY: [found]}


def _drf_words(model: type[Model], fields: tuple[str, ...]) -> ErrorDetail | None:
    if not fields:
        return None
    serializer = _reference(model, fields)()
    if len(fields) == 1:
        for validator in serializer.fields[fields[0]].validators:
            if isinstance(validator, UniqueValidator):
                return ErrorDetail(str(validator.message), "unique")
        return None
    for together in serializer.validators:
        if isinstance(together, UniqueTogetherValidator) and {*together.fields} == {*fields}:
            words = str(together.message).format(field_names=", ".join(together.fields))
            return ErrorDetail(words, getattr(together, "code", None) or "unique")
    return None


@cache
def _reference(model: type[Model], fields: tuple[str, ...]) -> Any:
    """Return the serializer that DRF makes of a model's fields."""
    meta = type("Meta", (), {"model": model, "fields": list(fields)})
    return type(f"{model.__name__}Reference", (ModelSerializer,), {"Meta": meta})
