"""DRF's own field, which has the last word about a value and its errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import ChoiceField, SkipField

from nova_drf.core.carried_errors import Detail
from nova_drf.mapping.shared_fields import shareable
from nova_drf.mapping.to_drf import FieldBuilder, field_arguments

if TYPE_CHECKING:
    from pydantic import BaseModel

    from nova_drf.mapping.shape import AnyField, FieldShape, TypeShape

CRASHES = (ArithmeticError, ValueError, TypeError, AttributeError, LookupError, RecursionError)
"""What a DRF field lets escape on hostile input, where DRF itself would answer 500."""

_builder = FieldBuilder()
_oracles: WeakKeyDictionary[TypeShape, AnyField] = WeakKeyDictionary()


def oracle(type_: TypeShape) -> AnyField:
    """Return the unbound DRF field that has the last word about a value and its errors.

    It is the field that the shape was read from, or else one that is built once.

    Args:
        type_: What the value is.
    """
    if type_.origin is not None:
        return type_.origin
    field = _oracles.get(type_)
    if field is None:
        field = _oracles[type_] = shareable(_builder.build(type_))
    return field


def oracle_maker(type_: TypeShape) -> Callable[[], AnyField]:
    """Return a function that returns :func:`oracle`, for what asks for it value by value.

    Args:
        type_: What the value is.
    """
    field: AnyField | None = None

    def its_oracle() -> AnyField:
        nonlocal field
        if field is None:
            field = oracle(type_)
        return field

    return its_oracle


def attribute_field(shape: FieldShape, parent: object) -> AnyField:
    """Return a bound field that knows what an attribute is that an object has not got.

    Args:
        shape: The field.
        parent: The serializer that DRF names where that is an error.
    """
    field = _builder.build(shape.type, **field_arguments(shape))
    field.bind(field_name=shape.field_name, parent=parent)
    return field


def refused_by(field: AnyField, value: object) -> Detail | None:
    """Return the detail with which a DRF field refuses a value, or ``None`` if it accepts it.

    It is ``None`` too where the field has no answer, because it crashes on the value.
    """
    try:
        field.run_validation(value)
    except ValidationError as refusal:
        return refusal.detail
    except (SkipField, *CRASHES):
        return None
    return None


def serializer_name(schema: type[BaseModel]) -> str:
    """Return what the serializer class of a schema is called when nobody names it.

    Args:
        schema: The schema; a generic one has brackets in its name.
    """
    readable = re.sub(r"\W+", "_", schema.__name__).strip("_").removesuffix("Schema")
    return f"{readable or schema.__name__}Serializer"


def said_by(field_class: type[AnyField], code: str, **arguments: object) -> ErrorDetail:
    """Return the words of a class of DRF's fields for an error."""
    message = field_class.default_error_messages[code]
    return ErrorDetail(message.format(**arguments), code=code)


def no_choice(value: object) -> ErrorDetail:
    """Return the words of ``ChoiceField`` for a value that is none of its choices."""
    try:
        return said_by(ChoiceField, "invalid_choice", input=value)
    except CRASHES:
        # There is no text of it to quote: it is nested too deep, say.
        return invalid()


def invalid() -> ErrorDetail:
    """Return DRF's words for a value that it has no others for."""
    return ErrorDetail(str(ValidationError.default_detail), code="invalid")
