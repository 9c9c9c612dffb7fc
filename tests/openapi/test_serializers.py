"""drf-spectacular documents a schema serializer as it documents the classic one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import pytest
from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.validation import validate_schema
from pydantic import BaseModel, EmailStr, Field, computed_field
from rest_framework import serializers

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, WriteOnly
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.openapi.documents import Dialect, document, references, takes_null
from tests.testapp.models import Book


class ClassicPart(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=5)


class ClassicThing(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=9, min_length=2, help_text="What it is called.")
    blank = serializers.CharField(allow_blank=True, required=False)
    secret = serializers.CharField(write_only=True)
    count = serializers.IntegerField(min_value=1, max_value=9, default=3)
    ratio = serializers.FloatField(allow_null=True, required=False)
    price = serializers.DecimalField(max_digits=6, decimal_places=2)
    flag = serializers.BooleanField()
    day = serializers.DateField(allow_null=True)
    hour = serializers.TimeField(required=False)
    moment = serializers.DateTimeField(required=False)
    length = serializers.DurationField(required=False)
    key = serializers.UUIDField(required=False)
    mail = serializers.EmailField(required=False)
    kind = serializers.ChoiceField(choices=[("a", "a"), ("b", "b")])
    numbers = serializers.ListField(child=serializers.IntegerField(), max_length=3)
    texts = serializers.DictField(child=serializers.CharField(), required=False)
    blob = serializers.JSONField(required=False, allow_null=True)
    file = serializers.FileField(required=False)
    part = ClassicPart()
    parts = ClassicPart(many=True, required=False)
    maybe = ClassicPart(allow_null=True, required=False)


class PartSchema(Schema):
    name: Annotated[str, Field(max_length=5)]


class ThingSchema(Schema):
    id: ReadOnly[int]
    name: Annotated[str, Field(min_length=2, max_length=9, description="What it is called.")]
    blank: NotRequired[Annotated[str, Field(min_length=0)]]
    secret: WriteOnly[str]
    count: Annotated[int, Field(ge=1, le=9)] = 3
    ratio: NotRequired[float | None]
    price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]
    flag: bool
    day: date | None
    hour: NotRequired[time]
    moment: NotRequired[datetime]
    length: NotRequired[timedelta]
    key: NotRequired[UUID]
    mail: NotRequired[EmailStr]
    kind: Literal["a", "b"]
    numbers: Annotated[list[int], Field(max_length=3)]
    texts: NotRequired[dict[str, str]]
    blob: NotRequired[Any | None]
    file: NotRequired[UploadedFile]
    part: PartSchema
    parts: NotRequired[list[PartSchema]]
    maybe: NotRequired[PartSchema | None]


def without_names(made: Any) -> str:
    return repr(made).replace("Classic", "").replace("Schema", "")


@pytest.mark.usefixtures("dialect")
def test_the_document_equals_the_classic_serializers() -> None:
    class ThingSerializer(SchemaSerializer[ThingSchema]):
        pass

    classic, ours = document(thing=ClassicThing), document(thing=ThingSerializer)
    names = {name.replace("Classic", ""): name for name in classic["components"]["schemas"]}
    assert set(ours["components"]["schemas"]) == set(names)
    for name, schema in ours["components"]["schemas"].items():
        expected = classic["components"]["schemas"][names[name]]
        assert without_names(schema) == without_names(expected), name
    assert without_names(ours["paths"]) == without_names(classic["paths"])


class Shade(Enum):
    DARK = "dark"
    LIGHT = "light"


class Cat(Schema):
    kind: Literal["cat"]
    lives: int


class Dog(Schema):
    kind: Literal["dog"]
    tricks: list[str]


class Node(Schema):
    name: str
    children: list[Node] = []


T = TypeVar("T")


class Page(Schema, Generic[T]):
    items: list[T]


@dataclass
class Size:
    width: int
    depth: int | None = None


@pytest.mark.usefixtures("dialect")
@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_what_only_pydantic_can_say(base: type[BaseModel], dialect: Dialect) -> None:
    class Odd(base):
        bound: Annotated[int, Field(gt=3, lt=9, multiple_of=2)]
        either: int | str
        pet: Annotated[Cat | Dog, Field(discriminator="kind")]
        maybe: Cat | Dog | None = None
        node: Node
        page: Page[Cat]
        pair: tuple[int, str]
        size: Size
        shade: Shade
        raw: bytes

        @computed_field
        @property
        def twice(self) -> int:
            return self.bound * 2

    made = document(odd=serializer_from_schema(Odd, name="OddSerializer"))
    validate_schema(made)
    schemas = made["components"]["schemas"]
    response = schemas["Odd"]["properties"]
    request = schemas[dialect.request("Odd")]["properties"]
    assert response["twice"] == {"type": "integer", "readOnly": True}
    assert ("twice" in request) == (not dialect.split)
    thirty = dialect.is_30
    bounds = (
        {"minimum": 3, "exclusiveMinimum": True, "maximum": 9, "exclusiveMaximum": True}
        if thirty
        else {"exclusiveMinimum": 3, "exclusiveMaximum": 9}
    )
    assert response["bound"] == {"type": "integer", **bounds, "multipleOf": 2}
    mapping = response["pet"]["discriminator"]["mapping"]
    assert mapping == {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}
    assert takes_null(response["maybe"])
    assert "#/components/schemas/Cat" in references(response["maybe"])
    assert schemas["Node"]["properties"]["children"]["items"] == {
        "$ref": "#/components/schemas/Node"
    }
    assert "Page_Cat" in schemas
    assert schemas["Size"]["properties"]["width"]["type"] == "integer"
    assert ("prefixItems" in response["pair"]) != thirty


@pytest.mark.usefixtures("dialect")
def test_request_and_response_schemas_of_their_own(dialect: Dialect) -> None:
    class In(Schema):
        text: str

    class Out(Schema):
        id: int
        text: str

    class BothSerializer(SchemaSerializer[In]):
        class Meta:
            request_schema = In
            response_schema = Out

    schemas = document(both=BothSerializer)["components"]["schemas"]
    assert schemas["Both"]["properties"]["id"]["readOnly"] is True
    if dialect.split:
        assert list(schemas["BothRequest"]["properties"]) == ["text"]


@pytest.mark.usefixtures("dialect")
def test_a_schema_is_one_component_wherever_it_stands() -> None:
    class PartSerializer(SchemaSerializer[PartSchema]):
        pass

    class Whole(serializers.Serializer[Any]):
        part = PartSerializer()
        other = serializer_from_schema(ThingSchema)()

    schemas = document(whole=Whole)["components"]["schemas"]
    assert "Part" in schemas


def test_constraints_of_model_relations_are_documented() -> None:
    class Small(Schema):
        title: str
        author: int
        tags: list[int]

    class SmallSerializer(SchemaSerializer[Small]):
        class Meta:
            model = Book

    class Classic(serializers.ModelSerializer[Book]):
        class Meta:
            model = Book
            fields = ["title", "author", "tags"]
            extra_kwargs = {"tags": {"required": True}}

    ours = document(small=SmallSerializer)["components"]["schemas"]["Small"]
    assert ours == document(small=Classic)["components"]["schemas"]["Classic"]
