"""From an instance of a schema to the plain dictionary that Django code works with.

``validated_data`` stays a ``dict``, all the way down: callers pop from it and pass it on with
``**``. Values that only a schema has are unwrapped to what a model field stores.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from enum import Enum
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel, NameEmail, RootModel, SecretBytes, SecretStr, networks
from pydantic_core import MultiHostUrl, Url
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.settings import api_settings

from nova_drf.core.markers import UNSET, Unset
from nova_drf.core.ownership import is_written_in
from nova_drf.core.value_classes import VALUE_CLASSES
from nova_drf.mapping.builtin import BUILTIN
from nova_drf.mapping.from_core_schema import has_unconstrained_keys
from nova_drf.mapping.from_pydantic import held_type, shape_of
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.shape import FieldShape, Kind, Shape, TypeShape

_STORED_AS_THEY_ARE = frozenset(
    row.core_type for row in BUILTIN if row.python_type in VALUE_CLASSES
)
"""The core types whose values a model field stores as they are."""

ToValidatedData = Callable[..., dict[str, Any]]
"""``validated_data(instance, names=None)``: all attributes, or only these."""

_AS_TEXT = (
    *(Url, MultiHostUrl, NameEmail, PurePath),
    *(IPv4Address, IPv6Address, IPv4Interface, IPv6Interface, IPv4Network, IPv6Network),
)


def validated_data_function(shape: Shape, *, extra: bool = False) -> ToValidatedData:
    """Return the function that turns an instance of one schema into a dictionary.

    Args:
        shape: The schema.
        extra: Whether the extra values of the schema, and of those inside, go in as well. They do
            not where what is in the dictionary may be written to the attributes of an object.
    """
    converters = _converters(shape, extra)
    moved = {name: field for name, field in shape.fields.items() if field.source != name}
    # What is extra in a converted schema, hooks of its serializer have made.
    extra = extra or "__nova_conversion__" in vars(shape.schema)

    def validated_data(instance: BaseModel, names: Collection[str] | None = None) -> dict[str, Any]:
        values = _sent(instance.__dict__)
        if names is not None:
            values = {key: value for key, value in values.items() if key in names}
        try:
            for name, convert in converters.items():
                if (value := values.get(name)) is not None:
                    values[name] = convert(value)
        except RecursionError as error:
            raise ValidationError(nested_too_deep()) from error
        if moved:
            values = _at_sources(values, moved)
        return {**values, **(instance.__pydantic_extra__ or {})} if extra else values

    return validated_data


def shared_sources(shape: Shape) -> set[str]:
    """Return the sources under which the values of several fields may lie."""
    sources = [field.source for field in shape.fields.values()]
    return {"*", *(source.partition(".")[0] for source in sources if "." in source)}


def _converters(shape: Shape, extra: bool) -> dict[str, Convert]:
    shared = shared_sources(shape)
    converters = {
        name: to_validated_value(field.type, extra=extra and field.source not in shared)
        for name, field in shape.fields.items()
    }
    return {name: convert for name, convert in converters.items() if convert is not None}


def _sent(values: Mapping[str, object]) -> dict[str, Any]:
    """Return a copy of a schema's values without those that nobody sent."""
    # Looking at classes costs half of looking at each value, and there is seldom one to leave out.
    if Unset not in map(type, values.values()):
        return dict(values)
    return {key: value for key, value in values.items() if value is not UNSET}


def nested_too_deep() -> dict[str, list[Any]]:
    """Return the errors of a payload that is nested deeper than Python can follow."""
    detail = ErrorDetail(str(ValidationError.default_detail), code=ValidationError.default_code)
    return {api_settings.NON_FIELD_ERRORS_KEY: [detail]}


def _at_sources(values: dict[str, Any], moved: dict[str, FieldShape]) -> dict[str, Any]:
    """Put values where their ``source`` says: under another name, nested, or merged in."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        field = moved.get(name)
        set_at(result, [name] if field is None else source_attributes(field.source), value)
    return result


def source_attributes(source: str) -> list[str]:
    """Return a ``source`` as DRF's ``source_attrs``."""
    return [] if source == "*" else source.split(".")


def set_at(target: dict[str, Any], keys: list[str], value: Any) -> None:
    """Set a value in nested dictionaries; without keys, merge it in (DRF's ``set_value``)."""
    if not keys:
        # None is a default; there is nothing in it.
        target.update(() if value is None else value)
        return
    for key in keys[:-1]:
        target = target.setdefault(key, {})
    target[keys[-1]] = value


def to_validated_value(type_: TypeShape, *, extra: bool = False) -> Convert | None:
    """Return what unwraps a value that is not ``None``, or ``None`` if there is nothing to unwrap.

    Args:
        type_: What the value is.
        extra: Whether the extra values of the schemas in it go in as well.
    """
    extra = extra or type_.stored_whole
    unwrap = unwrapped if extra else _unwrapped_without_extra
    if type_.kind is Kind.SCALAR and type_.mapping is not None:
        convert = type_.mapping.validated(type_)
        is_stored_as_it_is = type_.has_drf_semantics or type_.core["type"] in _STORED_AS_THEY_ARE
        return convert if convert is not None or is_stored_as_it_is else unwrap
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        return _of_schema(type_.schema, extra)
    if type_.kind in (Kind.LIST, Kind.DICT) and type_.item is not None:
        return _of_items(type_, to_validated_value(type_.item, extra=extra))
    if type_.kind is not Kind.KEPT:
        return unwrap
    held = held_type(type_)
    return (
        None
        if held is None or held.kind is Kind.PYDANTIC
        else to_validated_value(held, extra=extra)
    )


def _of_schema(schema: type[BaseModel], extra: bool) -> Convert:
    convert: ToValidatedData | None = None

    def validated(value: object) -> object:
        nonlocal convert
        if not isinstance(value, BaseModel):
            return value
        if convert is None:
            convert = validated_data_function(shape_of(schema), extra=extra)
        return convert(value)

    return validated


def _of_items(type_: TypeShape, item: Convert | None) -> Convert | None:
    if type_.kind is Kind.DICT:
        return _of_dictionary(type_, item)
    if item is None and type_.core["type"] != "deque":
        return None
    convert = item or _as_it_is

    def validated(value: Any) -> object:
        return _rebuilt(value, [None if member is None else convert(member) for member in value])

    return validated


def _of_dictionary(type_: TypeShape, item: Convert | None) -> Convert | None:
    has_texts = has_unconstrained_keys(type_.core)
    if item is None and has_texts and type_.core["type"] == "dict":
        return None
    key_of, convert = (_as_it_is if has_texts else unwrapped), (item or _as_it_is)
    return lambda value: {
        key_of(key): None if member is None else convert(member) for key, member in value.items()
    }


def _as_it_is(value: object) -> object:
    return value


def _rebuilt(value: object, items: list[Any]) -> object:
    """Return converted items in a collection like the one that they came from."""
    if isinstance(value, tuple):
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, (set, frozenset)) and all(isinstance(item, Hashable) for item in items):
        return type(value)(items)
    # Schemas have become dictionaries, of which there are no sets.
    return items


def unwrapped(value: Any, *, extra: bool = True) -> Any:
    """Return what a model field can store of a value, whatever it is.

    Args:
        value: The value.
        extra: Whether the extra values of the schemas in it go in as well.
    """
    if value.__class__ in VALUE_CLASSES:
        return value
    unwrap = unwrapped if extra else _unwrapped_without_extra
    # Nearly all is what JSON has; the other classes are many to ask for.
    if value.__class__ is list:
        return list(map(unwrap, value))
    if value.__class__ is dict:
        return {
            key if key.__class__ is str else unwrap(key): item
            if item.__class__ in VALUE_CLASSES
            else unwrap(item)
            for key, item in value.items()
        }
    return _unwrapped_object(value, unwrap, extra)


def _unwrapped_object(value: object, unwrap: Convert, extra: bool) -> object:
    for classes, convert in _UNWRAP:
        if isinstance(value, classes):
            return convert(value)
    for classes, convert_parts in _UNWRAP_PARTS:
        if isinstance(value, classes):
            return convert_parts(value, unwrap)
    if isinstance(value, BaseModel):
        return _of_schema(type(value), extra)(value)
    kind: Any = type(value)
    return str(value) if _is_pydantic_url(kind) else _unwrapped_dataclass(value, unwrap)


def _unwrapped_dataclass(value: object, unwrap: Convert) -> object:
    if not is_dataclass(value) or isinstance(value, type):
        return value
    return {field.name: unwrap(getattr(value, field.name)) for field in dataclass_fields(value)}


def _unwrapped_without_extra(value: object) -> object:
    return unwrapped(value, extra=False)


def _unwrapped_items(value: Any, unwrap: Convert) -> object:
    return _rebuilt(value, [unwrap(item) for item in value])


def _unwrapped_dictionary(value: Mapping[object, object], unwrap: Convert) -> dict[Any, Any]:
    return {unwrap(key): unwrap(item) for key, item in value.items()}


_UNWRAP: tuple[tuple[Any, Convert], ...] = (
    (Enum, lambda value: value.value),
    ((SecretStr, SecretBytes), lambda value: value.get_secret_value()),
    (_AS_TEXT, str),
)
_UNWRAP_PARTS: tuple[tuple[Any, Callable[[Any, Convert], Any]], ...] = (
    (RootModel, lambda value, unwrap: unwrap(value.root)),
    (dict, _unwrapped_dictionary),
    ((list, tuple, set, frozenset, deque), _unwrapped_items),
)


@lru_cache(maxsize=1024)
def _is_pydantic_url(cls: type) -> bool:
    """Whether a class is one of ``pydantic.networks``' own of URLs (from Pydantic 2.10 on)."""
    return is_written_in(cls, networks) and hasattr(cls, "unicode_string")
