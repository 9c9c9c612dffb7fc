"""Where our classes stand in a serializer's method resolution order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from rest_framework.serializers import BaseSerializer, SerializerMetaclass

from nova_drf.core.ownership import Owner, owner_of
from nova_drf.serializers.async_hooks import AsyncHooksMetaclass, with_steps


def is_layer(cls: type) -> bool:
    """Whether a class is one of ours that stand between the user's and DRF's."""
    return "_of_layer" in vars(cls) or owner_of(cls) is Owner.NOVA


_backed: WeakSet[type] = WeakSet()


def backed_classes() -> list[type]:
    """Return the classes that somebody put ours in front of, for system checks."""
    return sorted(_backed, key=lambda cls: (cls.__module__, cls.__qualname__))


RUNS_BY_SCHEMA = "_runs_by_schema"
"""The attribute that says whether a schema, rather than the fields, is what a class says."""


def _by_schema_alone(orders: list[list[type]]) -> list[list[type]]:
    """Leave out what runs by fields where a schema says it all, and there are no fields to run.

    Only a class that we made of both, for a converted serializer, has a use for both.
    """
    layers = {base for order in orders for base in order}
    by_schema = {base for base in layers if vars(base).get(RUNS_BY_SCHEMA)}
    if not by_schema or any(issubclass(base, tuple(by_schema)) for base in layers - by_schema):
        return orders
    return [
        order for order in orders if all(vars(base).get(RUNS_BY_SCHEMA, True) for base in order)
    ]


def _is_drfs(cls: type) -> bool:
    """Whether it is one of DRF's serializers; a serializer may be one of DRF's fields besides."""
    return owner_of(cls) is Owner.DRF and issubclass(cls, BaseSerializer)


class NamedArguments:
    """Hands the arguments of a serializer on by name, since DRF's fields take no others."""

    if not TYPE_CHECKING:

        def __init__(self, *args, **kwargs):
            super().__init__(**dict(zip(("instance", "data"), args, strict=False)), **kwargs)


def _named_arguments_for(above: list[type]) -> list[type]:
    """Put :class:`NamedArguments` in front of what DRF has for fields, above its serializers."""
    at = next((at for at, base in enumerate(above) if owner_of(base) is Owner.DRF), None)
    return above if at is None else [*above[:at], NamedArguments, *above[at:]]


class SchemaMetaclass(AsyncHooksMetaclass):
    """Puts ours before DRF's own classes where a base of the user's derives from one of those.

    So a house base, ``class House(ModelSerializer)``, is like a mixin: its methods come first,
    and ``super()`` in them finds the serializer with a schema.
    """

    def mro(cls) -> list[type]:
        order = super().mro()
        at = next((at for at, base in enumerate(order) if _is_drfs(base)), len(order))
        later = [base for base in order[at:] if is_layer(base)]
        if not later or is_layer(cls):
            return order
        return [*order[:at], *later, *(base for base in order[at:] if base not in later)]


class LayerMetaclass(SchemaMetaclass):
    """Puts our classes right above DRF's own serializers, and so below all of the user's.

    Wherever ours stand among the bases, an override of the user's that calls ``super()`` reaches
    them, and they reach DRF; whatever the user's code does around that, it goes on doing.
    """

    def mro(cls) -> list[type]:
        usual = super(SchemaMetaclass, cls).mro
        if is_layer(cls) or not any(
            _is_drfs(base) for parent in cls.__bases__ for base in parent.__mro__
        ):
            return usual()
        theirs = [base for base in cls.__bases__ if not is_layer(base)]
        order = _merged(
            [[base for base in base_class.__mro__ if not is_layer(base)] for base_class in theirs]
        )
        ours = _merged(
            _by_schema_alone(
                [
                    [base for base in base_class.__mro__ if is_layer(base)]
                    for base_class in cls.__bases__
                ]
            )
        )
        at = next((at for at, base in enumerate(order) if _is_drfs(base)), 0)
        known = {*order, *ours, object}
        rest = [base for parent in ours for base in parent.__mro__ if base not in known]
        above = _named_arguments_for(order[:at])
        return with_steps([cls, *above, *ours, *order[at:-1], *dict.fromkeys(rest), object])

    def __init__(cls, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_layer(cls) and not getattr(cls, RUNS_BY_SCHEMA, False):
            _backed.add(cls)


def metaclass_with(theirs: type[SerializerMetaclass]) -> type[LayerMetaclass]:
    """Return the metaclass of a class that derives from ours and from one of the user's.

    Args:
        theirs: The metaclass of the user's class.
    """
    if issubclass(LayerMetaclass, theirs):
        return LayerMetaclass
    if issubclass(theirs, LayerMetaclass):
        return theirs
    return type(f"Layer{theirs.__name__}", (LayerMetaclass, theirs), {})


def _merged(lists: list[list[type]]) -> list[type]:
    """Merge resolution orders as Python does (C3).

    Raises:
        TypeError: They contradict each other.
    """
    merged: list[type] = []
    lists = [order for order in lists if order]
    heads = [order[0] for order in lists]
    if heads:
        lists.append(list(dict.fromkeys(heads)))
    while lists:
        head = next(
            (order[0] for order in lists if not any(order[0] in other[1:] for other in lists)), None
        )
        if head is None:
            names = ", ".join(order[0].__name__ for order in lists)
            raise TypeError(f"Cannot create a consistent method resolution order for {names}")
        merged.append(head)
        lists = [rest for order in lists if (rest := [cls for cls in order if cls is not head])]
    return merged
