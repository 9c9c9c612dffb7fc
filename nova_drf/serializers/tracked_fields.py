"""``serializer.fields`` that know which of them are still as their class made them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nova_drf.mapping.shape import AnyField
from nova_drf.serializers.dynamic_fields import Build, LazyFields
from nova_drf.serializers.templates import Snapshot, is_unchanged, snapshot


class TrackedFields(LazyFields):
    """The fields of one serializer, built when somebody asks for them.

    Args:
        serializer: The parent to which the fields are bound.
        builders: Makes each field, by name.
    """

    def __init__(self, serializer: Any, builders: Mapping[str, Build]) -> None:
        super().__init__(serializer, builders)
        self._made: dict[str, tuple[AnyField, Snapshot]] = {}

    def peek(self, name: str) -> AnyField:
        is_new = name not in self.fields
        field = super().peek(name)
        if is_new:
            self.vouch_for(name)
        return field

    def vouch_for(self, name: str) -> None:
        """Take a field's present state for the one that the class gave it."""
        self._made[name] = (self.fields[name], snapshot(self.fields[name]))

    def is_pristine(self, name: str) -> bool:
        """Whether a field is as the class made it: not built yet, or built and left alone."""
        if name not in self.fields:
            return name in self
        made = self._made.get(name)
        return made is not None and made[0] is self.fields[name] and is_unchanged(*made)

    @property
    def is_complete(self) -> bool:
        """Whether no field was taken away or added; not so if there was none to build here."""
        return bool(self._builders) and list(self) == list(self._builders)

    @property
    def is_left_alone(self) -> bool:
        """Whether nobody but we had a field in their hands."""
        return not self.touched and self.is_complete
