"""How a value is printed whose type DRF has no field for: by Pydantic, and member by member."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any

from pydantic_core import PydanticSerializationError, SchemaValidator
from pydantic_core import SchemaSerializer as CoreSerializer

from nova_drf.core.core_schema import closed
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.shape import Kind, TypeShape

_COLLECTIONS = (list, tuple, set, frozenset)


def pydantic_printer(type_: TypeShape) -> Convert:
    """Return a function that prints a value as Pydantic's JSON mode does, without warnings.

    A value that lost its class on the way, as a secret does that comes out of a column, is given
    it back first.
    """
    try:
        core = closed(type_.core, type_.definitions)
    except LookupError:
        # Inside a model that is still being built, some types are known by name only.
        return pydantic_printer_of_any
    to_python = CoreSerializer(core).to_python

    @cache
    def validator() -> SchemaValidator:
        return SchemaValidator(core)

    def printed(value: Any) -> Any:
        try:
            return to_python(value, mode="json", by_alias=True, warnings=False)
        except (PydanticSerializationError, AttributeError):
            # Pydantic 2.11 looks for a root where there is a plain value.
            known = validator().validate_python(value)
            return to_python(known, mode="json", by_alias=True, warnings=False)

    return printed


pydantic_printer_of_any = pydantic_printer(TypeShape(Kind.PYDANTIC, {"type": "any"}))
"""Prints a value of any type as Pydantic's JSON mode does."""


def union_printer(type_: TypeShape, representer: Callable[[TypeShape], Convert]) -> Convert:
    """Return what prints the value of a union: one member does it.

    It is picked by the value's class, then by its tag, then by the attributes that it has. What no
    member fits, such as a value of an earlier contract, is printed as Pydantic prints it.

    Args:
        type_: The union.
        representer: Returns what prints a member.
    """
    printers = {label: representer(choice) for label, choice in type_.choices.items()}
    schemas = {label: one for label, one in type_.choices.items() if one.kind is Kind.SCHEMA}
    other = pydantic_printer(type_)

    def label_of(value: Any) -> str | None:
        own = next((label for label, one in type_.choices.items() if _is_of(value, one)), None)
        if own is not None and not isinstance(value, Mapping):
            return own
        if isinstance(value, (str, int, float, *_COLLECTIONS)):
            return None
        tag = _tag_of(value, type_)
        if tag in schemas:
            return tag
        # A dictionary that holds all that a schema asks for is that schema's, whatever else fits.
        return next((label for label, one in schemas.items() if _has_all(value, one)), own)

    def represent(value: Any) -> Any:
        label = label_of(value)
        return other(value) if label is None else printers[label](value)

    return represent


def _is_of(value: Any, choice: TypeShape) -> bool:
    """Whether a value is of a member's own class."""
    if choice.kind is Kind.SCHEMA:
        return value.__class__ is choice.schema
    if choice.kind is Kind.LIST:
        return isinstance(value, _COLLECTIONS)
    if choice.kind is Kind.DICT:
        return isinstance(value, Mapping)
    if choice.kind is not Kind.SCALAR or choice.mapping is None:
        return False
    if choice.core["type"] == "literal":
        return any(
            value.__class__ is one.__class__ and value == one for one in choice.core["expected"]
        )
    cls = choice.core.get("cls") or choice.mapping.python_type
    return value.__class__ is cls


def _tag_of(value: Any, type_: TypeShape) -> str | None:
    discriminator = type_.core.get("discriminator")
    if not isinstance(discriminator, str):
        return None
    tag = _member(value, discriminator)
    return str(tag.value if isinstance(tag, Enum) else tag)


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _has_all(value: Any, choice: TypeShape) -> bool:
    assert choice.schema is not None  # noqa: S101  # for type checkers
    return all(
        field.source in value if isinstance(value, Mapping) else hasattr(value, field.source)
        for field in shape_of(choice.schema).fields.values()
        if not field.computed
    )
