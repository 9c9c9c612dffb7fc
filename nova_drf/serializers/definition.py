"""What a serializer class says: worked out once, used by every request."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

from nova_drf.core.overrides import field_hook
from nova_drf.core.settings import get_setting
from nova_drf.mapping.shape import AnyField
from nova_drf.serializers.dynamic_fields import Build, FieldChanges

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
        input: Returns what checks input, for the changes of one serializer; the second argument
            says whether it is a partial update.
        reader: Returns what prints objects.
    """

    runs_input: bool = True
    runs_output: bool = True

    def __init__(self, serializer_class: Any) -> None:
        self.serializer_class = serializer_class
        # Fields that are others each time make ever new variants.
        variants = lru_cache(maxsize=get_setting("VARIANTS_PER_CLASS"))
        self.input: Callable[[FieldChanges, bool], P] = variants(self.compile_input)
        self.reader: Callable[[FieldChanges, bool], R] = variants(self.compile_reader)

    @cached_property
    @abstractmethod
    def builders(self) -> Mapping[str, Build]:
        """What builds each field of a serializer, by name."""

    @cached_property
    @abstractmethod
    def writable_fields(self) -> Collection[AnyField]:
        """Bound fields of the class that take input, for code that only reads them."""

    @abstractmethod
    def compile_input(self, changes: FieldChanges, partial_update: bool) -> P:
        """Make what checks input, for fields that one serializer may have changed."""

    def hooked(self, keys: Mapping[str, str], changes: FieldChanges) -> frozenset[str]:
        """Name the fields with a ``validate_<field>`` method, of the class or of one serializer.

        Args:
            keys: By the name of each field, what clients call it, which is in the method's name.
            changes: What one serializer has of its own.
        """
        methods = {name: field_hook(key) for name, key in keys.items()}
        return frozenset(
            name
            for name, method in methods.items()
            if method in changes.hooks or hasattr(self.serializer_class, method)
        )

    @abstractmethod
    def compile_reader(self, changes: FieldChanges, in_partial_update: bool) -> R:
        """Make what prints objects, for fields that one serializer may have changed."""
