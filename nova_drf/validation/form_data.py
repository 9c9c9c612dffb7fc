"""HTML forms and multipart bodies: from DRF's ``QueryDict`` rules to a dictionary as of JSON.

DRF's fields know what an absent checkbox, an empty text or ``items[0]name`` mean. Each field of
the serializer reads its own value; what comes out is validated like a JSON body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from rest_framework.exceptions import ValidationError
from rest_framework.fields import DictField, HiddenField, ListField, empty
from rest_framework.serializers import BaseSerializer, ListSerializer
from rest_framework.settings import api_settings
from rest_framework.utils import html

from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.drf_versions import dictionary_of_form
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.input_paths import (
    NOWHERE,
    InputPath,
    path_in,
    put_at,
    remove_at,
    value_at,
)
from nova_drf.mapping.shape import AnyField, FieldShape, Kind, Shape
from nova_drf.mapping.validated_data import nested_too_deep
from nova_drf.validation.form_parts import (
    Part,
    as_form,
    as_part,
    children,
    is_in_form,
    item_parts,
    other_values,
    part_at,
    part_of,
    texts_of,
    value_of_part,
)
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
    serializer: ValidatingSerializer,
    data: Mapping[str, object],
    request: FieldsOfForms,
    *,
    of_query: bool = False,
) -> dict[str, Any]:
    """Return what a form holds for a serializer, keyed as a JSON body would be.

    Args:
        serializer: Its bound fields read the form.
        data: A ``QueryDict`` or another ``MultiValueDict``.
        request: Which fields there are, and which of them validate by themselves.
        of_query: Whether it is a query string. It has no checkboxes, so that what it does not
            name is absent, and what it holds is no JSON.

    Raises:
        ValidationError: Its names go deeper than Python can follow.
    """
    try:
        return _Reading(serializer, data, request, of_query).values()
    except RecursionError as error:
        raise ValidationError(nested_too_deep()) from error


class _Reading:
    """Reads one form. The arguments are those of :func:`form_values`."""

    def __init__(
        self,
        serializer: ValidatingSerializer,
        data: Mapping[str, Any],
        request: FieldsOfForms,
        of_query: bool,
    ) -> None:
        self.serializer = serializer
        self.data = data
        self.request = request
        self.of_query = of_query

    def values(self) -> dict[str, Any]:
        """Return the values of all fields, and what no field is for where that is looked at."""
        shape = self.request.shape
        fields = [field for field in shape.fields.values() if not field.read_only]
        values: dict[str, Any] = {}
        for field in fields:
            path = _path_in_form(self.data, field)
            if not self.of_query or is_in_form(self.data, path):
                self._add(values, path, self._value(field, path))
        if shape.sees_unknown:
            known = [str(path[0]) for field in fields for path in field.input_paths]
            values |= other_values(self.data, known)
        return values

    def _add(self, values: dict[str, Any], path: InputPath, value: object) -> None:
        """Put a value where its path in the payload leads, among what else was sent there."""
        if len(path) == 1:
            if value is not empty:
                values[str(path[0])] = value
            return
        if path[0] not in values:
            around = part_of(self.data, str(path[0]))
            if around:
                in_list = isinstance(path[1], int) and not children(around)
                values[str(path[0])] = texts_of(around) if in_list else value_of_part(around)
        if value is empty:
            remove_at(values, path)
        else:
            put_at(values, path, value)

    def _value(self, described: FieldShape, path: InputPath) -> Any:
        """Return what the form holds for a field, as JSON would have it."""
        field = self.request.form_fields.get(described.name)
        if field is None:
            field = self.serializer.bound_field(described.field_name)
        form = _renamed(self.data, path, field.field_name)
        value = read(field, form)
        if value is empty:
            return _text_for_validators(described, form, field.field_name)
        if described.name not in self.request.delegated:
            value = _inside(field, value)
        if getattr(value, "is_json_string", False) and not self._holds_json:
            return str(value)
        return value

    @property
    def _holds_json(self) -> bool:
        """Whether a text of any type is JSON, as it is to DRF's ``JSONField``."""
        return self.request.shape.has_drf_semantics and not self.of_query


def _renamed(data: object, path: InputPath, name: str) -> Any:
    """Return a form in which what lies at a path has the name of its field."""
    return data if path == (name,) else as_form(part_at(data, path), name)


def value_sent(field: AnyField, described: FieldShape, data: Any) -> Any:
    """Return what was sent for a field, as it was sent; ``empty`` if nothing was.

    Args:
        field: The field.
        described: What says by which names clients send it.
        data: The payload, or a form.
    """
    if html.is_html_input(data):
        path = _path_in_form(data, described)
        return field.get_value(_renamed(data, path, field.field_name))
    value = value_at(data, path_in(data, described.input_paths))
    return empty if value is NOWHERE else value


def _path_in_form(data: Mapping[str, object], described: FieldShape) -> InputPath:
    """Return the first path of a field under which a form holds anything."""
    paths = described.input_paths
    if len(paths) == 1:
        return paths[0]
    return next((path for path in paths if is_in_form(data, path)), paths[0])


def _text_for_validators(described: FieldShape, form: Any, name: str) -> Any:
    """Return the text of a nested schema, which only a validator in front of it can read."""
    type_ = described.type
    if type_.kind is not Kind.SCHEMA or type_.schema is None or not form.get(name):
        return empty
    is_read = not type_.bare or shape_of(type_.schema).sees_payload
    return form[name] if is_read else empty


def read(field: AnyField, form: object) -> Any:
    """Let a field find its value in a form; ``empty`` if there is none.

    Args:
        field: The field.
        form: A ``MultiValueDict`` that holds the value under the name of the field.
    """
    try:
        if _is_beyond_drf(field):
            part = part_of(form, field.field_name)
            if part.keys() - {""} or len(texts_of(part)) > 1:
                return _from_part(field, part)
        return field.get_value(form)
    except ValueError as error:
        if reads_by_itself(field):
            raise
        raise ValidationError({field.field_name: [ValidationError.default_detail]}) from error


def _is_beyond_drf(field: AnyField) -> bool:
    """Whether a list or dictionary has parts that DRF does not find in a form."""
    if isinstance(field, ListField):
        return _is_in_parts(field.child)
    return isinstance(field, DictField) and (
        _is_container(field.child) or _is_in_parts(field.child)
    )


def _is_in_parts(field: AnyField) -> bool:
    return hasattr(field, "from_form") or _is_beyond_drf(field)


def _is_container(field: AnyField) -> bool:
    return isinstance(field, (BaseSerializer, ListField, DictField))


def _from_part(field: AnyField, part: Part) -> Any:
    """Return what a part holds for a field that has no name, as JSON would have it."""
    if isinstance(field, ListField) and _is_beyond_drf(field):
        return [_from_part(field.child, item) for item in item_parts(part)]
    if isinstance(field, DictField) and _is_beyond_drf(field):
        return {str(key): _from_part(field.child, below) for key, below in children(part).items()}
    return value_in_part(field, part)


def value_in_part(field: AnyField, part: Part) -> Any:
    """Return what a part holds for a field, as JSON would have it.

    Args:
        field: It was bound without a name, as the child of a list is.
        part: The part.
    """
    if hasattr(field, "from_form"):
        return field.from_form(part)
    value = read(field, part)
    return value_of_part(part) if value is empty else _inside(field, value)


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


def _inside(field: AnyField, value: Any) -> Any:
    """Read the nested parts of a form with the nested serializers that they belong to."""
    if isinstance(field, (ListSerializer, ListField)):
        value = form_items(value)
        return [_inside(field.child, item) for item in value] if isinstance(value, list) else value
    if not html.is_html_input(value):
        return value
    if hasattr(field, "compiled_request"):
        return form_values(field, value, field.compiled_request())
    if isinstance(field, DictField):
        return dictionary_of_form(value)
    return field.from_form(as_part(value)) if hasattr(field, "from_form") else value


def values_as_fields_read_them(
    serializer: ValidatingSerializer, data: Mapping[str, object], request: FieldsOfForms
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
        field = None if described.read_only else serializer.bound_field(described.field_name)
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
def _is_drfs(method: Callable[..., object]) -> bool:
    return owner_of(method) is Owner.DRF
