"""What a serializer class says: worked out once, used by every request."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

from nova_drf.core.settings import get_setting
from nova_drf.mapping.shape import AnyField
from nova_drf.serializers.dynamic_fields import UNCHANGED, Build, FieldChanges

P = TypeVar("P")
R = TypeVar("R")


class Definition(ABC, Generic[P, R]):
    """The compiled definition of a serializer class.

    There are two: of classes that are made of a schema (``schema_definition``), and of classes
    whose fields are DRF's (``backed_definition``).

    Args:
        serializer_class: The class.
    """

    def __init__(self, serializer_class: Any) -> None:
        self.serializer_class = serializer_class
        # Fields that are others each time make ever new variants.
        variants = lru_cache(maxsize=get_setting("VARIANTS_PER_CLASS"))
        self.changed_plan: Callable[[FieldChanges, bool], P] = variants(self.compile_plan)
        self.changed_reader: Callable[[FieldChanges, bool], R] = variants(self.compile_reader)

    @property
    @abstractmethod
    def builders(self) -> Mapping[str, Build]:
        """What builds each field of a serializer, by name."""

    @property
    @abstractmethod
    def writable_fields(self) -> Collection[AnyField]:
        """Bound fields of the class that take input, for who only looks at them."""

    @abstractmethod
    def compile_plan(self, changes: FieldChanges, partial_update: bool) -> P:
        """Make what checks input, for fields that one serializer may have changed."""

    @abstractmethod
    def compile_reader(self, changes: FieldChanges, in_partial_update: bool) -> R:
        """Make what prints objects, for fields that one serializer may have changed."""

    def plan(self, changes: FieldChanges, *, partial: bool) -> P:
        """Return what checks the input of a serializer.

        Args:
            changes: How its fields differ from those of its class.
            partial: Whether it is a partial update.
        """
        if changes is UNCHANGED:
            return self.partial_plan if partial else self.full_plan
        return self.changed_plan(changes, partial)

    def reader(self, changes: FieldChanges, *, in_partial_update: bool) -> R:
        """Return what prints the fields of a serializer.

        Args:
            changes: How they differ from those of its class.
            in_partial_update: Whether objects are printed for one; then fields have no defaults.
        """
        if changes is UNCHANGED and not in_partial_update:
            return self.usual_reader
        return self.changed_reader(changes, in_partial_update)

    @cached_property
    def full_plan(self) -> P:
        """The plan for fields that nobody changed; nearly every request uses it."""
        return self.compile_plan(UNCHANGED, False)

    @cached_property
    def partial_plan(self) -> P:
        """The same for partial updates."""
        return self.compile_plan(UNCHANGED, True)

    @cached_property
    def usual_reader(self) -> R:
        """The reader for fields that nobody changed."""
        return self.compile_reader(UNCHANGED, False)
