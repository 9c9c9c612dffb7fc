"""The hooks of a serializer class, in DRF's order, and validators of the schema among them."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import override
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import SkipField

from nova_drf import NotRequired, Schema, SchemaSerializer
from tests.oracle import assert_same_verdict, error_tree


class Hooks:
    """The same hooks for both sides."""

    log: list[str]

    def validate_a(self, value: int) -> int:
        self.log.append(f"a {value!r}")
        if value == 13:
            raise serializers.ValidationError("Unlucky.", code="unlucky")
        if value == 14:
            raise serializers.ValidationError({"deep": ["down"]})
        if value == 15:
            raise SkipField
        return value * 10

    def validate_b(self, value: str) -> str:
        self.log.append(f"b {value!r}")
        if value == "django":
            raise DjangoValidationError(["one", "two"], code="dj")
        return value.upper()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        self.log.append(f"all {attrs!r}")
        if attrs.get("b") == "ALL":
            raise serializers.ValidationError({"b": "Not all.", "c": ["Nor this."]})
        if attrs.get("b") == "FLAT":
            raise serializers.ValidationError("Flat.", code="flat")
        if attrs.get("b") == "MODEL":
            raise DjangoValidationError({"a": "From the model."})
        return {**attrs, "added": True}


def refuse_seven(attrs: dict[str, Any]) -> None:
    if attrs.get("a") == 70:
        raise serializers.ValidationError("Seven.", code="seven")


class ClassicHooks(Hooks, serializers.Serializer[Any]):
    a = serializers.IntegerField(default=4)
    b = serializers.CharField()
    c = serializers.IntegerField(required=False)

    class Meta:
        validators = [refuse_seven]


class HookSchema(Schema):
    a: int = 4
    b: str
    c: NotRequired[int]


class HookSerializer(Hooks, SchemaSerializer[HookSchema]):
    class Meta:
        validators = [refuse_seven]


@pytest.mark.parametrize("partial", [False, True], ids=["full", "partial"])
@pytest.mark.parametrize(
    "body",
    [
        {"a": 1, "b": "x"},
        {"b": "x", "c": 3},
        {"a": 13, "b": "django"},
        {"a": 13, "b": None},
        {"a": 14, "b": "x"},
        {"a": 15, "b": "x"},
        {"a": "x", "b": "y"},
        {"a": 7, "b": "x"},
        {"a": 1, "b": "all"},
        {"a": 1, "b": "flat"},
        {"a": 1, "b": "model"},
        {},
    ],
)
def test_hooks_run_as_in_drf(body: dict[str, Any], partial: bool) -> None:
    logs = []
    for cls in (ClassicHooks, HookSerializer):
        cls.log = []
        logs.append(cls.log)
    assert_same_verdict(ClassicHooks, HookSerializer, body, partial=partial)
    assert logs[0] == logs[1]


def test_validate_must_return_something() -> None:
    class Forgetful(SchemaSerializer[HookSchema]):
        def validate(self, attrs: Any) -> Any:
            return None

    with pytest.raises(AssertionError, match="should return the validated data"):
        Forgetful(data={"b": "x"}).is_valid()


def test_a_plain_value_error_in_a_hook_is_a_programming_error() -> None:
    class Broken(SchemaSerializer[HookSchema]):
        def validate_b(self, value: str) -> str:
            raise ValueError("boom")

    class Classic(serializers.Serializer[Any]):
        b = serializers.CharField()

        def validate_b(self, value: str) -> str:
            raise ValueError("boom")

    for serializer_class in (Classic, Broken):
        with pytest.raises(ValueError, match="boom"):
            serializer_class(data={"b": "x"}).is_valid()


def raise_error(error: Exception) -> Any:
    raise error


RAISED = [
    (ValueError("Plain."), [("Plain.", "invalid")]),
    (AssertionError("Asserted."), [("Asserted.", "invalid")]),
    (
        PydanticCustomError("own_code", "Own {what}.", {"what": "words"}),
        [("Own words.", "own_code")],
    ),
    (DjangoValidationError("Of %(x)s.", code="dj", params={"x": "Django"}), [("Of Django.", "dj")]),
    (serializers.ValidationError("Of DRF.", code="drf"), [("Of DRF.", "drf")]),
    (serializers.ValidationError({"deep": ["x"]}), {"deep": [("x", "invalid")]}),
]


@pytest.mark.parametrize("base", [Schema, BaseModel])
@pytest.mark.parametrize(("error", "expected"), RAISED)
def test_errors_raised_by_validators_of_a_field(
    base: type[BaseModel], error: Exception, expected: Any
) -> None:
    def refuse(value: int) -> int:
        return raise_error(error)

    after, before = AfterValidator(refuse), BeforeValidator(refuse)

    class Inner(base):
        n: Annotated[int, after]

    class Outer(base):
        after: int
        before: Annotated[int, before]
        inner: Inner
        inners: list[Inner]
        other: int

        @field_validator("after")
        @classmethod
        def check(cls, value: int) -> int:
            return raise_error(error)

    class OuterSerializer(SchemaSerializer[Outer]):
        pass

    body = {"after": 1, "before": 2, "inner": {"n": 1}, "inners": [{"n": 1}], "other": None}
    serializer = OuterSerializer(data=body)
    assert not serializer.is_valid()
    tree = error_tree(serializer.errors)
    assert tree["after"] == expected
    assert tree["before"] == expected
    assert tree["inner"] == {"n": expected}
    assert tree["inners"][0] == {"n": expected}
    assert tree["other"] == [("This field may not be null.", "null")]


@pytest.mark.parametrize("base", [Schema, BaseModel])
@pytest.mark.parametrize("mode", ["before", "after", "wrap"])
@pytest.mark.parametrize(("error", "expected"), RAISED)
def test_errors_raised_by_validators_of_the_whole(
    base: type[BaseModel], mode: str, error: Exception, expected: Any
) -> None:
    class Inner(base):
        n: int

        if mode == "after":

            @model_validator(mode="after")
            def check(self) -> Any:
                return raise_error(error)

        elif mode == "before":

            @model_validator(mode="before")
            @classmethod
            def check_before(cls, data: Any) -> Any:
                return raise_error(error)

        else:

            @model_validator(mode="wrap")
            @classmethod
            def check_around(cls, data: Any, handler: Any) -> Any:
                handler(data)
                return raise_error(error)

    class Outer(base):
        inner: Inner

    class InnerSerializer(SchemaSerializer[Inner]):
        pass

    class OuterSerializer(SchemaSerializer[Outer]):
        pass

    whole = expected if isinstance(expected, dict) else {"non_field_errors": expected}
    serializer = InnerSerializer(data={"n": 1})
    assert not serializer.is_valid()
    assert error_tree(serializer.errors) == whole
    outer = OuterSerializer(data={"inner": {"n": 1}})
    assert not outer.is_valid()
    assert error_tree(outer.errors) == {"inner": whole}


def test_the_context_reaches_validators() -> None:
    seen: list[Any] = []

    class Seeing(Schema):
        n: int

        @field_validator("n")
        @classmethod
        def look(cls, value: int, info: ValidationInfo) -> int:
            seen.append(info.context)
            return value

    class SeeingSerializer(SchemaSerializer[Seeing]):
        pass

    serializer = SeeingSerializer(data={"n": 1}, context={"request": "r", "own": 5})
    assert serializer.is_valid()
    assert seen[0]["serializer"] is serializer
    assert (seen[0]["request"], seen[0]["own"]) == ("r", 5)
    alone = SeeingSerializer(data={"n": 1})
    assert alone.is_valid()
    assert seen[1]["request"] is None


def test_messages_are_translated() -> None:
    class Plain(BaseModel):
        n: Annotated[int, Field(ge=3)]
        s: Annotated[str, Field(max_length=2)]

    class PlainSerializer(SchemaSerializer[Plain]):
        pass

    class Classic(serializers.Serializer[Any]):
        n = serializers.IntegerField(min_value=3)
        s = serializers.CharField(max_length=2)

    with override("fr"):
        assert_same_verdict(Classic, PlainSerializer, {"n": 1, "s": "long"})
        assert_same_verdict(Classic, PlainSerializer, {"n": "x"})
        errors = PlainSerializer(data={})
        assert not errors.is_valid()
        assert str(errors.errors["n"][0]) == "Ce champ est obligatoire."


def test_details_are_error_details() -> None:
    serializer = HookSerializer(data={})
    HookSerializer.log = []
    assert not serializer.is_valid()
    with pytest.raises(serializers.ValidationError) as caught:
        serializer.is_valid(raise_exception=True)
    assert caught.value.get_codes() == {"b": ["required"]}
    assert isinstance(caught.value.detail["b"][0], ErrorDetail)
    assert serializer.errors.serializer is serializer
