"""``SchemaForm``: a Django form whose rules come from a schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.utils.datastructures import MultiValueDict
from django.utils.module_loading import import_string
from pydantic import BaseModel
from rest_framework import fields as drf
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from nova_drf.core.markers import UNSET
from nova_drf.mapping.field_state import rows_for
from nova_drf.mapping.shape import MISSING, FieldShape
from nova_drf.serializers.schema_serializer import SchemaSerializer, nested_serializer_class

S = TypeVar("S", bound=BaseModel)

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


class SchemaFormField(forms.Field):
    """An input whose value the schema judges; the form tells it how."""

    rule: Callable[[], Any] | None = None

    def clean(self, value: Any) -> Any:
        return value if self.rule is None else self.rule()


class SchemaForm(forms.Form, Generic[S]):
    """A form with one field for each input field of a schema.

    >>> class OrderForm(SchemaForm[OrderSchema]): ...
    >>> form = OrderForm(request.POST)
    >>> if form.is_valid():
    ...     OrderService().create(form.validated_schema)

    What is sent is read as an HTML form is by DRF, and judged by the schema: constraints, field
    validators and model validators, with DRF's messages and codes. ``clean_<field>()`` and
    ``clean()`` run as in any form, on typed values. A field of Django's that the class declares
    under the same name gives the input its look; the schema still judges it.

    Attributes:
        schema: What the type argument says.
        serializer_class: The serializer that reads the input; made from the schema.
    """

    schema: ClassVar[type[BaseModel]]
    serializer_class: ClassVar[type[SchemaSerializer[Any]]]

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        for base in cls.__dict__.get("__orig_bases__", ()):
            if isinstance(get_origin(base), type) and issubclass(get_origin(base), SchemaForm):
                argument = get_args(base)[0]
                if isinstance(argument, type) and issubclass(argument, BaseModel):
                    cls.schema = argument

    def __init__(self, *args: Any, context: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not hasattr(self, "schema"):
            raise ImproperlyConfigured(
                f"{type(self).__qualname__}: no schema. Write SchemaForm[YourSchema]."
            )
        self._context = context or {}
        made = dict(self._schema_fields())
        made.update(self.fields)
        self.fields = made

    @classmethod
    def get_serializer_class(cls) -> type[SchemaSerializer[Any]]:
        """Return what reads the input."""
        if hasattr(cls, "serializer_class"):
            return cls.serializer_class
        return nested_serializer_class(cls.schema)

    @cached_property
    def serializer(self) -> SchemaSerializer[Any]:
        """The serializer of what was sent."""
        return self.get_serializer_class()(data=self._input(), context=self._context)

    @property
    def validated_schema(self) -> S:
        """The valid input as an instance of the schema.

        Raises:
            AssertionError: The form was not found valid.
        """
        if not self.is_valid():
            raise AssertionError("You cannot access `.validated_schema` of an invalid form.")
        instance: S = self.serializer.validated_schema
        return instance

    def clean(self) -> dict[str, Any]:
        """Judge the input as a whole, and report what no field has reported yet."""
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        if self.serializer.is_valid():
            given = self.serializer.validated_data
            known = {shape.wire_name for shape in self._shapes()}
            sources = {shape.wire_name: shape.source for shape in self._shapes()}
            return {
                name: value
                for name, value in cleaned.items()
                if name not in known or sources[name] in given
            }
        for name, detail in self.serializer.errors.items():
            field = name if name in self.fields else None
            if field is None or not self.has_error(field):
                self.add_error(field, list(_errors(detail)))
        return self.cleaned_data

    def _shapes(self) -> Iterator[FieldShape]:
        for shape in self.get_serializer_class().get_definition().request.fields.values():
            if not shape.read_only and not shape.computed:
                yield shape

    def _schema_fields(self) -> Iterator[tuple[str, forms.Field]]:
        blank = self.get_serializer_class()()
        for shape in self._shapes():
            field = SchemaFormField(
                required=shape.required
                and not isinstance(blank.bound_field(shape.wire_name), drf.BooleanField),
                label=blank.bound_field(shape.wire_name).label,
                help_text=blank.bound_field(shape.wire_name).help_text or "",
                initial=_initial(shape),
                widget=_widget(blank.bound_field(shape.wire_name), shape),
            )
            field.rule = partial(self._judged, shape.wire_name)
            yield shape.wire_name, field

    def _judged(self, name: str) -> object:
        field = self.serializer.bound_field(name)
        try:
            return field.run_validation(field.get_value(self.serializer.initial_data))
        except drf.SkipField:
            return None
        except ValidationError as error:
            raise forms.ValidationError(list(_errors(error.detail))) from error

    def _input(self) -> MultiValueDict[str, Any]:
        """Return what was sent, files included, without the form's prefix."""
        merged: MultiValueDict[str, Any] = MultiValueDict()
        start = f"{self.prefix}-" if self.prefix else ""
        for source in (self.data, self.files):
            for key in source:
                if key.startswith(start):
                    merged.setlist(key.removeprefix(start), _values(source, key))
        return merged


def _values(source: Any, key: str) -> list[Any]:
    if hasattr(source, "getlist"):
        return list(source.getlist(key))
    value = source[key]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _initial(shape: FieldShape) -> object:
    if shape.default_factory is not None or shape.default in (MISSING, UNSET):
        return None
    return shape.default


def _widget(field: Any, shape: FieldShape) -> forms.Widget:
    widget = _widget_class(type(field))(attrs=_widget_attributes(field))
    if isinstance(widget, forms.Select):
        choices = list(field.choices.items())
        blank = [] if shape.required or widget.allow_multiple_selected else [("", "---------")]
        widget.choices = [*blank, *choices]
    for option, attribute in _ATTRIBUTES.items():
        limit = getattr(field, option, None)
        if limit is not None and not isinstance(widget, forms.Select):
            widget.attrs[attribute] = str(limit)
    return widget


def _widget_class(field_class: type) -> type[forms.Widget]:
    paths = [row.widget for row in rows_for(field_class) if row.widget]
    paths += [_WIDGETS[cls] for cls in field_class.__mro__ if cls in _WIDGETS]
    widget_class: type[forms.Widget] = import_string(next(iter(paths), "django.forms.TextInput"))
    return widget_class


def _widget_attributes(field: object) -> dict[str, str]:
    row = next(rows_for(type(field)), None)
    return {} if row is None else row.widget_attributes(field)


def _errors(detail: Any) -> Iterator[forms.ValidationError]:
    if isinstance(detail, dict):
        for below in detail.values():
            yield from _errors(below)
    elif isinstance(detail, list):
        for below in detail:
            yield from _errors(below)
    else:
        yield forms.ValidationError(str(detail), code=detail.code)
