"""Classic fields inside a schema: ``UseField`` keeps them as they are."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
from django.core.validators import MaxLengthValidator
from pydantic import ValidationError as PydanticValidationError
from rest_framework import fields as drf

from nova_drf import UNSET, Schema, UseField
from nova_drf.mapping.drf_versions import big_integer_fields
from tests.oracle import Side, assert_same_print, assert_same_verdict
from tests.strategies import NONSENSE_VALUES, form_of

HERE = Path(__file__).parent


class Reversed(drf.CharField):
    """A field of a project's own."""

    default_error_messages = {"odd": "An odd number of characters: {n}."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if len(text) % 2:
            self.fail("odd", n=len(text))
        return text[::-1]

    def to_representation(self, value: Any) -> str:
        return super().to_representation(value)[::-1]


FIELDS: dict[str, tuple[Any, Any, tuple[Any, ...]]] = {
    "own class": (Reversed, {}, ("ab", "abc", "")),
    "several choices": (
        drf.MultipleChoiceField,
        {"choices": ["a", "b"]},
        (["a", "b", "a"], {"a": 1}, "a", [], ["c"], [["a"]], ("b",)),
    ),
    "several choices or none": (
        drf.MultipleChoiceField,
        {"choices": ["a"], "allow_empty": False},
        ([], ["a"]),
    ),
    "grouped choices": (
        drf.ChoiceField,
        {"choices": [("Group", [("a", "A"), ("b", "B")]), ("c", "C")]},
        ("a", "Group", "c"),
    ),
    "files in a folder": (
        drf.FilePathField,
        {"path": str(HERE), "match": r"test_kept\.py$"},
        (str(HERE / "test_kept.py"), str(HERE / "test_text.py"), "x"),
    ),
    "hstore": (
        drf.HStoreField,
        {},
        ({"a": 1, "b": None, 3: "c"}, {"a": []}, []),
    ),
    "uuid in hexadecimal": (drf.UUIDField, {"format": "hex"}, (str(UUID(int=1)), 1)),
    "uuid as a number": (drf.UUIDField, {"format": "int"}, (str(UUID(int=1)), 1)),
    "date with a format": (
        drf.DateField,
        {"format": "%d.%m.%Y", "input_formats": ["%d.%m.%Y"]},
        ("02.01.2024", "2024-01-02"),
    ),
    "list with no more than its items": (
        drf.ListField,
        {"allow_empty": False, "min_length": 2},
        ([], [1], [1, "x"], [1, 2]),
    ),
    "own words": (
        drf.IntegerField,
        {"error_messages": {"invalid": "No number!"}},
        ("x", 5),
    ),
    "own validators": (
        drf.CharField,
        {"validators": [MaxLengthValidator(1)], "max_length": 3},
        ("ab", "abcd", "a"),
    ),
    "slug": (drf.SlugField, {}, ("a-b", "a b", "\u00e9")),
    "unicode slug": (drf.SlugField, {"allow_unicode": True}, ("\u00e9", "a b")),
    "binary json": (drf.JSONField, {"binary": True}, ('{"a": 1}', "{", b"[]")),
    "localized decimal": (
        drf.DecimalField,
        {"max_digits": 4, "decimal_places": 1, "localize": True},
        ("1,5", "1.5"),
    ),
}


@pytest.fixture(params=FIELDS.values(), ids=list(FIELDS))
def row(request: pytest.FixtureRequest) -> Any:
    """A kept field on both sides, with what is worth sending to it."""
    field_class, arguments, values = request.param
    kept = Annotated[Any, UseField(field_class(**arguments))]
    return Side(kept, field_class(**arguments)), values


def test_a_kept_field_validates_and_prints_as_itself(row: Any) -> None:
    side, values = row
    for value in (*values, *NONSENSE_VALUES):
        expected = side.classic(data={"v": value})
        try:
            valid = expected.is_valid()
        except Exception:
            # What crashes DRF has no answer to compare with.
            continue
        side.check(value)
        if valid:
            assert_same_print(side.classic, side.ours, expected.validated_data)


def test_a_kept_field_reads_forms_as_itself(row: Any) -> None:
    side, values = row
    for value in values:
        assert_same_verdict(side.classic, side.ours, form_of({"v": value}))
    assert_same_verdict(side.classic, side.ours, form_of({}))


def test_choices_several_at_a_time_accept_any_iterable_but_text() -> None:
    field = drf.MultipleChoiceField(choices=["a", "b"])
    side = Side(Annotated[Any, UseField(field)], drf.MultipleChoiceField(choices=["a", "b"]))
    assert list(side.accepts({"a": 1})) == ["a"]
    assert side.refuses("a") == "not_a_list"


def test_an_hstore_turns_its_values_into_text() -> None:
    side = Side(Annotated[Any, UseField(drf.HStoreField())], drf.HStoreField())
    assert side.accepts({"a": 1, 2: None}) == {"a": "1", "2": None}


def test_a_uuid_is_printed_in_the_format_of_its_field() -> None:
    kept = Annotated[UUID, UseField(drf.UUIDField(format="hex"))]
    assert Side(kept, drf.UUIDField(format="hex")).prints(UUID(int=1)) == UUID(int=1).hex


@pytest.mark.skipif(not big_integer_fields(), reason="this DRF has no BigIntegerField")
def test_a_big_number_is_printed_as_text_if_its_field_says_so() -> None:
    (field_class,) = big_integer_fields()
    kept = Annotated[int, UseField(field_class(coerce_to_string=True))]
    assert Side(kept, field_class(coerce_to_string=True)).prints(2**60) == str(2**60)


def test_a_kept_fields_format_is_its_own() -> None:
    kept = Annotated[date, UseField(drf.DateField(format="%Y"))]
    assert Side(kept, drf.DateField(format="%Y")).prints(date(2024, 1, 2)) == "2024"


class Skipping(drf.CharField):
    """Leaves itself out for one text, and asks the context for another."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text == "skip":
            raise drf.SkipField
        return self.context.get("said", text)


class Alone(Schema):
    """Kept fields where there is no serializer."""

    needed: Annotated[Any, UseField(Reversed())]
    skipped: Annotated[Any, UseField(Skipping(required=False))]
    nullable: Annotated[Any, UseField(drf.IntegerField(allow_null=True, required=False))]


def test_in_the_schema_alone_a_copy_of_the_field_runs() -> None:
    made = Alone.model_validate({"needed": "abcd", "skipped": "skip", "nullable": None})
    assert made.needed == "dcba"
    assert made.skipped is UNSET
    assert made.nullable is None
    assert Alone.model_validate({"needed": "ab"}).nullable is UNSET
    said = Alone.model_validate({"needed": "ab", "skipped": "x"}, context={"said": "y"})
    assert said.skipped == "y"
    with pytest.raises(PydanticValidationError) as refused:
        Alone.model_validate({"needed": "abc", "nullable": "x"})
    assert [(one["loc"], one["msg"]) for one in refused.value.errors()] == [
        (("needed",), "An odd number of characters: 3."),
        (("nullable",), "A valid integer is required."),
    ]


def test_in_the_schema_alone_the_field_prints() -> None:
    made = Alone.model_validate({"needed": "abcd", "skipped": "skip", "nullable": 5})
    assert json.loads(made.model_dump_json()) == {"needed": "abcd", "nullable": 5}
