"""``SchemaForm``: a Django form whose rules come from a schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.utils.datastructures import MultiValueDict
from pydantic import BaseModel
from rest_framework import fields as drf
from rest_framework.exceptions import ValidationError

from nova_drf.core.markers import UNSET
from nova_drf.forms.inputs import SchemaFormField, with_line_ends
from nova_drf.forms.texts import SECRETS
from nova_drf.mapping.input_paths import (
    NOWHERE,
    form_name,
    path_in,
    put_at,
    remove_at,
    value_at,
)
from nova_drf.mapping.shape import FieldShape, Kind
from nova_drf.mapping.validated_data import source_attributes
from nova_drf.serializers.schema_serializer import (
    SchemaSerializer,
    field_builder,
    nested_serializer_class,
)
from nova_drf.validation.errors.by_field import details_by_field, django_errors
from nova_drf.validation.form_data import form_values

S = TypeVar("S", bound=BaseModel)


class SchemaForm(forms.Form, Generic[S]):
    """A form with one field for each input field of a schema.

    >>> class OrderForm(SchemaForm[OrderSchema]): ...
    >>> form = OrderForm(request.POST)
    >>> if form.is_valid():
    ...     OrderService().create(form.validated_schema)

    The input is read as DRF reads an HTML form. The schema validates it: constraints, field
    validators and model validators, with DRF's messages and codes. ``clean_<field>()`` and
    ``clean()`` run as in any form, on typed values. If the class declares a form field of the same
    name, that field renders the input; the schema still validates it.

    Lists, dictionaries and what else has parts stand in the page as JSON; DRF's own way to send
    them (``tags=a&tags=b``, ``size.width=1``) is read as well. A secret is not in the page. Where
    its input is left empty, the initial one stays.

    Follows:
        ``django.forms.Form``, and ``rest_framework.fields.Field.get_value`` for what is sent.

    Args:
        context: The context of the serializer that reads the input.
        kwargs: The arguments of every form.

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
        schema_fields = dict(self._schema_fields())
        schema_fields.update(self.fields)
        self.fields = schema_fields

    @classmethod
    def get_serializer_class(cls) -> type[SchemaSerializer[Any]]:
        """Return what reads the input."""
        if hasattr(cls, "serializer_class"):
            return cls.serializer_class
        return nested_serializer_class(cls.schema)

    @cached_property
    def serializer(self) -> SchemaSerializer[Any]:
        """The serializer of what was sent."""
        return self.get_serializer_class()(data=self._values(), context=self._context)

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
            validated = self.serializer.validated_data
            known = {shape.field_name for shape in self._shapes()}
            sources = {shape.field_name: shape.source for shape in self._shapes()}
            return {
                name: value
                for name, value in cleaned.items()
                if name not in known or sources[name] in validated
            }
        for shape, detail in details_by_field(self.serializer.errors, self._shapes()):
            field = None if shape is None else shape.field_name
            if field is None or not self.has_error(field):
                self.add_error(field, list(django_errors(detail)))
        return self.cleaned_data

    def add_prefix(self, field_name: str) -> str:
        """Return the name of an input: the one by which clients send the field."""
        return super().add_prefix(self._input_names.get(field_name, field_name))

    @cached_property
    def _input_names(self) -> dict[str, str]:
        return {shape.field_name: form_name(shape.input_paths[0]) for shape in self._shapes()}

    def _shapes(self) -> Iterator[FieldShape]:
        for shape in self.get_serializer_class().get_definition().request.fields.values():
            if not shape.read_only and not shape.computed:
                yield shape

    def _schema_fields(self) -> Iterator[tuple[str, forms.Field]]:
        blank = self.get_serializer_class()()
        for shape in self._shapes():
            field = SchemaFormField.of(shape, blank.bound_field(shape.field_name))
            field.rule = partial(self._judged, shape)
            yield shape.field_name, field

    def _judged(self, shape: FieldShape) -> object:
        """Return the value of a field, as the serializer of the whole found it.

        Raises:
            forms.ValidationError: It found it wrong.
        """
        if self.serializer.is_valid() and shape.source != "*":
            path = tuple(source_attributes(shape.source))
            value = value_at(self.serializer.validated_data, path)
            return None if value is NOWHERE else value
        details = details_by_field(self.serializer.errors, [shape])
        errors = [error for about, detail in details if about for error in django_errors(detail)]
        if errors:
            raise forms.ValidationError(errors)
        return self._alone(shape)

    def _alone(self, shape: FieldShape) -> object:
        """Return the value of a field that is right, where others are not."""
        data = self.serializer.initial_data
        value = value_at(data, path_in(data, shape.input_paths))
        field = self.serializer.bound_field(shape.field_name)
        if not shape.type.has_drf_semantics and shape.type.kind is not Kind.KEPT:
            field = field_builder.other(shape.type, required=False, allow_null=True)
        try:
            return field.run_validation(drf.empty if value is NOWHERE else value)
        except (drf.SkipField, ValidationError):
            return None

    def _values(self) -> dict[str, Any]:
        """Return what was sent as the JSON that it stands for."""
        serializer = self.get_serializer_class()(context=self._context)
        sent = self._input()
        request = serializer.compiled_request()
        values = form_values(serializer, sent, request)
        if request.shape.schema.model_config.get("extra") == "forbid":
            # A page has buttons and other forms, whose inputs are none of the schema's business.
            values = {key: value for key, value in values.items() if key in request.shape.taken}
        for shape in self._shapes():
            texts = sent.getlist(form_name(shape.input_paths[0]))
            value = self._value_of_input(shape.field_name, texts)
            if value is drf.empty:
                remove_at(values, shape.input_paths[0])
            elif value is not UNSET:
                put_at(values, shape.input_paths[0], value)
        return values

    def _value_of_input(self, name: str, texts: list[Any]) -> Any:
        """Return the value that an input of ours holds; ``UNSET`` where DRF has to read it."""
        field = self.fields.get(name)
        if not isinstance(field, SchemaFormField):
            return UNSET
        secret = self.get_initial_for_field(field, name) if texts == [""] else None
        if isinstance(secret, SECRETS):
            return secret.get_secret_value()
        return field.value_in(texts)

    def _input(self) -> MultiValueDict[str, Any]:
        """Return what was sent, files included, without the form's prefix."""
        merged: MultiValueDict[str, Any] = MultiValueDict()
        start = f"{self.prefix}-" if self.prefix else ""
        for source in (self.data, self.files):
            for key in source:
                if key.startswith(start):
                    merged.setlist(key.removeprefix(start), _sent(source, key))
        return merged


def _sent(source: Any, key: str) -> list[Any]:
    if hasattr(source, "getlist"):
        values = source.getlist(key)
    else:
        values = source[key] if isinstance(source[key], (list, tuple)) else [source[key]]
    return [with_line_ends(value) for value in values]
