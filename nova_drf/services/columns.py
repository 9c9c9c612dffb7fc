"""From validated data to attributes of a model: what a schema names, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from pathlib import PurePath
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import typing_extensions
from pydantic import AnyUrl, BaseModel, NameEmail, SecretBytes, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import MultiHostUrl, Url
from typing_extensions import get_type_hints, is_typeddict

from nova_drf.core.markers import UNSET, Direction, Source
from nova_drf.services.errors import ServiceDefinitionError

_AROUND = (
    *(Annotated, Union, UnionType),
    *(typing_extensions.Required, typing_extensions.NotRequired, typing_extensions.ReadOnly),
)
"""What may stand between a field and the markers of its type."""

_AS_TEXT = (
    *(AnyUrl, Url, MultiHostUrl, NameEmail, PurePath),
    *(IPv4Address, IPv6Address, IPv4Interface, IPv6Interface),
)


def values_of(data: Any, *, only_given: bool, declared: Iterable[Any] = ()) -> dict[str, Any]:
    """Return what data says, by attribute of the model.

    Args:
        data: A Pydantic model, a dataclass or a mapping. Read-only fields and what is ``UNSET``
            stay out, and so do a model's extras; ``Source("name")`` renames.
        only_given: Whether the defaults of a Pydantic model stay out too, for an update.
        declared: The types that were asked for. If one is a ``TypedDict``, only its keys count.

    Raises:
        ServiceDefinitionError: It is none of these.
    """
    if isinstance(data, BaseModel):
        given = data.model_fields_set if only_given else data.__class__.model_fields.keys()
        return _renamed({name: getattr(data, name, UNSET) for name in given}, type(data))
    if isinstance(data, Mapping):
        schemas = [schema for annotation in declared for schema in schemas_in(annotation)]
        typed = [schema for schema in schemas if is_typeddict(schema)]
        if not typed:
            return dict(data)
        return {name: value for one in typed for name, value in _renamed(data, one).items()}
    if is_dataclass(data) and not isinstance(data, type):
        named = {field.name: getattr(data, field.name) for field in dataclass_fields(data)}
        return _renamed(named, type(data))
    raise ServiceDefinitionError(
        f"{type(data).__qualname__}: cannot be read as columns. Pass a Pydantic model, a "
        "dataclass or a mapping, or override get_values()."
    )


def _renamed(given: Mapping[str, Any], schema: Any) -> dict[str, Any]:
    """Return what a schema lets through, by attribute."""
    return {
        attribute: given[name]
        for name, attribute in attributes_of(schema).items()
        if name in given and given[name] is not UNSET
    }


def schemas_in(annotation: Any) -> Iterator[Any]:
    """Yield the Pydantic models, dataclasses and typed dictionaries that an annotation names."""
    value = getattr(annotation, "__value__", annotation)  # of an alias: ``type Data = ...``
    is_model = isinstance(value, type) and issubclass(value, BaseModel)
    if is_model or is_typeddict(value) or is_dataclass(value):
        yield value
    elif get_origin(value) is Annotated:
        yield from schemas_in(get_args(value)[0])
    else:
        for member in get_args(value):
            yield from schemas_in(member)


@cache
def attributes_of(schema: Any) -> Mapping[str, str]:
    """Return the attribute of the model that each field of a schema writes.

    Args:
        schema: A Pydantic model, a dataclass or a typed dictionary.

    Raises:
        ServiceDefinitionError: An annotation cannot be resolved.
    """
    if isinstance(schema, type) and issubclass(schema, BaseModel):
        marked = {name: [*_markers(info)] for name, info in schema.model_fields.items()}
    else:
        marked = {name: [*_metadata(hint)] for name, hint in _hints(schema).items()}
    return {
        name: next((one.path for one in markers if isinstance(one, Source)), name)
        for name, markers in marked.items()
        if Direction.READ_ONLY not in markers
    }


def _hints(schema: Any) -> dict[str, Any]:
    where: str = schema.__qualname__
    names = {one.name for one in dataclass_fields(schema)} if is_dataclass(schema) else None
    try:
        hints = get_type_hints(schema, include_extras=True)
    except NameError as error:
        raise ServiceDefinitionError(
            f"{where}: an annotation cannot be resolved ({error}). Define the class "
            "and what it names at the top of a module."
        ) from error
    return {name: hint for name, hint in hints.items() if names is None or name in names}


def _markers(info: FieldInfo) -> Iterator[Any]:
    yield from info.metadata
    for member in get_args(info.annotation):
        yield from _metadata(member)


def _metadata(hint: Any) -> Iterator[Any]:
    """Yield what ``Annotated`` says anywhere around a type."""
    if get_origin(hint) is Annotated:
        yield from get_args(hint)[1:]
    if get_origin(hint) in _AROUND:
        for member in get_args(hint):
            yield from _metadata(member)


def stored(value: Any) -> Any:
    """Unwrap what only a schema has: enumerations, secrets, URLs, paths, addresses."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (SecretStr, SecretBytes)):
        return value.get_secret_value()
    if isinstance(value, _AS_TEXT):
        return str(value)
    return value
