"""One of several values: DRF's field and the schema agree on every value."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from rest_framework import fields as drf
from rest_framework.exceptions import ValidationError

from nova_drf import Schema
from nova_drf.mapping.rows.choices import ChoiceMapping
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import Side
from tests.strategies import Colour, Level, Plain


class Size(IntEnum):
    """Whole numbers."""

    SMALL = 1
    LARGE = 3


class Unit(StrEnum):
    """Texts."""

    METRE = "m"
    FOOT = "ft"


class Mixed(Enum):
    """Values of several types."""

    NAME = "name"
    NUMBER = 2
    HALF = 0.5


VALUES: tuple[Any, ...] = (
    *(
        "a",
        "b",
        "r",
        "m",
        "ft",
        "one",
        "name",
        "zz",
        "",
        " ",
        " a ",
        1,
        3,
        2,
        0.5,
        "0.5",
        "1",
        "01",
        "True",
        "None",
        "1.0",
        "2.5",
        2.5,
        "[]",
        "nan",
    ),
    *(1.0, True, False, None, 10**30, ["a"], {"a": 1}, [], b"a", "\ud800", object, float("nan")),
    *(
        Colour.RED,
        Colour.NONE,
        Level.LOW,
        Size.LARGE,
        Unit.METRE,
        Mixed.HALF,
        Plain.ONE,
        "A",
        "RED",
    ),
)

SIDES: tuple[tuple[str, Any, Any], ...] = (
    ("letters", Literal["a", "b"], ("a", "b")),
    ("numbers", Literal[1, 3], (1, 3)),
    ("letters and numbers", Literal["a", 3], ("a", 3)),
    ("looking alike", Literal["1", 1], ("1", 1)),
    ("texts of numbers", Literal["1", "2.5", "01"], ("1", "2.5", "01")),
    ("texts of other values", Literal["True", "1.0", "None"], ("True", "1.0", "None")),
    ("texts that no literal holds", Literal["[]", "nan"], ("[]", "nan")),
    ("texts of numbers, and a number", Literal["1", 3, "a"], ("1", 3, "a")),
    ("django's texts", Colour, [("r", "Red"), ("b", "Blue")]),
    ("django's numbers", Level, Level.choices),
    ("an enum", Plain, ("one", "two")),
    ("an enum of numbers", Size, (1, 3)),
    ("an enum of texts", Unit, ("m", "ft")),
    ("an enum of several types", Mixed, ("name", 2, 0.5)),
    ("some members", Literal[Size.LARGE, Unit.METRE], (3, "m")),
)


@pytest.fixture(params=SIDES, ids=lambda row: row[0])
def side(request: pytest.FixtureRequest) -> Side:
    """A choice on both sides."""
    name, annotation, choices = request.param
    return Side(annotation, drf.ChoiceField(choices, allow_blank=name == "django's texts"))


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_every_value_gets_the_verdict_and_value_of_drfs_field(side: Side, value: Any) -> None:
    side.check(value)


@pytest.mark.parametrize(
    "stored", ["a", "b", "zz", "", "r", 1, 3, "3", 7, "one", True, 0.5], ids=ascii
)
def test_a_stored_value_is_printed_even_if_it_is_no_choice_today(side: Side, stored: Any) -> None:
    side.prints(stored)


@pytest.mark.parametrize("member", [Size.LARGE, Unit.METRE, Colour.RED, Plain.TWO, Mixed.HALF])
def test_a_member_of_an_enumeration_is_printed_as_its_value(member: Enum) -> None:
    schema = type(
        "One", (Schema,), {"__annotations__": {"v": type(member)}, "__module__": __name__}
    )
    assert serializer_from_schema(schema)({"v": member}).data == {"v": member.value}


def test_the_text_of_a_number_chooses_it_and_the_number_comes_back() -> None:
    side = Side(Literal[1, 3], drf.ChoiceField((1, 3)))
    assert side.accepts("1") == 1
    assert side.refuses(True) == "invalid_choice"
    assert side.refuses(1.0) == "invalid_choice"


def test_what_cannot_be_hashed_is_no_choice_and_is_quoted() -> None:
    side = Side(Literal["a", "b"], drf.ChoiceField(("a", "b")))
    assert side.refuses(["a"]) == "invalid_choice"


def test_the_empty_text_is_a_choice_where_the_enumeration_has_it() -> None:
    allowing = drf.ChoiceField([("r", "Red"), ("b", "Blue")], allow_blank=True)
    assert Side(Colour, allowing).accepts("") == ""
    assert Side(Literal["", "a"], drf.ChoiceField(["a"], allow_blank=True)).accepts("") == ""


def test_none_among_literals_is_null() -> None:
    side = Side(Literal["a", None], drf.ChoiceField(["a"], allow_null=True))
    assert side.accepts(None) is None
    assert side.refuses("b") == "invalid_choice"
    assert side.prints(None) is None


def test_the_schema_holds_members_and_validated_data_their_values() -> None:
    class Parcel(Schema):
        size: Size
        unit: Literal[Unit.METRE]
        history: list[Size] = []

    serializer = serializer_from_schema(Parcel)(
        data={"size": "3", "unit": "m", "history": [1, "3"]}
    )
    assert serializer.is_valid()
    parcel = serializer.validated_schema
    assert (parcel.size, parcel.unit, parcel.history) == (
        Size.LARGE,
        Unit.METRE,
        [Size.SMALL, Size.LARGE],
    )
    assert serializer.validated_data == {"size": 3, "unit": "m", "history": [1, 3]}
    assert type(serializer.validated_data["unit"]) is str


def test_a_plain_models_refusal_is_in_drfs_words() -> None:
    class Parcel(BaseModel):
        size: Size
        unit: Literal["m", "ft"]

    serializer = serializer_from_schema(Parcel)(data={"size": 7, "unit": "x"})
    assert not serializer.is_valid()
    expected = {}
    for name, choices, sent in (("size", (1, 3), 7), ("unit", ("m", "ft"), "x")):
        with pytest.raises(ValidationError) as refusal:
            drf.ChoiceField(choices).run_validation(sent)
        expected[name] = refusal.value.detail
    assert serializer.errors == expected


@pytest.mark.parametrize("row", SIDES, ids=lambda row: row[0])
def test_choices_in_a_list_are_those_of_drfs_list_field(row: tuple[str, Any, Any]) -> None:
    name, annotation, choices = row
    child = drf.ChoiceField(choices, allow_blank=name == "django's texts")
    side = Side(list[annotation], drf.ListField(child=child))
    side.check([])
    side.check([values for values in VALUES if values is not None])
    for value in VALUES:
        side.check([value])
        side.check([value, value, "zz"])


@pytest.mark.parametrize("text", ["True", "None", "1", "1e5", "[", "plain"])
def test_texts_may_look_like_other_values(text: str) -> None:
    side = Side(Literal[text], drf.ChoiceField([text]))
    assert side.accepts(text) == text
    for value in (True, None, 1, 100000.0, [], "other"):
        side.check(value)


def test_a_row_for_choices_has_to_say_which() -> None:
    with pytest.raises(NotImplementedError):
        ChoiceMapping().members({"type": "literal"})


@pytest.mark.parametrize(
    ("one", "other", "spellings"),
    [
        (Literal["True"], Literal["False"], (True, "True")),
        (Literal["1"], Literal["2"], (1, "1")),
        (Literal["1.5"], Literal["a"], (1.5, "1.5")),
        (Literal["None"], Literal["1"], ("None",)),
    ],
)
def test_a_text_of_another_value_tells_the_members_of_a_union_apart(
    one: Any, other: Any, spellings: tuple[Any, ...]
) -> None:
    class First(Schema):
        kind: one
        a: int

    class Second(Schema):
        kind: other
        b: int

    class Either(Schema):
        v: Annotated[First | Second, Field(discriminator="kind")]

    cls = serializer_from_schema(Either)
    for sent in spellings:
        serializer = cls(data={"v": {"kind": sent, "a": 1}})
        assert serializer.is_valid(), serializer.errors
        assert serializer.validated_data == {"v": {"kind": str(sent), "a": 1}}
        assert serializer.data == {"v": {"kind": str(sent), "a": 1}}
    wrong = cls(data={"v": {"kind": 2.5, "a": 1}})
    assert not wrong.is_valid()
    assert wrong.errors["v"]["kind"][0].code == "invalid_choice"
