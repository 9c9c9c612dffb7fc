"""What a service raised, as the exception that DRF answers with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError
from pydantic import ValidationError as PydanticValidationError
from pydantic_core import ErrorDetails
from rest_framework import exceptions, status
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.serializers import as_serializer_error
from rest_framework.settings import api_settings

from nova_drf import compat
from nova_drf.errors.carried import detail_of_raised, was_raised
from nova_drf.mapping.shape import EXACT, FAST
from nova_drf.services import (
    Conflict,
    ConstraintViolated,
    Invalid,
    InvalidArguments,
    NotFound,
    PermissionDenied,
    Problem,
    Unavailable,
)
from nova_drf.services.database_errors import translated
from nova_drf.services.errors import problem_tree
from nova_drf.violations import said_of_model


class ConflictError(APIException):
    """409: the state of things does not allow what was asked."""

    status_code = status.HTTP_409_CONFLICT
    default_detail: Any = Conflict.message
    default_code = Conflict.code


class ServiceUnavailable(APIException):
    """503, with ``Retry-After``: the same may succeed in a moment.

    Args:
        error: What the service raised.
    """

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail: Any = Unavailable.message
    default_code = Unavailable.code

    def __init__(self, error: Unavailable) -> None:
        words: Any = error.message  # translated when it is printed
        super().__init__(words, error.code)
        # DRF's exception handler makes the header of it.
        self.wait = error.retry_after


def api_error(
    error: Exception, *, whole: str | None = None, names: Mapping[str, str] | None = None
) -> Exception:
    """Return what DRF answers with; the error itself where no client may see why.

    Args:
        error: What a service raised.
        whole: The argument that the request's whole body was, whose name no client knows.
        names: Clients' names of the model's fields, where they differ.
    """
    if isinstance(error, DatabaseError):
        found = translated(error)
        return error if found is None else api_error(found, whole=whole, names=names)
    if isinstance(error, ConstraintViolated):
        return ValidationError(_of_constraint(error, names or {}))
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
    if isinstance(error, Unavailable):
        return ServiceUnavailable(error)
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


def _of_constraint(error: ConstraintViolated, names: Mapping[str, str]) -> Any:
    """Say of a refused row what DRF's validators would have said, had they seen it in time."""
    said = said_of_model(error, names)
    if said is None:
        detail = _detail(error.detail)
        return {names.get(name, name): problems for name, problems in detail.items()}
    return {said.field or api_settings.NON_FIELD_ERRORS_KEY: [said.detail]}
