"""``model_config`` concerns single values too, wherever they stand."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from nova_drf import Schema
from nova_drf.serializers import serializer_from_schema


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
    class Configured(base):  # type: ignore[valid-type, misc]
        model_config = config
        text: str
        texts: list[str]
        by_name: dict[str, str | None] = {}

    ours = serializer_from_schema(Configured)
    good = ours(data={"text": accepted, "texts": [accepted], "by_name": {accepted: accepted}})
    assert good.is_valid(), good.errors
    assert good.validated_data["text"] == accepted.strip()
    bad = ours(data={"text": refused, "texts": [refused], "by_name": {"a": refused}})
    if base is Schema and refused == 5 and not config.get("strict"):
        assert bad.is_valid()
    else:
        assert not bad.is_valid()
        assert list(bad.errors) == ["text", "texts", "by_name"]


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_nested_models_keep_their_own_config(base: type[BaseModel]) -> None:
    class Inner(base):  # type: ignore[valid-type, misc]
        text: str

    class Outer(base):  # type: ignore[valid-type, misc]
        model_config = ConfigDict(str_to_upper=True)
        text: str
        inner: Inner

    serializer = serializer_from_schema(Outer)(data={"text": "a", "inner": {"text": "b"}})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"text": "A", "inner": {"text": "b"}}
