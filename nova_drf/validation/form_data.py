"""HTML forms and multipart bodies: from DRF's ``QueryDict`` rules to a dictionary as of JSON.

DRF's fields know what an absent checkbox, an empty text or ``items[0]name`` mean. Each field of
the serializer reads its own value; what comes out is validated like a JSON body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from rest_framework.exceptions import ValidationError
from rest_framework.fields import HiddenField, ListField, empty
from rest_framework.serializers import ListSerializer
from rest_framework.settings import api_settings
from rest_framework.utils import html

from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.input_paths import put_at, remove_at
from nova_drf.mapping.shape import AnyField, Shape
from nova_drf.validation.protocols import ValidatingSerializer


class FieldsOfForms(Protocol):
    """What tells how the input of a serializer is checked."""

    @property
    def shape(self) -> Shape:
        """Its fields."""
        ...

    @property
    def form_fields(self) -> Any:  # to pyright a cached_property is no property of its type
        """The fields that find values in a form without the serializer at hand."""
        ...

    @property
    def delegated(self) -> frozenset[str]:
        """The attributes that bound fields check."""
        ...


def form_values(
    serializer: ValidatingSerializer, data: Mapping[str, object], request: FieldsOfForms
) -> dict[str, Any]:
    """Return what a form holds for a serializer, keyed as a JSON body would be.

    Args:
        serializer: Its bound fields read the form.
        data: A ``QueryDict`` or another ``MultiValueDict``.
        request: Which fields there are, and which of them validate by themselves.
    """
    values: dict[str, Any] = {}
    for described in request.shape.fields.values():
        if described.read_only:
            continue
        field = request.form_fields.get(described.name)
        if field is None:
            field = serializer.bound_field(described.wire_name)
        value = _read(field, data)
        if value is not empty:
            alone = described.name in request.delegated
            values[described.input_name] = value if alone else _nested(field, value)
    return values


def _read(field: AnyField, data: object) -> object:
    """Let a field find its value in a form."""
    try:
        return field.get_value(data)
    except ValueError as error:
        if reads_by_itself(field):
            raise
        raise ValidationError({field.field_name: [ValidationError.default_detail]}) from error


def form_items(data: object) -> object:
    """Return the list that a form holds for a ``many=True``; anything but a form as it is.

    Raises:
        ValidationError: An index has more digits than Python reads as a number.
    """
    if not html.is_html_input(data):
        return data
    try:
        return html.parse_html_list(data, default=[])
    except ValueError as error:
        raise ValidationError(
            {api_settings.NON_FIELD_ERRORS_KEY: [ValidationError.default_detail]}
        ) from error


def _nested(field: AnyField, value: Any) -> object:
    """Read the nested parts of a form with the nested serializers that they belong to."""
    if isinstance(field, (ListSerializer, ListField)):
        value = form_items(value)
        return [_nested(field.child, item) for item in value] if isinstance(value, list) else value
    if hasattr(field, "compiled_request") and html.is_html_input(value):
        return form_values(field, value, field.compiled_request())
    return value


def values_as_fields_read_them(
    serializer: ValidatingSerializer, data: Mapping[str, Any], request: FieldsOfForms
) -> dict[str, Any]:
    """Return a JSON body in which some bound fields have read their own values.

    A hidden field reads nothing, whatever the client sends; a custom field may read another key.

    Args:
        serializer: Whose bound fields read.
        data: The body; it is not changed.
        request: Which fields are the bound ones.
    """
    values = dict(data)
    for name in request.delegated:
        described = request.shape.fields[name]
        field = None if described.read_only else serializer.bound_field(described.wire_name)
        if field is None or not reads_by_itself(field):
            continue
        value = field.get_value(data)
        for path in described.input_paths:
            remove_at(values, path)
        if value is not empty:
            put_at(values, described.input_paths[0], value)
    return values


def reads_by_itself(field: AnyField) -> bool:
    """Whether a field finds its value in a JSON body otherwise than under its name."""
    if isinstance(field, HiddenField):
        return True
    return not _is_drfs(type(field).get_value)


@lru_cache(maxsize=1024)
def _is_drfs(method: Callable[..., Any]) -> bool:
    return owner_of(method) is Owner.DRF
