"""Where an error belongs: Pydantic's locations, read along the description of the schema.

A location is no path. Between the keys of the input it holds the tags and labels of unions, the
tiers of a value, and the names of Pydantic's own functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError as PydanticValidationError
from pydantic_core import ErrorDetails

from nova_drf.mapping.pydantic_side import shape_of
from nova_drf.mapping.shape import EXACT, FAST, FieldShape, Kind, Shape, TypeShape

_ECHOES = frozenset(("default_factory_not_called",))
"""Types of errors that only say that there is another error."""


@dataclass(slots=True)
class Place:
    """Where an error belongs in DRF's tree.

    Attributes:
        path: The keys on the wire, from the outside in.
        type: What the value there is; ``None`` for the payload itself and for unknown keys.
        branches: The unions on the way: the path to each, and the label of the member.
        error: Pydantic's line for the error.
    """

    path: tuple[Any, ...]
    type: TypeShape | None
    branches: tuple[tuple[tuple[Any, ...], str], ...]
    error: ErrorDetails

    @property
    def depth(self) -> int:
        """How far into the payload it is."""
        return len(self.path)


def places_of(error: PydanticValidationError, shape: Shape) -> Iterable[Place]:
    """Return where each error of a payload belongs, one member of each union kept.

    Args:
        error: What Pydantic found.
        shape: The description of the payload.
    """
    places: list[Place] = []
    for line in _lines(error):
        field = shape.fields.get(line["loc"][0]) if line["loc"] else None  # type: ignore[arg-type]
        # Nearly all errors are those of single values, whose locations are soon read.
        is_single = field is not None and field.type.kind is Kind.SCALAR
        place = _of_single(field, line) if is_single else _place(shape, line)  # type: ignore[arg-type]
        if place is not None:
            places.append(place)
    return _one_branch(places)


def places_below(error: PydanticValidationError, field: FieldShape) -> Iterable[Place]:
    """Like :func:`places_of`, for errors of a single value, as if it were a field."""
    places = [
        _descend(field.type, list(line["loc"]), [field.wire_name], line) for line in _lines(error)
    ]
    return _one_branch([place for place in places if place])


def _lines(error: PydanticValidationError) -> list[ErrorDetails]:
    lines = error.errors(include_url=False)
    return [line for line in lines if line["type"] not in _ECHOES]


def _place(shape: Shape, error: ErrorDetails) -> Place | None:
    path: list[Any] = []
    location = list(error["loc"])
    type_ = _enter(shape, location, path)
    return _descend(type_, location, path, error)


def _of_single(field: FieldShape, error: ErrorDetails) -> Place | None:
    location = error["loc"]
    if len(location) > 1:
        if location[1] == FAST and field.type.wire:
            return None
        if location[1] != EXACT:
            return _descend(field.type, list(location[1:]), [field.wire_name], error)
    return Place((field.wire_name,), field.type, (), error)


def _descend(
    type_: TypeShape | None, location: list[Any], path: list[Any], error: ErrorDetails
) -> Place | None:
    """Read a location to its end; ``None`` for the fast tier, whose errors don't count."""
    branches: list[tuple[tuple[Any, ...], str]] = []
    while type_ is not None and location:
        if location[0] == FAST and type_.has_two_tiers:
            return None
        if location[0] == EXACT and type_.has_two_tiers:
            break
        type_ = _step(type_, location, path, branches)
    while type_ is not None and type_.kind is Kind.ROOT:
        type_ = type_.item
    path.extend(location if type_ is None else ())
    return Place(tuple(path), type_, tuple(branches), error)


def _enter(shape: Shape, location: list[Any], path: list[Any]) -> TypeShape | None:
    """Step from a schema to one of its fields."""
    if not location:
        return None
    name = location.pop(0)
    field = shape.fields.get(name)
    path.append(field.wire_name if field else name)
    return field.type if field else shape.extra


def _step(
    type_: TypeShape, location: list[Any], path: list[Any], branches: list[Any]
) -> TypeShape | None:
    """Step from a value to a part of it."""
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        return _enter(shape_of(type_.schema), location, path)
    if type_.kind in (Kind.UNION, Kind.TAGGED_UNION):
        label = str(getattr(location[0], "value", location[0]))
        location.pop(0)
        if type_.kind is Kind.UNION:
            branches.append((tuple(path), label))
        return type_.choices.get(label)
    if type_.kind is Kind.ROOT:
        return type_.item
    if type_.kind in (Kind.LIST, Kind.DICT, Kind.RECORD):
        return _part(type_, location, path)
    path.extend(part for part in location if isinstance(part, int) or part.isidentifier())
    location.clear()
    return type_


def _part(type_: TypeShape, location: list[Any], path: list[Any]) -> TypeShape | None:
    """Step from a list, a dictionary or a record to one of its parts."""
    key = location.pop(0)
    path.append(str(key) if type_.kind is Kind.DICT else key)
    if type_.kind is Kind.RECORD:
        return type_.choices.get(str(key))
    if location == ["[key]"]:
        location.clear()
        return None
    return type_.item


def _one_branch(places: list[Place]) -> Iterable[Place]:
    """Keep one branch of each union: the one that came furthest, then the one with least errors."""
    by_union: dict[tuple[Any, ...], dict[str, list[Place]]] = {}
    for place in places:
        for prefix, label in place.branches:
            by_union.setdefault(prefix, {}).setdefault(label, []).append(place)
    if not by_union:
        return places
    chosen = {prefix: _best(branches) for prefix, branches in by_union.items()}
    return (
        place
        for place in places
        if all(chosen[prefix] == label for prefix, label in place.branches)
    )


def _best(branches: dict[str, list[Place]]) -> str:
    def rank(label: str) -> tuple[int, int]:
        places = branches[label]
        return -max(place.depth for place in places), len(places)

    return min(branches, key=rank)
