"""Required, default, read-only, write-only, hidden, and what a partial update leaves alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Self

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator
from rest_framework import serializers

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, UseField, WriteOnly
from tests.oracle import assert_same_print, assert_same_verdict


class ClassicPresence(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=5)
    secret = serializers.CharField(write_only=True, required=False)
    count = serializers.IntegerField(default=3, min_value=1)
    tags = serializers.ListField(child=serializers.CharField(max_length=3), default=list)
    maybe = serializers.IntegerField(allow_null=True)
    free = serializers.IntegerField(required=False, allow_null=True)
    nothing = serializers.IntegerField(default=None, allow_null=True)


class PresenceSchema(Schema):
    id: ReadOnly[int]
    name: Annotated[str, Field(max_length=5)]
    secret: WriteOnly[NotRequired[str]]
    count: Annotated[int, Field(ge=1)] = 3
    tags: list[Annotated[str, Field(max_length=3)]] = Field(default_factory=list)
    maybe: int | None
    free: NotRequired[int | None]
    nothing: int | None = None


class PresenceSerializer(SchemaSerializer[PresenceSchema]):
    pass


BODIES: list[dict[str, Any]] = [
    {},
    {"name": "a", "maybe": None},
    {"name": "a", "maybe": 1, "id": 7, "free": None, "nothing": None, "other": 1},
    {"name": "a", "maybe": 1, "count": 0, "tags": ["long!"], "secret": "s"},
    {"name": None, "maybe": "", "count": None, "tags": None, "free": ""},
    {"name": "too long", "maybe": "x", "count": "2"},
    {"id": "no number", "secret": ""},
]


@pytest.mark.parametrize("partial", [False, True], ids=["full", "partial"])
@pytest.mark.parametrize("body", BODIES)
def test_presence_is_decided_as_drf_does(body: dict[str, Any], partial: bool) -> None:
    assert_same_verdict(ClassicPresence, PresenceSerializer, body, partial=partial)


@pytest.mark.parametrize("partial", [False, True], ids=["full", "partial"])
def test_lists_of_payloads(partial: bool) -> None:
    assert_same_verdict(ClassicPresence, PresenceSerializer, BODIES, many=True, partial=partial)


@pytest.mark.parametrize("body", [None, [], "text", 5, {"a": 1}, [None], ["x"], [{}, 3]])
@pytest.mark.parametrize("many", [False, True])
def test_bodies_of_the_wrong_shape(body: Any, many: bool) -> None:
    assert_same_verdict(ClassicPresence, PresenceSerializer, body, many=many)


@pytest.mark.parametrize(
    "instance",
    [
        {"id": 1, "name": "a", "secret": "s", "maybe": None, "count": 2, "tags": ["x"]},
        {"id": 1, "name": "far too long", "maybe": 4},
        {"id": "7", "name": 5, "maybe": "8", "count": 0, "tags": ("x", None)},
    ],
)
def test_what_goes_out(instance: dict[str, Any]) -> None:
    printed = assert_same_print(ClassicPresence, PresenceSerializer, instance)
    assert printed is not None
    assert b"secret" not in printed


def test_a_missing_required_attribute_says_so_like_drf() -> None:
    with pytest.raises(KeyError) as classic:
        ClassicPresence({"id": 1}).data
    with pytest.raises(KeyError) as ours:
        PresenceSerializer({"id": 1}).data
    expected = str(classic.value).replace("ClassicPresence", "PresenceSerializer")
    assert str(ours.value) == expected


def test_default_factories_run_for_each_payload() -> None:
    ticks = itertools.count()

    class Ticket(Schema):
        number: int = Field(default_factory=lambda: next(ticks))
        made: datetime | None = None

    class TicketSerializer(SchemaSerializer[Ticket]):
        pass

    numbers = []
    for _ in range(3):
        serializer = TicketSerializer(data={})
        assert serializer.is_valid()
        numbers.append(serializer.validated_data["number"])
    assert numbers == [0, 1, 2]


class Span(Schema):
    start: int
    end: int
    label: Annotated[str, Field(max_length=3)] = "-"

    @model_validator(mode="after")
    def ordered(self) -> Self:
        if self.start > self.end:
            raise ValueError("The end comes before the start.")
        return self


class PlainSpan(BaseModel):
    start: int
    end: int
    label: Annotated[str, Field(max_length=3)] = "-"

    @model_validator(mode="after")
    def ordered(self) -> Self:
        if self.start > self.end:
            raise ValueError("The end comes before the start.")
        return self


@pytest.fixture(params=[Span, PlainSpan])
def span_serializer(request: pytest.FixtureRequest) -> Callable[..., SchemaSerializer[Any]]:
    class SpanSerializer(SchemaSerializer[request.param]):
        pass

    return SpanSerializer


def test_validators_of_the_whole_see_the_merged_state(
    span_serializer: Callable[..., SchemaSerializer[Any]],
) -> None:
    instance = {"start": 5, "end": 9, "label": "x"}
    good = span_serializer(instance, data={"end": 7}, partial=True)
    assert good.is_valid(), good.errors
    assert good.validated_data == {"end": 7}
    assert (good.validated_schema.start, good.validated_schema.end) == (5, 7)
    assert good.validated_schema.model_fields_set == {"end"}
    bad = span_serializer(instance, data={"end": 3}, partial=True)
    assert not bad.is_valid()
    assert bad.errors == {"non_field_errors": ["The end comes before the start."]}
    assert bad.errors["non_field_errors"][0].code == "invalid"


def test_partial_keeps_constraints(span_serializer: Callable[..., SchemaSerializer[Any]]) -> None:
    serializer = span_serializer({"start": 1, "end": 2}, data={"label": "long"}, partial=True)
    assert not serializer.is_valid()
    assert serializer.errors["label"][0].code == "max_length"


def test_partial_without_an_instance(
    span_serializer: Callable[..., SchemaSerializer[Any]],
) -> None:
    serializer = span_serializer(data={"start": 1, "end": 4}, partial=True)
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"start": 1, "end": 4}


def test_a_nested_schema_is_partial_too() -> None:
    class Outer(Schema):
        span: Span
        spans: list[Span] = []

    class OuterSerializer(SchemaSerializer[Outer]):
        pass

    body = {"span": {"end": 1}, "spans": [{"start": 9}]}
    serializer = OuterSerializer(data=body, partial=True)
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == body
    serializer = OuterSerializer(data={"span": {"end": None}}, partial=True)
    assert not serializer.is_valid()
    assert serializer.errors["span"]["end"][0].code == "null"


def test_read_only_keys_may_be_sent_where_unknown_ones_are_forbidden() -> None:
    class Strict(Schema):
        model_config = ConfigDict(extra="forbid")
        id: ReadOnly[int]
        name: str

    class StrictSerializer(SchemaSerializer[Strict]):
        pass

    serializer = StrictSerializer(data={"id": 4, "name": "a"})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"name": "a"}
    serializer = StrictSerializer(data={"name": "a", "other": 1})
    assert not serializer.is_valid()
    assert serializer.errors["other"][0].code == "extra_forbidden"


def test_hidden_fields_ignore_the_client_and_partial_updates() -> None:
    class Classic(serializers.Serializer[Any]):
        name = serializers.CharField()
        who = serializers.HiddenField(default="me")

    class Hidden(Schema):
        name: str
        who: Annotated[str, UseField(serializers.HiddenField(default="me"))]

    class HiddenSerializer(SchemaSerializer[Hidden]):
        pass

    for partial in (False, True):
        body = {"name": "a", "who": "you"}
        assert_same_verdict(Classic, HiddenSerializer, body, partial=partial)


def test_defaults_that_need_the_serializer() -> None:
    class Classic(serializers.Serializer[Any]):
        who = serializers.CharField(default=serializers.CurrentUserDefault())

    class Current(Schema):
        who: Annotated[
            str, UseField(serializers.CharField(default=serializers.CurrentUserDefault()))
        ]

    class CurrentSerializer(SchemaSerializer[Current]):
        pass

    request = type("Request", (), {"user": "ada"})()
    assert_same_verdict(Classic, CurrentSerializer, {}, context={"request": request})
