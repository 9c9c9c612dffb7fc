"""Patterns of a schema are searched in linear time, wherever they stand and however they are sent.

None of these tests would end in a lifetime with an engine that backtracks.
"""

from __future__ import annotations

import copy
import pickle
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from django.core.validators import RegexValidator
from django.http import QueryDict
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    create_model,
)
from rest_framework import fields as drf
from rest_framework.serializers import Serializer
from typing_extensions import TypedDict

from nova_drf import (
    NotRequired,
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    schema_from_serializer,
)
from nova_drf.forms import SchemaForm
from nova_drf.mapping.rows.patterns import LinearPattern
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import error_tree
from tests.testapp.models import Author

EVIL = r"^(\w+\s?)+$"
GOOD, BAD = "many words", "a" * 500 + "!"
REFUSED = [(str(drf.RegexField.default_error_messages["invalid"]), "invalid")]

Word = Annotated[str, Field(pattern=EVIL)]


class Tagged(BaseModel):
    kind: Literal["a"]
    word: Word


class Other(BaseModel):
    kind: Literal["b"]


class Parts(TypedDict):
    word: Word


@dataclass
class Data:
    word: Word


class Inner(Schema):
    word: Word


class PlainInner(BaseModel):
    word: Word


class Words(RootModel[list[Word]]):
    pass


WAYS: dict[str, tuple[Any, Any]] = {
    "field": (Word, lambda text: text),
    "constraints": (Annotated[str, StringConstraints(pattern=EVIL)], lambda text: text),
    "untrimmed": (Annotated[Word, StringConstraints(strip_whitespace=False)], lambda text: text),
    "lower": (Annotated[Word, StringConstraints(to_lower=True)], lambda text: text),
    "alias": (Annotated[str, Field(pattern=EVIL, alias="other")], lambda text: text),
    "optional": (Word | None, lambda text: text),
    "default": (Annotated[Word, Field(default="x")], lambda text: text),
    "not required": (NotRequired[Word], lambda text: text),
    "validated": (Annotated[Word, AfterValidator(str)], lambda text: text),
    "after a validator": (
        Annotated[str, AfterValidator(str), Field(pattern=EVIL)],
        lambda text: text,
    ),
    "list": (list[Word], lambda text: [text]),
    "lists": (list[list[Word] | None], lambda text: [[text]]),
    "set": (set[Word], lambda text: [text]),
    "tuple": (tuple[int, Word], lambda text: [1, text]),
    "values": (dict[str, Word], lambda text: {"a": text}),
    "keys": (dict[Word, int], lambda text: {text: 1}),
    "union": (Word | int, lambda text: text),
    "union of lists": (list[Word] | dict[str, Word], lambda text: {"a": text}),
    "members": (
        Annotated[Tagged | Other, Field(discriminator="kind")],
        lambda text: {"kind": "a", "word": text},
    ),
    "record": (Parts, lambda text: {"word": text}),
    "dataclass": (Data, lambda text: {"word": text}),
    "root": (Words, lambda text: [text]),
    "nested": (Inner, lambda text: {"word": text}),
    "nested plain": (PlainInner, lambda text: {"word": text}),
    "many": (list[Inner], lambda text: [{"word": text}]),
    "many plain": (list[PlainInner | None], lambda text: [{"word": text}]),
}


def schema_of(base: Any, annotation: Any, **config: Any) -> Any:
    """Return a schema of one field."""
    made = type("Base", (base,), {"__module__": __name__, "model_config": ConfigDict(**config)})
    return create_model("Made", __base__=made, __module__=__name__, v=(annotation, ...))


@pytest.mark.parametrize("base", [BaseModel, Schema])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("partial", [False, True])
def test_json_is_searched_in_linear_time(base: Any, way: str, partial: bool) -> None:
    annotation, value = WAYS[way]
    key = "other" if way == "alias" else "v"
    serializer_class = serializer_from_schema(schema_of(base, annotation))
    accepted = serializer_class(data={key: value(GOOD)}, partial=partial)
    assert accepted.is_valid(), accepted.errors
    assert not serializer_class(data={key: value(BAD)}, partial=partial).is_valid()


@pytest.mark.parametrize("base", [BaseModel, Schema])
@pytest.mark.parametrize(
    ("way", "form"),
    [
        ("field", "v={}"),
        ("untrimmed", "v={}"),
        ("optional", "v={}"),
        ("list", "v=a&v={}"),
        ("values", "v.a={}"),
        ("nested", "v.word={}"),
        ("many", "v[0]word={}"),
        ("union", "v={}"),
    ],
)
def test_forms_are_searched_in_linear_time(base: Any, way: str, form: str) -> None:
    if way == "values" and not reads_dictionaries():
        pytest.skip("This DRF reads no dictionary from a form.")
    serializer_class = serializer_from_schema(schema_of(base, WAYS[way][0]))
    assert serializer_class(data=QueryDict(form.format(GOOD))).is_valid()
    assert not serializer_class(data=QueryDict(form.format(BAD))).is_valid()


def reads_dictionaries() -> bool:
    """Whether the installed DRF keeps the values of a dictionary in a form."""

    class Classic(Serializer[Any]):
        v = drf.DictField(child=drf.CharField())

    classic = Classic(data=QueryDict("v.a=x"))
    return classic.is_valid() and classic.validated_data["v"] == {"a": "x"}


@pytest.mark.parametrize("base", [BaseModel, Schema])
def test_lists_of_objects_are_searched_in_linear_time(base: Any) -> None:
    serializer = serializer_from_schema(schema_of(base, Word))(data=[{"v": BAD}] * 20, many=True)
    assert not serializer.is_valid()


@pytest.mark.parametrize("base", [BaseModel, Schema])
def test_the_fields_of_a_serializer_search_in_linear_time(base: Any) -> None:
    serializer = serializer_from_schema(schema_of(base, Word))(data={"v": BAD})
    with pytest.raises(drf.ValidationError):
        serializer.fields["v"].run_validation(BAD)
    assert not serializer.is_valid()
    assert error_tree(serializer.errors) == {"v": REFUSED}
    (validator,) = (
        one for one in serializer.fields["v"].validators if isinstance(one, RegexValidator)
    )
    assert validator.regex.pattern == EVIL


@pytest.mark.parametrize("base", [BaseModel, Schema])
def test_bound_fields_and_hooks_search_in_linear_time(base: Any, db: None) -> None:
    class Body(base):
        name: Word
        email: Word

    class BodySerializer(SchemaSerializer[Body]):
        class Meta:
            model = Author

        def validate_name(self, value: str) -> str:
            return value

    serializer = BodySerializer(data={"name": BAD, "email": BAD})
    assert not serializer.is_valid()
    assert serializer.errors.keys() == {"name", "email"}


def test_forms_of_django_search_in_linear_time() -> None:
    class Body(Schema):
        word: Word

    class BodyForm(SchemaForm[Body]):
        pass

    form = BodyForm({"word": BAD})
    assert not form.is_valid()
    assert form.errors == {"word": [REFUSED[0][0]]}


def test_a_refusal_has_the_words_of_drfs_field() -> None:
    for base in (BaseModel, Schema):
        serializer = serializer_from_schema(schema_of(base, Word))(data={"v": BAD})
        assert not serializer.is_valid()
        assert error_tree(serializer.errors) == {"v": REFUSED}


@pytest.mark.parametrize("value", ["\ud800", "a\ud800", "\ud800\x00"])
@pytest.mark.parametrize("pattern", ["^a", "b", ".", r"\w$", "[^a]"])
def test_text_that_is_no_unicode_gets_the_errors_of_drf(pattern: str, value: str) -> None:
    class Classic(Serializer[Any]):
        v = drf.RegexField(pattern)

    annotation = Annotated[str, Field(pattern=pattern)]
    ours = serializer_from_schema(schema_of(Schema, annotation))(data={"v": value})
    classic = Classic(data={"v": value})
    assert not ours.is_valid()
    assert not classic.is_valid()
    assert error_tree(ours.errors) == error_tree(classic.errors)


@pytest.mark.parametrize("base", [BaseModel, Schema])
@pytest.mark.parametrize(
    ("annotation", "config"),
    [
        (Annotated[str, Field(pattern=r"^(?!bad)\w+$")], {"regex_engine": "python-re"}),
        (Annotated[str, Field(pattern=re.compile(r"^(?!bad)\w+$"))], {}),
    ],
)
def test_pythons_engine_searches_where_the_schema_says_so(
    base: Any, annotation: Any, config: Any
) -> None:
    serializer_class = serializer_from_schema(schema_of(base, annotation, **config))
    assert serializer_class(data={"v": "good"}).is_valid()
    refused = serializer_class(data={"v": "bad"})
    assert not refused.is_valid()
    assert error_tree(refused.errors) == {"v": REFUSED}
    assert not isinstance(refused.fields["v"]._kwargs["regex"], LinearPattern)


def test_a_schema_may_use_what_only_python_understands() -> None:
    annotation = Annotated[str, Field(pattern=r"^(?!bad)\w+$")]
    serializer_class = serializer_from_schema(schema_of(Schema, annotation))
    assert serializer_class(data={"v": "good"}).is_valid()
    assert not serializer_class(data={"v": "bad"}).is_valid()


def test_flags_of_a_compiled_pattern_count() -> None:
    for base in (BaseModel, Schema):
        annotation = Annotated[str, Field(pattern=re.compile("^a", re.IGNORECASE))]
        serializer_class = serializer_from_schema(schema_of(base, annotation))
        assert serializer_class(data={"v": "A"}).is_valid()
        assert not serializer_class(data={"v": "b"}).is_valid()


@pytest.mark.parametrize("pattern", ["^a$", r"^\w$", r"^\s*$"])
@pytest.mark.parametrize("value", ["a\n", "\u0300", "\x1c", "\u200d"])
def test_a_schema_decides_as_pydantic_does(pattern: str, value: str) -> None:
    """Where the two engines differ, Pydantic's own decides."""
    annotation = Annotated[str, Field(pattern=pattern), StringConstraints(strip_whitespace=False)]
    plain = schema_of(BaseModel, annotation)
    ours = serializer_from_schema(schema_of(Schema, annotation))(data={"v": value})
    assert ours.is_valid() == serializer_from_schema(plain)(data={"v": value}).is_valid()


@pytest.mark.parametrize("value", ["a\n", "\u0300", "\x1c", "\u200d", "a"])
@pytest.mark.parametrize("pattern", ["^a$", r"^\w$", r"^\s*$"])
def test_classic_fields_keep_pythons_engine(pattern: str, value: str) -> None:
    class Classic(Serializer[Any]):
        v = drf.RegexField(pattern, trim_whitespace=False)

    class Backed(SchemaBackedMixin, Classic):
        pass

    converted = serializer_from_schema(schema_from_serializer(Classic))
    expected = Classic(data={"v": value}).is_valid()
    assert Backed(data={"v": value}).is_valid() == expected
    assert converted(data={"v": value}).is_valid() == expected
    schema = schema_from_serializer(Classic)
    assert serializer_from_schema(schema)(data={"v": value}).is_valid() == expected


def test_a_linear_pattern_is_a_value() -> None:
    pattern = LinearPattern("^a")
    assert pattern == LinearPattern("^a") == copy.deepcopy(pattern)
    assert pickle.loads(pickle.dumps(pattern)) == pattern
    assert pattern != LinearPattern("^b")
    assert pattern != "^a"
    assert len({pattern, LinearPattern("^a")}) == 1
    assert repr(pattern) == "LinearPattern('^a')"
    assert pattern.search("ab")
    assert not pattern.search("ba")


@pytest.mark.parametrize("base", [BaseModel, Schema])
def test_a_typed_dictionary_names_its_engine_itself(base: Any) -> None:
    class Part(TypedDict):
        __pydantic_config__ = ConfigDict(regex_engine="python-re")
        word: Annotated[str, Field(pattern=r"^\w$"), StringConstraints(strip_whitespace=False)]

    made = schema_of(base, Part)
    # A combining character is a letter of a word for Rust, and for Python it is not.
    assert not serializer_from_schema(made)(data={"v": {"word": "\u0300"}}).is_valid()
    assert serializer_from_schema(made)(data={"v": {"word": "a\n"}}).is_valid()
