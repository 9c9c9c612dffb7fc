"""Instances of schemas that are made without validation, of values that were checked elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from nova_drf.mapping.pydantic_side import shape_of
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.shape import FieldShape, Kind, TypeShape
from nova_drf.markers import UNSET
from nova_drf.plain import source_attributes

_CONTAINERS: Mapping[str, Callable[[list[Any]], Any]] = {
    "set": set,
    "frozenset": frozenset,
    "tuple": tuple,
}


def construct(schema: type[BaseModel], values: dict[str, Any]) -> BaseModel:
    """Make an instance of a schema, by attribute names whatever the aliases are.

    Args:
        schema: The schema.
        values: The attributes. :data:`~nova_drf.UNSET` stands for what nobody sent.
    """
    instance = schema.__new__(schema)
    sent = {name for name, value in values.items() if value is not UNSET}
    object.__setattr__(instance, "__dict__", values)
    object.__setattr__(instance, "__pydantic_fields_set__", sent)
    extra: dict[str, Any] | None = {} if schema.model_config.get("extra") == "allow" else None
    object.__setattr__(instance, "__pydantic_extra__", extra)
    object.__setattr__(instance, "__pydantic_private__", private_defaults(schema))
    return instance


def private_defaults(schema: type[BaseModel]) -> dict[str, Any] | None:
    """Return what a new instance's private attributes hold, before any code of the user."""
    if not schema.__private_attributes__:
        return None
    defaults = {
        name: attribute.get_default() for name, attribute in schema.__private_attributes__.items()
    }
    return {name: value for name, value in defaults.items() if value is not PydanticUndefined}


def overlaid(schema: Any, values: dict[str, Any]) -> Any:
    """Return a copy of a schema instance in which ``values`` fill what it lacks.

    Its ``model_fields_set`` names what was there before.
    """
    present = {name: value for name, value in schema.__dict__.items() if value is not UNSET}
    filled = construct(type(schema), {**values, **present})
    object.__setattr__(filled, "__pydantic_fields_set__", set(present))
    object.__setattr__(filled, "__pydantic_extra__", schema.__pydantic_extra__)
    object.__setattr__(filled, "__pydantic_private__", schema.__pydantic_private__)
    return filled


def schema_value(type_: TypeShape) -> Convert | None:
    """Return what turns the value of a DRF field, never ``None``, into what the annotation names.

    It is the way back from :func:`nova_drf.plain.plain_value`. ``None`` if nothing is to be done.
    """
    if type_.kind is Kind.SCALAR and type_.mapping is not None:
        return type_.mapping.typed(type_)
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        return _schema_maker(type_.schema)
    inner = schema_value(type_.item) if type_.item is not None else None
    if type_.kind is Kind.LIST:
        return _list_maker(inner, _CONTAINERS.get(type_.core.get("type", "")))
    if type_.kind is Kind.DICT and inner is not None:
        return lambda value: {key: _converted(inner, one) for key, one in value.items()}
    return None


def _list_maker(
    item: Convert | None, container: Callable[[list[Any]], Any] | None
) -> Convert | None:
    if item is None:
        return container
    return lambda value: (container or list)([_converted(item, one) for one in value])


def _schema_maker(schema: type[BaseModel]) -> Convert:
    converters: dict[str, Convert | None] | None = None

    def made(value: Any) -> Any:
        nonlocal converters
        if not isinstance(value, Mapping):
            return value
        fields = shape_of(schema).fields
        if converters is None:
            converters = {name: schema_value(field.type) for name, field in fields.items()}
        values = {
            name: _converted(converters[name], _sent(value, field))
            for name, field in fields.items()
            if not field.computed
        }
        return construct(schema, values)

    return made


def _sent(values: Any, field: FieldShape) -> Any:
    """Return what was written to a field's source; :data:`UNSET` if nothing was."""
    for key in source_attributes(field.source):
        if not isinstance(values, Mapping) or key not in values:
            return UNSET
        values = values[key]
    return values


def _converted(convert: Convert | None, value: Any) -> Any:
    return value if convert is None or value is None or value is UNSET else convert(value)
