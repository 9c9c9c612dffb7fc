"""What Pydantic cannot decide alone: bound fields and hooks, asked of the running serializer.

Each function here makes a core schema node that finds the serializer in the validation context.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from inspect import unwrap
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError as DjangoValidationError
from pydantic_core import core_schema
from rest_framework.exceptions import ValidationError
from rest_framework.fields import SkipField, empty

from nova_drf.core.carried_errors import carry
from nova_drf.core.core_schema import METADATA_KEY, WRAPPERS, Core
from nova_drf.core.markers import UNSET
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.schema_values import schema_value
from nova_drf.mapping.shape import FieldShape, Kind, TypeShape
from nova_drf.mapping.validated_data import plain_value
from nova_drf.schemas.drf_semantics import guarded_node
from nova_drf.validation.protocols import ValidatingSerializer

if TYPE_CHECKING:
    from pydantic import BaseModel

logger = logging.getLogger("nova_drf")

_CRASHES_OF_INPUT = (ArithmeticError, ValueError, TypeError, RecursionError)
"""What a bound field of DRF's lets escape on hostile input; the rest are errors of the program."""


class _Absent:
    """Stands for a value that the client did not send, where a function must see that."""


_ABSENT = _Absent()


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


class Held(NamedTuple):
    """What a bound field or a hook made of a value.

    Attributes:
        result: What ``validated_data`` gets, such as the related object.
        produced: What the schema's attribute got for it, such as its primary key.
    """

    result: Any
    produced: Any


class _Holder:
    """Keeps results for ``validated_data`` while the schema gets values of its own types."""

    def __init__(self, field: FieldShape) -> None:
        self.field = field
        self.typed = None if field.type.kind is Kind.KEPT else schema_value(field.type)

    def hold(self, serializer: ValidatingSerializer, result: Any) -> Any:
        produced = self._produced(result)
        serializer.bound_values[self.field.name] = Held(result, produced)
        return produced

    def _produced(self, result: Any) -> Any:
        if self.field.type.relation is not None:
            return primary_key(result)
        if self.typed is None or result is None:
            return result
        try:
            return self.typed(result)
        except (ValueError, TypeError):
            # A hook may return anything, and a field may have got more choices at run time.
            return result


class _BoundField(_Holder):
    """One field of the serializer, asked while Pydantic validates."""

    def run(self, value: Any, info: Any) -> Any:
        """Let the field validate a value, or the absence of one."""
        serializer = info.context["serializer"]
        bound = serializer.bound_field(self.field.wire_name)
        result = _answer(bound, bound.run_validation, value)
        return UNSET if result is UNSET else self.hold(serializer, result)

    def look(self, value: Any, info: Any) -> Any:
        """Run the field's validators on a value that Pydantic has checked."""
        if value is None:
            return self.run(value, info)
        bound = info.context["serializer"].bound_field(self.field.wire_name)
        plain = plain_value(self.field.type)
        _answer(bound, bound.run_validators, value if plain is None else plain(value))
        return value


def _answer(bound: Any, method: Callable[[Any], Any], value: Any) -> Any:
    """Call a method of a bound field; :data:`UNSET` when it skips the value."""
    try:
        return method(empty if value is _ABSENT else value)
    except SkipField:
        return UNSET
    except (ValidationError, DjangoValidationError) as error:
        raise carry(error) from error
    except AssertionError as error:
        raise ProgrammingError(error) from error
    except _CRASHES_OF_INPUT as error:
        raise _crash(bound, value, error) from error


def _crash(bound: Any, value: Any, error: Exception) -> Exception:
    """Answer 400 where a field of DRF's own crashes on its input; a user's field is theirs."""
    if value is _ABSENT or owner_of(bound) is not Owner.DRF:
        return ProgrammingError(error)
    logger.debug("%s crashed on its input", type(bound).__name__, exc_info=error)
    return carry(ValidationError(code="invalid"))


def delegated(field: FieldShape, node: Core, *, wire: bool) -> Core:
    """Return a node that lets the bound field decide, also about absence and ``None``.

    Validators that the schema's author put around the value run as well. In a plain
    ``BaseModel`` a single value is Pydantic's: it checks it first, and the bound field then looks
    it up, or runs the validators that it got from elsewhere.

    Args:
        field: The field.
        node: Its core schema, rewritten for the request variant.
        wire: Whether the schema is a :class:`~nova_drf.Schema`.
    """
    bound = _BoundField(field)
    absent = _fallback(node)

    def either(value: Any, handler: Callable[[Any], Any], info: Any) -> Any:
        # Validators of the schema see what was sent, never that something was not.
        if value is not _ABSENT:
            return handler(value)
        found = bound.run(value, info)
        return absent(info) if found is UNSET else found

    inner = node["schema"] if node["type"] == "default" else node
    if wire or _checks_alone(field.type):
        inner = _at_core(inner, bound.run)
    elif field.type.relation is not None:
        inner = _after(inner, bound.run)
    else:
        inner = _after(inner, bound.look)
    return _with_absence(_wrapped(either, inner))


def _checks_alone(type_: TypeShape) -> bool:
    """Whether the bound field is a classic one, or made of serializers that run Pydantic anyway."""
    if type_.kind in (Kind.LIST, Kind.DICT) and type_.item is not None:
        return type_.relation is None and _checks_alone(type_.item)
    return type_.relation is None and type_.kind in (Kind.KEPT, Kind.SCHEMA)


def _at_core(node: Core, function: Callable[[Any, Any], Any]) -> Core:
    """Put a function in the place of the value itself, below the author's validators."""
    if node["type"] in WRAPPERS and not _is_ours(node):
        return {**node, "schema": _at_core(node["schema"], function)}
    return dict(core_schema.with_info_plain_validator_function(function))


def _is_ours(node: Core) -> bool:
    """Whether a validator node belongs to the way in which we check the value."""
    if METADATA_KEY in (node.get("metadata") or {}):
        return True
    function = node["function"]["function"]
    # We put some of our functions around others of the schema's author, or of Pydantic's.
    return {owner_of(function), owner_of(unwrap(function))} == {Owner.NOVA}


def _after(node: Core, function: Callable[[Any, Any], Any]) -> Core:
    return dict(core_schema.with_info_after_validator_function(function, node))


def _wrapped(function: Callable[..., Any], node: Core) -> Core:
    return dict(core_schema.with_info_wrap_validator_function(function, node))


def _with_absence(node: Core) -> Core:
    """Show a function that a value is absent, so that it decides what that means."""
    return dict(core_schema.with_default_schema(node, default=_ABSENT, validate_default=True))


def _fallback(node: Core) -> Callable[[Any], Any]:
    """Return what fills in for a field that skips: a default that DRF has no argument for."""
    if node.get("default_factory_takes_data"):
        return lambda info: node["default_factory"](info.data)
    return lambda _info: UNSET


def primary_key(related: Any) -> Any:
    """Return the primary key of a related object, or the list of them."""
    if isinstance(related, list):
        return [primary_key(item) for item in related]
    return getattr(related, "pk", related)


# Hooks


def hooked(field: FieldShape, node: Core) -> Core:
    """Return a node that runs the serializer's ``validate_<field>``, also for a default.

    The method gets, and returns, what ``validated_data`` holds.

    Args:
        field: The field.
        node: Its core schema, rewritten for the request variant, perhaps delegated.
    """
    method = f"validate_{field.wire_name}"
    plain, holder = plain_value(field.type), _Holder(field)
    default = _default_of(node)

    def run(value: Any, handler: Callable[[Any], Any], info: Any) -> Any:
        serializer = info.context["serializer"]
        found = default(handler, info) if value is _ABSENT else handler(value)
        if found is UNSET:
            return UNSET
        held = serializer.bound_values.pop(field.name, None)
        if held is not None and held.produced is found:
            known = held.result
        else:
            known = found if plain is None or found is None else plain(found)
        result = _called(getattr(serializer, method), known)
        return UNSET if result is UNSET else holder.hold(serializer, result)

    inner = node["schema"] if node["type"] == "default" else node
    guarded = guarded_node(_wrapped(run, inner))
    return _with_absence(guarded) if node["type"] == "default" else guarded


def _called(method: Callable[[Any], Any], value: Any) -> Any:
    """Call a hook; :data:`UNSET` when it skips the field."""
    try:
        return method(value)
    except SkipField:
        return UNSET
    except (ValueError, AssertionError) as error:
        raise ProgrammingError(error) from error


def _default_of(node: Core) -> Callable[[Callable[[Any], Any], Any], Any]:
    """Return what makes the value of an absent field."""
    if node.get("default") is _ABSENT:
        return lambda handler, _info: handler(_ABSENT)
    if node.get("default_factory_takes_data"):
        return lambda _handler, info: node["default_factory"](info.data)
    if node.get("default_factory") is not None:
        return lambda _handler, _info: node["default_factory"]()
    return lambda _handler, _info: node.get("default", UNSET)


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
