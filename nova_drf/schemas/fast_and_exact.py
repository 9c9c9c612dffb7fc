"""The two tiers of a value in a :class:`~nova_drf.Schema`.

A narrow validator that runs in Rust takes the common case; all it refuses goes to the installed
DRF field itself, which therefore has the last word on every verdict, value and message.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic_core import PydanticCustomError, core_schema
from rest_framework.exceptions import ValidationError
from rest_framework.fields import DictField, ListField, SkipField
from rest_framework.utils.encoders import JSONEncoder

from nova_drf.core.carried_errors import carry, carry_refusal, refusal
from nova_drf.core.core_schema import (
    LIMITS_KEY,
    METADATA_KEY,
    Core,
    has_own_serializer,
    not_taken,
)
from nova_drf.core.markers import UNSET
from nova_drf.mapping.oracle import CRASHES, no_choice, oracle, refused_by
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.shape import EXACT, FAST, AnyField, Kind, TypeShape
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
    alone = mapping.alone(shape)
    node = alone or _two_tiers(mapping.fast(shape), _exact(shape, mapping.typed(shape)))
    rest = mapping.remainder(shape.core)
    if rest is not None:
        checked = core_schema.nullable_schema(rest) if shape.nullable else rest
        node = dict(core_schema.chain_schema([node, checked]))
    return _described(node, shape)


def container_core(shape: TypeShape) -> Core:
    """Return the core schema of a list or dictionary that a DRF field can check as a whole."""
    # Not item by item: an error for each of many items costs more than DRF takes for all.
    return _described(_two_tiers(_fast(shape), _exact(shape, _typed(shape))), shape)


def union_core(shape: TypeShape) -> Core | None:
    """Return the core schema of a union that the DRF fields of its members can decide on.

    Pydantic takes the member that fits best. The fast tier finds the one whose type a value has as
    it is; of the fields, which convert, the first that takes the value is the best. ``None`` if
    there is a member of which that is not known.

    Args:
        shape: What it is.
    """
    members = list(shape.choices.values())
    if shape.core.get("mode", "smart") != "smart" or "custom_error_type" in shape.core:
        return None
    if not all(map(_is_field_alone, members)):
        return None
    nodes = [_before_field(member) for member in members]
    if not all(node is None or node["type"] in _AS_THEY_ARE for node in nodes):
        return None
    return _described(_two_tiers(_fast_union(nodes), _first_of(members)), shape)


def collection_core(shape: TypeShape, core: Core) -> Core:
    """Return the core schema of a list, set or dictionary whose parts only Pydantic can check.

    DRF's ``ListField`` or ``DictField`` says what a collection is, and whether it is too short.

    Args:
        shape: What it is.
        core: The collection's core schema with the parts rewritten.
    """

    @cache
    def field() -> AnyField:
        return ListField(**shape.options) if shape.kind is Kind.LIST else DictField(**shape.options)

    def items_of(value: Any) -> Any:
        field().validate_empty_values(value)
        return field().to_internal_value(value)

    def collected(value: Any, handler: Callable[[Any], Any]) -> Any:
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


def _two_tiers(fast: Core | None, exact: Core) -> Core:
    if fast is None:
        return exact
    return {"type": "union", "mode": "left_to_right", "choices": [(fast, FAST), (exact, EXACT)]}


def _described(node: Core, shape: TypeShape) -> Core:
    """Attach the shape, for whoever walks the schema later, and DRF's way to print the value."""
    serialization: Any = core_schema.plain_serializer_function_ser_schema(
        printer(shape), when_used="json-unless-none"
    )
    if has_own_serializer(shape.core):
        serialization = shape.core["serialization"]
    return {**node, "metadata": {METADATA_KEY: shape}, "serialization": serialization}


def printer(shape: TypeShape) -> Convert:
    """Return what prints a value as DRF does, made on first use."""
    represent: Convert | None = None

    def printed(value: Any) -> Any:
        nonlocal represent
        if value is UNSET:
            return None
        if represent is None:
            represent = value_printer(shape, reader_of).print
        primitive = represent(value)
        # A field may leave this to DRF's renderer; Pydantic would write it as text.
        return _ENCODER.default(primitive) if isinstance(primitive, Decimal) else primitive

    return printed


# The fast tier


def _fast(shape: TypeShape) -> Core | None:
    """Return the fast tier of a value in a list or dictionary, if all its parts have one."""
    fast: Core | None = None
    if shape.kind is Kind.SCALAR and shape.mapping is not None:
        # DRF leaves untyped items unvalidated.
        fast = {"type": "any"} if shape.core["type"] == "any" else shape.mapping.fast(shape)
    elif shape.item is not None and (inner := _fast(shape.item)) is not None:
        fast = _fast_list(shape, inner) if shape.kind is Kind.LIST else _fast_dict(shape, inner)
    if fast is not None and shape.nullable:
        return dict(core_schema.nullable_schema(fast))
    return fast


def _fast_list(shape: TypeShape, items: Core) -> Core:
    node: Core = {"type": "list", "items_schema": items, "strict": True, **shape.options}
    of_list = _OF_LIST.get(shape.core["type"])
    return node if of_list is None else dict(core_schema.chain_schema([node, of_list]))


_OF_LIST: Mapping[str, Core] = {
    "set": dict(core_schema.set_schema()),
    "frozenset": dict(core_schema.frozenset_schema()),
    "tuple": dict(core_schema.tuple_schema([core_schema.any_schema()], variadic_item_index=0)),
}
"""What makes the annotated collection of a list, whose items are checked already."""

_MADE_OF_LIST: Mapping[str, Callable[[Any], Any]] = {
    "set": set,
    "frozenset": frozenset,
    "tuple": tuple,
}


def _fast_dict(shape: TypeShape, values: Core) -> Core:
    keys = core_schema.str_schema(strict=True)
    limits = {} if shape.options.get("allow_empty", True) else {"min_length": 1}
    return dict(core_schema.dict_schema(keys, values, strict=True, **limits))  # type: ignore[arg-type]


def _is_field_alone(shape: TypeShape) -> bool:
    """Whether one DRF field, and nothing else, stands for a member of a union."""
    is_field = shape.kind is Kind.SCALAR and shape.wire and shape.bare
    return is_field and not shape.rest and not shape.nullable


def _before_field(member: TypeShape) -> Core | None:
    """Return what looks at a value before the DRF field of a union's member does."""
    mapping = member.mapping
    assert mapping is not None  # noqa: S101  # for type checkers
    return mapping.alone(member) or mapping.fast(member)


_IN_PYTHON = "function-plain"
"""A fast tier that is a function: it converts what it takes, as DRF's field does."""

_CLASSES: Mapping[str, type] = {"str": str, "int": int, "float": float, "bool": bool}

_AS_THEY_ARE = frozenset((*_CLASSES, "literal", _IN_PYTHON))
"""Fast tiers of which it is known whether they convert."""


def _fast_union(nodes: Sequence[Core | None]) -> Core | None:
    """Return the fast tier of a union: its members that take a value as it is.

    Whatever the first one takes is its own: of conversions, too, the first is the best.
    """
    fast: list[Any] = [
        node if at == 0 or node["type"] == "literal" else _only_its_own(node)
        for at, node in enumerate(nodes)
        if node is not None and node["type"] != _IN_PYTHON
    ]
    if len(fast) < 2:
        return fast[0] if fast else None
    # One line for all members: nobody reads it, and Pydantic lists it for each wrong item.
    refused = not_taken()
    return dict(
        core_schema.union_schema(
            fast,
            custom_error_type=refused.type,
            custom_error_message=refused.message_template,
        )
    )


def _only_its_own(node: Core) -> Core:
    """Leave to the fields what is of another class: whole numbers for a ``float``, subclasses."""
    own = _CLASSES[node["type"]]

    def as_it_is(value: Any) -> Any:
        if value.__class__ is own:
            return value
        raise not_taken()

    return dict(core_schema.no_info_before_validator_function(as_it_is, node))


# The exact tier


def _exact(shape: TypeShape, typed: Convert | None) -> Core:
    """Return the exact tier as a core schema; see :func:`_exactly`."""
    return dict(core_schema.no_info_plain_validator_function(_exactly(shape, typed)))


def _exactly(shape: TypeShape, typed: Convert | None) -> Convert:
    """Return the exact tier: DRF's own field, its refusal carried as one Pydantic error.

    Args:
        shape: Its :func:`~nova_drf.mapping.oracle.oracle` is the field.
        typed: Turns the field's value into the schema's.
    """

    def exact(value: Any) -> Any:
        field = oracle(shape)
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


def _first_of(members: Sequence[TypeShape]) -> Core:
    """Return the exact tier of a union: its members' DRF fields, asked in turn.

    The refusal of the first one stands for all, as that of none comes further.

    Args:
        members: What each of them is.
    """
    tiers = [_refusing(member) or _exactly(member, _typed(member)) for member in members]

    def first(value: Any) -> Any:
        first_refusal: PydanticCustomError | None = None
        for exact in tiers:
            try:
                return exact(value)
            except PydanticCustomError as refused:
                first_refusal = first_refusal or refused
        assert first_refusal is not None  # noqa: S101  # for type checkers
        try:
            raise first_refusal from None
        finally:
            # Its traceback holds this frame: a cycle for each of many wrong items.
            del first_refusal

    return dict(core_schema.no_info_plain_validator_function(first))


def _refusing(member: TypeShape) -> Convert | None:
    """Return what says why a value is refused, if the fast tier is all that may take one."""
    if member.mapping is None or member.mapping.alone(member) is None:
        return None

    def refuse(value: Any) -> Any:
        detail = refused_by(oracle(member), value) or [no_choice(value)]
        raise carry_refusal(refusal(detail))

    return refuse


def _asked(field: AnyField, method: Convert, value: Any) -> Any:
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


def _typed(shape: TypeShape) -> Convert | None:
    """Return what turns the value of DRF's field into that of the schema, parts included."""
    if shape.kind is Kind.SCALAR and shape.mapping is not None:
        return shape.mapping.typed(shape)
    inner = _typed(shape.item) if shape.item is not None else None
    made = _MADE_OF_LIST.get(shape.core["type"])
    if inner is None:
        return made
    if shape.kind is Kind.DICT:
        return lambda value: {
            key: item if item is None else inner(item) for key, item in value.items()
        }
    collection = made or list
    return lambda value: collection(item if item is None else inner(item) for item in value)
