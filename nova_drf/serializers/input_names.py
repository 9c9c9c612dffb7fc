"""The names by which clients send fields, where they get them by others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rest_framework.fields import empty

from nova_drf.mapping.input_paths import form_name, put_at
from nova_drf.serializers.pydantic_field import PydanticField, messages_for_forms
from nova_drf.validation.errors.by_field import details_by_field
from nova_drf.validation.form_data import value_sent

if TYPE_CHECKING:
    from rest_framework.serializers import Serializer

    from nova_drf.mapping.shape import AnyField
    from nova_drf.serializers.schema_definition import SchemaDefinition

    _Base = Serializer[Any]
else:
    _Base = object


class InputNamesMixin(_Base):
    """Names what was sent, and what is wrong with it, as it was sent, also in DRF's own forms."""

    if TYPE_CHECKING:

        @classmethod
        def get_definition(cls) -> SchemaDefinition: ...

    def __getitem__(self, key: str) -> Any:
        """Return a field as a form shows it."""
        bound: AnyField = super().__getitem__(key)
        renamed = self.get_definition().renamed.get(key)
        if renamed is not None:
            bound.name = form_name(renamed.input_paths[0])
            details = details_by_field(getattr(self, "_errors", {}), [renamed])
            bound.errors = next((detail for field, detail in details if field), [])
        if isinstance(bound._field, PydanticField) and isinstance(bound.errors, dict):
            # DRF's templates show the lines of a list, and of a dictionary only the keys.
            bound.errors = messages_for_forms(bound.errors)
        return bound

    def get_initial(self) -> Any:
        """Return what a form begins with: what was sent, by the names of the fields."""
        initial = super().get_initial()
        renamed = self.get_definition().renamed
        data = getattr(self, "initial_data", None)
        if not renamed or not isinstance(data, Mapping):
            return initial

        for name in renamed.keys() & self.fields.keys():
            value = value_sent(self.fields[name], renamed[name], data)
            if value is not empty:
                initial[name] = value
        return initial

    def details_as_sent(self, details: dict[str, Any]) -> dict[str, Any]:
        """Return errors by field where clients sent the fields.

        Args:
            details: What is wrong, by the names of the fields.
        """
        renamed = self.get_definition().renamed
        moved: dict[str, Any] = {}
        for name, detail in details.items():
            path = renamed[name].input_paths[0] if name in renamed else (name,)
            put_at(moved, path, detail)
        return moved
