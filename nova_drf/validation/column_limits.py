"""What a column takes, written into the values of a schema that does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nova_drf.core.core_schema import (
    METADATA_KEY,
    definitions_of,
    is_absence,
    members_node,
    model_node,
    resolve,
    rewrite,
)
from nova_drf.mapping.from_pydantic import core_of
from nova_drf.mapping.registry import FieldMapping
from nova_drf.schemas.fast_and_exact import scalar_core

if TYPE_CHECKING:
    from pydantic import BaseModel

    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import TypeShape


def checked_by_own_code(schema: type[BaseModel]) -> frozenset[str]:
    """Return the fields whose value a function of the schema's author may still change.

    Args:
        schema: A complete schema.
    """
    root, definitions = definitions_of(core_of(schema))
    fields = members_node(model_node(resolve(root, definitions)))["fields"]
    return frozenset(name for name, field in fields.items() if _has_own_code(field["schema"]))


def _has_own_code(node: Core) -> bool:
    while METADATA_KEY not in (node.get("metadata") or {}):
        if node["type"] in ("function-after", "function-wrap") and not is_absence(node):
            return True
        if "schema" not in node:
            return bool(node["type"] == "function-plain")
        node = node["schema"]
    return False


def limited(type_: TypeShape, limits: Mapping[str, Any]) -> TypeShape:
    """Return a type with the limits of a column.

    Args:
        type_: A single value.
        limits: Constraints of its core schema.
    """
    core = {**type_.core, **limits}
    assert isinstance(type_.mapping, FieldMapping)  # noqa: S101  # for type checkers
    return replace(type_, core=core, options=type_.mapping.options(core))


def limited_node(node: Core, core_type: str, limits: Mapping[str, Any]) -> Core:
    """Return the core schema of a field with the limits of its column.

    Args:
        node: The field, with what its author put around the value.
        core_type: The type of the value that they are for.
        limits: Constraints of its core schema.
    """

    def visit(inner: Core) -> Core | None:
        type_: TypeShape | None = (inner.get("metadata") or {}).get(METADATA_KEY)
        if type_ is not None:
            is_meant = type_.core.get("type") == core_type and type_.mapping is not None
            return scalar_core(limited(type_, limits)) if is_meant else inner
        return {**inner, **limits} if inner["type"] == core_type else None

    return rewrite(node, visit)
