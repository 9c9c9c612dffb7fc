"""The inputs of a ``SchemaForm``: what they look like, and what stands in them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from rest_framework import fields as drf
from rest_framework import serializers

from nova_drf.core.markers import UNSET
from nova_drf.forms.texts import is_in_json, is_shown_by, json_types, text_of, value_in_json
from nova_drf.mapping.field_state import rows_for
from nova_drf.mapping.shape import MISSING, AnyField, FieldShape

_WIDGETS: Mapping[type, str] = {
    serializers.ManyRelatedField: "django.forms.SelectMultiple",
    drf.ListField: "django.forms.Textarea",
    drf.DictField: "django.forms.Textarea",
}
"""Which widgets show the fields that hold several values; a single value's type has its own."""

_ATTRIBUTES = {
    "max_length": "maxlength",
    "min_length": "minlength",
    "max_value": "max",
    "min_value": "min",
}
"""What a browser can check by itself."""


class SchemaBoundField(BoundField):
    """An input of one form, and the text in it."""

    def value(self) -> Any:
        """Return what stands in the input: what was sent, or the initial value as a text."""
        field: Any = self.field
        if self.form.is_bound and not field.disabled:
            return field.bound_data(self.data, self.initial)
        return field.text(self.initial)

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> Any:
        """Render the input, as one that shows the text that is in it."""
        field: Any = self.field
        shown_by = widget or field.widget_for(self.value())
        return super().as_widget(shown_by, attrs, only_initial)


class SchemaFormField(forms.Field):
    """A form field whose value the schema validates.

    Follows:
        ``django.forms.Field``.

    Args:
        shape: The schema's field, if it stands for one.
        drf_field: Its DRF field.
        kwargs: The arguments of every form field.
    """

    rule: Callable[[], Any] | None = None

    def __init__(
        self, *, shape: FieldShape | None = None, drf_field: AnyField = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._shape = shape
        self._drf_field = drf_field

    @classmethod
    def of(cls, shape: FieldShape, drf_field: AnyField) -> SchemaFormField:
        """Return the input of a field.

        Args:
            shape: The schema's field.
            drf_field: The DRF field that stands for it.
        """
        may_be_empty = shape.type.nullable or getattr(drf_field, "allow_blank", False)
        is_boolean = isinstance(drf_field, drf.BooleanField)
        return cls(
            shape=shape,
            drf_field=drf_field,
            required=shape.required and not may_be_empty and not is_boolean,
            label=drf_field.label,
            help_text=drf_field.help_text or "",
            initial=_initial(shape),
            widget=_widget(drf_field, shape),
        )

    def clean(self, value: object) -> Any:
        return value if self.rule is None else self.rule()

    def get_bound_field(self, form: Any, field_name: str) -> SchemaBoundField:
        return SchemaBoundField(form, self, field_name)

    def text(self, value: object) -> Any:
        """Return what stands in the input for a value.

        Args:
            value: The value, or primitives for it.
        """
        if self._shape is None:
            return value
        input_type = getattr(self.widget, "input_type", None)
        return text_of(self._drf_field, self._shape.type, value, input_type)

    def value_in(self, texts: list[Any]) -> Any:
        """Return the value that an input holds in JSON; ``UNSET`` if DRF has to read it.

        Args:
            texts: What was sent under the name of the input.
        """
        if self._shape is None or len(texts) != 1:
            return UNSET
        type_ = self._shape.type
        if texts[0] == "" and is_in_json(self._drf_field, type_):
            if type_.nullable:
                return None
            return UNSET if self._shape.required else drf.empty
        return value_in_json(texts[0], json_types(self._drf_field, type_))

    def has_changed(self, initial: object, data: Any) -> bool:
        if self.disabled:
            return False
        before = self.text(initial)
        if isinstance(before, list):
            return sorted(before) != sorted(data or ())
        now = with_line_ends(data)
        if self.value_in([before]) is not UNSET:
            return bool(self.value_in([before]) != self.value_in([now]))
        return (before or "") != (now or "")

    def widget_for(self, text: object) -> Any:
        """Return a widget that shows a text; the browser would drop it from some.

        Args:
            text: What stands in the input.
        """
        widget: Any = self.widget
        if is_shown_by(getattr(widget, "input_type", None), text):
            return widget
        if "\n" in str(text) or "\r" in str(text):
            area = forms.Textarea(widget.attrs)
            area.is_localized, area.is_required = widget.is_localized, widget.is_required
            return area
        shown = copy.deepcopy(widget)
        shown.input_type = "text"
        return shown


def with_line_ends(value: object) -> Any:
    """Return what was sent with the line ends that texts have elsewhere; forms have others."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _initial(shape: FieldShape) -> object:
    if shape.default_factory is not None or shape.default in (MISSING, UNSET):
        return None
    return shape.default


def _widget(field: object, shape: FieldShape) -> forms.Widget:
    widget: forms.Widget = _widget_class(field, shape)(attrs=_widget_attributes(field))
    widget.supports_microseconds = True
    if isinstance(widget, forms.Select):
        widget.choices = _choices(field, shape, widget)
    for option, attribute in _ATTRIBUTES.items():
        limit = getattr(field, option, None)
        if limit is not None and not isinstance(widget, forms.Select):
            widget.attrs[attribute] = str(limit)
    return widget


def _choices(field: Any, shape: FieldShape, widget: forms.Select) -> list[tuple[Any, Any]]:
    if isinstance(field, drf.BooleanField):
        return [("", _BLANK), ("true", _("Yes")), ("false", _("No"))]
    choices = list(field.choices.items())
    must_choose = shape.required and not shape.type.nullable
    has_blank = must_choose or widget.allow_multiple_selected or "" in field.choices
    return choices if has_blank else [("", _BLANK), *choices]


_BLANK = "---------"


def _widget_class(field: object, shape: FieldShape) -> Any:
    if isinstance(field, drf.BooleanField) and field.default_empty_html is not False:
        # An unchecked box would be sent as little as None is.
        return forms.Select
    if isinstance(field, drf.BooleanField) and not shape.required and shape.default is UNSET:
        return forms.Select
    paths = [row.widget for row in rows_for(type(field)) if row.widget]
    paths += [_WIDGETS[cls] for cls in type(field).__mro__ if cls in _WIDGETS]
    if json_types(field, shape.type):
        paths.append("django.forms.Textarea")
    return import_string(next(iter(paths), "django.forms.TextInput"))


def _widget_attributes(field: object) -> dict[str, str]:
    row = next(rows_for(type(field)), None)
    return {} if row is None else row.widget_attributes(field)
