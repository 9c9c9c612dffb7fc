"""What is wrong with a payload of which much is: each refused field is asked, and nothing else.

Pydantic's list of errors has two lines for each value, one of the narrow validator and one of DRF's
field. To read it takes longer than to ask the fields. Where no code of the project has a say, the
narrow validators of all fields together name those that DRF's fields have to look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import SkipField
from rest_framework.settings import api_settings

from nova_drf.core.carried_errors import Detail
from nova_drf.mapping.drf_versions import list_serializer_errors
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.oracle import CRASHES, oracle
from nova_drf.mapping.quick_refusals import refusing_quickly
from nova_drf.mapping.shape import Kind, Shape, TypeShape
from nova_drf.validation.errors.details import sendable
from nova_drf.validation.errors.messages import Texts, no_mapping, of_field

if TYPE_CHECKING:
    from pydantic import BaseModel

    from nova_drf.validation.json_input import JSONInput


class _NotKnown(Exception):
    """Somebody else has to say what is wrong."""


class Refusals:
    """Says what is wrong with payloads of one shape.

    Args:
        shape: The description of a payload, all of whose fields have narrow validators.
    """

    def __init__(self, shape: Shape) -> None:
        fields = [field for field in shape.fields.values() if not field.read_only]
        self._types = {field.input_name: field.type for field in fields}
        self._checks = {
            key: refusing_quickly(oracle(type_)).run_validation
            for key, type_ in self._types.items()
            if _is_checked_by_a_field(type_)
        }
        self._nested: dict[str, Refusals] = {}

    def detail(self, data: Mapping[str, Any], text_input: JSONInput) -> dict[Any, Any] | None:
        """Return the detail of DRF's ``ValidationError`` for a payload.

        Args:
            data: The payload.
            text_input: The narrow validators of its fields.

        Returns:
            ``None`` if there is nothing wrong, or if it takes the exact validator to say what.
        """
        refused = text_input.refused(data)
        try:
            return self._of(data, refused, {}) or None
        except _NotKnown:
            return None

    def _of(
        self, data: Mapping[str, Any], refused: Mapping[str, Any], texts: Texts
    ) -> dict[Any, Any]:
        detail: dict[Any, Any] = {}
        # They are in the order of the fields, as Pydantic looks at one after the other.
        for key, below in refused.items():
            value = data.get(key)
            run = None if value is None else self._checks.get(key)
            if run is None:
                said = self._of_value(key, data, below, texts)
                if said:
                    detail[key] = said
                continue
            try:
                run(value)
            except ValidationError as refusal:
                said = cast("Detail", refusal.detail)
                is_text = said.__class__ is list and len(said) == 1
                is_text = is_text and said[0].__class__ is ErrorDetail and said[0].isascii()
                detail[key] = said if is_text else sendable(said)
            except (SkipField, *CRASHES):
                raise _NotKnown from None
        return detail

    def _of_value(
        self, key: str, data: Mapping[str, Any], below: Mapping[str, Any], texts: Texts
    ) -> Detail:
        type_ = self._types.get(key)
        if type_ is None:
            raise _NotKnown
        if key not in data:
            return of_field(type_, "required", texts)
        value = data[key]
        if value is None and not type_.nullable:
            return of_field(type_, "null", texts)
        if type_.kind is Kind.LIST and type_.item is not None:
            return self._of_list(key, type_.item, value, below, texts)
        if type_.kind is not Kind.SCHEMA or type_.schema is None:
            raise _NotKnown
        if not isinstance(value, Mapping):
            return {api_settings.NON_FIELD_ERRORS_KEY: no_mapping(value)}
        return self._nested_of(key, type_.schema)._of(value, below, texts)

    def _of_list(
        self, key: str, item: TypeShape, values: Any, below: Mapping[Any, Any], texts: Texts
    ) -> Detail:
        """Return what is wrong with the items of a list, each of which is a payload."""
        if item.schema is None or type(values) is not list or not below:
            raise _NotKnown
        nested = self._nested_of(key, item.schema)
        errors: dict[int, object] = {}
        for index, refused in below.items():
            if not isinstance(index, int) or not isinstance(values[index], Mapping):
                raise _NotKnown
            said = nested._of(values[index], refused, texts)
            if said:
                errors[index] = said
        detail: Detail = list_serializer_errors(errors, len(values)) if errors else {}
        return detail

    def _nested_of(self, key: str, schema: type[BaseModel]) -> Refusals:
        if key not in self._nested:
            self._nested[key] = Refusals(shape_of(schema))
        return self._nested[key]


def _is_checked_by_a_field(type_: TypeShape) -> bool:
    """Whether one field of DRF's says all that is wrong with a value."""
    if type_.kind is Kind.SCALAR:
        return True
    in_container = type_.kind in (Kind.LIST, Kind.DICT) and type_.is_fast_and_exact
    return in_container and type_.item is not None and not type_.item.is_serializer
