"""What became of a serializer class, and of each of its fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.core.overrides import SerializerClass
from nova_drf.mapping.shape import AnyField

if TYPE_CHECKING:
    from pydantic import BaseModel


class How(StrEnum):
    """What became of a field."""

    TYPE = "type"
    """A type says all of it."""
    TYPED_FIELD = "typed field"
    """A type says what its values are; the DRF field goes on running."""
    FIELD = "field"
    """The DRF field goes on running, and nothing says what its values are."""


@dataclass(frozen=True)
class Member:
    """What became of one field.

    Attributes:
        name: The field's name, which is what clients see.
        attribute: The schema's attribute.
        value: The type of its values, constraints included.
        annotation: Its annotation, presence and direction included.
        default: What stands behind the annotation, a ``FieldInfo``.
        how: Whether it is a type, a field, or both.
        reasons: Why the field has to go on running.
        field: The field.
    """

    name: str
    attribute: str
    value: Any
    annotation: Any
    default: Any
    how: How
    reasons: tuple[str, ...]
    field: AnyField


@dataclass(eq=False)
class Conversion:
    """What became of a serializer class.

    Attributes:
        origin: The class.
        members: What became of its fields, in order.
        hooks: The methods of the class that have a part in its input.
        printing: The methods that have a part in its output.
        validators: The validators that look at the payload as a whole.
        schema_of: Returns the schema of a nested serializer class, ``None`` while it is being made.
        make_serializer: Makes the serializer class that runs the schema.
        schema: The schema.
    """

    origin: SerializerClass
    members: tuple[Member, ...]
    hooks: tuple[str, ...]
    printing: tuple[str, ...]
    validators: tuple[Any, ...]
    schema_of: Callable[[SerializerClass], Any]
    make_serializer: Callable[[Any], Any]
    schema: type[BaseModel] = field(init=False)

    @cached_property
    def is_exact(self) -> bool:
        """Whether the types alone validate as the serializer does."""
        return not (self.hooks or self.printing or self.validators) and all(
            member.how is How.TYPE and self._nested_is_exact(member.field)
            for member in self.members
        )

    def _nested_is_exact(self, field: AnyField) -> bool:
        nested = field.child if isinstance(field, ListSerializer) else field
        if not isinstance(nested, BaseSerializer):
            return True
        schema = self.schema_of(type(nested))
        # One that is being made contains this one.
        return schema is not None and schema.__nova_conversion__.is_exact

    @cached_property
    def serializer(self) -> Any:
        """The serializer class that runs the schema: the origin's hooks over pydantic-core."""
        return self.make_serializer(self.schema)
