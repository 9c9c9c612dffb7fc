"""What a service raised, as the exception that DRF answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError
from django.http import Http404
from pydantic import ValidationError as PydanticValidationError
from rest_framework import exceptions, status
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.serializers import as_serializer_error
from rest_framework.settings import api_settings

from nova_drf.mapping.drf_versions import list_serializer_errors
from nova_drf.serializers.violations import said_of_model
from nova_drf.services import (
    Conflict,
    ConstraintViolated,
    ContractError,
    Invalid,
    InvalidArguments,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from nova_drf.services.constraints import translated
from nova_drf.services.errors import problems_in


class ConflictError(APIException):
    """409: the state of things does not allow what was asked."""

    status_code = status.HTTP_409_CONFLICT
    default_detail: Any = Conflict.message
    default_code = Conflict.code


class Action(Protocol):
    """What has to be known of the delegated action whose service raised something."""

    detail: bool

    @property
    def where(self) -> str:
        """How messages name the action."""
        ...

    @property
    def wire_names(self) -> Any:
        """Clients' names of the model's fields, where they differ."""
        ...


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


def api_error(error: Exception, action: Action | None = None, model: Any = None) -> Exception:
    """Return what DRF answers with; the error itself where no client may see why.

    Only what a service raises for its callers gets an answer of its own. What it finds wrong with
    data of its own making is a fault of the program: a 500, which says nothing.

    Args:
        error: What a service raised.
        action: The delegated action; ``None`` for an action that the viewset writes itself.
        model: The model whose rows the action is about, as far as is known.
    """
    names = {} if action is None else action.wire_names
    if isinstance(error, DatabaseError):
        found = translated(error)
        return error if found is None else api_error(found, action, model)
    if isinstance(error, ConstraintViolated):
        return ValidationError(_of_constraint(error, names))
    if isinstance(error, InvalidArguments):
        return error
    if isinstance(error, Invalid):
        return ValidationError(_detail(error.detail))
    if isinstance(error, DjangoValidationError):
        return ValidationError(_of_django(error))
    if action is not None:
        return _of_action(error, action, model)
    return _by_status(error)


def refused_arguments(refused: InvalidArguments, whole: str | None) -> ValidationError:
    """Return the answer to arguments that a client sent, and that do not fit a method's signature.

    Args:
        refused: What the method's contract says.
        whole: The argument that the request's whole body was, whose name no client knows.
    """
    return ValidationError(_of_whole(refused.detail, whole))


def _of_action(error: Exception, action: Action, model: Any) -> Exception:
    if isinstance(error, ObjectDoesNotExist) and _is_missing(error, action, model):
        return Http404(*error.args)
    if isinstance(error, PydanticValidationError):
        # Pydantic's own text repeats the values, which no log should hold.
        found = ContractError(f"{action.where}: {error.title}: {problems_in(error)}")
        found.__suppress_context__ = True
        return found.with_traceback(error.__traceback__)
    return _by_status(error)


def _is_missing(error: ObjectDoesNotExist, action: Action, model: Any) -> bool:
    """Whether it is the row that a client asked for which is not there.

    Where nothing says what an action is about, that is what an action with a key looks for. A
    relation that leads nowhere (Django's ``RelatedObjectDoesNotExist``) is no such row.
    """
    if isinstance(error, AttributeError):
        return False
    return action.detail if model is None else isinstance(error, model.DoesNotExist)


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
        return list_serializer_errors(made, max(made) + 1)
    return made


def _key(key: Any) -> Any:
    return api_settings.NON_FIELD_ERRORS_KEY if key in ("", NON_FIELD_ERRORS) else key


def _of_whole(problems: Any, whole: str | None) -> Any:
    if whole is None or not isinstance(problems, dict) or whole not in problems:
        return _detail(problems)
    others = {key: value for key, value in problems.items() if key != whole}
    inside = _detail(problems[whole])
    return {**inside, **(_detail(others) if others else {})}


def _of_django(error: DjangoValidationError) -> Any:
    return {_key(key): value for key, value in as_serializer_error(error).items()}


def _of_constraint(error: ConstraintViolated, names: Mapping[str, str]) -> Any:
    """Say of a refused row what DRF's validators would have said, had they seen it in time."""
    said = said_of_model(error, names)
    if said is None:
        detail = _detail(error.detail)
        return {names.get(name, name): problems for name, problems in detail.items()}
    return {said.field or api_settings.NON_FIELD_ERRORS_KEY: [said.detail]}
