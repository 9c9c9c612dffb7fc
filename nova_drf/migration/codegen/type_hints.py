"""What type checkers, and schemas, take for a value of a type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Annotated, Any, Literal, Optional, get_args, get_origin
from uuid import UUID

from pydantic import EmailStr


def takes(annotation: Any, value: object) -> bool:
    """Whether a type checker takes a literal for a value of a type."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return takes(arguments[0], value)
    if origin is Literal:
        return value in arguments
    if arguments and NoneType in arguments:
        return any(takes(branch, value) for branch in arguments)
    return annotation is Any or type(value) in _TAKEN.get(annotation, (annotation,))


_TAKEN: Mapping[Any, tuple[type, ...]] = {EmailStr: (str,), float: (float, int), None: (NoneType,)}

_MADE_BY_FIELDS = (
    *(str, int, float, bool, Decimal, date, datetime, time, timedelta),
    *(UUID, EmailStr, NoneType),
)


def holds_field_values(annotation: object) -> bool:
    """Whether an attribute of a type holds the very values that DRF's fields make."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return holds_field_values(arguments[0])
    return all(map(holds_field_values, arguments)) if arguments else annotation in _MADE_BY_FIELDS


def without_literals(annotation: object) -> object:
    """Return a type with the classes of texts and numbers in place of each of them."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return without_literals(arguments[0])
    if origin is Literal:
        classes = dict.fromkeys(type(value) for value in arguments)
        return next(iter(classes)) if len(classes) == 1 else Any
    if origin in (list, set, dict):
        collection: Any = origin
        return collection[tuple(map(without_literals, arguments))]
    if arguments and type(None) in arguments:
        rest = [without_literals(branch) for branch in arguments if branch is not type(None)]
        return Optional[rest[0]] if len(rest) == 1 else annotation  # noqa: UP045
    return annotation
