"""What a serializer class has of its own, and what it leaves to DRF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Generic, NamedTuple, Protocol

from rest_framework import fields, relations, serializers
from rest_framework.serializers import BaseSerializer, Serializer

from nova_drf.core import ownership
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.core.steps import is_adapter

PASSES_ON = "_nova_passes_on"
"""Marks a method that only settles what the next class in the order of a serializer answers."""

SerializerClass = type[BaseSerializer[Any]]

_NOT_THE_USERS = (Owner.DRF, Owner.NOVA)
_NOBODYS: tuple[object, ...] = (object, Generic, Protocol)

# Some projects put their own classes in the places of these.
ownership.remember(fields, relations, serializers)

FIELD_BUILDING = (
    "get_field_names",
    "get_default_field_names",
    "build_field",
    "build_standard_field",
    "build_relational_field",
    "build_nested_field",
    "build_property_field",
    "build_url_field",
    "build_unknown_field",
    "include_extra_kwargs",
    "get_extra_kwargs",
    "get_uniqueness_extra_kwargs",
    "get_unique_together_constraints",
    "_get_model_fields",
)
"""The methods with which ``ModelSerializer`` infers fields; any of them may look at the context."""

FIELD_ACCESS = ("fields", "get_fields")
"""What may give each instance fields of its own."""

INPUT_LOOP = ("_writable_fields", "set_value")
"""What DRF's ``to_internal_value`` is made of."""

OUTPUT_LOOP = ("_readable_fields",)
"""What DRF's ``to_representation`` is made of."""

WHOLE_INPUT = ("to_internal_value", "run_validation", "run_validators", "validate_empty_values")
"""Methods that see, and may change, a payload as a whole on its way in."""

WHOLE_OUTPUT = ("to_representation", "data")
"""Methods that may print whatever they like."""

AS_A_FIELD = ("get_value", "get_attribute", "get_default", "bind", "get_initial")
"""What matters where the serializer is a field of another one."""

NO_HOOKS: frozenset[str] = frozenset()

FIELD_HOOKS = "validate_"
"""What the names of the methods begin with that DRF calls for single fields."""

SAVING = ("create", "update", "save")

OTHERS = ("validate", "get_validators", "__init__", "__new__", "many_init", "is_valid", "errors")


class Override(NamedTuple):
    """A method or attribute that is not DRF's.

    Attributes:
        name: What it is called.
        owner: The class whose body holds it.
    """

    name: str
    owner: type

    def __str__(self) -> str:
        return f"{self.owner.__name__}.{self.name}"


@cache
def usual_attributes() -> frozenset[str]:
    """Return the attributes that DRF, or nova_drf, gives to serializers: none of them is a hook."""
    serializer = Serializer[Any](data={})
    serializer.is_valid()
    serializer.bind("", Serializer[Any]())
    later = ("_data", "_validators", "fields", "partial")
    ours = (
        "_class_validators",
        "_definition_in_use",
        "_expects_refusal",
        "_fresh",
        "_items",
        "_merged_schema",
        "_nova_drf_made_for",
        "_schema_instance",
        "_shared_fields",
        "_unparsed",
        "_validate_item",
    )
    return frozenset((*vars(serializer), *later, *ours))


def hooks_of(serializer: BaseSerializer[Any]) -> frozenset[str]:
    """Return the ``validate_<field>`` methods that were set on one serializer.

    DRF looks each of them up when it validates, so that they hold as those of the class do.

    Args:
        serializer: The serializer.
    """
    attributes = vars(serializer).keys()
    # Nearly always; looking at each name would take longer than to validate some fields.
    if attributes <= usual_attributes():
        return NO_HOOKS
    return frozenset(name for name in attributes if name.startswith(FIELD_HOOKS))


def field_hook(name: str) -> str:
    """Return the name of the method that DRF calls for the field of that name."""
    return FIELD_HOOKS + name


def is_users(cls: type) -> bool:
    """Whether a class is the project's or a third party's: neither DRF's, nor ours."""
    return cls not in _NOBODYS and not is_adapter(cls) and owner_of(cls) not in _NOT_THE_USERS


def definer(cls: type, name: str) -> type | None:
    """Return the class from which ``cls`` has an attribute."""
    definers = (base for base in cls.__mro__ if name in vars(base))
    theirs = (base for base in definers if not is_adapter(base) and not _passes_on(base, name))
    return next(theirs, None)


def _passes_on(cls: type, name: str) -> bool:
    value = vars(cls).get(name)
    method = value.fget if isinstance(value, property) else value
    return getattr(method, PASSES_ON, None) is method is not None


def override(cls: type, name: str) -> Override | None:
    """Return where the user overrides a method of DRF, or ``None`` if DRF's runs."""
    owner = definer(cls, name)
    return None if owner is None or not is_users(owner) else Override(name, owner)


def overrides(cls: type, names: Iterable[str]) -> Iterator[Override]:
    """Yield those of the named methods that are the user's."""
    for name in names:
        users = override(cls, name)
        if users is not None:
            yield users


def all_overrides(cls: type) -> list[Override]:
    """Return everything in a serializer class that is not DRF's and has a part in its answers."""
    names = (
        *WHOLE_INPUT,
        *INPUT_LOOP,
        *WHOLE_OUTPUT,
        *OUTPUT_LOOP,
        *FIELD_ACCESS,
        *FIELD_BUILDING,
        *AS_A_FIELD,
        *OTHERS,
        *SAVING,
    )
    return list(overrides(cls, names))
