"""DRF's error tree, put together from the errors that Pydantic lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError as PydanticValidationError
from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings

from nova_drf.core.carried_errors import Detail
from nova_drf.mapping.drf_versions import list_serializer_errors
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.input_paths import value_at
from nova_drf.mapping.oracle import invalid
from nova_drf.mapping.shape import FieldShape, Kind, Shape, TypeShape
from nova_drf.mapping.validated_data import nested_too_deep
from nova_drf.validation.errors.locations import Place, item_of, places_below, places_of
from nova_drf.validation.errors.messages import Texts, detail_of

_DEEPEST = 200
"""How many keys may stand above an error. DRF takes two calls for each of them, twice over, and
Python allows a thousand; what is nested deeper is refused as a whole."""


def error_detail(
    error: PydanticValidationError, shape: Shape, data: object = None
) -> dict[Any, Any]:
    """Translate what Pydantic found into the detail of DRF's ``ValidationError``.

    Args:
        error: Raised by the request variant of the schema.
        shape: The schema's description, along which locations are read.
        data: The input, to know by which name a field was sent, and how long a list was where DRF
            prints one entry for each item.
    """
    places = list(places_of(error, shape, data))
    if any(place.depth > _DEEPEST for place in places):
        return nested_too_deep()
    return sendable(_lists_of_schemas(_tree(places), shape, data))  # type: ignore[no-any-return]  # the root of the tree is a dictionary


def error_detail_of_value(error: PydanticValidationError, type_: TypeShape) -> Detail:
    """Like :func:`error_detail`, for a value that stands alone."""
    name = "value"
    field = FieldShape(name=name, field_name=name, input_paths=((name,),), source=name, type=type_)
    return sendable(_tree(places_below(error, field))[name])


def _tree(places: Iterable[Place]) -> dict[Any, Any]:
    tree: dict[Any, Any] = {}
    texts: Texts = {}
    for place in places:
        _insert(tree, place.path, detail_of(place, texts))
    return tree


def _insert(tree: dict[Any, Any], path: tuple[object, ...], detail: Detail) -> None:
    """Put a detail at its place, beside what is there."""
    if not path:
        for key, value in _as_mapping(detail).items():
            tree[key] = _merged(tree[key], value) if key in tree else value
        return
    key, rest = path[0], path[1:]
    if not rest:
        tree[key] = _merged(tree[key], detail) if key in tree else detail
        return
    below = tree.setdefault(key, {})
    if not isinstance(below, dict):
        below = tree[key] = _as_mapping(below)
    _insert(below, rest, detail)


def _merged(first: Detail, second: Detail) -> Detail:
    if isinstance(first, list) and isinstance(second, list):
        # Members of a union that could not be told apart may all say the same.
        return [*first, *(error for error in second if error not in first)]
    merged = dict(_as_mapping(first))
    for key, value in _as_mapping(second).items():
        merged[key] = _merged(merged[key], value) if key in merged else value
    return merged


def _as_mapping(detail: Detail) -> dict[Any, Any]:
    return detail if isinstance(detail, dict) else {api_settings.NON_FIELD_ERRORS_KEY: detail}


def _lists_of_schemas(tree: dict[Any, Any], shape: Shape, data: object) -> dict[Any, Any]:
    """Give the errors of nested ``many=True`` the form that the installed DRF gives them."""
    for field in shape.fields.values():
        for path in field.input_paths:
            holder: object = tree
            for step in path[:-1]:
                holder = holder.get(step) if isinstance(holder, dict) else None
            below = holder.get(path[-1]) if isinstance(holder, dict) else None
            if isinstance(holder, dict) and isinstance(below, dict):
                holder[path[-1]] = _below(below, field.type, value_at(data, path))
    return tree


def _below(below: dict[Any, Any], type_: TypeShape, value: object) -> Detail:
    while type_.kind is Kind.ROOT and type_.item is not None:
        type_ = type_.item
    if type_.kind in (Kind.UNION, Kind.TAGGED_UNION):
        type_ = _member(below, type_)
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        return _lists_of_schemas(below, shape_of(type_.schema), value)
    for key, entry in below.items():
        part = type_.choices.get(str(key)) if type_.kind is Kind.RECORD else type_.item
        if isinstance(entry, dict) and part is not None:
            below[key] = _below(entry, part, item_of(value, key))
    is_many = type_.kind is Kind.LIST and type_.item is not None and type_.item.is_serializer
    if is_many and all(isinstance(key, int) for key in below):
        return list_serializer_errors(below, len(value) if isinstance(value, list) else 0)
    return below


def _member(below: dict[Any, Any], type_: TypeShape) -> TypeShape:
    """Return the member of a union that has the keys of these errors."""
    for choice in type_.choices.values():
        if choice.kind is Kind.SCHEMA and choice.schema is not None:
            fields = shape_of(choice.schema).fields.values()
            if below.keys() <= {path[0] for field in fields for path in field.input_paths}:
                return choice
    return type_


def sendable(detail: Detail) -> Detail:
    """Return a detail that can be written as UTF-8, whatever of the input it quotes.

    A field may have put anything into it; as in DRF, each text in it is an ``ErrorDetail``.
    """
    if isinstance(detail, dict):
        return {_sendable_text(key): sendable(value) for key, value in detail.items()}
    if isinstance(detail, (list, tuple)):
        return [sendable(value) for value in detail]
    if detail.__class__ is not ErrorDetail:
        detail = ErrorDetail(str(detail), code=getattr(detail, "code", invalid().code))
    if detail.isascii():
        return detail
    text = _sendable_text(str(detail))
    return detail if text == detail else ErrorDetail(text, code=detail.code)


def _sendable_text(text: object) -> Any:
    if not isinstance(text, str) or text.isascii():
        return text
    return text.encode(errors="backslashreplace").decode()
