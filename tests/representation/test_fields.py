"""Schema serializers with fields that only they can print, against the classic ones."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework import serializers

from nova_drf import Schema, SchemaSerializer
from nova_drf.representation import objects


@pytest.fixture(autouse=True, params=[0, 6], ids=["columns", "one by one"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "FEW", request.param)


class Methods:
    """What both serializers have in their bodies."""

    def get_shout(self, thing: Any) -> str:
        thing.after = f"{thing.after}, shouted"
        return str(thing.name.upper() + self.context.get("mark", ""))

    def counted(self, thing: Any) -> int:
        return len(thing.after)


class ClassicThing(Methods, serializers.Serializer[Any]):
    before = serializers.CharField()
    name = serializers.CharField()
    shout = serializers.SerializerMethodField()
    after = serializers.CharField()
    length = serializers.SerializerMethodField(method_name="counted")


class Thing(Schema):
    before: str
    name: str
    shout: str
    after: str
    length: int


class ThingSerializer(Methods, SchemaSerializer[Thing]):
    shout = serializers.SerializerMethodField()
    length = serializers.SerializerMethodField(method_name="counted")


def things() -> list[Any]:
    return [SimpleNamespace(before="b", name=f"n{n}", after="a") for n in range(3)]


def same(ours: Any, classic: Any, make: Any = things, **arguments: Any) -> None:
    assert ours(make(), many=True, **arguments).data == classic(make(), many=True, **arguments).data
    assert ours(make()[0], **arguments).data == classic(make()[0], **arguments).data


def test_methods_run_where_they_stand_among_the_fields() -> None:
    same(ThingSerializer, ClassicThing)
    same(ThingSerializer, ClassicThing, context={"mark": "!"})


def test_objects_that_need_a_closer_look() -> None:
    def odd() -> list[Any]:
        made = things()
        made[1].before = lambda: "called"
        return made

    same(ThingSerializer, ClassicThing, odd)


def test_a_method_of_one_instance() -> None:
    def with_method(cls: Any) -> Any:
        serializer = cls(things()[0])
        serializer.get_shout = lambda thing: "of the instance"
        return serializer.data

    assert with_method(ThingSerializer) == with_method(ClassicThing)


def test_a_method_field_that_was_replaced() -> None:
    def changed(cls: Any) -> Any:
        serializer = cls(things(), many=True)
        serializer.child.fields["shout"] = serializers.CharField(source="name")
        serializer.child.fields["length"].method_name = "get_shout"
        del serializer.child.fields["before"]
        return serializer.data

    assert changed(ThingSerializer) == changed(ClassicThing)


def test_a_method_that_returns_nothing() -> None:
    class Nothing(ThingSerializer):
        def get_shout(self, thing: Any) -> Any:
            return None

    class ClassicNothing(ClassicThing):
        def get_shout(self, thing: Any) -> Any:
            return None

    same(Nothing, ClassicNothing)


class Loud(serializers.SerializerMethodField):
    def to_representation(self, value: Any) -> Any:
        return f"{super().to_representation(value)}!"


def test_a_method_field_of_the_projects_own_prints_itself() -> None:
    class LoudThing(ThingSerializer):
        shout = Loud()

    class ClassicLoud(ClassicThing):
        shout = Loud()

    same(LoudThing, ClassicLoud)
