"""A new type takes one class: its row says all that there is to know of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.db import models
from pydantic_core import core_schema
from rest_framework import serializers

from nova_drf import (
    Schema,
    conversion_report,
    schema_from_serializer,
    serializer_from_schema,
)
from nova_drf.core.core_schema import Core
from nova_drf.forms import SchemaForm
from nova_drf.mapping.registry import FieldMapping, registry
from nova_drf.migration.codegen.arguments import literal
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.convert.attribute_types import python_type
from nova_drf.testing import assert_parity
from nova_drf.testing.values import candidates
from tests.openapi.documents import components


class Grid:
    """A value with two numbers."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grid) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.no_info_plain_validator_function(cls)


class GridField(serializers.Field[Any, Any, Any, Any]):
    """``"3x4"``."""

    def to_internal_value(self, data: Any) -> Grid:
        if not isinstance(data, str) or "x" not in data:
            raise serializers.ValidationError("Write 3x4.", code="grid")
        return Grid(data)

    def to_representation(self, value: Grid) -> str:
        return value.text


class GridColumn(models.Field):
    """A model field for it."""


class GridMapping(FieldMapping):
    """All that is known of the type."""

    python_type = Grid
    field_class = GridField
    model_fields = (GridColumn,)
    stored_values = (Grid("1x1"),)
    openapi_types = ("GRID",)
    json_schema = {"type": "string", "pattern": "^[0-9]+x[0-9]+$"}
    widget = "django.forms.PasswordInput"

    def matches(self, core: Core) -> bool:
        return bool(core["type"] == "function-plain" and core["function"]["function"] is Grid)

    def examples(self, field: Any) -> Any:
        return ["3x4", "3", 3, None]

    def widget_attributes(self, field: Any) -> dict[str, str]:
        return {"placeholder": "3x4"}

    def source_arguments(self, value: Any) -> str | None:
        return f'"{value.text}"'


@pytest.fixture(autouse=True)
def row() -> Iterator[GridMapping]:
    mapping = GridMapping()
    with registry.override(mapping):
        yield mapping


class Plot(serializers.Serializer[Any]):
    """A classic serializer."""

    grid = GridField()


def plot_schema() -> Any:
    class PlotSchema(Schema):
        grid: Grid

    return PlotSchema


def test_a_schema_validates_and_prints_it_by_its_field() -> None:
    ours = serializer_from_schema(plot_schema())
    for sent in ({"grid": "3x4"}, {"grid": 3}, {"grid": None}, {}):
        new, old = ours(data=sent), Plot(data=sent)
        assert new.is_valid() == old.is_valid()
        assert new.errors == old.errors
        if old.is_valid():
            assert new.validated_data == old.validated_data
            assert new.data == old.data


def test_a_serializer_is_converted() -> None:
    (field,) = conversion_report(Plot).fields
    assert field.type == "Grid"
    assert schema_from_serializer(Plot).model_fields["grid"].annotation is Grid


def test_a_parity_test_draws_its_examples() -> None:
    assert_parity(Plot, serializer_from_schema(plot_schema()), examples=30)
    assert repr(candidates(GridField()).good) == "sampled_from(['3x4', '3', 3, None])"


def test_a_form_shows_its_widget() -> None:
    class PlotForm(SchemaForm[Any]):
        schema = plot_schema()

    form = PlotForm({"grid": "3"})
    widget = form.fields["grid"].widget
    assert isinstance(widget, forms.PasswordInput)
    assert widget.attrs["placeholder"] == "3x4"
    assert form.errors.as_data()["grid"][0].code == "grid"


def test_openapi_documents_have_its_schema() -> None:
    made = components(plot=serializer_from_schema(plot_schema()))
    assert made["Plot"]["properties"]["grid"] == {
        "type": "string",
        "pattern": "^[0-9]+x[0-9]+$",
    }


def test_a_model_field_has_its_type() -> None:
    assert python_type(GridColumn()) is Grid

    assert registry.for_openapi_type("GRID") is registry.for_python_type(Grid)


def test_generated_code_makes_it() -> None:
    assert literal(Grid("3x4"), Names()) == 'Grid("3x4")'


def test_what_derives_from_a_row_is_for_other_types() -> None:
    class Derived(GridMapping):
        pass

    assert (Derived.model_fields, Derived.openapi_types) == ((), ())
    assert Derived.widget == GridMapping.widget
