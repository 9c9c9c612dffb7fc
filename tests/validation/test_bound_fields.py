"""Bound fields and hooks asked while Pydantic validates: what they return, and where it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Annotated, Any, Literal, Self

import pytest
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import QueryDict
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator
from pydantic import ValidationError as PydanticValidationError
from rest_framework import serializers

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, Source, UseField, WriteOnly
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import assert_same_print, assert_same_verdict, error_tree
from tests.testapp.models import Author, Book


class Shade(Enum):
    DARK = "dark"
    LIGHT = "light"


@pytest.fixture(params=[Schema, BaseModel], ids=["schema", "model"])
def base(request: pytest.FixtureRequest) -> type[BaseModel]:
    return request.param


def touching(schema: type[BaseModel], change: Callable[[Any], None]) -> Any:
    class Touched(SchemaSerializer[schema]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            for field in self.fields.values():
                change(field)

    return Touched


def loosen(field: Any) -> None:
    field.required = False


def valid(serializer: Any) -> Any:
    assert serializer.is_valid(), serializer.errors
    return serializer


# Values keep their types in the schema


def test_touched_fields_give_the_schema_its_own_types(base: type[BaseModel]) -> None:
    class Inner(base):
        n: int
        m: Annotated[int, Source("other")] = 0

    class Outer(base):
        shade: Shade
        word: Literal["x", "y"] = "x"
        inner: Inner
        inners: list[Inner] = []
        by_name: dict[str, Inner] = {}
        numbers: set[int] = set()
        maybe: Inner | None = None

        @model_validator(mode="after")
        def look(self) -> Self:
            assert self.inner.n + sum(one.n for one in self.inners) < 100
            return self

    body = {
        "shade": "dark",
        "inner": {"n": 1},
        "inners": [{"n": 2, "m": 3}],
        "by_name": {"k": {"n": 3}},
        "numbers": [1, 1, 2],
    }
    plain, touched = serializer_from_schema(Outer), touching(Outer, loosen)
    assert valid(touched(data=body)).validated_schema == valid(plain(data=body)).validated_schema
    written = valid(touched(data=body)).validated_data
    assert written["inner"] == {"n": 1, "other": 0}
    assert written["inners"] == [{"n": 2, "other": 3}]
    assert not touched(data={**body, "inner": {"n": 100}}).is_valid()


def test_choices_may_be_extended_at_run_time() -> None:
    class Lamp(Schema):
        shade: Shade
        word: Literal["x"]

    def extend(field: Any) -> None:
        field.choices = [*field.choices, "more"]

    serializer = valid(touching(Lamp, extend)(data={"shade": "more", "word": "more"}))
    assert serializer.validated_data == {"shade": "more", "word": "more"}
    assert serializer.validated_schema.shade == "more"
    known = valid(touching(Lamp, extend)(data={"shade": "dark", "word": "x"}))
    assert known.validated_schema.shade is Shade.DARK


def test_a_plain_model_keeps_pydantics_values(base: type[BaseModel]) -> None:
    class Row(base):
        text: str
        number: int | None

    def refuse_long(field: Any) -> None:
        field.validators.append(refuse_three)

    def refuse_three(value: Any) -> None:
        if value in ("abc", 3):
            raise serializers.ValidationError("Not three.")

    touched = touching(Row, refuse_long)
    spaced = valid(touched(data={"text": " a ", "number": None})).validated_data["text"]
    assert spaced == (" a " if base is BaseModel else "a")
    bad = touched(data={"text": "abc", "number": 3})
    assert not bad.is_valid()
    refusal = [("Not three.", "invalid")]
    assert error_tree(bad.errors) == {"text": refusal, "number": refusal}


# Kept fields


class ClassicKept(serializers.Serializer[Any]):
    word = serializers.CharField(max_length=3)
    seen = serializers.CharField(read_only=True, default="d")
    pin = serializers.IntegerField(write_only=True, required=False, source="code")
    tags = serializers.MultipleChoiceField(choices=["a", "b"], required=False)
    when = serializers.DateTimeField(required=False, format="%Y")


class Kept(Schema):
    word: Annotated[str, UseField(serializers.CharField(max_length=3))]
    seen: Annotated[ReadOnly[str], UseField(serializers.CharField(default="d"))]
    pin: Annotated[
        WriteOnly[int], UseField(serializers.IntegerField(required=False)), Source("code")
    ]
    tags: Annotated[
        list[str], UseField(serializers.MultipleChoiceField(choices=["a", "b"], required=False))
    ]
    when: Annotated[str, UseField(serializers.DateTimeField(required=False, format="%Y"))]


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        {"word": "abc", "pin": "5", "tags": ["b"], "seen": "x"},
        {"word": "abcd", "pin": "x", "tags": ["c"], "when": "now"},
        {"word": None, "pin": None, "tags": "a"},
        {},
    ],
)
def test_markers_count_for_kept_fields(body: dict[str, Any], partial: bool) -> None:
    kept = serializer_from_schema(Kept)
    assert_same_verdict(ClassicKept, kept, body, partial=partial)
    assert repr(kept()).replace("KeptSerializer", "") == repr(ClassicKept()).replace(
        "ClassicKept", ""
    )
    instance = {"word": "w", "tags": ["a"], "when": None}
    assert_same_print(ClassicKept, kept, instance)


def test_validators_around_a_kept_field_have_the_last_word(base: type[BaseModel]) -> None:
    class Around(base):
        word: Annotated[
            str,
            UseField(serializers.CharField()),
            BeforeValidator(lambda value: f"{value}!"),
            AfterValidator(str.upper),
        ]

    serializer = valid(serializer_from_schema(Around)(data={"word": "a"}))
    assert serializer.validated_data == {"word": "A!"}
    assert serializer.validated_schema.word == "A!"


def test_a_kept_field_under_an_alias(base: type[BaseModel]) -> None:
    class Aliased(base):
        word: Annotated[str, UseField(serializers.CharField()), Field(alias="theWord")]

    serializer = valid(serializer_from_schema(Aliased)(data={"theWord": "a"}))
    assert serializer.validated_data == {"word": "a"}
    assert serializer_from_schema(Aliased)({"word": "b"}).data == {"theWord": "b"}


def test_a_field_may_read_another_key() -> None:
    class Elsewhere(serializers.CharField):
        def get_value(self, dictionary: Mapping[Any, Any]) -> Any:
            return dictionary.get("elsewhere", serializers.empty)

    class Classic(serializers.Serializer[Any]):
        word = Elsewhere()

    class Reading(Schema):
        word: Annotated[str, UseField(Elsewhere())]

    for body in ({"elsewhere": "a"}, {"word": "a"}, {"word": "a", "elsewhere": ""}):
        assert_same_verdict(Classic, serializer_from_schema(Reading), body)


# Hooks


def test_a_hook_may_return_anything(base: type[BaseModel]) -> None:
    class Row(base):
        shade: Shade
        inner: dict[str, int] = {}
        count: int = 3

    class Hooked(SchemaSerializer[Row]):
        def validate_shade(self, value: Any) -> Any:
            assert value == "dark"
            return object

        def validate_inner(self, value: Any) -> Any:
            return [*value]

        def validate_count(self, value: Any) -> Any:
            return None

    serializer = valid(Hooked(data={"shade": "dark", "inner": {"a": 1}}))
    assert serializer.validated_data == {"shade": object, "inner": ["a"], "count": None}
    assert serializer.validated_schema.shade is object


def test_a_hook_runs_for_a_default_made_of_other_fields(base: type[BaseModel]) -> None:
    class Row(base):
        first: str
        last: NotRequired[str]
        full: str = Field(default_factory=lambda data: data["first"] * 2)

    class Hooked(SchemaSerializer[Row]):
        def validate_full(self, value: str) -> str:
            return value.upper()

    for serializer_class, expected in ((serializer_from_schema(Row), "aa"), (Hooked, "AA")):
        serializer = valid(serializer_class(data={"first": "a"}))
        assert serializer.validated_data == {"first": "a", "full": expected}
        touched = serializer_class(data={"first": "a"})
        touched.fields["full"].help_text = "touched"
        assert valid(touched).validated_data == {"first": "a", "full": expected}
        partial = serializer_class(data={"first": "a"}, partial=True)
        assert valid(partial).validated_data == {"first": "a"}


def test_a_crash_of_a_users_field_is_theirs() -> None:
    class Broken(serializers.CharField):
        def to_internal_value(self, data: Any) -> Any:
            return {}[data]

        def run_validators(self, value: Any) -> None:
            raise ValueError(value)

    class Row(Schema):
        word: Annotated[str, UseField(Broken())]

    with pytest.raises(KeyError):
        serializer_from_schema(Row)(data={"word": "a"}).is_valid()


@pytest.mark.parametrize("partial", [False, True])
def test_a_field_of_drf_that_crashes_on_its_input_refuses_it(partial: bool) -> None:
    class Row(Schema):
        price: Annotated[Any, UseField(serializers.DecimalField(None, 2))]

    serializer = serializer_from_schema(Row)(data={"price": "1e1000000"}, partial=partial)
    assert not serializer.is_valid()
    assert error_tree(serializer.errors)["price"][0][1] == "invalid"


@pytest.mark.parametrize("error", [AssertionError, ValueError, TypeError, ZeroDivisionError])
def test_an_assertion_and_a_crash_of_a_users_field_come_through(error: type[Exception]) -> None:
    class Broken(serializers.CharField):
        def to_internal_value(self, data: Any) -> Any:
            raise error(data)

    class Row(Schema):
        word: Annotated[str, UseField(Broken())]

    class Classic(serializers.Serializer[Any]):
        word = Broken()

    for serializer_class in (Classic, serializer_from_schema(Row)):
        with pytest.raises(error, match="a"):
            serializer_class(data={"word": "a"}).is_valid()


@pytest.mark.django_db
def test_null_in_a_unique_column_of_a_plain_model() -> None:
    class PlainAuthor(BaseModel):
        name: str
        email: str | None

    ours = serializer_from_schema(PlainAuthor, model=Author)
    assert valid(ours(data={"name": "a", "email": None})).validated_data["email"] is None
    Author.objects.create(name="a", email="a@a.io")
    taken = ours(data={"name": "a", "email": "a@a.io"})
    assert not taken.is_valid()
    assert error_tree(taken.errors)["email"][0][1] == "unique"


def test_validators_around_collections_of_schemas_with_kept_fields(base: type[BaseModel]) -> None:
    class Inner(base):
        n: Annotated[int, UseField(serializers.IntegerField(max_value=3))]

    class Outer(base):
        items: Annotated[list[Inner], AfterValidator(lambda items: items[:1])]
        by_name: Annotated[dict[str, Inner], AfterValidator(lambda items: items)] = {}

    ours = serializer_from_schema(Outer)
    sent = {"items": [{"n": "1"}, {"n": 2}], "by_name": {"a": {"n": 3}}}
    assert valid(ours(data=sent)).validated_data == {
        "items": [{"n": 1}],
        "by_name": {"a": {"n": 3}},
    }
    refused = ours(data={"items": [{"n": 1}, {"n": 9}], "by_name": {"a": {"n": "x"}}})
    assert not refused.is_valid()
    tree = error_tree(refused.errors)
    assert tree["items"][1]["n"][0][1] == "max_value"
    assert tree["by_name"]["a"]["n"][0][1] == "invalid"


def test_a_kept_field_that_skips_leaves_it_to_a_default_made_of_others() -> None:
    class Row(Schema):
        first: str
        kept: Annotated[str, UseField(serializers.CharField(required=False))] = Field(
            default_factory=lambda data: data["first"] * 2
        )

    ours = serializer_from_schema(Row)
    assert valid(ours(data={"first": "a"})).validated_data == {"first": "a", "kept": "aa"}
    assert valid(ours(data={"first": "a", "kept": "b"})).validated_data["kept"] == "b"


@pytest.mark.django_db
def test_a_hook_of_a_relation_gets_and_returns_the_object() -> None:
    first, second = (Author.objects.create(name=n, email=f"{n}@a.io") for n in "ab")

    class BookSchema(Schema):
        title: str
        author: int

    class Hooked(SchemaSerializer[BookSchema]):
        class Meta:
            model = Book

        def validate_author(self, author: Author) -> Author:
            assert author == first
            return second

    serializer = valid(Hooked(data={"title": "a", "author": first.pk}))
    assert serializer.validated_data["author"] == second
    assert serializer.validated_schema.author == second.pk


@pytest.mark.parametrize(
    "default", [{"default": "d"}, {"default_factory": lambda: "d"}], ids=["value", "factory"]
)
def test_a_hook_sees_a_default(base: type[BaseModel], default: dict[str, Any]) -> None:
    class Row(base):
        word: str = Field(**default)
        free: NotRequired[str]

    class Hooked(SchemaSerializer[Row]):
        def validate_word(self, value: str) -> str:
            return value * 2

        def validate_free(self, value: str) -> str:
            raise AssertionError("nobody sent one")

    assert valid(Hooked(data={})).validated_data == {"word": "dd"}
    assert valid(Hooked(data={}, partial=True)).validated_data == {}


def test_a_field_of_ones_own_may_fail_at_finding_its_value() -> None:
    class Broken(serializers.CharField):
        def get_value(self, dictionary: Any) -> Any:
            raise ValueError("no such form")

    class Row(Schema):
        word: Annotated[str, UseField(Broken())]

    class Elsewhere(serializers.CharField):
        def get_value(self, dictionary: Any) -> Any:
            return dictionary.get("other", serializers.empty)

    class Moved(Schema):
        word: Annotated[str, UseField(Elsewhere(required=False))]

    with pytest.raises(ValueError, match="no such form"):
        serializer_from_schema(Row)(data=QueryDict("word=a")).is_valid()
    ours = serializer_from_schema(Moved)
    assert valid(ours(data={"other": "a", "word": "b"})).validated_data == {"word": "a"}
    assert valid(ours(data={"word": "b"})).validated_data == {}


class OfDjango(serializers.Field[Any, Any, Any, Any]):
    """Refuses as Django's form and model fields do, which DRF's loop understands."""

    def to_internal_value(self, data: Any) -> Any:
        raise DjangoValidationError(["One.", "Two."], code="two")

    def to_representation(self, value: Any) -> Any:
        return value


def test_a_kept_field_may_refuse_in_djangos_words() -> None:
    class Classic(serializers.Serializer[Any]):
        field = OfDjango()

    class Kept(Schema):
        field: Annotated[Any, UseField(OfDjango())]

    assert_same_verdict(Classic, serializer_from_schema(Kept), {"field": 1})
    with pytest.raises(PydanticValidationError, match=r"One\.; Two\."):
        Kept.model_validate({"field": 1})
