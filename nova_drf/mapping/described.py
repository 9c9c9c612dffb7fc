"""What a DRF field says, in Python's words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from pydantic import Field, StringConstraints


class Described(NamedTuple):
    """What a DRF field says, in Python's words.

    Attributes:
        type: The type of the values, ``None`` apart.
        constraints: What ``pydantic.Field`` says besides.
        attributes: The attributes of the field that type and constraints stand for.
        left: What they do not say, in words: the field has to go on running.
    """

    type: Any
    constraints: Mapping[str, Any] = MappingProxyType({})
    attributes: frozenset[str] = frozenset()
    left: tuple[str, ...] = ()

    @property
    def annotation(self) -> Any:
        """The type with its constraints."""
        constraints = dict(self.constraints)
        metadata: list[object] = []
        if "strip_whitespace" in constraints:
            metadata.append(StringConstraints(strip_whitespace=constraints.pop("strip_whitespace")))
        if constraints:
            metadata.insert(0, Field(**constraints))
        return Annotated[(self.type, *metadata)] if metadata else self.type
