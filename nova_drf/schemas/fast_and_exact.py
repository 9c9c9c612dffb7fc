"""How a value of a :class:`~nova_drf.Schema` is validated: a fast validator, then DRF's field.

A narrow validator that runs in Rust takes the common case. All that it refuses goes to the
installed DRF field itself, which so has the last word on every verdict, value and message. Where
Pydantic lists the errors of both, those of the fast validator, labelled :data:`FAST`, never count.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic_core import core_schema
from rest_framework.exceptions import ValidationError
from rest_framework.fields import DictField, ListField, SkipField
from rest_framework.utils.encoders import JSONEncoder

from nova_drf.core.carried_errors import carry, carry_refusal
from nova_drf.core.core_schema import LIMITS_KEY, METADATA_KEY, Core, has_own_serializer
from nova_drf.core.markers import UNSET
from nova_drf.mapping.narrow import narrow
from nova_drf.mapping.oracle import CRASHES, oracle_maker, refused_by
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.schema_values import schema_value
from nova_drf.mapping.shape import EXACT, FAST, AnyField, Kind, TypeShape
from nova_drf.mapping.shared_fields import shareable
from nova_drf.representation.objects import reader_of
from nova_drf.representation.values import value_printer

logger = logging.getLogger("nova_drf")

_ENCODER = JSONEncoder()


def scalar_core(shape: TypeShape) -> Core:
    """Return the core schema of a value that one DRF field stands for.

    Constraints that DRF has no word for are Pydantic's, checked on the value of DRF's field.
    """
    mapping = shape.mapping
    assert mapping is not None  # noqa: S101  # for type checkers
    node = mapping.alone(shape) or fast_then_field(mapping.fast(shape), _exact(shape))
    rest = mapping.remainder(shape.core)
    if rest is not None:
        checked = core_schema.nullable_schema(rest) if shape.nullable else rest
        node = dict(core_schema.chain_schema([node, checked]))
    return described(node, shape)


def container_core(shape: TypeShape) -> Core:
    """Return the core schema of a list or dictionary that a DRF field can check as a whole."""
    # Not item by item: an error for each of many items costs more than DRF takes for all.
    return described(fast_then_field(narrow(shape), _exact(shape)), shape)


def collection_core(shape: TypeShape, core: Core) -> Core:
    """Return the core schema of a list, set or dictionary whose parts only Pydantic can check.

    DRF's ``ListField`` or ``DictField`` says what a collection is, and whether it is too short.

    Args:
        shape: What it is.
        core: The collection's core schema with the parts rewritten.
    """

    @cache
    def field() -> AnyField:
        cls: Any = ListField if shape.kind is Kind.LIST else DictField
        return shareable(cls(**shape.options))

    def items_of(value: object) -> object:
        field().validate_empty_values(value)
        return field().to_internal_value(value)

    def collected(value: object, handler: Callable[[Any], object]) -> object:
        items = _asked(field(), items_of, value)
        checked = handler(items)
        if shape.options:
            _asked(field(), field().run_validators, checked)
        return checked

    limits = ("min_length", "max_length") if shape.options else ()
    inner: Core = {name: value for name, value in core.items() if name not in limits}
    inner["strict"] = False
    node = core_schema.no_info_wrap_validator_function(collected, inner)
    return {**node, "metadata": {LIMITS_KEY: shape.options}}


def fast_then_field(fast: Core | None, exact: Core) -> Core:
    """Return the core schema of a value that is tried in two ways.

    Args:
        fast: The fast validator, if there is one.
        exact: What validates by DRF's field; see :func:`by_field`.
    """
    if fast is None:
        return exact
    return {"type": "union", "mode": "left_to_right", "choices": [(fast, FAST), (exact, EXACT)]}


def by_field(field: Convert) -> Core:
    """Return the core schema of a value that DRF's field validates; see :func:`run_field`."""
    return dict(core_schema.no_info_plain_validator_function(field))


def _exact(shape: TypeShape) -> Core:
    """Let DRF's field validate, and programs that build a schema give values of its types."""
    field, given_as = run_field(shape), _given_as(shape)
    if given_as is None:
        return by_field(field)

    def exact(value: object, info: Any) -> object:
        # A serializer refuses what DRF's would: no parser makes such a value.
        in_serializer = isinstance(info.context, Mapping) and "serializer" in info.context
        return field(value if in_serializer else given_as(value))

    return dict(core_schema.with_info_plain_validator_function(exact))


def run_field(shape: TypeShape) -> Convert:
    """Return what validates a value by DRF's field, its refusal carried as one Pydantic error.

    Args:
        shape: Its :func:`~nova_drf.mapping.oracle.oracle` is the field.
    """
    typed, field_of = schema_value(shape), oracle_maker(shape)

    def exact(value: object) -> object:
        field = field_of()
        try:
            result = field.run_validation(value)
        except ValidationError as error:
            raise carry_refusal(error) from None
        except SkipField:
            return UNSET
        except CRASHES:
            raise _crash(field) from None
        return result if typed is None or result is None else typed(result)

    return exact


def _given_as(shape: TypeShape) -> Convert | None:
    """Return what turns values of the annotated type into what DRF's field takes, if need be."""
    if shape.kind is Kind.SCALAR and shape.mapping is not None:
        return shape.mapping.given_as(shape)
    item = None if shape.item is None else _given_as(shape.item)
    if item is None:
        return None

    def as_input(value: object) -> object:
        if isinstance(value, (list, tuple, set, frozenset)):
            return list(map(item, value))
        return (
            {key: item(member) for key, member in value.items()}
            if isinstance(value, dict)
            else value
        )

    return as_input


def described(node: Core, shape: TypeShape) -> Core:
    """Attach the shape, for code that walks the schema later, and DRF's way to print the value."""
    serialization: Any = core_schema.plain_serializer_function_ser_schema(
        printer(shape), when_used="json-unless-none"
    )
    if has_own_serializer(shape.core):
        serialization = shape.core["serialization"]
    return {**node, "metadata": {METADATA_KEY: shape}, "serialization": serialization}


def printer(shape: TypeShape) -> Convert:
    """Return what prints a value as DRF does, made on first use."""
    represent: Convert | None = None

    def printed(value: object) -> object:
        nonlocal represent
        if value is UNSET:
            return None
        if represent is None:
            represent = value_printer(shape, reader_of).print
        primitive = represent(value)
        # A field may leave this to DRF's renderer; Pydantic would write it as text.
        return _ENCODER.default(primitive) if isinstance(primitive, Decimal) else primitive

    return printed


def _asked(field: AnyField, method: Convert, value: object) -> object:
    """Call a method of a DRF field, in such a way that Pydantic collects what it raises.

    Where the field itself crashes on a value (an overflow in arithmetic, say), which DRF would
    answer with status 500, the value is refused as invalid.
    """
    try:
        return method(value)
    except ValidationError as error:
        raise carry_refusal(error) from None
    except CRASHES:
        raise _crash(field) from None


def _crash(field: AnyField) -> Exception:
    """Return the refusal of a value on which a field crashed."""
    logger.debug("%s crashed on its input", type(field).__name__, exc_info=True)
    detail = refused_by(field, object()) or [str(ValidationError.default_detail)]
    return carry(ValidationError(detail))
