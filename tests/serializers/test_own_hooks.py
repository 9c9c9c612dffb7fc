"""``validate_<field>`` that only one serializer has: DRF finds it as it finds those of a class."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field
from rest_framework import serializers

from nova_drf import (
    NotRequired,
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    schema_from_serializer,
    serializer_from_schema,
)
from tests.oracle import assert_same_verdict


class Classic(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=9)
    size = serializers.IntegerField(required=False)


class Backed(SchemaBackedMixin, Classic):
    pass


class NameSchema(Schema):
    name: Annotated[str, Field(max_length=9)]
    size: NotRequired[int]


class OfSchema(SchemaSerializer[NameSchema]):
    pass


class Plain(BaseModel):
    name: Annotated[str, Field(max_length=9)]
    size: int = 0


class OfPlain(SchemaSerializer[Plain]):
    pass


Converted: Any = serializer_from_schema(schema_from_serializer(Classic))


def refuse(value: Any) -> Any:
    if value in ("bad", 13):
        raise serializers.ValidationError("Refused.", code="refused")
    return value * 2


async def arefuse(value: Any) -> Any:
    await asyncio.sleep(0)
    return refuse(value)


def hooked(cls: Any, hook: Callable[[Any], Any], *, early: bool) -> Any:
    """Return what makes serializers with hooks of their own, before or after ``__init__``."""
    names = ("validate_name", "validate_size")
    if early:

        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            super(made, self).__init__(*args, **kwargs)
            for name in names:
                setattr(self, name, hook)

        made = type(cls.__name__, (cls,), {"__init__": __init__})
        return made

    def make(*args: Any, **kwargs: Any) -> Any:
        serializer = cls(*args, **kwargs)
        for name in names:
            setattr(serializer, name, hook)
        return serializer

    return make


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("hook", [refuse, arefuse, lambda value: arefuse(value)])
@pytest.mark.parametrize("cls", [OfSchema, OfPlain, Backed, Converted])
def test_a_hook_of_one_serializer_holds(cls: Any, hook: Any, early: bool) -> None:
    ours, classic = hooked(cls, hook, early=early), hooked(Classic, refuse, early=early)
    for data in ({"name": "bad", "size": 13}, {"name": "a", "size": 2}, {"size": 13}, {"name": ""}):
        for partial in (False, True):
            if cls is OfPlain and (partial or not data.get("name")):
                continue  # a plain model has Pydantic's own words and defaults
            assert_same_verdict(classic, ours, data, partial=partial)


@pytest.mark.parametrize("cls", [OfSchema, Backed])
def test_the_next_serializer_does_without(cls: Any) -> None:
    assert not hooked(cls, refuse, early=False)(data={"name": "bad"}).is_valid()
    assert cls(data={"name": "bad"}).is_valid()
