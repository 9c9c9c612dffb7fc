"""``model_config`` concerns single values too, wherever they stand."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.renderers import JSONRenderer
from typing_extensions import TypedDict

from nova_drf import Schema
from nova_drf.serializers.schema_serializer import serializer_from_schema


@pytest.mark.parametrize("base", [Schema, BaseModel])
@pytest.mark.parametrize(
    ("config", "accepted", "refused"),
    [
        (ConfigDict(str_max_length=2), "ab", "abc"),
        (ConfigDict(str_min_length=2), "ab", "a"),
        (ConfigDict(strict=True), "ab", 5),
        (ConfigDict(str_strip_whitespace=True), " ab ", 5),
    ],
)
def test_config_of_texts(
    base: type[BaseModel], config: ConfigDict, accepted: Any, refused: Any
) -> None:
    class Configured(base):
        model_config = config
        text: str
        texts: list[str]
        by_name: dict[str, str | None] = {}

    ours = serializer_from_schema(Configured)
    good = ours(data={"text": accepted, "texts": [accepted], "by_name": {accepted: accepted}})
    assert good.is_valid(), good.errors
    assert good.validated_data["text"] == accepted.strip()
    bad = ours(data={"text": refused, "texts": [refused], "by_name": {"ab": refused}})
    if base is Schema and refused == 5 and not config.get("strict"):
        assert bad.is_valid()
    else:
        assert not bad.is_valid()
        assert list(bad.errors) == ["text", "texts", "by_name"]


class Span(TypedDict):
    """A dictionary without a configuration of its own."""

    name: str
    ratio: float


class ShortSpan(TypedDict):
    """One that has its own."""

    __pydantic_config__ = ConfigDict(str_max_length=2)
    name: str


class Measured(BaseModel):
    """A plain model with texts and numbers everywhere."""

    name: str = ""
    ratio: float | None = None
    ratios: list[float] = []
    by_name: dict[str, str] = {}
    span: Span | None = None
    short: ShortSpan | None = None


class Unlimited(BaseModel):
    """A plain model that wants infinity."""

    model_config = ConfigDict(allow_inf_nan=True)
    ratio: float
    other: Annotated[float, Field(allow_inf_nan=False)] = 0.0


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        ({"ratio": "nan"}, {"ratio"}),
        ({"ratio": float("inf"), "ratios": [1, "-Infinity"]}, {"ratio", "ratios"}),
        ({"name": "\ud800", "by_name": {"a": "\udfff"}}, {"name", "by_name"}),
        ({"by_name": {"\ud800": "a"}}, {"by_name"}),
        ({"span": {"name": "\ud800", "ratio": "inf"}}, {"span"}),
        ({"short": {"name": "abc"}}, {"short"}),
    ],
)
def test_a_plain_model_refuses_what_no_answer_could_repeat(sent: Any, codes: set[str]) -> None:
    serializer = serializer_from_schema(Measured)(data=sent)
    assert not serializer.is_valid()
    assert serializer.errors.keys() == codes
    assert JSONRenderer().render(serializer.errors)


def test_a_plain_model_may_say_that_it_takes_infinity() -> None:
    serializer = serializer_from_schema(Unlimited)(data={"ratio": "inf", "other": 1.5})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"ratio": float("inf"), "other": 1.5}
    refused = serializer_from_schema(Unlimited)(data={"ratio": "inf", "other": "inf"})
    assert not refused.is_valid()
    assert list(refused.errors) == ["other"]


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_nested_models_keep_their_own_config(base: type[BaseModel]) -> None:
    class Inner(base):
        text: str

    class Outer(base):
        model_config = ConfigDict(str_to_upper=True)
        text: str
        inner: Inner

    serializer = serializer_from_schema(Outer)(data={"text": "a", "inner": {"text": "b"}})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"text": "A", "inner": {"text": "b"}}
