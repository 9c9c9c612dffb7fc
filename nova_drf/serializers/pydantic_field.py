"""A DRF field for the types that only Pydantic knows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError as PydanticValidationError
from pydantic_core import SchemaValidator
from rest_framework.exceptions import ValidationError
from rest_framework.settings import api_settings
from rest_framework.utils import html

from nova_drf.core.core_schema import closed
from nova_drf.mapping.shape import FieldBase
from nova_drf.mapping.to_drf import FieldBuilder
from nova_drf.representation.objects import is_in_partial_update, readers
from nova_drf.representation.values import value_printer
from nova_drf.serializers.pydantic_forms import from_form
from nova_drf.validation.errors import error_detail_of_value
from nova_drf.validation.form_parts import as_part, part_of

if TYPE_CHECKING:
    from nova_drf.mapping.shape import TypeShape
    from nova_drf.serializers.pydantic_forms import Build
    from nova_drf.validation.form_parts import Part


class PydanticField(FieldBase):
    """A value that Pydantic validates and prints: a union, a tuple, ``bytes``, ...

    It stands in ``serializer.fields`` so that forms, OPTIONS and OpenAPI see the value; used on
    its own in a classic serializer it validates as well.

    Args:
        type_shape: What the value is.
        build: Builds the DRF fields of its parts, which read them in a form.
        kwargs: The arguments of every DRF field.
    """

    initial = None

    def __init__(self, type_shape: TypeShape, build: Build | None = None, **kwargs: Any) -> None:
        self.type_shape = type_shape
        self._build = build or FieldBuilder().build
        super().__init__(**kwargs)

    def get_value(self, dictionary: Any) -> Any:
        if html.is_html_input(dictionary):
            part = part_of(dictionary, self.field_name or "")
            if part and (len(part) > 1 or part.getlist("") != [""]):
                return self.from_form(part)
        return super().get_value(dictionary)

    def from_form(self, part: Part) -> Any:
        """Return what a form holds of the value, as JSON would have it."""
        return from_form(self.type_shape, part, self._build)

    def to_internal_value(self, data: object) -> Any:
        if html.is_html_input(data):
            data = self.from_form(as_part(data))
        try:
            return self._validator.validate_python(data)
        except PydanticValidationError as error:
            raise ValidationError(error_detail_of_value(error, self.type_shape)) from error

    @cached_property
    def _validator(self) -> SchemaValidator:
        return SchemaValidator(closed(self.type_shape.core, self.type_shape.definitions))

    def to_representation(self, value: object) -> Any:
        reader_for = readers(is_in_partial_update(self))
        return value_printer(self.type_shape, reader_for).print(value)


def messages_for_forms(errors: object, place: str = "") -> list[str]:
    """Return the errors of one value as the lines that a form shows below its input.

    Args:
        errors: DRF's detail: messages, by key or index where they concern parts of the value.
        place: Where in the value they belong.
    """
    if isinstance(errors, dict):
        return [
            line
            for key, inner in errors.items()
            for line in messages_for_forms(inner, _place_of(place, key))
        ]
    if isinstance(errors, list):
        return [line for inner in errors for line in messages_for_forms(inner, place)]
    return [f"{place}: {errors}" if place else str(errors)]


def _place_of(outer: str, key: object) -> str:
    if key == api_settings.NON_FIELD_ERRORS_KEY:
        return outer
    return f"{outer}.{key}" if outer else str(key)
