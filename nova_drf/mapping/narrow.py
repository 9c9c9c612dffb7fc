"""Narrow validators: pydantic-core schemas that take part of what a DRF field takes.

Whatever one of them accepts, the field accepts with the same value. What it refuses, the field
itself has to look at.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

from nova_drf.core.core_schema import not_taken
from nova_drf.mapping.model_config import can_be_sent
from nova_drf.mapping.shape import Kind, is_untyped

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import TypeShape

_ANYTHING: Core = {"type": "any"}

_OF_LIST: Mapping[str, Core] = {
    "set": dict(core_schema.set_schema()),
    "frozenset": dict(core_schema.frozenset_schema()),
    "tuple": dict(core_schema.tuple_schema([core_schema.any_schema()], variadic_item_index=0)),
}
"""What makes the annotated collection of a list, whose items are checked already."""


def narrow(shape: TypeShape) -> Core | None:
    """Return the narrow validator of a value, or ``None`` if there is none.

    Args:
        shape: A single value, or a list or dictionary of which a DRF field checks all.
    """
    node: Core | None = None
    if shape.kind is Kind.SCALAR and shape.mapping is not None:
        node = shape.mapping.fast(shape)
    elif shape.kind in (Kind.LIST, Kind.DICT):
        items = _narrow_item(shape.item)
        if items is not None:
            of_items = narrow_list if shape.kind is Kind.LIST else narrow_dict
            collection: Any = of_items(items, shape.options)
            node = collection
            if items is _ANYTHING:
                node = dict(core_schema.no_info_after_validator_function(_sent, collection))
    in_list = _OF_LIST.get(shape.core["type"])
    if node is not None and in_list is not None:
        node = dict(core_schema.chain_schema([node, in_list]))
    if node is None or not shape.nullable:
        return node
    return dict(core_schema.nullable_schema(node))


def _narrow_item(item: TypeShape | None) -> Core | None:
    """Return the narrow validator of what a list or dictionary holds."""
    if item is None or is_untyped(item):
        return _ANYTHING
    return narrow(item)


def _sent(items: object) -> object:
    """Leave to the field what no answer could hold."""
    if can_be_sent(items) in (None, "needs_python_object"):
        return items
    raise not_taken()


def narrow_list(items: Core, options: Mapping[str, object]) -> Core:
    """Return the narrow validator of a list.

    Args:
        items: That of its items.
        options: How many there may be: ``min_length``, ``max_length``.
    """
    return {"type": "list", "items_schema": items, "strict": True, **options}


def narrow_dict(values: Core, options: Mapping[str, object]) -> Core:
    """Return the narrow validator of a dictionary.

    Args:
        values: That of its values.
        options: Whether it may be empty: ``allow_empty``.
    """
    # Where its characters are counted, half of a surrogate pair is no text.
    keys = core_schema.str_schema(strict=True, max_length=sys.maxsize)
    shortest = None if options.get("allow_empty", True) else 1
    return dict(core_schema.dict_schema(keys, values, strict=True, min_length=shortest))
