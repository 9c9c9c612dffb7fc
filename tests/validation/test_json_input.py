"""The text of a body, validated as it is: against DRF's parser and a classic serializer."""

from __future__ import annotations

import io
import json
import pickle
import sys
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from django.test import override_settings
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from rest_framework import serializers
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.validators import UniqueValidator

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, Source, serializer_from_schema
from nova_drf.parsers import SchemaJSONParser
from nova_drf.validation import json_input
from nova_drf.validation.json_input import JSONInput
from nova_drf.validation.request_schema import CompiledRequest
from nova_drf.validation.unparsed import UnparsedJSON
from tests.oracle import error_tree, typed
from tests.testapp.models import Author, Book


class ClassicMaker(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=10)
    rank = serializers.IntegerField(min_value=0, max_value=99, default=3)


class Classic(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    title = serializers.CharField(max_length=10)
    code = serializers.CharField(allow_blank=True, allow_null=True, trim_whitespace=False)
    pages = serializers.IntegerField(source="page_count")
    price = serializers.DecimalField(max_digits=6, decimal_places=2)
    active = serializers.BooleanField()
    created = serializers.DateTimeField()
    day = serializers.DateField(allow_null=True)
    rating = serializers.FloatField(min_value=0, required=False)
    key = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Book.Status.choices)
    maker = ClassicMaker()
    spare = ClassicMaker(allow_null=True)
    helpers = ClassicMaker(many=True)
    tags = serializers.ListField(child=serializers.CharField(), max_length=3)


class Maker(Schema):
    name: Annotated[str, Field(max_length=10)]
    rank: Annotated[int, Field(ge=0, le=99)] = 3


class Order(Schema):
    id: ReadOnly[int]
    title: Annotated[str, Field(max_length=10)]
    code: Annotated[str, StringConstraints(strip_whitespace=False, min_length=0)] | None
    pages: Annotated[int, Source("page_count")]
    price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]
    active: bool
    created: datetime
    day: date | None
    rating: NotRequired[Annotated[float, Field(ge=0)]]
    key: UUID
    status: Book.Status
    maker: Maker
    spare: Maker | None
    helpers: list[Maker]
    tags: Annotated[list[str], Field(max_length=3)]


class OrderSerializer(SchemaSerializer[Order]):
    pass


GOOD: dict[str, Any] = {
    "id": 7,
    "title": " The end ",
    "code": "",
    "pages": 12,
    "price": "18.50",
    "active": True,
    "created": "2024-01-02T03:04:05.5+01:00",
    "day": "2024-02-29",
    "rating": 4,
    "key": "6f5b9b0a-6f0b-4b0a-8f0b-6f5b9b0a6f0b",
    "status": "draft",
    "maker": {"name": "Ada", "rank": 1, "other": None},
    "spare": None,
    "helpers": [{"name": "a"}, {"name": "b", "rank": 0}],
    "tags": ["x", " y "],
}


def answer(serializer_class: Any, data: Any, **arguments: Any) -> Any:
    """Return what a serializer makes of a body, or what DRF answers instead."""
    try:
        body = data()
        serializer = serializer_class(data=body, **arguments)
        if serializer.is_valid():
            return "valid", typed(serializer.validated_data), typed(serializer.errors)
        JSONRenderer().render(serializer.errors)
        return "invalid", error_tree(serializer.errors), typed(serializer.validated_data)
    except ParseError as error:
        return "unreadable", str(error.detail)
    except (RecursionError, OverflowError, UnicodeEncodeError):
        # With the last one, when it renders what it says of a lone surrogate.
        return "crashed"


def assert_same(content: bytes, **arguments: Any) -> Any:
    """Check that DRF and ours make the same of a body; return what that is."""
    drf = answer(Classic, lambda: JSONParser().parse(io.BytesIO(content)), **arguments)
    ours = answer(
        OrderSerializer, lambda: SchemaJSONParser().unparsed(io.BytesIO(content)), **arguments
    )
    assert ours == drf or drf == "crashed"
    return ours


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def unparsed(value: Any) -> UnparsedJSON:
    return SchemaJSONParser().unparsed(io.BytesIO(encoded(value)))


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Note of each body whether its text was taken."""
    json_input._agrees()
    notes: list[bool] = []
    validated = JSONInput.validated_data

    def noted(self: JSONInput, content: bytes) -> Any:
        values = validated(self, content)
        notes.append(values is not None)
        return values

    monkeypatch.setattr(JSONInput, "validated_data", noted)
    return notes


NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([0, -1, 99, 100, 2**63, 2**64, 10**400, 1e400, -0.0, True, 1.0]),
)
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *("", " ", "draft", "Draft", "2024-02-30", "2024-02-29", "20240229", "0000-01-01"),
            *("2024-01-02T03:04:05Z", "2024-01-02T03:04:05", "2024-01-02T03:04:05+14:00"),
            *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2024-01-02T24:00:00Z"),
            *("2024-01-02T23:59:60Z", "2024-01-02T03:04:05.1234567Z", "2024-01-02T03:04:05-00:00"),
            *(
                "2024-01-02T03:04:05+24:00",
                "18.50",
                "-0.00",
                "1e2",
                "\u0661\u0662.\u0665\u0660",
                "9999.99",
                "99999.99",
            ),
            *("6f5b9b0a6f0b4b0a8f0b6f5b9b0a6f0b", "\x1c", "a\x00", "\ud800", "\u2028", "NaN"),
        ]
    ),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=4,
)
CHANGES = st.dictionaries(
    st.sampled_from([*GOOD, "unknown"]), st.one_of(ANYTHING, st.just("gone")), max_size=4
)


@settings(max_examples=300, deadline=None)
@given(CHANGES, st.booleans())
def test_bodies_are_answered_as_drf_answers(changes: dict[str, Any], partial: bool) -> None:
    body = {**GOOD, **changes}
    body = {name: value for name, value in body.items() if value != "gone"}
    assert_same(encoded(body), partial=partial)


@settings(max_examples=150, deadline=None)
@given(st.lists(CHANGES, min_size=2, max_size=5))
def test_lists_of_which_much_is_wrong_are_answered_as_drf_answers(changes: list[Any]) -> None:
    bodies = [{**GOOD, "title": 1}, *({**GOOD, **change} for change in changes)]
    drf, ours = Classic(data=bodies, many=True), OrderSerializer(data=bodies, many=True)
    try:
        valid = drf.is_valid()
    except (RecursionError, OverflowError):
        return
    assert ours.is_valid() == valid
    assert error_tree(ours.errors) == error_tree(drf.errors)
    assert typed(ours.validated_data) == typed(drf.validated_data)


@pytest.mark.parametrize("value", [None, [], {}, "", {"name": []}, {"name": "\ud800"}, 5, True])
def test_every_field_wrong_is_told_as_drf_tells_it(value: Any) -> None:
    for body in (dict.fromkeys(GOOD, value), {**GOOD, "maker": value, "spare": value}):
        drf, ours = Classic(data=[body] * 2, many=True), OrderSerializer(data=[body] * 2, many=True)
        assert drf.is_valid() == ours.is_valid()
        assert error_tree(ours.errors) == error_tree(drf.errors)
        assert_same(encoded(body))


def test_only_refused_fields_are_asked_once_much_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    validate = CompiledRequest.validate

    def noted(self: CompiledRequest, data: Any, run: Any) -> object:
        asked.append(data)
        return validate(self, data, run)

    monkeypatch.setattr(CompiledRequest, "validate", noted)
    bodies = [{**GOOD, "title": []}, {**GOOD, "pages": []}, GOOD, {**GOOD, "price": "1e1"}]
    serializer = OrderSerializer(data=bodies, many=True)
    assert not serializer.is_valid()
    assert asked == [bodies[0], bodies[2], bodies[3]]
    asked.clear()
    wrong: list[Any] = [
        {**GOOD, **change}
        for change in (
            *({"title": []}, {"tags": 3}, {"tags": ["a", []]}, {"tags": ["a", "b", "c", "d"]}),
            *({"helpers": [{"name": []}, {"name": "a"}, {}]}, {"maker": {"rank": []}}),
        )
    ]
    drf, ours = Classic(data=wrong, many=True), OrderSerializer(data=wrong, many=True)
    assert drf.is_valid() is ours.is_valid() is False
    assert error_tree(ours.errors) == error_tree(drf.errors)
    assert asked == wrong[:1]
    with override_settings(LANGUAGE_CODE="de"), translation.override("de"):
        assert_same(encoded({name: [] for name in GOOD}))


def test_settings_and_zones_count_where_much_is_wrong() -> None:
    early = {**GOOD, "title": [], "created": "0001-01-01T00:00:00+14:00"}
    assert "created" in assert_same(encoded(early))[1]
    for key in ("DATE_INPUT_FORMATS", "DATETIME_INPUT_FORMATS"):
        with override_settings(REST_FRAMEWORK={key: ["%d.%m.%Y"]}):
            told = assert_same(encoded({**GOOD, "title": []}))
        assert len(told[1]) == 2


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_texts_that_are_damaged_are_answered_as_drf_answers(data: st.DataObject) -> None:
    text = encoded(GOOD)
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(at + 4, len(text))))
    pieces = st.sampled_from(
        [
            *(b"", b"{", b"}", b'"', b",", b"\\ud83d", b"\\ud83d\\ude00", b"\xff", b"\xc3\xa9"),
            *(b"NaN", b"-Infinity", b"1e999", b"-0", b"01", b"\xef\xbb\xbf", b"/*x*/", b"\x00"),
            *(b'"title": 1, ', b'"title": "b", ', b"null", b"\xc0\x80", b"\xed\xa0\x80", b"\t"),
        ]
    )
    assert_same(text[:at] + data.draw(pieces) + text[until:])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b"NaN",
        b"\xef\xbb\xbf" + encoded(GOOD),
        encoded({**GOOD, "unknown": float("nan")}),
        encoded(GOOD)[:-1] + b', "pages": "x", "pages": 12}',
        encoded(GOOD)[:-1] + b', "pages": 12, "pages": "x"}',
        encoded(GOOD)[:-1] + b', "maker": 1, "maker": {"name": "x", "name": "y"}}',
        encoded(GOOD)[:-1] + b', "unknown": ' + b"9" * 5000 + b"}",
        encoded(GOOD)[:-1] + b', "unknown": ' + b"[" * 150 + b"]" * 150 + b"}",
        encoded(GOOD)[:-1] + b', "unknown": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        encoded(GOOD)[:-1] + b', "unknown": "\xff"}',
        encoded(GOOD)[:-1] + b', "unknown": "\\ud800"}',
        encoded({**GOOD, "title": "NaN and Infinity"}),
        json.dumps(GOOD).encode("utf-16"),
        json.dumps(GOOD, indent=3).encode() + b"\n\r\t ",
    ],
)
def test_what_parsers_differ_in_is_answered_as_drf_answers(content: bytes) -> None:
    assert_same(content)


def test_a_usual_body_is_not_parsed(taken: list[bool]) -> None:
    serializer = OrderSerializer(data=unparsed(GOOD))
    assert serializer.is_valid()
    assert taken == [True]
    assert "initial_data" not in vars(serializer)
    assert serializer.initial_data == GOOD
    assert type(serializer.initial_data) is dict
    assert serializer.initial_data is serializer.initial_data


def test_the_schema_is_there_when_somebody_asks(taken: list[bool]) -> None:
    serializer: Any = OrderSerializer(data=unparsed(GOOD))
    expected: Any = OrderSerializer(data=GOOD)
    assert serializer.is_valid()
    assert expected.is_valid()
    serializer.initial_data["title"] = "changed since"
    assert serializer.validated_schema == expected.validated_schema
    assert serializer.validated_schema is serializer.validated_schema
    assert taken == [True]


def test_an_invalid_body_has_no_schema() -> None:
    serializer: Any = OrderSerializer(data=unparsed({}))
    assert not serializer.is_valid()
    with pytest.raises(AssertionError):
        serializer.validated_schema
    with pytest.raises(ValidationError):
        OrderSerializer(data=unparsed({})).is_valid(raise_exception=True)


def test_data_is_what_drf_prints() -> None:
    drf, ours = Classic(data=GOOD), OrderSerializer(data=unparsed(GOOD))
    with pytest.raises(AssertionError):
        ours.data
    ours = OrderSerializer(data=unparsed(GOOD))
    assert drf.is_valid()
    assert ours.is_valid()
    assert type(ours.data) is type(drf.data)
    assert ours.data == drf.data
    assert ours.data.serializer is ours
    ours = OrderSerializer(data=unparsed({"title": "x"}))
    drf = Classic(data={"title": "x"})
    assert not ours.is_valid()
    assert not drf.is_valid()
    assert ours.data == drf.data


def test_is_valid_a_second_time_asks_nobody(taken: list[bool]) -> None:
    serializer = OrderSerializer(data=unparsed(GOOD))
    assert serializer.is_valid()
    assert serializer.is_valid()
    assert taken == [True]


def test_the_zone_and_the_formats_are_those_of_the_time(taken: list[bool]) -> None:
    for zone in ("Asia/Tokyo", "America/New_York"):
        with timezone.override(zone):
            assert_same(encoded(GOOD))
    assert taken == [True, True]
    for key in ("DATE_INPUT_FORMATS", "DATETIME_INPUT_FORMATS"):
        with override_settings(REST_FRAMEWORK={key: ["%d.%m.%Y"]}):
            assert_same(encoded(GOOD))
    with override_settings(USE_TZ=False):
        assert_same(encoded(GOOD))
    assert taken == [True, True, False, False, False]


def test_fewer_digits_of_whole_numbers_are_allowed_by_python(taken: list[bool]) -> None:
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(700)
    try:
        assert_same(encoded(GOOD)[:-1] + b', "unknown": ' + b"9" * 800 + b"}")
    finally:
        sys.set_int_max_str_digits(limit)
    assert taken == [False]


def test_without_agreement_of_the_parsers_all_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_input, "_PROBES", {b'{"a": 1}': {"a": 2}})
    json_input._agrees.cache_clear()
    try:
        serializer_class = serializer_from_schema(Maker)
        assert not serializer_class.takes_text()
        assert serializer_class(data=unparsed({"name": "x"})).is_valid()
    finally:
        json_input._agrees.cache_clear()


# What has code of its own


class Hooked(SchemaSerializer[Maker]):
    def validate_name(self, value: str) -> str:
        return value.upper()


class Validating(SchemaSerializer[Maker]):
    def validate(self, attrs: Any) -> Any:
        return {**attrs, "sent": self.initial_data}


class Reading(SchemaSerializer[Maker]):
    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data and {**data, "rank": 5})


class Running(SchemaSerializer[Maker]):
    def run_validation(self, data: Any = None) -> Any:
        assert type(data) in (dict, list)
        return super().run_validation(data)


class Made(SchemaSerializer[Maker]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert type(self.initial_data) in (dict, list)


class WithFields(SchemaSerializer[Maker]):
    def get_fields(self) -> Any:
        fields = super().get_fields()
        del fields["rank"]
        return fields


class Declared(SchemaSerializer[Maker]):
    name = serializers.CharField(max_length=2)


class WithValidators(SchemaSerializer[Maker]):
    class Meta:
        validators = [lambda values: values.update(seen="yes")]


class OfMeta(SchemaSerializer[Maker]):
    class Meta:
        read_only_fields = ("rank",)


@pytest.mark.parametrize(
    ("serializer_class", "takes"),
    [
        (Hooked, False),
        (Validating, True),
        (Reading, False),
        (Running, False),
        (Made, False),
        (WithFields, True),
        (Declared, False),
        (WithValidators, True),
        (OfMeta, True),
    ],
)
@pytest.mark.parametrize("body", [{"name": "ada", "rank": 2}, {"name": 1}, {}, []])
def test_code_of_a_serializer_sees_what_it_always_sees(
    serializer_class: Any, takes: bool, body: Any
) -> None:
    assert serializer_class.takes_text() is takes
    text = answer(serializer_class, lambda: unparsed(body))
    assert text == answer(serializer_class, lambda: body)


def test_what_one_serializer_has_of_its_own_is_honoured() -> None:
    for change in (
        lambda one: one.fields.pop("rank"),
        lambda one: setattr(one, "validators", [lambda _: pytest.raises]),
        lambda one: setattr(one, "validate_name", lambda value: value + "!"),
        lambda one: setattr(one, "validate", lambda attrs: {**attrs, "own": 1}),
        lambda one: setattr(one, "run_validation", lambda sent: {"own": sent}),
    ):
        made = []
        for data in ({"name": "ada"}, unparsed({"name": "ada"})):
            serializer = serializer_from_schema(Maker)(data=data)
            change(serializer)
            assert serializer.is_valid()
            made.append(typed(serializer.validated_data))
        assert made[0] == made[1]


def rounded(value: int) -> int:
    return round(value, -1)


class Before(Schema):
    name: str

    @model_validator(mode="before")
    @classmethod
    def changed(cls, data: Any) -> Any:
        return {"name": "before"}


class After(Schema):
    name: str

    @model_validator(mode="after")
    def changed(self) -> After:
        self.name = "after"
        return self


class FieldValidated(Schema):
    name: str

    @field_validator("name")
    @classmethod
    def changed(cls, value: str) -> str:
        return value * 2


class Annotated_(Schema):
    name: str
    rank: Annotated[int, AfterValidator(rounded)] = 1


class Forbidding(Schema):
    model_config = ConfigDict(extra="forbid")
    name: str


class Allowing(Schema):
    model_config = ConfigDict(extra="allow")
    name: str


class Defaulting(Schema):
    name: str
    tags: list[str] = Field(default_factory=list)


class Aliased(Schema):
    name: Annotated[str, Field(validation_alias="title")]


class Recursive(Schema):
    name: str
    children: list[Recursive] = []


class Multiple(Schema):
    name: str
    rank: Annotated[int, Field(multiple_of=3)] = 3


class PostInit(Schema):
    name: str

    def model_post_init(self, context: Any) -> None:
        self.name = "post"


class Pydantics(BaseModel):
    name: str
    rank: int = 1


class WithPydantics(Schema):
    name: str
    inner: Pydantics | None = None


class Endless(Schema):
    name: str
    price: Decimal = Decimal(1)


class Timed(Schema):
    name: str
    inner: dict[str, list[int]] = Field(default={})
    at: Annotated[date, Source("day.at")] = date(2020, 1, 1)


class Strict(Schema):
    model_config = ConfigDict(strict=True)
    name: str
    rank: int = 1


class Trimming(Schema):
    model_config = ConfigDict(str_to_upper=True, str_max_length=4)
    name: str


@pytest.mark.parametrize(
    ("schema", "takes"),
    [
        (Before, False),
        (After, False),
        (FieldValidated, False),
        (Annotated_, False),
        (Forbidding, True),
        (Allowing, False),
        (Defaulting, False),
        (Aliased, True),
        (Recursive, False),
        (Multiple, False),
        (PostInit, False),
        (Pydantics, False),
        (WithPydantics, False),
        (Endless, False),
        (Timed, False),
        (Strict, False),
        (Trimming, False),
    ],
)
def test_code_of_a_schema_sees_what_it_always_sees(schema: Any, takes: bool) -> None:
    serializer_class = serializer_from_schema(schema)
    assert serializer_class.takes_text() is takes
    for body in (
        {"name": "ada"},
        {"name": "ada", "rank": 7, "other": 1},
        {"title": "ada"},
        {"name": "abcdef", "children": [{"name": "x"}], "inner": {"name": "1", "rank": "2"}},
        {"name": 1},
    ):
        text = answer(serializer_class, lambda body=body: unparsed(body))
        assert text == answer(serializer_class, lambda body=body: body)


class BookSchema(Schema):
    title: str
    isbn: str
    author: int


class BookSerializer(SchemaSerializer[BookSchema]):
    class Meta:
        model = Book


@pytest.mark.django_db
def test_what_asks_the_database_is_asked_as_always() -> None:
    assert not BookSerializer.takes_text()
    author = Author.objects.create(name="a", email="a@b.co")
    Book.objects.create(title="t", isbn="1", author=author)
    for isbn, pk in (("1", author.pk), ("2", author.pk), ("2", author.pk + 1)):
        body = {"title": "x", "isbn": isbn, "author": pk}
        text = answer(BookSerializer, lambda body=body: unparsed(body))
        assert text == answer(BookSerializer, lambda body=body: body)
    assert UniqueValidator in {type(one) for one in BookSerializer().fields["isbn"].validators}


def test_lists_and_fields_parse_it() -> None:
    serializer_class = serializer_from_schema(Maker)
    many = serializer_class(data=unparsed([{"name": "a"}, {"name": "b"}]), many=True)
    assert many.is_valid()
    assert [item["name"] for item in many.validated_data] == ["a", "b"]
    required = serializer_class(data=unparsed({"name": "a"}), required=False)
    assert required.initial_data == {"name": "a"}
    assert required.is_valid()


def test_it_can_be_copied_and_pickled() -> None:
    serializer = OrderSerializer(data=unparsed(GOOD))
    assert serializer.is_valid()
    assert deepcopy(serializer).is_valid()
    assert deepcopy(serializer).initial_data == GOOD
    again = pickle.loads(pickle.dumps(serializer))
    assert again.initial_data == GOOD
    assert typed(again.validated_data) == typed(serializer.validated_data)


def test_what_came_of_it_is_printed_where_nothing_was_saved() -> None:
    schema = serializer_from_schema(Maker)(Maker(name="old"), data=unparsed({"name": "new"}))
    assert schema.is_valid()
    assert schema.data["name"] == "old"
    assert schema.data is not schema.data


def test_a_list_of_what_is_not_taken_is_not_taken() -> None:
    class Outer(Schema):
        inner: list[FieldValidated]

    assert not serializer_from_schema(Outer).takes_text()


def test_without_data_there_is_no_initial_data() -> None:
    assert not hasattr(OrderSerializer(), "initial_data")
    assert not hasattr(OrderSerializer, "initial_data")
    with pytest.raises(AssertionError) as ours:
        OrderSerializer().is_valid()
    with pytest.raises(AssertionError) as drf:
        Classic().is_valid()
    assert str(ours.value) == str(drf.value)
