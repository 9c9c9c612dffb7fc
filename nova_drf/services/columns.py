"""From validated data to the columns of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from pathlib import PurePath
from typing import Annotated, Any, TypeVar, get_args, get_origin

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, JSONField, Model
from django.db.models.fields.related import ForeignObject, ManyToManyField
from pydantic import AnyUrl, BaseModel, NameEmail, SecretBytes, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import MultiHostUrl, Url, to_jsonable_python

from nova_drf.markers import UNSET, Direction, Source
from nova_drf.services.errors import ServiceDefinitionError

M = TypeVar("M", bound=Model)

_AS_TEXT = (
    *(AnyUrl, Url, MultiHostUrl, NameEmail, PurePath),
    *(IPv4Address, IPv6Address, IPv4Interface, IPv6Interface),
)


def values_of(data: Any, *, only_given: bool) -> dict[str, Any]:
    """Return what data says, by attribute of the model.

    Args:
        data: A Pydantic model, a dataclass or a mapping. Read-only fields of a model and what is
            ``UNSET`` stay out; ``Source("name")`` renames.
        only_given: Whether the defaults of a Pydantic model stay out too, for an update.

    Raises:
        ServiceDefinitionError: It is none of these.
    """
    if isinstance(data, BaseModel):
        return dict(_values_of_model(data, only_given))
    if isinstance(data, Mapping):
        return dict(data)
    if is_dataclass(data) and not isinstance(data, type):
        return {field.name: getattr(data, field.name) for field in dataclass_fields(data)}
    raise ServiceDefinitionError(
        f"{type(data).__qualname__}: cannot be read as columns. Pass a Pydantic model, a "
        "dataclass or a mapping, or override get_values()."
    )


def _values_of_model(data: BaseModel, only_given: bool) -> Iterator[tuple[str, Any]]:
    for name, info in type(data).model_fields.items():
        markers = list(_markers(info))
        value = getattr(data, name, UNSET)
        if value is UNSET or Direction.READ_ONLY in markers:
            continue
        if only_given and name not in data.model_fields_set:
            continue
        yield next((one.path for one in markers if isinstance(one, Source)), name), value


def _markers(info: FieldInfo) -> Iterator[Any]:
    yield from info.metadata
    for member in get_args(info.annotation):
        if get_origin(member) is Annotated:
            yield from get_args(member)[1:]


def save(instance: M, values: Mapping[str, Any]) -> M:
    """Set values, check them by the model's own rules, and write them.

    Uniqueness is left to the database, which alone can know. To be called in a transaction: what
    relates many to many is written after the row.

    Args:
        instance: New, or as it was read.
        values: By attribute. A foreign key may be an object or a key.

    Raises:
        django.core.exceptions.ValidationError: A field's validators, ``clean_fields()`` or
            ``clean()`` refuse a value.
        ServiceDefinitionError: A value belongs to no column.
    """
    many: dict[str, Any] = {}
    for name, value in values.items():
        field = _field(type(instance), name)
        if isinstance(field, ManyToManyField):
            many[field.name] = value
        else:
            _assign(instance, name, field, value)
    instance.full_clean(validate_unique=False, validate_constraints=False)
    instance.save()
    for name, value in many.items():
        _relate(instance, name, value)
    return instance


def _field(model: type[Model], name: str) -> Field[Any, Any] | None:
    """Return the column of an attribute; ``None`` for a property with a setter."""
    found: Any
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        found = next((one for one in model._meta.fields if one.attname == name), None)
        if found is None and not hasattr(model, name):
            raise ServiceDefinitionError(
                f"{model.__qualname__} has no attribute {name!r} to store. Rename the field, "
                "mark it Source(...), or override get_values()."
            ) from None
    if found is not None and not isinstance(found, Field):
        raise ServiceDefinitionError(
            f"{model.__qualname__}.{name} is a relation of another model: override create() and "
            "update() to write it."
        )
    return found


def _assign(instance: Model, name: str, field: Field[Any, Any] | None, value: Any) -> None:
    if isinstance(field, JSONField):
        setattr(instance, name, to_jsonable_python(value))
        return
    if isinstance(value, BaseModel):
        raise ServiceDefinitionError(
            f"{type(instance).__qualname__}.{name}: a nested {type(value).__qualname__} is no "
            "column. Override create() and update() to write it."
        )
    if isinstance(field, ForeignObject) and not isinstance(value, (Model, type(None))):
        name = field.attname
    setattr(instance, name, stored(value))


def _relate(instance: Model, name: str, value: Any) -> None:
    manager = getattr(instance, name)
    keys = {one for one in value if not isinstance(one, Model)}
    known = set(manager.model._base_manager.filter(pk__in=keys).values_list("pk", flat=True))
    unknown = sorted(map(str, {manager.model._meta.pk.to_python(key) for key in keys} - known))
    if unknown:
        raise ValidationError(
            {
                name: [
                    ValidationError(
                        "Invalid pk “%(pk)s” - object does not exist.",
                        code="does_not_exist",
                        params={"pk": key},
                    )
                    for key in unknown
                ]
            }
        )
    manager.set(value)


def stored(value: Any) -> Any:
    """Unwrap what only a schema has: enumerations, secrets, URLs, paths, addresses."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (SecretStr, SecretBytes)):
        return value.get_secret_value()
    if isinstance(value, _AS_TEXT):
        return str(value)
    return value
