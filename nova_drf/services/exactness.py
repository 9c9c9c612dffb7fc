"""What a boundary between Python callers adds to Pydantic's rules: nothing loses digits."""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
)
from typing import Annotated, Any, get_origin

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from nova_drf.core.core_schema import Core, rewrite

_LAZY: tuple[type, ...] = (
    Iterable,
    Iterator,
    Generator,
    AsyncIterable,
    AsyncIterator,
    AsyncGenerator,
)

_OF_THEIR_OWN = frozenset(("model", "dataclass"))
"""Nodes that follow the rules of their own class, inside and outside of services."""


class Exact:
    """Annotates a type whose ``Decimal`` parts, at any depth, refuse floats.

    A ``Schema`` or ``BaseModel`` inside keeps its own rules. An ``Iterable`` argument becomes a
    list, so that its items are checked now rather than while the method iterates.
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        open_references: list[str] = []

        def visit(node: Core) -> Core | None:
            if node["type"] == "definition-ref":
                return follow(node)
            if node["type"] in _OF_THEIR_OWN:
                return node
            if node["type"] == "decimal":
                return core_schema.no_info_before_validator_function(refuse_float, node)
            if node["type"] == "generator":
                return rewrite({**node, "type": "list"}, visit)
            return None

        def follow(node: Core) -> Core:
            reference = node["schema_ref"]
            target: Core = handler.resolve_ref_schema(node)
            if reference in open_references or target["type"] in _OF_THEIR_OWN:
                return node
            open_references.append(reference)
            copy = rewrite({key: value for key, value in target.items() if key != "ref"}, visit)
            open_references.pop()
            return copy

        exact_core: CoreSchema = rewrite(handler(source), visit)
        return exact_core


def refuse_float(value: Any) -> Any:
    """Return what is not a float: ``Decimal(0.1)`` is not the number that somebody wrote.

    Raises:
        PydanticCustomError: It is a float.
    """
    if isinstance(value, float):
        raise PydanticCustomError(
            "decimal_from_float", "Input should be a Decimal, an integer or a string, not a float"
        )
    return value


def exact(annotation: Any) -> Any:
    """Return what an argument is validated against."""
    return Annotated[annotation, Exact()]


def exact_result(annotation: Any) -> Any:
    """Return what a result is validated against: what is lazy stays lazy.

    Pydantic would replace an iterator by one of its own, and a queryset would no longer be one.
    """
    origin = get_origin(annotation) or annotation
    if origin in _LAZY:
        return origin
    return exact(annotation)
