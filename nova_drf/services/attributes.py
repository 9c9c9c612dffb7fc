"""The attributes of a model: which a schema names, and which of them may be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from inspect import getattr_static
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from pathlib import PurePath
from types import UnionType
from typing import Annotated, Any, NoReturn, TypeAlias, Union, get_args, get_origin

import typing_extensions
from django.core.exceptions import FieldDoesNotExist
from django.db.models import AutoField, Field, ManyToManyField, Model
from django.db.models.fields import NOT_PROVIDED
from pydantic import AnyUrl, BaseModel, NameEmail, SecretBytes, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import MultiHostUrl, Url
from typing_extensions import get_type_hints, is_typeddict

from nova_drf.core.markers import UNSET, Direction, Source
from nova_drf.services.errors import ServiceDefinitionError

_WRAPPERS = (
    *(Annotated, Union, UnionType),
    *(typing_extensions.Required, typing_extensions.NotRequired, typing_extensions.ReadOnly),
)
"""What may stand between a field and the markers of its type."""

_AS_TEXT = (
    *(AnyUrl, Url, MultiHostUrl, NameEmail, PurePath),
    *(IPv4Address, IPv6Address, IPv4Interface, IPv6Interface),
)


def values_of(data: object, *, only_given: bool, declared: Iterable[object] = ()) -> dict[str, Any]:
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
        names = data.model_fields_set if only_given else data.__class__.model_fields.keys()
        return _renamed({name: getattr(data, name, UNSET) for name in names}, type(data))
    if isinstance(data, Mapping):
        schemas = [schema for annotation in declared for schema in schemas_in(annotation)]
        typed = [schema for schema in schemas if is_typeddict(schema)]
        if not typed:
            return dict(data)
        return {name: value for schema in typed for name, value in _renamed(data, schema).items()}
    if is_dataclass(data) and not isinstance(data, type):
        named = {field.name: getattr(data, field.name) for field in dataclass_fields(data)}
        return _renamed(named, type(data))
    raise ServiceDefinitionError(
        f"{type(data).__qualname__}: cannot be read as columns. Pass a Pydantic model, a "
        "dataclass or a mapping, or override get_values()."
    )


def _renamed(values: Mapping[str, object], schema: object) -> dict[str, Any]:
    """Return what a schema lets through, by attribute."""
    return {
        attribute: values[name]
        for name, attribute in attributes_of(schema).items()
        if name in values and values[name] is not UNSET
    }


def schemas_in(annotation: object) -> Iterator[object]:
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
def attributes_of(schema: object) -> Mapping[str, str]:
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
        name: next((marker.path for marker in markers if isinstance(marker, Source)), name)
        for name, markers in marked.items()
        if Direction.READ_ONLY not in markers
    }


def _hints(schema: Any) -> dict[str, Any]:
    where: str = schema.__qualname__
    names = {field.name for field in dataclass_fields(schema)} if is_dataclass(schema) else None
    try:
        hints = get_type_hints(schema, include_extras=True)
    except NameError as error:
        raise ServiceDefinitionError(
            f"{where}: an annotation cannot be resolved ({error}). Define the class "
            "and what it names at the top of a module."
        ) from error
    return {name: hint for name, hint in hints.items() if names is None or name in names}


def _markers(info: FieldInfo) -> Iterator[object]:
    yield from info.metadata
    for member in get_args(info.annotation):
        yield from _metadata(member)


def _metadata(hint: object) -> Iterator[object]:
    """Yield what ``Annotated`` says anywhere around a type."""
    if get_origin(hint) is Annotated:
        yield from get_args(hint)[1:]
    if get_origin(hint) in _WRAPPERS:
        for member in get_args(hint):
            yield from _metadata(member)


def stored(value: object) -> object:
    """Unwrap what only a schema has: enumerations, secrets, URLs, paths, addresses."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (SecretStr, SecretBytes)):
        return value.get_secret_value()
    if isinstance(value, _AS_TEXT):
        return str(value)
    return value


AnyField: TypeAlias = "Field[Any, Any]"


def writable_attribute(
    model: type[Model], name: Any, *, is_named: bool, is_new: bool
) -> AnyField | None:
    """Return the column or many-to-many relation of an attribute that is to be written.

    Args:
        model: The model.
        name: The attribute, by the name or the ``attname`` of its field.
        is_named: Whether a schema names it; else it is only the key of some mapping.
        is_new: Whether the object is a new one.

    Returns:
        ``None`` for a property with a setter, which only a schema can name.

    Raises:
        ServiceDefinitionError: It is something else, or a primary key that no schema names.
    """
    field = _field(model, name, is_named)
    if field is None:
        if is_named and _has_setter(model, name):
            return None
        _refuse_attribute(model, name, is_named)
    if not isinstance(field, Field) or not (field.concrete or isinstance(field, ManyToManyField)):
        raise ServiceDefinitionError(
            f"{model.__qualname__}.{name} is a relation of another model: override create() and "
            "update() to write it."
        )
    if field.generated:
        raise ServiceDefinitionError(
            f"{model.__qualname__}.{name} is generated by the database and cannot be written. "
            "Leave it out, or mark it ReadOnly."
        )
    if is_key(model, field) and not is_named and not (is_new and _is_natural(field)):
        raise ServiceDefinitionError(
            f"{model.__qualname__}.{name} is the primary key, which no schema names. Leave it "
            "out, or declare a data type with that field: ModelService[Model, Data]."
        )
    return field


def _field(model: type[Model], name: Any, is_named: bool) -> object:
    """Return the field or relation of an attribute, if it is one."""
    options = model._meta
    if name == "pk":
        return options.pk
    try:
        return options.get_field(name)
    except (FieldDoesNotExist, TypeError):
        pass
    columns = (field for field in options.concrete_fields if field.attname == name)
    related = options.related_objects
    backwards = (relation for relation in related if relation.get_accessor_name() == name)
    return next(columns, None) or next(backwards, None)


def _has_setter(model: type[Model], name: str) -> bool:
    descriptor = getattr_static(model, name, None)
    if isinstance(descriptor, property):
        return descriptor.fset is not None
    return hasattr(type(descriptor), "__set__")


def _refuse_attribute(model: type[Model], name: object, is_named: bool) -> NoReturn:
    where = model.__qualname__
    if not isinstance(name, str) or not hasattr(model, name):
        raise ServiceDefinitionError(
            f"{where} has no attribute {name!r} to store. Rename the field, mark it Source(...), "
            "or override get_values()."
        )
    if is_named:
        raise ServiceDefinitionError(
            f"{where}.{name} is neither a column nor a property with a setter. Rename the field, "
            "mark it Source(...) or ReadOnly, or override get_values()."
        )
    raise ServiceDefinitionError(
        f"{where}.{name} is no column, and no schema names it. Leave it out, or declare a data "
        "type with that field: ModelService[Model, Data]."
    )


def is_key(model: type[Model], field: AnyField) -> bool:
    """Whether a field is a primary key of the model or of a model that it inherits from."""
    if field.primary_key or field in model._meta.pk_fields:
        return True
    return bool(
        field.remote_field is not None and getattr(field.remote_field, "parent_link", False)
    )


def _is_natural(field: AnyField) -> bool:
    """Whether somebody has to say what the primary key of a new object is."""
    if not field.editable or isinstance(field, AutoField) or field.has_default():
        return False
    if getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED:
        return False
    return not getattr(field.remote_field, "parent_link", False)


def may_be_stored(key: object) -> bool:
    """Whether a database can hold a key: PostgreSQL has no NUL in texts, none has surrogates."""
    if isinstance(key, (tuple, list)):
        return all(may_be_stored(value) for value in key)
    if not isinstance(key, str):
        return True
    return "\x00" not in key and not any("\ud800" <= letter <= "\udfff" for letter in key)
