"""Constants and annotations as source code: what is written makes an equal value."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from re import compile as pattern
from typing import Annotated, Any, Literal, Optional
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, StringConstraints
from rest_framework import serializers

from nova_drf.migration.codegen.annotations import Annotations, nested_type
from nova_drf.migration.codegen.arguments import Arguments, literal, text_source
from nova_drf.migration.codegen.choices import member_name
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.codegen.origins import Writer
from nova_drf.migration.codegen.sources import SourceModule
from tests.migration import legacy


class OwnText(str):
    """A text of a class of its own."""


VALUES: list[Any] = [
    *(None, True, 3, 1.5, "text", Decimal("1.50"), pattern("^a"), UUID(int=7)),
    *(date(2024, 1, 2), time(3, 4), timedelta(days=1, seconds=2)),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_constants(value: Any) -> None:
    names = Names()
    made = eval(literal(value, names), names.namespace())
    assert made == value
    assert type(made) is type(value)


@given(st.text())
def test_texts(text: str) -> None:
    assert eval(text_source(text)) == text


@given(st.lists(st.text(), unique=True))
def test_members_of_enumerations_have_names_of_their_own(texts: list[str]) -> None:
    taken: set[str] = set()
    names = [member_name(text, taken) for text in texts]
    assert len(set(names)) == len(texts)
    body = "".join(f"    {name} = {at}\n" for at, name in enumerate(names))
    source = f"from enum import Enum\nclass Made(Enum):\n    none = None\n{body}"
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    assert [one.name for one in namespace["Made"]][1:] == names


@pytest.mark.parametrize(
    "text", ["x = 1; import os", "a\nimport os", "²", "mro", "__class__", "name", "İ", "\u2028"]
)
def test_no_text_becomes_code(text: str) -> None:
    assert member_name(text, set()).isidentifier()
    assert member_name(text, set()) not in ("mro", "name", "__class__")


@pytest.mark.parametrize("value", [object(), OwnText("x"), [1]], ids=type)
def test_what_is_no_constant(value: Any) -> None:
    with pytest.raises(CannotWriteError):
        literal(value, Names())


class Inner(serializers.Serializer[Any]):
    """Nested."""


def limits(**given: Any) -> Arguments:
    """Return limits that nobody has written anywhere but in DRF."""
    return Arguments(given, serializers.CharField(), Writer(SourceModule(legacy), Names()))


@pytest.mark.parametrize(
    ("annotation", "source"),
    [
        (int, "int"),
        (None, "None"),
        (Any, "Any"),
        (Optional[Any], "Any"),  # noqa: UP045  # the spelling is what is tested
        (int | None, "int | None"),
        (list[str | None], "list[str | None]"),
        (dict[str, Decimal], "dict[str, Decimal]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (Annotated[str, Field(max_length=3)], "Annotated[str, Field(max_length=3)]"),
        (
            Annotated[str, Field(min_length=0), StringConstraints(strip_whitespace=False)],
            "Annotated[str, Field(min_length=0), StringConstraints(strip_whitespace=False)]",
        ),
        (Annotated[int, "a mark of somebody's"], "int"),
        (Annotated[int, Field()], "int"),
        (list[nested_type(Inner)], "list[InnerSchema]"),
    ],
    ids=str,
)
def test_annotations(annotation: Any, source: str) -> None:
    annotations = Annotations(Names(), lambda cls: f"{cls.__name__}Schema")
    assert annotations.source(annotation, limits()) == source


def test_a_kept_field_needs_no_constraints() -> None:
    loose = Annotations(Names(), lambda cls: "")
    assert loose.source(Annotated[str, Field(max_length=3)] | None) == "str | None"
    assert loose.source(Literal["a", 1]) == 'Literal["a", 1]'


def test_choices_that_are_worked_out_are_not_listed() -> None:
    with pytest.raises(CannotWriteError, match="worked out"):
        Annotations(Names(), lambda cls: "").source(Literal["a"], limits())


def test_a_name_of_another_file_is_none() -> None:
    with pytest.raises(CannotWriteError, match="another file"):
        Annotations(Names(), lambda cls: "").source("City")


def test_annotated_stays_flat() -> None:
    annotations = Annotations(Names(), lambda cls: "")
    inner = annotations.annotated('Literal["]"]', "a")
    assert annotations.annotated(inner, "b") == 'Annotated[Literal["]"], a, b]'
    assert annotations.annotated(f"{inner} | None", "b") == f"Annotated[{inner} | None, b]"
