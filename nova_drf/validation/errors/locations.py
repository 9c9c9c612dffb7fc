"""Where an error belongs: Pydantic's locations, read along the description of the schema.

A location is no path. Between the keys of the input it holds the tags and labels of unions, the
labels of a fast validator and of the field behind it, and the names of Pydantic's own functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError as PydanticValidationError
from pydantic_core import ErrorDetails

from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.input_paths import path_in, value_at
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


def places_of(error: PydanticValidationError, shape: Shape, data: object = None) -> Iterable[Place]:
    """Return where each error of a payload belongs, one member of each union kept.

    Args:
        error: What Pydantic found.
        shape: The description of the payload.
        data: The payload, which tells by which of its names a field was sent.
    """
    ways = _WaysIntoLists(shape, data)
    places: list[Place] = []
    for line in _lines(error):
        field = shape.fields.get(line["loc"][0]) if line["loc"] else None  # type: ignore[arg-type]  # a place in a list is no field's name
        kind = None if field is None else field.type.kind
        # Nearly all errors are those of single values, or of values in a list.
        if field is not None and kind is Kind.SCALAR:
            place = _of_single(field, line, data)
        elif field is not None and kind is Kind.LIST:
            place = ways.to(field, line)
        else:
            place = _place(shape, line, data)
        if place is not None:
            places.append(place)
    return _one_branch(places)


def places_below(error: PydanticValidationError, field: FieldShape) -> Iterable[Place]:
    """Like :func:`places_of`, for errors of a single value, as if it were a field."""
    places = [_Way(line, [field.field_name]).to(field.type) for line in _lines(error)]
    return _one_branch([place for place in places if place])


def _lines(error: PydanticValidationError) -> list[ErrorDetails]:
    return [line for line in error.errors(include_url=False) if line["type"] not in _ECHOES]


def _place(shape: Shape, error: ErrorDetails, data: object) -> Place | None:
    way = _Way(error, [], data=data)
    return way.to(way.enter(shape))


class _WaysIntoLists:
    """Remembers where the locations lead that are the same for all items of a list.

    Args:
        shape: The description of the payload.
        data: The payload.
    """

    def __init__(self, shape: Shape, data: object) -> None:
        self._shape = shape
        self._data = data
        self._found: dict[Any, tuple[TypeShape | None, Any, Any] | None] = {}

    def to(self, field: FieldShape, error: ErrorDetails) -> Place | None:
        """Return the place of an error of a list, or of something in it."""
        location = error["loc"]
        if len(location) < 3 or location[1].__class__ is not int:
            return _place(self._shape, error, self._data)
        name, index, rest = location[0], location[1], location[2:]
        above = path_in(self._data, field.input_paths)
        if (name, rest) not in self._found:
            way = _Way(error, [], data=self._data)
            place = way.to(way.enter(self._shape))
            if way.has_choice:
                # Another item may have been sent by other names.
                return place
            self._found[name, rest] = None if place is None else _below_index(place, len(above))
        known = self._found[name, rest]
        if known is None:
            return None
        type_, below, branches = known
        path = (*above, index, *below)
        return Place(path, type_, tuple([(path[:end], label) for end, label in branches]), error)


def _below_index(place: Place, above: int) -> tuple[TypeShape | None, object, object]:
    branches = [(len(prefix), label) for prefix, label in place.branches]
    return place.type, place.path[above + 1 :], branches


def _of_single(field: FieldShape, error: ErrorDetails, data: object) -> Place | None:
    path = path_in(data, field.input_paths)
    location = error["loc"]
    if len(location) > 1:
        if location[1] == FAST and field.type.has_drf_semantics:
            return None
        if location[1] != EXACT:
            return _Way(error, [*path], 1).to(field.type)
    return Place(path, field.type, (), error)


class _Way:
    """Reads one location, from the outside in.

    Args:
        error: Pydantic's line for the error.
        path: The keys on the wire that were read already.
        at: How many parts of the location those were.
        data: The payload, or the part of it to which they lead.
    """

    __slots__ = ("at", "branches", "data", "error", "has_choice", "location", "path")

    def __init__(
        self, error: ErrorDetails, path: list[Any], at: int = 0, data: object = None
    ) -> None:
        self.error = error
        self.data = data
        self.has_choice = False
        """Whether a field below the outermost one may be sent by several names."""
        self.location = error["loc"]
        self.path = path
        self.at = at
        self.branches: list[tuple[tuple[Any, ...], str]] = []

    def to(self, type_: TypeShape | None) -> Place | None:
        """Read to the end; ``None`` for the fast validator, whose errors don't count."""
        location, length = self.location, len(self.location)
        while type_ is not None and self.at < length:
            if type_.is_fast_and_exact:
                if location[self.at] == FAST:
                    return None
                if location[self.at] == EXACT:
                    break
            type_ = _STEPS.get(type_.kind, _Way.inside)(self, type_)
        while type_ is not None and type_.kind is Kind.ROOT:
            type_ = type_.item
        if type_ is None:
            self.path.extend(location[self.at :])
        return Place(tuple(self.path), type_, tuple(self.branches), self.error)

    def enter(self, shape: Shape) -> TypeShape | None:
        """Step from a schema to one of its fields."""
        if self.at >= len(self.location):
            return None
        name = self.location[self.at]
        self.at += 1
        field = shape.fields.get(name)  # type: ignore[arg-type]  # a place in a list is no field's name
        if field is None:
            self.path.append(name)
            return shape.extra
        path = path_in(self.data, field.input_paths)
        self.has_choice |= len(self.path) > 0 and len(field.input_paths) > 1
        self.data = value_at(self.data, path)
        self.path.extend(path)
        return field.type

    def schema(self, type_: TypeShape) -> TypeShape | None:
        """Step into a nested schema."""
        return self.inside(type_) if type_.schema is None else self.enter(shape_of(type_.schema))

    def member(self, type_: TypeShape) -> TypeShape | None:
        """Step to a member of a union, which is no key on the wire."""
        label = self.location[self.at]
        label = str(getattr(label, "value", label))
        self.at += 1
        if type_.kind is Kind.UNION:
            self.branches.append((tuple(self.path), label))
        return type_.choices.get(label)

    def root(self, type_: TypeShape) -> TypeShape | None:
        """Step to what a root model is made of, which has no key either."""
        return type_.item

    def part(self, type_: TypeShape) -> TypeShape | None:
        """Step from a list, a dictionary or a record to one of its parts."""
        key = self.location[self.at]
        self.at += 1
        if type_.kind is Kind.RECORD:
            return self._part_of_record(type_, key)
        self.path.append(str(key) if type_.kind is Kind.DICT else key)
        self.data = item_of(self.data, key)
        if self.location[self.at :] == ("[key]",):
            self.at += 1
            return None
        return type_.item

    def _part_of_record(self, type_: TypeShape, key: int | str) -> TypeShape | None:
        paths = type_.paths.get(str(key), ((key,),))
        path = path_in(self.data, paths)
        self.has_choice |= len(paths) > 1
        self.data = value_at(self.data, path)
        self.path.extend(path)
        return type_.choices.get(str(key))

    def inside(self, type_: TypeShape) -> TypeShape | None:
        """Read the rest of a value that only Pydantic knows."""
        rest = self.location[self.at :]
        self.path.extend(part for part in rest if isinstance(part, int) or part.isidentifier())
        self.at = len(self.location)
        return type_


_STEPS: Mapping[Kind, Callable[[_Way, TypeShape], TypeShape | None]] = {
    Kind.SCHEMA: _Way.schema,
    **dict.fromkeys((Kind.UNION, Kind.TAGGED_UNION), _Way.member),
    Kind.ROOT: _Way.root,
    **dict.fromkeys((Kind.LIST, Kind.DICT, Kind.RECORD), _Way.part),
}


def item_of(value: Any, key: Any) -> object:
    """Return a part of the input, if there is one at that key."""
    try:
        return value[key]
    except (LookupError, TypeError):
        return None


def _one_branch(places: list[Place]) -> Iterable[Place]:
    """Keep one branch of each union: the one that came furthest, then the one with least errors."""
    by_union: dict[tuple[Any, ...], dict[str, list[Place]]] = {}
    for place in places:
        for prefix, label in place.branches:
            by_union.setdefault(prefix, {}).setdefault(label, []).append(place)
    if not by_union:
        return places
    chosen = {prefix: _best(branches) for prefix, branches in by_union.items()}
    return [place for place in places if _is_chosen(place, chosen)]


def _is_chosen(place: Place, chosen: Mapping[tuple[object, ...], str]) -> bool:
    for prefix, label in place.branches:  # noqa: SIM110  (a generator takes twice as long)
        if chosen[prefix] != label:
            return False
    return True


def _best(branches: dict[str, list[Place]]) -> str:
    def rank(label: str) -> tuple[int, int]:
        places = branches[label]
        if len(places) == 1:
            return -len(places[0].path), 1
        return -max(place.depth for place in places), len(places)

    return min(branches, key=rank)
