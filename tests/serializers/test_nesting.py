"""Classic and new inside each other, fields that are kept, and fields that change at run time."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from rest_framework import serializers
from rest_framework.test import APIRequestFactory

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, Source, UseField
from nova_drf.serializers.lists import SchemaListSerializer
from nova_drf.serializers.schema_serializer import nested_serializer_class
from tests.oracle import assert_same_print, assert_same_verdict


class PointSchema(Schema):
    x: int
    y: int = 0
    note: NotRequired[str]


class PointSerializer(SchemaSerializer[PointSchema]):
    def validate_x(self, value: int) -> int:
        if value < 0:
            raise serializers.ValidationError("Left of the edge.")
        return value


class ClassicPoint(serializers.Serializer[Any]):
    x = serializers.IntegerField()
    y = serializers.IntegerField(default=0)
    note = serializers.CharField(required=False)

    def validate_x(self, value: int) -> int:
        if value < 0:
            raise serializers.ValidationError("Left of the edge.")
        return value


class AllClassic(serializers.Serializer[Any]):
    point = ClassicPoint()
    points = ClassicPoint(many=True, required=False)
    maybe = ClassicPoint(allow_null=True, required=False)
    seen = ClassicPoint(read_only=True, source="point")


class Mixed(serializers.Serializer[Any]):
    point = PointSerializer()
    points = PointSerializer(many=True, required=False)
    maybe = PointSerializer(allow_null=True, required=False)
    seen = PointSerializer(read_only=True, source="point")


class KeptSchema(Schema):
    point: Annotated[dict[str, int], UseField(ClassicPoint())]
    points: Annotated[list[dict[str, int]], UseField(ClassicPoint(many=True, required=False))]
    maybe: Annotated[Any, UseField(ClassicPoint(allow_null=True, required=False))]
    seen: Annotated[Any, UseField(ClassicPoint(read_only=True, source="point"))]


class KeptSerializer(SchemaSerializer[KeptSchema]):
    pass


BODIES: list[Any] = [
    {"point": {"x": 1}},
    {"point": {"x": -1, "y": "z"}, "points": [{"x": 1}, {"x": -2}, {}], "maybe": None},
    {"point": None, "points": None, "maybe": {}},
    {"point": [], "points": {}, "maybe": 3},
    {"points": [{"x": 1, "note": ""}, 5], "seen": {"x": 1}},
    {},
]


@pytest.mark.parametrize("ours", [Mixed, KeptSerializer])
@pytest.mark.parametrize("partial", [False, True], ids=["full", "partial"])
@pytest.mark.parametrize("body", BODIES)
def test_one_inside_the_other(ours: Any, partial: bool, body: Any) -> None:
    assert_same_verdict(AllClassic, ours, body, partial=partial)
    assert_same_verdict(AllClassic, ours, [body], partial=partial, many=True)


@pytest.mark.parametrize("ours", [Mixed, KeptSerializer])
def test_one_inside_the_other_goes_out(ours: Any) -> None:
    instance = {"point": {"x": 1, "y": 2}, "points": [{"x": 3, "y": 4}], "maybe": None}
    assert assert_same_print(AllClassic, ours, instance) is not None


class Thing:
    """An object with attributes, properties and methods."""

    name = "n"
    count = 3
    empty = None

    def shout(self) -> str:
        return self.name.upper()

    @property
    def broken(self) -> str:
        raise AttributeError("inside")

    @property
    def partner(self) -> Thing:
        other = Thing()
        other.name = "p"
        return other


class ClassicThing(serializers.Serializer[Any]):
    name = serializers.CharField()
    loud = serializers.CharField(source="shout", read_only=True)
    other = serializers.CharField(source="partner.name")
    method = serializers.SerializerMethodField()
    same = serializers.ReadOnlyField(source="count")
    link = serializers.HyperlinkedIdentityField(view_name="x", read_only=True)
    gone = serializers.CharField(source="empty.name", default="none")

    def get_method(self, thing: Thing) -> str:
        return f"{thing.name} for {self.context['user']}"


class ThingSchema(Schema):
    name: str
    loud: Annotated[ReadOnly[str], Source("shout")]
    other: Annotated[str, Source("partner.name")]
    method: Annotated[str, UseField(serializers.SerializerMethodField())]
    same: Annotated[int, UseField(serializers.ReadOnlyField(source="count"))]
    gone: Annotated[str, Source("empty.name")] = "none"


class ThingSerializer(SchemaSerializer[ThingSchema]):
    def get_method(self, thing: Thing) -> str:
        return f"{thing.name} for {self.context['user']}"


class ClassicWithoutLink(ClassicThing):
    link = None


def test_sources_callables_and_method_fields() -> None:
    context = {"user": "ada"}
    printed = assert_same_print(ClassicWithoutLink, ThingSerializer, Thing(), context=context)
    assert printed is not None
    assert_same_print(
        ClassicWithoutLink, ThingSerializer, [Thing()] * 3, context=context, many=True
    )


@pytest.mark.parametrize("body", [{"name": "a", "other": "b"}, {"other": None, "method": 1}, {}])
def test_dotted_sources_write_nested_dictionaries(body: dict[str, Any]) -> None:
    assert_same_verdict(ClassicWithoutLink, ThingSerializer, body)


def test_an_error_inside_a_property_is_not_hidden() -> None:
    class BrokenSchema(Schema):
        broken: str

    class BrokenSerializer(SchemaSerializer[BrokenSchema]):
        pass

    with pytest.raises(AttributeError, match="broken"):
        BrokenSerializer(Thing()).data


def test_star_source_merges() -> None:
    class ClassicStar(serializers.Serializer[Any]):
        point = ClassicPoint(source="*")
        z = serializers.IntegerField()

    class StarSchema(Schema):
        point: Annotated[PointSchema, Source("*")]
        z: int

    class StarSerializer(SchemaSerializer[StarSchema]):
        pass

    for body in ({"point": {"x": 1, "y": 5}, "z": 2}, {"point": {"x": None}, "z": 2}):
        assert_same_verdict(ClassicStar, StarSerializer, body)
    assert_same_print(ClassicStar, StarSerializer, {"x": 1, "y": 2, "z": 3})


# Fields declared on the serializer class, and fields that change


class ClassicShop(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField()
    extra = serializers.CharField(source="label", required=False)


class ShopSchema(Schema):
    name: str
    count: int


class ShopSerializer(SchemaSerializer[ShopSchema]):
    count = serializers.IntegerField()
    extra = serializers.CharField(source="label", required=False)


@pytest.mark.parametrize("body", [{"name": "a", "count": "1"}, {"extra": "", "count": None}])
def test_fields_declared_in_the_class_body(body: dict[str, Any]) -> None:
    assert_same_verdict(ClassicShop, ShopSerializer, body)
    assert_same_print(ClassicShop, ShopSerializer, {"name": "a", "count": 1, "label": "l"})
    assert list(ShopSerializer().fields) == list(ClassicShop().fields)


class Dynamic:
    """What code bases do in ``__init__``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        only = kwargs.pop("only", None)
        super().__init__(*args, **kwargs)
        fields = self.fields
        if only is not None:
            for name in set(fields) - set(only):
                fields.pop(name)
        else:
            fields["count"].required = False
            fields["name"].max_length = 3
            fields["stamp"] = serializers.IntegerField(default=9)


class DynamicClassic(Dynamic, ClassicShop):
    pass


class DynamicOurs(Dynamic, ShopSerializer):
    pass


@pytest.mark.parametrize("only", [None, ("name",), ("extra", "count"), ()])
def test_fields_that_change_at_run_time(only: Any) -> None:
    for body in ({"name": "a", "count": 1}, {"name": ""}, {"count": "x", "stamp": 1}):
        assert_same_verdict(DynamicClassic, DynamicOurs, body, only=only)
    instance = {"name": "a", "count": 1, "label": "l", "stamp": 2}
    assert_same_print(DynamicClassic, DynamicOurs, instance, only=only)


def test_get_fields_may_be_overridden() -> None:
    class Fewer:
        def get_fields(self) -> Any:
            fields = super().get_fields()
            del fields["count"]
            return {"first": serializers.IntegerField(), **fields}

    classic = type("FewerClassic", (Fewer, ClassicShop), {})
    ours = type("FewerOurs", (Fewer, ShopSerializer), {})
    for body in ({"name": "a", "first": 1}, {"count": 1}):
        assert_same_verdict(classic, ours, body)
    assert_same_print(classic, ours, {"first": 1, "name": "a", "label": "x"})


def test_representation_hooks_run() -> None:
    class Loud(ShopSerializer):
        def to_representation(self, instance: Any) -> Any:
            return {**super().to_representation(instance), "loud": True}

        def to_internal_value(self, data: Any) -> Any:
            return {**super().to_internal_value({**data, "count": 5}), "more": 1}

    instance = {"name": "a", "count": 1, "label": "l"}
    assert Loud(instance).data == {"name": "a", "count": 1, "extra": "l", "loud": True}
    assert Loud([instance], many=True).data[0]["loud"] is True
    serializer = Loud(data={"name": "a"})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"name": "a", "count": 5, "more": 1}


def test_a_field_can_be_removed_in_a_subclass() -> None:
    class Small(ShopSerializer):
        extra = None

    assert list(Small().fields) == ["name", "count"]
    assert Small({"name": "a", "count": 1}).data == {"name": "a", "count": 1}


def test_context_parent_and_root_reach_everywhere() -> None:
    class LinkSchema(Schema):
        file: Annotated[str, UseField(serializers.FileField())]

    class Outer(Schema):
        link: LinkSchema
        links: list[LinkSchema]

    class OuterSerializer(SchemaSerializer[Outer]):
        pass

    class Stored:
        url = "/media/a.txt"

    request = APIRequestFactory().get("/")
    instance = {"link": {"file": Stored()}, "links": [{"file": Stored()}]}
    data = OuterSerializer(instance, context={"request": request}).data
    assert data["link"]["file"] == "http://testserver/media/a.txt"
    assert data["links"][0]["file"] == "http://testserver/media/a.txt"
    serializer = OuterSerializer(context={"request": request})
    assert serializer.fields["links"].child.fields["file"].root is serializer


def test_list_serializers() -> None:
    assert isinstance(PointSerializer(many=True), SchemaListSerializer)

    class Own(serializers.ListSerializer[Any]):
        pass

    class WithOwn(PointSerializer):
        class Meta:
            list_serializer_class = Own

    assert isinstance(WithOwn(many=True), Own)
    assert WithOwn([{"x": 1, "y": 2}], many=True).data == [{"x": 1, "y": 2}]


class Tree(Schema):
    name: str
    children: list[Tree] = []


def test_recursive_schemas() -> None:
    class TreeSerializer(SchemaSerializer[Tree]):
        pass

    body = {"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}]}
    serializer = TreeSerializer(data=body)
    assert serializer.is_valid(), serializer.errors
    assert TreeSerializer(serializer.validated_data).data["children"][0]["children"][0] == {
        "name": "c",
        "children": [],
    }
    assert list(TreeSerializer().fields["children"].child.fields) == ["name", "children"]
    bad = TreeSerializer(data={"name": "a", "children": [{"name": "b", "children": [{}]}]})
    assert not bad.is_valid()
    assert bad.errors["children"][0]["children"][0]["name"][0].code == "required"
    assert nested_serializer_class(Tree) is nested_serializer_class(Tree)


def test_a_plain_model_inside_a_schema_keeps_its_own_semantics() -> None:
    class Plain(BaseModel):
        n: int

    class Both(Schema):
        n: int
        plain: Plain

    class BothSerializer(SchemaSerializer[Both]):
        pass

    serializer = BothSerializer(data={"n": True, "plain": {"n": True}})
    assert not serializer.is_valid()
    assert list(serializer.errors) == ["n"]
