"""Values and annotations as source code: what is written makes an equal value."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from re import compile as pattern
from typing import Annotated, Any, Literal, Optional
from uuid import UUID

import pytest
from django.core.validators import MaxValueValidator, RegexValidator
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, StringConstraints
from rest_framework import serializers
from rest_framework.validators import UniqueForDateValidator, UniqueTogetherValidator

from nova_drf.migration.codegen.annotations import Annotations, nested_type
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.codegen.values import field_source, text_source, value_source
from tests.convertapp.fields import not_seven
from tests.convertapp.models import City, Country


class Plain(Enum):
    ONE = "one"


class OwnText(str):
    """A text of a class of its own."""


VALUES: list[Any] = [
    None,
    True,
    3,
    1.5,
    float("inf"),
    "text",
    b"bytes",
    Decimal("1.50"),
    UUID(int=7),
    date(2024, 1, 2),
    datetime(2024, 1, 2, 3, 4),
    time(3, 4),
    timedelta(days=1, seconds=2),
    Plain.ONE,
    Country.Size.LARGE,
    [1, "a"],
    (),
    (1,),
    (1, 2),
    {1, 2},
    set(),
    frozenset({1}),
    frozenset(),
    {"a": [1]},
    not_seven,
    len,
    City,
]


def evaluated(source: str, names: Names) -> Any:
    return eval(source, names.namespace())


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values(value: Any) -> None:
    names = Names()
    made = evaluated(value_source(value, names), names)
    assert made == value
    assert type(made) is type(value)


@given(st.text())
def test_texts(text: str) -> None:
    assert eval(text_source(text)) == text


def test_a_lazy_text_is_written_as_it_reads_now() -> None:
    assert value_source(gettext_lazy("No"), Names()) == '"No"'


def test_an_expression_is_written_as_its_pattern() -> None:
    assert value_source(pattern("^a"), Names()) == '"^a"'


@pytest.mark.parametrize(
    ("validator", "source"),
    [
        (MaxValueValidator(3), "MaxValueValidator(3)"),
        (RegexValidator("^a", code="x"), 'RegexValidator("^a", code="x")'),
        (
            UniqueTogetherValidator(City.objects.all(), fields=("name", "slug")),
            'UniqueTogetherValidator(queryset=City.objects.all(), fields=("name", "slug"))',
        ),
        (
            UniqueForDateValidator(City.objects, field="name", date_field="founded"),
            'UniqueForDateValidator(queryset=City.objects, field="name", date_field="founded")',
        ),
    ],
)
def test_validators(validator: Any, source: str) -> None:
    assert value_source(validator, Names()) == source


@pytest.mark.parametrize(
    "value",
    [
        lambda: 1,
        object(),
        OwnText("x"),
        datetime(2024, 1, 2, tzinfo=UTC),
        City.objects.filter(name="x"),
        type("Lost", (), {}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_source(value: Any) -> None:
    with pytest.raises(CannotWriteError):
        value_source(value, Names())


@pytest.mark.parametrize(
    ("field", "source"),
    [
        (serializers.CharField(max_length=3), "serializers.CharField(max_length=3)"),
        (
            serializers.PrimaryKeyRelatedField(many=True, queryset=City.objects.all()),
            "serializers.PrimaryKeyRelatedField(queryset=City.objects.all(), many=True)",
        ),
        (
            serializers.ListField(child=serializers.IntegerField()),
            "serializers.ListField(child=serializers.IntegerField())",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_fields(field: Any, source: str) -> None:
    assert field_source(field, Names()) == source


class Inner(serializers.Serializer[Any]):
    """Nested."""


def test_nested_serializers() -> None:
    source = field_source(Inner(many=True, required=False), Names())
    assert source == "Inner(required=False, many=True)"


@pytest.mark.parametrize(
    ("annotation", "source"),
    [
        (int, "int"),
        (None, "None"),
        (Any, "Any"),
        (Optional[Any], "Any"),  # noqa: UP045
        (int | None, "int | None"),
        (list[str | None], "list[str | None]"),
        (dict[str, Decimal], "dict[str, Decimal]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (Literal["a", 1], 'Literal["a", 1]'),
        (Annotated[str, Field(max_length=3)], "Annotated[str, Field(max_length=3)]"),
        (
            Annotated[str, Field(min_length=0), StringConstraints(strip_whitespace=False)],
            "Annotated[str, Field(min_length=0), StringConstraints(strip_whitespace=False)]",
        ),
        (Annotated[int, "a mark of somebody's"], "int"),
        (Annotated[int, Field()], "int"),
        (list[nested_type(Inner)], "list[InnerSchema]"),  # type: ignore[misc]
    ],
    ids=str,
)
def test_annotations(annotation: Any, source: str) -> None:
    annotations = Annotations(Names(), lambda cls: f"{cls.__name__}Schema")
    assert annotations.source(annotation) == source


def test_a_kept_field_needs_no_constraints() -> None:
    loose = Annotations(Names(), lambda cls: "", constrained=False)
    assert loose.source(Annotated[str, Field(max_length=3)] | None) == "str | None"


def test_a_name_of_another_file_is_none() -> None:
    with pytest.raises(CannotWriteError, match="another file"):
        Annotations(Names(), lambda cls: "").source("City")


def test_annotated_stays_flat() -> None:
    annotations = Annotations(Names(), lambda cls: "")
    inner = annotations.annotated('Literal["]"]', "a")
    assert annotations.annotated(inner, "b") == 'Annotated[Literal["]"], a, b]'
    assert annotations.annotated(f"{inner} | None", "b") == f"Annotated[{inner} | None, b]"
