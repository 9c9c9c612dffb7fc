"""Exceptions that validators raise: how they travel through Pydantic, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import pydantic
from django.core.exceptions import ValidationError as DjangoValidationError
from pydantic import ValidationError as PydanticValidationError
from pydantic_core import ErrorDetails, PydanticCustomError, PydanticKnownError
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import get_error_detail
from rest_framework.serializers import as_serializer_error
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList

from nova_drf.core.ownership import is_written_in

Detail = Any
"""A node of DRF's error tree: a list of ``ErrorDetail``, or a dictionary of nodes."""

CARRIED = "drf"
"""The type of the Pydantic error that carries an exception of DRF or Django."""

_GUARDED = "__nova_guarded__"
"""Marks what :func:`guarded` returned, with its argument ``whole``."""

_INIT = ValidationError.__init__

_FROM_VALIDATORS = frozenset((CARRIED, "value_error", "assertion_error"))


def was_raised(error: ErrorDetails) -> bool:
    """Whether a function of the schema's author raised what Pydantic lists.

    Pydantic's own e-mail validator lists a ``value_error`` too, but no exception with it.
    """
    return error["type"] in _FROM_VALIDATORS and "error" in (error.get("ctx") or {})


class Carried(str):
    """The text of a carried exception, with the exception itself.

    Pydantic makes texts of all that an error's context holds, whenever it lists the error; an
    exception of DRF's would print its whole detail for that.
    """

    __slots__ = ("error", "whole")

    error: Exception
    whole: bool


def carry(error: Exception, *, whole: bool = False) -> PydanticCustomError:
    """Wrap an exception so that Pydantic collects it beside its own errors.

    Args:
        error: What a validator or a DRF field raised.
        whole: Whether it concerns the model as a whole rather than one field.
    """
    # Pydantic's messages are UTF-8, which has no lone surrogates; DRF echoes what was sent.
    text = _text(error)
    if not text.isascii():
        text = text.encode(errors="backslashreplace").decode()
    carried = Carried(text)
    carried.error, carried.whole = error, whole
    return PydanticCustomError(CARRIED, "{error}", {"error": carried})


def carry_refusal(error: Exception) -> PydanticCustomError:
    """Carry what a DRF field says of a value, without the frames in which it said so.

    A payload may have thousands of them, and each frame is one more thing that Python's collector
    of garbage has to look at, again and again.

    Args:
        error: What the field raised.
    """
    error.__traceback__ = error.__context__ = None
    return carry(error)


def refusal(detail: Detail) -> ValidationError:
    """Return DRF's exception, whose constructor would copy each text of a detail that is one."""
    error = ValidationError.__new__(ValidationError, detail)
    if ValidationError.__init__ is not _INIT:
        error.__init__([])  # type: ignore[misc]  # somebody wants to know of each
    error.detail = detail
    return error


def refusal_of(errors: Detail) -> ValidationError:
    """Return DRF's ``ValidationError(errors)``, which shares the texts of the errors with them.

    Args:
        errors: What ``serializer.errors`` is. Its containers are copied, as DRF does.
    """
    return refusal(_copy(errors))


def _copy(detail: Detail) -> Detail:
    if detail.__class__ is ErrorDetail:
        return detail
    if isinstance(detail, (list, tuple)):
        items = list(map(_copy, detail))
        if isinstance(detail, ReturnList):
            return ReturnList(items, serializer=detail.serializer)
        return items
    if isinstance(detail, dict):
        members = {
            # Nearly all are lists of one text.
            key: [*value]
            if value.__class__ is list and len(value) == 1 and value[0].__class__ is ErrorDetail
            else _copy(value)
            for key, value in detail.items()
        }
        if isinstance(detail, ReturnDict):
            return ReturnDict(members, serializer=detail.serializer)
        return members
    [text] = ValidationError(detail).detail
    return text


def _text(error: Exception) -> str:
    """Return a line for a developer who meets the error outside a serializer."""
    if isinstance(error, ValidationError):
        detail: Detail = error.detail
        if detail.__class__ is list and len(detail) == 1 and detail[0].__class__ is ErrorDetail:
            return str(detail[0])
        return "; ".join(map(str, _leaves(detail)))
    if isinstance(error, DjangoValidationError):
        return "; ".join(error.messages)
    return str(error)


def _leaves(detail: Detail) -> Iterator[ErrorDetail]:
    if isinstance(detail, dict):
        detail = list(detail.values())
    if isinstance(detail, list):
        for value in detail:
            yield from _leaves(value)
    else:
        yield detail


def guarded(function: Callable[..., object], *, whole: bool = False) -> Callable[..., object]:
    """Make a validator safe to raise DRF's and Django's ``ValidationError``.

    Neither is a ``ValueError``, so both would leave Pydantic as they are, without a location and
    without the errors of the other fields.

    Args:
        function: The validator.
        whole: Whether it validates a model as a whole rather than one field.
    """
    if getattr(function, _GUARDED, None) is whole:
        return function
    caught: tuple[type[Exception], ...] = (ValidationError, DjangoValidationError)
    if whole:
        caught = (*caught, ValueError, AssertionError)
    stumbles = _STUMBLES if is_written_in(function, pydantic) else ()

    @wraps(function)
    def call(*args: object) -> object:
        try:
            return function(*args)
        except PydanticValidationError:
            raise
        except caught as error:
            raise carry(error, whole=whole) from error
        except stumbles as error:
            raise carry(ValidationError(ValidationError.default_detail)) from error

    setattr(call, _GUARDED, whole)
    return call


_STUMBLES = (ArithmeticError, RecursionError)
"""What validators of Pydantic's own types let escape on input that is nested deep, or is huge."""


def detail_of_raised(error: ErrorDetails) -> Detail:
    """Return the detail for what a validator raised.

    Args:
        error: Pydantic's line for it.
    """
    cause: Any = (error.get("ctx") or {})["error"]
    whole = False
    if cause.__class__ is Carried:
        cause, whole = cause.error, cause.whole
        if cause.__class__ is ValidationError and not whole:
            return cause.detail
    if isinstance(cause, (PydanticCustomError, PydanticKnownError)):
        cause = ValidationError(cause.message(), code=cause.type)
    elif not isinstance(cause, (ValidationError, DjangoValidationError)):
        cause = ValidationError(_text_or_default(cause))
    if whole:
        return as_serializer_error(cause)
    return cause.detail if isinstance(cause, ValidationError) else get_error_detail(cause)


def _text_or_default(cause: Exception) -> str:
    return str(cause) or str(ValidationError.default_detail)
