"""What keeps a serializer class from being written anew: it then goes on running as it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from rest_framework.serializers import (
    HyperlinkedModelSerializer,
    ModelSerializer,
    Serializer,
)

from nova_drf.core.overrides import (
    FIELD_BUILDING,
    INPUT_LOOP,
    OUTPUT_LOOP,
    is_users,
    override,
    overrides,
)
from nova_drf.migration.codegen.bodies import attributes_used
from nova_drf.migration.codegen.classes import Origin
from nova_drf.serializers.schema_serializer import SchemaSerializer

DRF_BASES: tuple[Any, ...] = (Serializer, ModelSerializer, HyperlinkedModelSerializer)
"""The classes in whose place :class:`~nova_drf.SchemaSerializer` can stand."""

_ONLY_OF_MODELS = {
    name for name in {*dir(ModelSerializer)} - {*dir(SchemaSerializer)} if not name.startswith("__")
}
"""The API of ``ModelSerializer`` that a serializer with a schema does not have."""


def obstacle_before(cls: Any) -> str | None:
    """Return why a class cannot be written, as far as that can be seen without its source."""
    if not issubclass(cls, Serializer):
        return f"{cls.__name__} is no Serializer: its methods say all of it"
    if "<locals>" in cls.__qualname__ or "." in cls.__qualname__:
        return f"{cls.__qualname__} is not at the top of its module"
    found = next(overrides(cls, (*FIELD_BUILDING, *INPUT_LOOP, *OUTPUT_LOOP)), None)
    if found is not None:
        return f"{found} decides about its fields while it runs"
    if getattr(getattr(cls, "Meta", None), "model", None) and not issubclass(cls, ModelSerializer):
        return "it names a model in Meta, but does not write it"
    return None


def obstacle_in(origin: Origin) -> str | None:
    """Return what in the body of a class cannot be carried over."""
    if origin.node.keywords:
        return f"{origin.cls.__name__} is made with {origin.node.keywords[0].keyword.value}="  # type: ignore[union-attr]
    used = sorted(attributes_used(origin.node) & _ONLY_OF_MODELS)
    if used:
        return f"{origin.cls.__name__} uses {used[0]} of ModelSerializer"
    return None


def heirs(cls: type) -> Iterator[type]:
    """Yield the classes that derive from a class and can be found by their names.

    What nova_drf made of it does not count, nor what some function makes and forgets.
    """
    classes: list[type] = cls.__subclasses__()
    for one in classes:
        if issubclass(one, SchemaSerializer) or not is_users(one):
            continue
        if is_importable(one):
            yield one
        yield from heirs(one)


def is_importable(cls: type) -> bool:
    """Whether a class is what its name stands for at the top of its module."""
    return getattr(sys.modules.get(cls.__module__), cls.__name__, None) is cls


def makes_own_fields(cls: type) -> bool:
    """Whether a class, or one above it, has a ``get_fields`` of its own."""
    return override(cls, "get_fields") is not None
