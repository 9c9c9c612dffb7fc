"""The fields that a serializer class has before any instance changes them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.utils.serializer_helpers import BindingDict

from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.shape import AnyField

META_OPTIONS = (
    "model",
    "fields",
    "exclude",
    "read_only_fields",
    "depth",
    "extra_kwargs",
    "validators",
)
"""What ``ModelSerializer`` reads of ``Meta`` whenever it infers fields."""


_CONTAINERS = (list, dict, set)


class Template:
    """The fields of a serializer class, made once by DRF's code and bound to a blank serializer.

    ``__init__``, ``get_fields`` and ``fields`` of the user have no part in it; what they do to the
    fields of one instance is found out by comparing.

    Args:
        serializer_class: The class.

    Raises:
        Exception: Whatever DRF, or a ``build_...`` method of the user, raises.
    """

    def __init__(self, serializer_class: type[Serializer[Any]]) -> None:
        self.serializer_class = serializer_class
        self.state = tuple(map(_kept, class_state(serializer_class)))
        self.serializer = _blank(serializer_class)
        made: Mapping[str, AnyField] = drf_method(serializer_class, "get_fields")(self.serializer)
        bound = BindingDict(self.serializer)
        for name, field in made.items():
            bound[name] = field
        self.fields: Mapping[str, AnyField] = bound
        self.serializer.__dict__["fields"] = bound

    def holds(self) -> bool:
        """Whether the class still is what it was; some projects change ``Meta`` at run time."""
        return class_state(self.serializer_class) == self.state

    def copy(self, name: str) -> AnyField:
        """Return a fresh field, as DRF would make it for another instance."""
        declared = self.serializer_class._declared_fields.get(name)
        return copy.deepcopy(self.fields[name] if declared is None else declared)


def _blank(serializer_class: type[Serializer[Any]]) -> Any:
    """Return a serializer on which only DRF's own ``__init__`` ran."""
    serializer = object.__new__(serializer_class)
    serializer._args, serializer._kwargs = (), {}  # type: ignore[attr-defined]
    BaseSerializer.__init__(serializer)
    return serializer


def blank_fields(serializer: Any) -> Mapping[str, AnyField]:
    """Return the fields of a blank serializer, also where a ``fields`` of the user's hides them."""
    fields: Mapping[str, AnyField] = vars(serializer).get("fields") or serializer.fields
    return fields


def drf_method(serializer_class: type, name: str) -> Any:
    """Return a method as the nearest of DRF's classes defines it."""
    return next(
        vars(base)[name]
        for base in serializer_class.__mro__
        if owner_of(base) is Owner.DRF and name in vars(base)
    )


def class_state(serializer_class: Any) -> tuple[Any, ...]:
    """Return what a class's fields are made from, for comparing it with a later state."""
    meta = getattr(serializer_class, "Meta", None)
    if meta is None:
        return (serializer_class._declared_fields,)
    options = [getattr(meta, option, None) for option in META_OPTIONS]
    return (serializer_class._declared_fields, *options)


def _kept(option: Any) -> Any:
    """Copy an option as deep as projects change them."""
    if option.__class__ is dict:
        return {
            name: copy.copy(value) if value.__class__ in _CONTAINERS else value
            for name, value in option.items()
        }
    return copy.copy(option) if option.__class__ in _CONTAINERS else option


# Whether somebody changed a field


def same_construction(field: AnyField, other: AnyField) -> bool:
    """Whether two fields were made by the same call."""
    if type(field) is not type(other):
        return False
    made, others = (field._args, field._kwargs), (other._args, other._kwargs)
    return bool(made == others)


Snapshot = tuple[dict[str, Any], ...]
"""The state of a field, and of the fields inside it."""


def snapshot(field: AnyField) -> Snapshot:
    """Remember the state of a field, so that :func:`is_unchanged` can tell a change."""
    return tuple(_state(part) for part in _parts(field))


def is_unchanged(field: AnyField, before: Snapshot) -> bool:
    """Whether nobody has changed a field, or a field inside it, since its snapshot."""
    parts = list(_parts(field))
    return len(parts) == len(before) and all(
        _same(_state(part), state) for part, state in zip(parts, before, strict=True)
    )


def _parts(field: AnyField) -> Iterator[AnyField]:
    yield field
    child = vars(field).get("child")
    if isinstance(child, Field):
        yield from _parts(child)


def _state(field: AnyField) -> dict[str, Any]:
    if not isinstance(field, BaseSerializer):
        field.validators  # noqa: B018  (DRF makes the list on first access)
    return {
        name: copy.copy(value) if value.__class__ in _CONTAINERS else value
        for name, value in vars(field).items()
    }


def _same(now: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    if now.keys() != before.keys():
        return False
    return all(_same_value(value, before[name]) for name, value in now.items())


def _same_value(now: Any, before: Any) -> bool:
    if now is before:
        return True
    if now.__class__ is not before.__class__ or now.__class__ not in _CONTAINERS:
        return False
    if len(now) != len(before):
        return False
    if now.__class__ is set:
        return bool(now == before)
    pairs = zip(_flat(now), _flat(before), strict=True)
    return all(one is other for one, other in pairs)


def _flat(container: Any) -> list[Any]:
    if container.__class__ is dict:
        return [*container.keys(), *container.values()]
    return list(container)
