"""What Pydantic cannot decide alone: values that a bound field of the serializer checks.

The nodes of core schemas that are made here find the serializer in the validation context.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from inspect import unwrap
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError as DjangoValidationError
from pydantic_core import core_schema
from rest_framework.exceptions import ValidationError
from rest_framework.fields import SkipField, empty

from nova_drf.core.carried_errors import carry
from nova_drf.core.core_schema import METADATA_KEY, WRAPPERS, Core
from nova_drf.core.markers import UNSET
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.schema_values import leniently, related_value, schema_value
from nova_drf.mapping.shape import FieldShape, Kind, TypeShape
from nova_drf.mapping.validated_data import to_validated_value
from nova_drf.validation.run import Result, Validation

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationInfo

    Info = ValidationInfo[Validation]

Handler = Callable[[Any], Any]
"""What a wrap validator calls for the value that it is put around."""

logger = logging.getLogger("nova_drf")

_CRASHES_OF_INPUT = (ArithmeticError, ValueError, TypeError, RecursionError)
"""What a bound field of DRF's lets escape on hostile input; the rest are errors of the program."""


class _Absent:
    """Stands for a value that the client did not send, where a function must see that."""


ABSENT = _Absent()


class ProgrammingError(Exception):
    """Carries a ``ValueError`` of a serializer's own hook past Pydantic.

    In a validator of a schema it means invalid input; in a hook of a serializer, DRF lets it
    through as the programming error that it is.

    Args:
        cause: What the hook raised.
    """

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Recorder:
    """Records results of one field for ``validated_data``; the schema gets values of its types.

    Args:
        field: The field.
    """

    def __init__(self, field: FieldShape) -> None:
        self.field = field
        type_ = field.type
        if type_.relation is None:
            convert = schema_value(type_)
        else:
            convert = related_value(type_.kept, type_.relation)
        self._typed = None if convert is None else leniently(convert)

    def record(self, run: Validation, value: object) -> object:
        """Record a result; return what the schema's attribute gets for it."""
        attribute = self._attribute(value)
        run.results[self.field.name] = Result(value, attribute)
        return attribute

    def _attribute(self, value: object) -> object:
        return value if self._typed is None or value is None else self._typed(value)


class _BoundField(Recorder):
    """One field of the serializer, asked while Pydantic validates."""

    def run(self, value: object, info: Info) -> Any:
        """Let the field validate a value, or the absence of one."""
        bound = info.context.serializer.bound_field(self.field.field_name)
        result = _answer(bound, bound.run_validation, value)
        return UNSET if result is UNSET else self.record(info.context, result)

    def look(self, value: object, info: Info) -> object:
        """Run the field's validators on a value that Pydantic has checked."""
        if value is None:
            return self.run(value, info)
        bound = info.context.serializer.bound_field(self.field.field_name)
        convert = to_validated_value(self.field.type)
        _answer(bound, bound.run_validators, value if convert is None else convert(value))
        return value


def _answer(bound: object, method: Callable[[Any], object], value: object) -> object:
    """Call a method of a bound field; :data:`UNSET` when it skips the value."""
    try:
        return method(empty if value is ABSENT else value)
    except SkipField:
        return UNSET
    except (ValidationError, DjangoValidationError) as error:
        raise carry(error) from error
    except AssertionError as error:
        raise ProgrammingError(error) from error
    except _CRASHES_OF_INPUT as error:
        raise _crash(bound, value, error) from error


def _crash(bound: object, value: object, error: Exception) -> Exception:
    """Answer 400 where a field of DRF's own crashes on its input; a user's field is theirs."""
    if value is ABSENT or owner_of(bound) is not Owner.DRF:
        return ProgrammingError(error)
    logger.debug("%s crashed on its input", type(bound).__name__, exc_info=error)
    return carry(ValidationError(code="invalid"))


def delegated(field: FieldShape, node: Core, *, has_drf_semantics: bool) -> Core:
    """Return a node that lets the bound field decide, also about absence and ``None``.

    Validators that the schema's author put around the value run as well. In a
    ``BaseModel`` a single value is Pydantic's: it checks it first, and the bound field then looks
    it up, or runs the validators that it got from elsewhere.

    Args:
        field: The field.
        node: Its core schema, rewritten for the request variant.
        has_drf_semantics: Whether the schema is a :class:`~nova_drf.Schema`.
    """
    bound = _BoundField(field)
    absent = _fallback(node)

    def either(value: object, handler: Handler, info: Info) -> object:
        # Validators of the schema see what was sent, never that something was not.
        if value is not ABSENT:
            return handler(value)
        attribute = bound.run(value, info)
        return absent(info) if attribute is UNSET else attribute

    inner = node["schema"] if node["type"] == "default" else node
    if has_drf_semantics or _checks_alone(field.type):
        inner = _at_core(inner, bound.run)
    elif field.type.relation is not None:
        inner = _after(inner, bound.run)
    else:
        inner = _after(inner, bound.look)
    return with_absence(wrapped(either, inner))


def without_null(field: FieldShape, node: Core, build_field: Callable[[FieldShape], Any]) -> Core:
    """Return a node that lets DRF's field say what ``None`` means to a field with ``source="*"``.

    It stands for the whole object, which is never ``None``, so that DRF does not skip it there.

    Args:
        field: The field; ``None`` is a value of its type.
        node: Its core schema, rewritten for the request variant.
        build_field: Builds the DRF field.
    """
    if node["type"] == "default":
        return {**node, "schema": without_null(field, node["schema"], build_field)}

    def unless_null(value: object, handler: Handler, info: Info) -> object:
        if value is None:
            alone = build_field(field)
            _answer(alone, alone.run_validation, value)
        return handler(value)

    return wrapped(unless_null, node)


def _checks_alone(type_: TypeShape) -> bool:
    """Whether the bound field is a classic one, or made of serializers that run Pydantic anyway."""
    if type_.kind in (Kind.LIST, Kind.DICT) and type_.item is not None:
        return type_.relation is None and _checks_alone(type_.item)
    return type_.relation is None and type_.kind in (Kind.KEPT, Kind.SCHEMA)


def _at_core(node: Core, function: Callable[[Any, Info], object]) -> Core:
    """Put a function in the place of the value itself, below the author's validators."""
    if node["type"] in WRAPPERS and not _is_ours(node):
        return {**node, "schema": _at_core(node["schema"], function)}
    return dict(core_schema.with_info_plain_validator_function(function))


def _is_ours(node: Core) -> bool:
    """Whether a validator node belongs to the way in which we check the value."""
    if METADATA_KEY in (node.get("metadata") or {}):
        return True
    function = node["function"]["function"]
    if node["type"] == "function-wrap" and owner_of(unwrap(function)) is Owner.PYDANTIC:
        return True  # It makes the value, a URL say, of what is inside.
    # We put some of our functions around others of the schema's author, or of Pydantic's.
    return {owner_of(function), owner_of(unwrap(function))} == {Owner.NOVA}


def _after(node: Core, function: Callable[[Any, Info], object]) -> Core:
    return dict(core_schema.with_info_after_validator_function(function, node))


def wrapped(function: Callable[..., object], node: Core) -> Core:
    return dict(core_schema.with_info_wrap_validator_function(function, node))


def with_absence(node: Core) -> Core:
    """Show a function that a value is absent, so that it decides what that means."""
    return dict(core_schema.with_default_schema(node, default=ABSENT, validate_default=True))


def _fallback(node: Core) -> Callable[[Info], Any]:
    """Return what fills in for a field that skips: a default that DRF has no argument for."""
    if node.get("default_factory_takes_data"):
        return lambda info: node["default_factory"](info.data)
    return lambda _info: UNSET


def needs_serializer(
    type_: TypeShape, seen: frozenset[type[BaseModel]] = frozenset(), *, printing: bool = False
) -> bool:
    """Whether a value, or a part of it, needs a serializer around it: its context, its parent.

    Args:
        type_: The value.
        seen: The schemas around it.
        printing: Whether it goes out, rather than in.
    """
    if type_.kind is Kind.KEPT:
        return True
    if type_.kind is Kind.SCALAR:
        by_field = type_.is_printed_by_field if printing else type_.has_drf_semantics
        return type_.mapping is not None and by_field and type_.mapping.needs_context
    if type_.kind in (Kind.LIST, Kind.DICT) and type_.item is not None:
        return needs_serializer(type_.item, seen, printing=printing)
    if type_.kind is Kind.SCHEMA and type_.schema is not None and type_.schema not in seen:
        conversion = vars(type_.schema).get("__nova_conversion__")
        if conversion is not None and not conversion.is_exact:
            # Made from a serializer that does more than types say: it has to run itself.
            return True
        inner = seen | {type_.schema}
        return any(
            needs_serializer(field.type, inner, printing=printing)
            for field in shape_of(type_.schema).fields.values()
        )
    return False
