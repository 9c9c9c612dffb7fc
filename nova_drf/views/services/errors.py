"""What a service raised, as the exception that DRF answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError
from django.db.models import Model
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
from nova_drf.services.errors import Problems, problems_in


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
    def names_by_source(self) -> Any:  # to pyright a cached_property is no property of its type
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
        message: Any = error.message  # translated when it is printed
        super().__init__(message, error.code)
        # DRF's exception handler makes the header of it.
        self.wait = error.retry_after


def api_error(
    error: Exception, action: Action | None = None, model: type[Model] | None = None
) -> Exception:
    """Return what DRF answers with; the error itself where no client may see why.

    Only what a service raises for its callers gets an answer of its own. What it finds wrong with
    data of its own making is a fault of the program: a 500, which says nothing.

    Args:
        error: What a service raised.
        action: The delegated action; ``None`` for an action that the viewset writes itself.
        model: The model whose objects the action is about, as far as is known.
    """
    names = {} if action is None else action.names_by_source
    if isinstance(error, DatabaseError):
        service_error = translated(error)
        return error if service_error is None else api_error(service_error, action, model)
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


def refused_arguments(refused: InvalidArguments, data_argument: str | None) -> ValidationError:
    """Return the answer to arguments that a client sent, and that do not fit a method's signature.

    Args:
        refused: What the method's contract says.
        data_argument: The argument that took the whole body; no client knows its name.
    """
    return ValidationError(_of_arguments(refused.detail, data_argument))


def _of_action(error: Exception, action: Action, model: type[Model] | None) -> Exception:
    if isinstance(error, ObjectDoesNotExist) and _is_missing(error, action, model):
        return Http404(*error.args)
    if isinstance(error, PydanticValidationError):
        # Pydantic's own text repeats the values, which no log should hold.
        contract_error = ContractError(f"{action.where}: {error.title}: {problems_in(error)}")
        contract_error.__suppress_context__ = True
        return contract_error.with_traceback(error.__traceback__)
    return _by_status(error)


def _is_missing(error: ObjectDoesNotExist, action: Action, model: type[Model] | None) -> bool:
    """Whether it is the object that a client asked for which is not there.

    Where nothing says what an action is about, that is what an action with a key looks for. A
    relation that leads nowhere (Django's ``RelatedObjectDoesNotExist``) is no such object.
    """
    if isinstance(error, AttributeError):
        return False
    model_class: Any = model  # to type checkers a model class has no DoesNotExist
    return action.detail if model is None else isinstance(error, model_class.DoesNotExist)


def _by_status(error: Exception) -> Exception:
    if isinstance(error, Unavailable):
        return ServiceUnavailable(error)
    for kind, api_exception in (
        (NotFound, exceptions.NotFound),
        (PermissionDenied, exceptions.PermissionDenied),
        (Conflict, ConflictError),
    ):
        if isinstance(error, kind):
            message: Any = error.message  # translated when it is printed
            return api_exception(message, error.code)
    return error


def _detail(problems: Problems) -> dict[Any, Any]:
    """Give problems the form of a serializer's errors."""
    detail = _detail_below(problems)
    return detail if isinstance(detail, dict) else {api_settings.NON_FIELD_ERRORS_KEY: detail}


def _detail_below(problems: Problems) -> object:
    if isinstance(problems, list):
        return [ErrorDetail(str(problem.message), problem.code) for problem in problems]
    detail: dict[Any, object] = {_key(key): _detail_below(value) for key, value in problems.items()}
    if detail and all(isinstance(key, int) and isinstance(detail[key], dict) for key in detail):
        # Of objects; a list of other values has a dictionary in every version of DRF.
        return list_serializer_errors(detail, max(detail) + 1)
    return detail


def _key(key: str | int) -> str | int:
    return api_settings.NON_FIELD_ERRORS_KEY if key in ("", NON_FIELD_ERRORS) else key


def _of_arguments(problems: Problems, data_argument: str | None) -> dict[Any, Any]:
    if data_argument is None or not isinstance(problems, dict) or data_argument not in problems:
        return _detail(problems)
    others = {key: value for key, value in problems.items() if key != data_argument}
    inside = _detail(problems[data_argument])
    return {**inside, **(_detail(others) if others else {})}


def _of_django(error: DjangoValidationError) -> Any:
    return {_key(key): value for key, value in as_serializer_error(error).items()}


def _of_constraint(error: ConstraintViolated, names: Mapping[str, str]) -> Any:
    """Say of a violated constraint what DRF's validators would have said, had they seen it."""
    answer = said_of_model(error, names)
    if answer is None:
        detail = _detail(error.detail)
        return {names.get(name, name): problems for name, problems in detail.items()}
    return {answer.field or api_settings.NON_FIELD_ERRORS_KEY: [answer.detail]}
