"""What validation asks of the serializer that it runs for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField


class ValidatingSerializer(Protocol):
    """The serializer around a payload.

    Attributes:
        instance: What it updates, if anything.
    """

    instance: Any

    @property
    def context(self) -> Mapping[str, object]:
        """DRF's context: the request, the view, the format."""
        ...

    @property
    def has_single_instance(self) -> bool:
        """Whether there is one object to update."""
        ...

    @property
    def is_stored_whole(self) -> bool:
        """Whether all that it validates goes to one column of the model around it."""
        ...

    def bound_field(self, name: str) -> AnyField:
        """Return one bound field."""
        ...
