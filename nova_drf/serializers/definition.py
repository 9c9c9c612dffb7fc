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

    Attributes:
        runs_input: Whether compiled code checks input; otherwise DRF's does all of it.
        runs_output: Whether compiled code prints objects.
    """

    runs_input: bool = True
    runs_output: bool = True

    def __init__(self, serializer_class: Any) -> None:
        self.serializer_class = serializer_class
        # Fields that are others each time make ever new variants.
        variants = lru_cache(maxsize=get_setting("VARIANTS_PER_CLASS"))
        self.changed_input: Callable[[FieldChanges, bool], P] = variants(self.compile_input)
        self.changed_reader: Callable[[FieldChanges], R] = variants(self.compile_reader)

    @property
    @abstractmethod
    def builders(self) -> Mapping[str, Build]:
        """What builds each field of a serializer, by name."""

    @property
    @abstractmethod
    def writable_fields(self) -> Collection[AnyField]:
        """Bound fields of the class that take input, for who only looks at them."""

    @abstractmethod
    def compile_input(self, changes: FieldChanges, partial_update: bool) -> P:
        """Make what checks input, for fields that one serializer may have changed."""

    @abstractmethod
    def compile_reader(self, changes: FieldChanges) -> R:
        """Make what prints objects, for fields that one serializer may have changed."""

    def input(self, changes: FieldChanges, partial: bool) -> P:
        """Return what checks the input of a serializer.

        Args:
            changes: How its fields differ from those of its class.
            partial: Whether it is a partial update.
        """
        if changes is UNCHANGED:
            return self.partial_input if partial else self.full_input
        return self.changed_input(changes, partial)

    def reader(self, changes: FieldChanges) -> R:
        """Return what prints the fields of a serializer."""
        return self.usual_reader if changes is UNCHANGED else self.changed_reader(changes)

    @cached_property
    def full_input(self) -> P:
        """What checks fields that nobody changed; nearly every request uses it."""
        return self.compile_input(UNCHANGED, False)

    @cached_property
    def partial_input(self) -> P:
        """The same for partial updates."""
        return self.compile_input(UNCHANGED, True)

    @cached_property
    def usual_reader(self) -> R:
        """The reader for fields that nobody changed."""
        return self.compile_reader(UNCHANGED)
