"""Pydantic's errors become DRF's: the same places, words and codes, in the client's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError as DjangoValidationError
from django.test import override_settings
from django.utils import translation
from django.utils.translation import gettext_lazy
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    PlainValidator,
    WrapValidator,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import ErrorType
from rest_framework import fields as drf
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import Serializer

from nova_drf import Schema, UseField
from nova_drf.serializers.schema_serializer import SchemaSerializer, serializer_from_schema
from tests.oracle import Outcome, error_tree, outcome
from tests.strategies import Colour, Plain

Base = type[BaseModel]


@pytest.fixture(params=[Schema, BaseModel], ids=lambda base: base.__name__)
def base(request: pytest.FixtureRequest) -> Base:
    """Both bases: a validator's errors look the same in either."""
    return request.param


# A plain model's refusals in the words of DRF's fields

Row = tuple[Any, Any, Any]

TRANSLATED: dict[str, Row] = {
    "text": (str, drf.CharField(), []),
    "long text": (
        Annotated[str, Field(max_length=2)],
        drf.CharField(max_length=2),
        "abc",
    ),
    "short text": (Annotated[str, Field(min_length=3)], drf.CharField(min_length=3), "ab"),
    "pattern": (Annotated[str, Field(pattern="^a$")], drf.RegexField("^a$"), "b"),
    "email": (EmailStr, drf.EmailField(), "nobody"),
    "url": (HttpUrl, drf.URLField(), "nowhere"),
    "boolean": (bool, drf.BooleanField(), "maybe"),
    "integer": (int, drf.IntegerField(), "abc"),
    "fraction": (int, drf.IntegerField(), 1.5),
    "small integer": (Annotated[int, Field(ge=3)], drf.IntegerField(min_value=3), 1),
    "large integer": (Annotated[int, Field(le=3)], drf.IntegerField(max_value=3), 4),
    "float": (float, drf.FloatField(), "abc"),
    "decimal": (Decimal, drf.DecimalField(None, None), "abc"),
    "digits": (
        Annotated[Decimal, Field(max_digits=3, decimal_places=1)],
        drf.DecimalField(3, 1),
        "1234.5",
    ),
    "places": (
        Annotated[Decimal, Field(max_digits=3, decimal_places=1)],
        drf.DecimalField(3, 1),
        "1.25",
    ),
    "date": (date, drf.DateField(), "tomorrow"),
    "moment": (datetime, drf.DateTimeField(), "now"),
    "time": (time, drf.TimeField(), "noon"),
    "duration": (timedelta, drf.DurationField(), "long"),
    "uuid": (UUID, drf.UUIDField(), "abc"),
    "literal": (Literal["a", "b"], drf.ChoiceField(["a", "b"]), "c"),
    "colour": (Colour, drf.ChoiceField([("r", "Red")]), "c"),
    "plain enum": (Plain, drf.ChoiceField(["one"]), "c"),
    "null": (int, drf.IntegerField(), None),
    "list": (list[int], drf.ListField(child=drf.IntegerField()), "abc"),
    "list items": (list[int], drf.ListField(child=drf.IntegerField()), [1, "x", None]),
    "long list": (Annotated[list[int], Field(max_length=1)], drf.ListField(max_length=1), [1, 2]),
    "short list": (Annotated[list[int], Field(min_length=3)], drf.ListField(min_length=3), [1]),
    "set": (set[int], drf.ListField(child=drf.IntegerField()), "abc"),
    "dict": (dict[str, int], drf.DictField(child=drf.IntegerField()), []),
    "dict values": (dict[str, int], drf.DictField(child=drf.IntegerField()), {"a": 1, "b": "x"}),
    "empty dict": (
        Annotated[dict[str, int], Field(min_length=1)],
        drf.DictField(allow_empty=False),
        {},
    ),
}


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize("row", TRANSLATED.values(), ids=list(TRANSLATED))
def test_a_plain_models_refusal_is_that_of_drfs_field_in_every_language(
    base: Base, row: Row, language: str
) -> None:
    annotation, field, value = row
    schema = create_model("One", __base__=base, v=(annotation, ...))
    ours = serializer_from_schema(schema)
    classic = type("Classic", (Serializer,), {"v": field})
    with translation.override(language):
        assert outcome(ours, {"v": value}) == outcome(classic, {"v": value})
        assert outcome(ours, {}) == outcome(classic, {})


def test_translations_differ_between_languages() -> None:
    class One(BaseModel):
        v: int

    def refusal(language: str) -> Outcome:
        with translation.override(language):
            return outcome(serializer_from_schema(One), {"v": "x"})

    assert refusal("en") != refusal("fr")


@pytest.mark.parametrize("body", [[], "text", 5, 1.5, True, None, ["a"]], ids=ascii)
@pytest.mark.parametrize("partial_update", [False, True])
def test_a_body_that_is_no_object_gets_drfs_answer(
    base: Base, body: Any, partial_update: bool
) -> None:
    schema = create_model("One", __base__=base, v=(int, ...), n=(base_with_text(base), ...))
    nested = type("Nested", (Serializer,), {"t": drf.CharField()})
    classic = type("Classic", (Serializer,), {"v": drf.IntegerField(), "n": nested()})
    ours = serializer_from_schema(schema)
    arguments = {"partial": partial_update}
    assert outcome(ours, body, **arguments) == outcome(classic, body, **arguments)
    below = {"v": 1, "n": body}
    assert outcome(ours, below, **arguments) == outcome(classic, below, **arguments)


def base_with_text(base: Base) -> Base:
    """Return a model with one text."""
    return create_model("Text", __base__=base, t=(str, ...))


# Exceptions that validators raise

Raise = Callable[[], Exception]

ALIKE: dict[str, Raise] = {
    "DRF": partial(ValidationError, "odd"),
    "DRF with code": partial(ValidationError, "odd", code="so_odd"),
    "DRF list": partial(ValidationError, ["odd", "very"]),
    "DRF dict": partial(ValidationError, {"x": ["odd"], "y": "very"}),
    "DRF lazy": partial(ValidationError, translation.gettext_lazy("Invalid input.")),
    "Django": partial(DjangoValidationError, "odd"),
    "Django with code": partial(DjangoValidationError, "odd", code="so_odd"),
    "Django with params": partial(
        DjangoValidationError, "%(n)s is odd", code="so_odd", params={"n": 3}
    ),
    "Django list": partial(DjangoValidationError, [DjangoValidationError("odd", code="a"), "very"]),
    "Django dict": partial(DjangoValidationError, {"x": ["odd"], "__all__": ["very"]}),
}
"""What DRF's hooks may raise, and Pydantic's validators here too."""

EXCEPTIONS: dict[str, tuple[Raise, Raise]] = {
    "ValueError": (partial(ValueError, "odd"), partial(ValidationError, "odd")),
    "AssertionError": (partial(AssertionError, "odd"), partial(ValidationError, "odd")),
    "empty ValueError": (
        ValueError,
        lambda: ValidationError(str(ValidationError.default_detail)),
    ),
    "custom": (
        partial(PydanticCustomError, "so_odd", "{n} is odd", {"n": 3}),
        partial(ValidationError, "3 is odd", code="so_odd"),
    ),
    "known": (
        partial(PydanticKnownError, "multiple_of", {"multiple_of": 2}),
        partial(ValidationError, "Input should be a multiple of 2", code="multiple_of"),
    ),
    **{name: (raised, raised) for name, raised in ALIKE.items()},
}
"""What our validators raise, and what a hook of DRF's would have to raise for the same answer."""


@pytest.fixture(params=EXCEPTIONS.values(), ids=list(EXCEPTIONS))
def raising(request: pytest.FixtureRequest) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A function that raises in our validator, and one that raises the same in DRF's hook."""
    ours, theirs = request.param

    def raise_ours(_value: Any) -> Any:
        raise ours()

    def raise_theirs(_serializer: Any, _value: Any) -> Any:
        raise theirs()

    return raise_ours, raise_theirs


@pytest.mark.parametrize(
    "validator", [BeforeValidator, AfterValidator, WrapValidator, PlainValidator]
)
@pytest.mark.parametrize("body", [{"v": 1}, {"v": 1, "w": "x"}], ids=["alone", "beside another"])
def test_what_a_fields_validator_raises_is_what_validate_field_would_raise(
    base: Base, raising: Any, validator: Any, body: Any
) -> None:
    raise_ours, raise_theirs = raising

    def wrap(value: Any, handler: Any) -> Any:
        return raise_ours(handler(value))

    annotated = Annotated[int, validator(wrap if validator is WrapValidator else raise_ours)]
    ours = serializer_from_schema(
        create_model("One", __base__=base, v=(annotated, ...), w=(int, 0))
    )
    fields = {"v": drf.IntegerField(), "w": drf.IntegerField(default=0)}
    classic = type("Classic", (Serializer,), {**fields, "validate_v": raise_theirs})
    assert outcome(ours, body) == outcome(classic, body)


def failing_model(base: Base, mode: str, function: Callable[..., Any]) -> Base:
    """Return a model whose validator of the whole raises."""

    def after(self: Any) -> Any:
        return function(self)

    def before(cls: Any, data: Any) -> Any:
        return function(data)

    def wrap(cls: Any, data: Any, handler: Any) -> Any:
        return function(data)

    decorate: Any = model_validator
    check = {
        "after": decorate(mode="after")(after),
        "before": decorate(mode="before")(classmethod(before)),
        "wrap": decorate(mode="wrap")(classmethod(wrap)),
    }
    return create_model("Whole", __base__=base, __validators__={"check": check[mode]}, v=(int, ...))


@pytest.fixture(params=["before", "after", "wrap"])
def failing(request: pytest.FixtureRequest, base: Base, raising: Any) -> tuple[Base, Any]:
    """A model that fails as a whole, and the classic serializer that does."""
    raise_ours, raise_theirs = raising
    namespace = {"v": drf.IntegerField(), "validate": raise_theirs}
    return (
        failing_model(base, request.param, raise_ours),
        type("Classic", (Serializer,), namespace),
    )


def test_what_a_models_validator_raises_is_what_validate_would_raise(failing: Any) -> None:
    schema, classic = failing
    assert outcome(serializer_from_schema(schema), {"v": 1}) == outcome(classic, {"v": 1})


def test_it_stands_under_the_field_that_holds_the_model(base: Base, failing: Any) -> None:
    schema, classic = failing
    outer = create_model("Outer", __base__=base, n=(schema, ...), w=(int, ...))
    classic_outer = type("Outer", (Serializer,), {"n": classic(), "w": drf.IntegerField()})
    body = {"n": {"v": 1}, "w": "x"}
    assert outcome(serializer_from_schema(outer), body) == outcome(classic_outer, body)


def test_it_stands_at_the_index_of_the_item_that_fails(base: Base, failing: Any) -> None:
    schema, classic = failing
    outer = create_model("Outer", __base__=base, n=(list[schema], ...))
    classic_outer = type("Outer", (Serializer,), {"n": classic(many=True)})
    body = {"n": [{"v": 1}, {"v": 2}]}
    assert outcome(serializer_from_schema(outer), body) == outcome(classic_outer, body)


def test_many_payloads_fail_one_by_one(failing: Any) -> None:
    schema, classic = failing
    body = [{"v": 1}, {"v": 2}]
    ours = outcome(serializer_from_schema(schema), body, many=True)
    assert ours == outcome(classic, body, many=True)


@override_settings(REST_FRAMEWORK={"NON_FIELD_ERRORS_KEY": "whole"})
def test_errors_of_the_whole_stand_under_the_key_of_the_setting(base: Base) -> None:
    def odd(*_arguments: Any) -> Any:
        raise ValueError("odd")

    serializer = serializer_from_schema(failing_model(base, "after", odd))(data={"v": 1})
    assert not serializer.is_valid()
    assert error_tree(serializer.errors) == {"whole": [("odd", "invalid")]}


def test_a_programming_error_in_a_validator_is_no_400(base: Base) -> None:
    def crash(_value: Any) -> Any:
        raise TypeError("a bug")

    schema = create_model("One", __base__=base, v=(Annotated[int, AfterValidator(crash)], ...))
    with pytest.raises(TypeError, match="a bug"):
        serializer_from_schema(schema)(data={"v": 1}).is_valid()


# What a client must not see


NAMES_CODE = {"class_name", "class", "attribute", "method_name", "discriminator"}
"""The keys of a context whose values name something of the program."""


def known_errors() -> Iterator[PydanticKnownError]:
    """Yield every error that Pydantic itself knows, with telling values in its context."""
    for type_ in get_args(ErrorType):
        context: dict[str, Any] = {}
        while (known := _known_error(type_, context)) is None:
            pass
        yield known


def _known_error(type_: Any, context: dict[str, Any]) -> PydanticKnownError | None:
    try:
        return PydanticKnownError(type_, context)
    except TypeError as error:
        complaint = str(error)
    found = re.search(r"'(\w+)' (required in context|context value must be)", complaint)
    assert found is not None, complaint
    telling = "Internal" if found[1] in NAMES_CODE else "x"
    context[found[1]] = 7 if found[1] in context else telling
    return None


@pytest.mark.parametrize("error", list(known_errors()), ids=lambda error: error.type)
def test_no_error_names_a_class_or_function(error: PydanticKnownError) -> None:
    def fail(_value: Any) -> Any:
        raise error

    class One(BaseModel):
        v: Annotated[Any, PlainValidator(fail)]

    serializer = serializer_from_schema(One)(data={"v": "sent"})
    assert not serializer.is_valid() or error.type == "default_factory_not_called"
    text = str(serializer.errors)
    assert "<class" not in text
    assert "Internal" not in text


class Secret:
    """A class that clients need not know of."""


def test_the_class_that_a_value_should_have_is_not_named() -> None:
    class One(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        v: Secret

    serializer = serializer_from_schema(One)(data={"v": "password"})
    assert not serializer.is_valid()
    assert error_tree(serializer.errors) == {
        "v": [(str(ValidationError.default_detail), "invalid")]
    }


def test_input_is_echoed_only_where_drfs_own_message_echoes_it() -> None:
    class Login(BaseModel):
        password: Annotated[str, Field(max_length=3, pattern="^a")]
        pin: int
        born: date

    sent = {"password": "hunter2hunter2", "pin": "hunter2", "born": "hunter2"}
    serializer = serializer_from_schema(Login)(data=sent)
    assert not serializer.is_valid()
    assert "hunter2" not in str(serializer.errors)


def test_an_unknown_type_of_error_keeps_its_sentence_and_its_type() -> None:
    class One(BaseModel):
        v: Annotated[int, Field(multiple_of=5)]

    serializer = serializer_from_schema(One)(data={"v": 7})
    assert not serializer.is_valid()
    assert error_tree(serializer.errors) == {
        "v": [("Input should be a multiple of 5", "multiple_of")]
    }


def test_a_default_that_needs_other_fields_does_not_complain_that_they_failed() -> None:
    class One(BaseModel):
        a: int
        b: int = Field(default_factory=lambda data: data["a"] + 1)

    refused = serializer_from_schema(One)(data={"a": "x"})
    assert not refused.is_valid()
    assert list(refused.errors) == ["a"]
    accepted = serializer_from_schema(One)(data={"a": 1})
    assert accepted.is_valid()
    assert accepted.validated_data == {"a": 1, "b": 2}


# Where errors stand


def codes_of(serializer: Any) -> Any:
    return ValidationError(serializer.errors).get_codes()


def test_errors_stand_under_the_name_on_the_wire(base: Base) -> None:
    schema = create_model(
        "Aliased",
        __base__=base,
        a=(int, Field(alias="theA")),
        b=(int, Field(validation_alias=AliasChoices("b1", "b2"))),
        c=(int, Field(validation_alias=AliasPath("deep", "c"))),
        d=(int, Field(validation_alias="dIn", serialization_alias="dOut")),
    )
    serializer_class = serializer_from_schema(schema)
    missing = serializer_class(data={})
    assert not missing.is_valid()
    assert codes_of(missing) == {
        **{name: ["required"] for name in ("theA", "b1", "dIn")},
        "deep": {"c": ["required"]},
    }
    refused = serializer_class(data={"theA": "x", "b2": "x", "deep": {"c": "x"}, "dIn": "x"})
    assert not refused.is_valid()
    assert codes_of(refused) == {
        **{name: ["invalid"] for name in ("theA", "b2", "dIn")},
        "deep": {"c": ["invalid"]},
    }


def test_a_key_that_is_forbidden_is_named(base: Base) -> None:
    schema = create_model("Closed", __config__=None, __base__=_closed(base), v=(int, ...))
    serializer = serializer_from_schema(schema)(data={"v": 1, "w": 2})
    assert not serializer.is_valid()
    assert error_tree(serializer.errors) == {
        "w": [("Extra inputs are not permitted", "extra_forbidden")]
    }


def _closed(base: Base) -> Base:
    return type(
        "ClosedBase", (base,), {"model_config": ConfigDict(extra="forbid"), "__module__": __name__}
    )


def test_codes_details_and_equality_are_drfs(base: Base) -> None:
    schema = create_model("One", __base__=base, v=(int, ...), n=(list[int], ...))
    serializer = serializer_from_schema(schema)(data={"v": "x", "n": [1, "x"]})
    with pytest.raises(ValidationError) as refusal:
        serializer.is_valid(raise_exception=True)
    assert refusal.value.get_codes() == {"v": ["invalid"], "n": {1: ["invalid"]}}
    details: Any = refusal.value.get_full_details()
    assert details["v"][0]["code"] == "invalid"
    assert serializer.errors["v"] == [drf.IntegerField().error_messages["invalid"]]
    assert serializer.errors.serializer is serializer
    assert isinstance(serializer, SchemaSerializer)


def test_texts_that_a_field_puts_into_a_detail_are_details() -> None:
    class Odd(drf.DictField):
        def run_validation(self, data: Any = drf.empty) -> Any:
            error = ValidationError({"a": ["first"], "b": "second", "c": ()})
            error.detail["a"][0] = f"{error.detail['a'][0]} {data}"
            error.detail["c"] = ("third", 4, gettext_lazy("Monday"))
            raise error

    class Classic(Serializer[Any]):
        odd = Odd()

    class Contract(Schema):
        odd: Annotated[Any, UseField(Odd())]

    payload = {"odd": "x"}
    assert outcome(serializer_from_schema(Contract), payload) == outcome(Classic, payload)
