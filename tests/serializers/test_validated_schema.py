"""What ``validated_schema`` holds: values of the annotated types, whichever way they came."""

from __future__ import annotations

import copy
import ipaddress
import pickle
from collections import deque
from enum import Enum, StrEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from django.db import models
from django.http import QueryDict
from pydantic import AnyUrl, BaseModel, Field, HttpUrl, SecretStr, create_model
from rest_framework import serializers

from nova_drf import (
    UNSET,
    NotRequired,
    ReadOnly,
    Schema,
    SchemaSerializer,
    UseField,
    schema_from_serializer,
    serializer_from_schema,
    unset,
)
from tests.servicesapp.models import Topic


class Kind(models.TextChoices):
    A = "a"
    B = "b"


class Size(models.IntegerChoices):
    ONE = 1
    TWO = 2


class Plain(Enum):
    X = "x"
    Y = "y"


class Text(StrEnum):
    P = "p"
    Q = "q"


class Inner(Schema):
    kind: Kind


class Line(Schema):
    drug: str
    kind: Kind = Kind.A


class LineSerializer(serializers.Serializer[Any]):
    drug = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices, default="a")


pytestmark = pytest.mark.django_db

WEB = "https://a.io/x"

CASES: dict[str, tuple[Any, Any, Any]] = {
    "text choices": (Kind, "a", Kind.A),
    "integer choices": (Size, 1, Size.ONE),
    "enumeration": (Plain, "x", Plain.X),
    "text enumeration": (Text, "p", Text.P),
    "literal of members": (Literal[Kind.A, Kind.B], "a", Kind.A),
    "optional": (Kind | None, "a", Kind.A),
    "list": (list[Kind], ["a", "b"], [Kind.A, Kind.B]),
    "set": (set[Kind], ["a"], {Kind.A}),
    "values": (dict[str, Kind], {"k": "a"}, {"k": Kind.A}),
    "keys": (dict[Kind, int], {"a": 1}, {Kind.A: 1}),
    "tuple": (tuple[Kind, int], ["a", 1], (Kind.A, 1)),
    "union": (Kind | int, "a", Kind.A),
    "web address": (HttpUrl, WEB, HttpUrl(WEB)),
    "web addresses": (list[HttpUrl], [WEB], [HttpUrl(WEB)]),
    "any address": (AnyUrl, "ftp://a.io/x", AnyUrl("ftp://a.io/x")),
    "ip address": (ipaddress.IPv4Address, "1.2.3.4", ipaddress.IPv4Address("1.2.3.4")),
    "path": (Path, "/srv/x", Path("/srv/x")),
    "secret": (SecretStr, "x", SecretStr("x")),
    "schema": (Inner, {"kind": "a"}, Inner(kind=Kind.A)),
    "schemas": (list[Inner], [{"kind": "a"}], [Inner(kind=Kind.A)]),
    "any number of items": (tuple[int, ...], [1, 2], (1, 2)),
    "queue": (deque[int], [1], deque([1])),
}


def types_in(value: Any) -> object:
    """Return the types of a value and of all that is in it."""
    if isinstance(value, BaseModel):
        return type(value), {name: types_in(one) for name, one in vars(value).items()}
    if isinstance(value, dict):
        return dict, [(types_in(key), types_in(one)) for key, one in value.items()]
    if isinstance(value, (list, tuple, set, deque)):
        return type(value), [types_in(one) for one in value]
    return type(value)


def validated(serializer: Any) -> Any:
    serializer.is_valid(raise_exception=True)
    return serializer.validated_schema


def touched(serializer: Any) -> Any:
    serializer.fields["v"].help_text = "changed"
    return serializer


def made(base: Any, annotation: Any, default: Any = ..., *, hooked: bool = False) -> Any:
    schema = create_model(
        "Made", __base__=base, __module__=__name__, v=(annotation, default), n=(int, 0)
    )
    cls: Any = serializer_from_schema(schema)
    if not hooked:
        return cls
    return type("Hooked", (cls,), {"validate_v": lambda self, v: v, "__module__": __name__})


@pytest.mark.parametrize("base", [Schema, BaseModel])
@pytest.mark.parametrize("case", CASES)
def test_values_are_of_the_annotated_types(case: str, base: Any) -> None:
    annotation, sent, expected = CASES[case]
    data = {"v": sent}
    plain, hooked = made(base, annotation), made(base, annotation, hooked=True)
    with_default = made(base, annotation, expected)
    hooked_default = made(base, annotation, expected, hooked=True)
    stored = plain(data=data)
    stored.is_valid(raise_exception=True)
    instance = SimpleNamespace(v=stored.validated_data["v"], n=1)
    ways = {
        "sent": plain(data=data),
        "a hook": hooked(data=data),
        "a changed field": touched(plain(data=data)),
        "a partial update": plain(SimpleNamespace(), data=data, partial=True),
        "the default": with_default(data={}),
        "the default of a changed field": touched(with_default(data={})),
        "the default, past a hook": hooked_default(data={}),
        "the updated object": plain(instance, data={"n": 2}, partial=True),
    }
    if isinstance(sent, (str, int)):
        ways["a form"] = plain(data=QueryDict(f"v={sent}"))
    for way, serializer in ways.items():
        value = validated(serializer).v
        assert types_in(value) == types_in(expected), way
        assert value == expected, way


@pytest.mark.parametrize("case", CASES)
def test_a_schema_takes_them_from_a_program(case: str) -> None:
    annotation, _sent, expected = CASES[case]
    schema = create_model("Made", __base__=Schema, v=(annotation, ...))
    value: Any = schema(v=expected)
    assert value.v == expected
    assert types_in(value.v) == types_in(expected)


@pytest.mark.parametrize(
    ("annotation", "default", "expected"),
    [
        (Kind, "a", Kind.A),
        (Size | None, 1, Size.ONE),
        (list[Kind], ["a"], [Kind.A]),
        (HttpUrl, WEB, HttpUrl(WEB)),
        (Kind, "z", "z"),
    ],
)
def test_a_default_is_of_the_annotated_type(annotation: Any, default: Any, expected: Any) -> None:
    schema = create_model("Made", __base__=Schema, v=(annotation, Field(default=default)))
    value: Any = schema()
    assert value.v == expected
    assert types_in(value.v) == types_in(expected)


# Kept fields


class Recipe(Schema):
    lines: Annotated[list[Line], UseField(LineSerializer(many=True, allow_empty=False))]
    first: Annotated[Line | None, UseField(LineSerializer(allow_null=True, required=False))]
    kind: Annotated[Kind, UseField(serializers.ChoiceField(choices=Kind.choices))] = Kind.A


class RecipeSerializer(SchemaSerializer[Recipe]):
    pass


@pytest.mark.parametrize("convert", [False, True])
def test_what_kept_serializers_make_becomes_schemas(convert: bool) -> None:
    data = {"lines": [{"drug": "x"}], "first": {"drug": "y"}, "kind": "b"}
    if convert:
        recipe: Any = Recipe.model_validate(data)
    else:
        serializer = RecipeSerializer(data=data)
        recipe = validated(serializer)
        assert type(serializer.validated_data["lines"][0]) is dict
    assert recipe.lines == [Line(drug="x")]
    assert recipe.first == Line(drug="y")
    assert recipe.kind is Kind.B


def test_kept_fields_take_what_their_annotations_say_from_a_program() -> None:
    recipe = Recipe(lines=[Line(drug="x")], first=None)
    assert recipe.lines == [Line(drug="x")]
    assert recipe.first is None
    assert recipe.kind is Kind.A


class ByKey(Schema):
    key: Annotated[int, UseField(serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all()))]
    keys: Annotated[
        list[int],
        UseField(serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all(), many=True)),
    ]
    name: Annotated[
        str, UseField(serializers.SlugRelatedField("name", queryset=Topic.objects.all()))
    ]
    topic: Annotated[
        Topic, UseField(serializers.PrimaryKeyRelatedField(queryset=Topic.objects.all()))
    ]


def test_relations_are_keys_slugs_or_objects_as_annotated() -> None:
    topic = Topic.objects.create(name="a")
    serializer = serializer_from_schema(ByKey)(
        data={"key": topic.pk, "keys": [topic.pk], "name": "a", "topic": topic.pk}
    )
    schema = validated(serializer)
    assert (schema.key, schema.keys, schema.name) == (topic.pk, [topic.pk], "a")
    assert schema.topic == topic
    assert serializer.validated_data["key"] == topic
    instance = SimpleNamespace(key=topic, keys=[topic], name=topic, topic=topic)
    merged = validated(serializer_from_schema(ByKey)(instance, data={}, partial=True))
    assert merged.model_dump() == schema.model_dump()


# Web addresses


@pytest.mark.parametrize("sent", ["http://a.io", "HTTP://A.io", "https://a.io/x?y=1"])
def test_a_web_address_is_written_as_it_was_sent(sent: str) -> None:
    serializer = made(Schema, HttpUrl)(data={"v": sent})
    url = validated(serializer).v
    assert serializer.validated_data["v"] == sent
    assert isinstance(url, HttpUrl)
    assert (type(url).__name__, str(url), url.host) == ("HttpUrl", sent, "a.io")
    assert url == HttpUrl(sent)
    assert HttpUrl(sent) == url
    assert url != HttpUrl("http://b.io")
    assert url != sent
    assert hash(url) == hash(HttpUrl(sent))
    for other in (copy.copy(url), copy.deepcopy(url), pickle.loads(pickle.dumps(url))):
        assert (other, str(other)) == (url, sent)
    assert made(Schema, HttpUrl)({"v": url, "n": 1}).data["v"] == sent


def test_what_only_drf_takes_for_a_web_address_stays_text() -> None:
    assert validated(made(Schema, HttpUrl)(data={"v": "ftp://a.io"})).v == "ftp://a.io"


# Fields that need not be given


class NoteSchema(Schema):
    id: ReadOnly[int]
    text: str
    done: NotRequired[bool]
    stamp: ReadOnly[str | None] = unset()


def test_read_only_fields_need_not_be_given() -> None:
    note = NoteSchema(text="a")
    assert note.model_fields_set == {"text"}
    assert note.done is UNSET
    assert not hasattr(note, "id")
    assert not hasattr(note, "stamp")
    assert note.model_dump() == {"text": "a"}
    assert NoteSchema.model_validate(note.model_dump()) == note
    assert NoteSchema(id="3", text="a", stamp=None).model_dump() == {
        "id": 3,
        "text": "a",
        "stamp": None,
    }
    assert NoteSchema.model_json_schema(mode="serialization")["required"] == [
        "id",
        "text",
        "stamp",
    ]


def test_a_plain_model_leaves_out_what_its_author_says() -> None:
    class Plainly(BaseModel):
        id: ReadOnly[int] = unset()
        text: str

    assert serializer_from_schema(Plainly)(Plainly(text="a")).data == {"text": "a"}


# Partial updates and lists


class TopicSchema(Schema):
    id: ReadOnly[int]
    name: str
    label: Annotated[str, UseField(serializers.CharField(source="name", read_only=True))]


class TopicSerializer(SchemaSerializer[TopicSchema]):
    class Meta:
        model = Topic


def test_a_look_does_not_change_what_was_sent() -> None:
    serializer = TopicSerializer(Topic(pk=7, name="old"), data={"name": "new"}, partial=True)
    schema = validated(serializer)
    assert schema.model_fields_set == {"name"}
    assert repr(schema)
    assert serializer.validated_schema is schema
    assert serializer.validated_schema.model_fields_set == {"name"}
    assert (schema.id, schema.name, schema.label) == (7, "new", "old")


def test_what_a_hook_skips_stays_out_of_a_partial_update() -> None:
    class Skipping(TopicSerializer):
        def validate_name(self, value: str) -> str:
            raise serializers.SkipField

    serializer = Skipping(Topic(pk=7, name="old"), data={"name": "new"}, partial=True)
    assert validated(serializer).name == "old"
    assert serializer.validated_schema.model_fields_set == set()
    assert serializer.validated_data == {}


def test_a_list_has_validated_schemas() -> None:
    serializer: Any = TopicSerializer(data=[{"name": "a"}, {"name": "b"}], many=True)
    with pytest.raises(AssertionError):
        _ = serializer.validated_schema
    schemas = validated(serializer)
    assert [schema.name for schema in schemas] == ["a", "b"]
    assert all(type(schema) is TopicSchema for schema in schemas)
    assert serializer.validated_schema is schemas


def test_a_list_of_invalid_items_has_none() -> None:
    serializer: Any = TopicSerializer(data=[{"name": "a"}, {}], many=True)
    assert not serializer.is_valid()
    with pytest.raises(AssertionError):
        _ = serializer.validated_schema


async def test_a_list_is_awaited_too() -> None:
    serializer: Any = TopicSerializer(data=[{"name": "a"}], many=True)
    assert await serializer.ais_valid()
    assert [schema.name for schema in await serializer.avalidated_schema] == ["a"]


def test_a_list_of_partial_updates_lays_each_over_its_object() -> None:
    class Updating(serializers.ListSerializer[Any]):
        def run_child_validation(self, data: Any) -> Any:
            child: Any = self.child
            child.instance = self.instance[data["key"]]
            return super().run_child_validation({"name": data["name"]})

    class Item(TopicSerializer):
        class Meta:
            model = Topic
            list_serializer_class = Updating

    topics: Any = [Topic(pk=1, name="x"), Topic(pk=2, name="y")]
    sent = [{"key": 1, "name": "b"}, {"key": 0, "name": "a"}]
    serializer: Any = Item(topics, data=sent, many=True, partial=True)
    assert [(schema.id, schema.name) for schema in validated(serializer)] == [(2, "b"), (1, "a")]


def test_a_converted_serializer_makes_what_it_says() -> None:
    class Order(serializers.Serializer[Any]):
        lines = LineSerializer(many=True)

    schema: Any = schema_from_serializer(Order)
    serializer = serializer_from_schema(schema)(data={"lines": [{"drug": "x"}]})
    (line,) = validated(serializer).lines
    assert line.drug == "x"
    assert isinstance(line, Schema)
