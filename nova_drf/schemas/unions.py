"""Unions whose members DRF's fields can decide on: ``int | date``, ``float | Literal["auto"]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError, core_schema

from nova_drf.core.carried_errors import carry_refusal, refusal
from nova_drf.core.core_schema import Core, not_taken
from nova_drf.mapping.oracle import no_choice, oracle_maker, refused_by
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.shape import Kind, TypeShape
from nova_drf.schemas.fast_and_exact import by_field, described, fast_then_field, run_field


def union_core(shape: TypeShape) -> Core | None:
    """Return the core schema of a union that the DRF fields of its members can decide on.

    Pydantic takes the member that fits best. The fast validator finds the one whose type a value
    has as it is; of the fields, which convert, the first that takes the value is the best.
    ``None`` if there is a member of which that is not known.

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
    return described(fast_then_field(_fast_union(nodes), by_field(_run_fields(members))), shape)


def _is_field_alone(shape: TypeShape) -> bool:
    """Whether one DRF field, and nothing else, stands for a member of a union."""
    is_field = shape.kind is Kind.SCALAR and shape.has_drf_semantics and shape.bare
    return is_field and not shape.rest and not shape.nullable


def _before_field(member: TypeShape) -> Core | None:
    """Return what looks at a value before the DRF field of a union's member does."""
    mapping = member.mapping
    assert mapping is not None  # noqa: S101  # for type checkers
    if mapping.given_as(member) is not None:
        return None  # It makes something else of text, which another member may take as it is.
    return mapping.alone(member) or mapping.fast(member)


_IN_PYTHON = "function-plain"
"""A fast validator that is a function: it converts what it takes, as DRF's field does."""

_CLASSES: Mapping[str, type] = {"str": str, "int": int, "float": float, "bool": bool}

_AS_THEY_ARE = frozenset((*_CLASSES, "literal", _IN_PYTHON))
"""Fast validators of which it is known whether they convert."""


def _fast_union(nodes: Sequence[Core | None]) -> Core | None:
    """Return the fast validator of a union: its members that take a value as it is.

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

    def as_it_is(value: object) -> object:
        if value.__class__ is own:
            return value
        raise not_taken()

    return dict(core_schema.no_info_before_validator_function(as_it_is, node))


def _run_fields(members: Sequence[TypeShape]) -> Convert:
    """Return what validates by the members' DRF fields, asked in turn.

    The refusal of the first one stands for all, as that of none comes further.

    Args:
        members: What each of them is.
    """
    fields = [_refuse(member) or run_field(member) for member in members]

    def first(value: object) -> Any:
        first_refusal: PydanticCustomError | None = None
        for field in fields:
            try:
                return field(value)
            except PydanticCustomError as refused:
                first_refusal = first_refusal or refused
        assert first_refusal is not None  # noqa: S101  # for type checkers
        try:
            raise first_refusal from None
        finally:
            # Its traceback holds this frame: a cycle for each of many wrong items.
            del first_refusal

    return first


def _refuse(member: TypeShape) -> Convert | None:
    """Return what says why a value is refused, if the fast validator is all that may take one."""
    if member.mapping is None or member.mapping.alone(member) is None:
        return None

    field_of = oracle_maker(member)

    def refuse(value: object) -> object:
        detail = refused_by(field_of(), value) or [no_choice(value)]
        raise carry_refusal(refusal(detail))

    return refuse
