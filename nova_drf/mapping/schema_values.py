"""From ``validated_data`` to the values that a schema's annotations name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from nova_drf.core.instances import construct
from nova_drf.core.markers import UNSET
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.shape import FieldShape, Kind, TypeShape
from nova_drf.mapping.validated_data import source_attributes

_CONTAINERS: Mapping[str, Callable[[list[Any]], Any]] = {
    "set": set,
    "frozenset": frozenset,
    "tuple": tuple,
}


def schema_value(type_: TypeShape) -> Convert | None:
    """Return what turns the value of a DRF field, never ``None``, into what the annotation names.

    It is the way back from :func:`nova_drf.mapping.validated_data.plain_value`. ``None`` if nothing
    is to be done.
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


def _sent(values: object, field: FieldShape) -> Any:
    """Return what was written to a field's source; :data:`UNSET` if nothing was."""
    for key in source_attributes(field.source):
        if not isinstance(values, Mapping) or key not in values:
            return UNSET
        values = values[key]
    return values


def _converted(convert: Convert | None, value: object) -> object:
    return value if convert is None or value is None or value is UNSET else convert(value)
