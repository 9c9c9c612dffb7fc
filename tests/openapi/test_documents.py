"""The schema of a serializer: what its schema's author wrote, and what each direction holds."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from inspect import signature
from typing import Annotated, Any

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from drf_spectacular.drainage import get_override, has_override, set_override
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from pydantic import BaseModel, ConfigDict, Field, computed_field
from rest_framework import generics, parsers, serializers

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, Source, UseField, WriteOnly
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.openapi.documents import Dialect, components, document, documented
from tests.testapp.models import Author, Book

BASES = pytest.mark.parametrize("base", [Schema, BaseModel])


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


# Texts


@BASES
def test_what_the_author_says_of_fields(dialect: Dialect, base: type[BaseModel]) -> None:
    def more(schema: dict[str, Any]) -> None:
        schema["x-more"] = schema["type"]
        schema["examples"] = [1]

    class Item(base):
        said: Annotated[int, Field(title="Said so", description="How.", examples=[3, 4])]
        old: Annotated[int, Field(deprecated=True)] = 1
        extra: Annotated[int, Field(json_schema_extra={"x-when": date(2024, 1, 2)})]
        called: Annotated[int, Field(json_schema_extra=more)]
        same: Annotated[int, Field(title="Same")]

    made = components(item=serializer_from_schema(Item))["Item"]["properties"]
    said = {"example": 3} if dialect.is_30 else {"examples": [3, 4]}
    assert made["said"] == {"type": "integer", "title": "Said so", "description": "How.", **said}
    assert made["old"] == {"type": "integer", "default": 1, "deprecated": True}
    assert made["extra"] == {"type": "integer", "x-when": "2024-01-02"}
    one = {"example": 1} if dialect.is_30 else {"examples": [1]}
    assert made["called"] == {"type": "integer", "x-more": "integer", **one}
    assert made["same"] == {"type": "integer"}


@BASES
def test_what_the_author_says_of_the_model(dialect: Dialect, base: type[BaseModel]) -> None:
    class Item(base):
        """An item."""

        model_config = ConfigDict(
            title="The item",
            extra="forbid",
            json_schema_extra={"examples": [{"n": 1}], "x-when": date(2024, 1, 2)},
        )

        n: int

    made = components(item=serializer_from_schema(Item))["Item"]
    examples = {"example": {"n": 1}} if dialect.is_30 else {"examples": [{"n": 1}]}
    assert made == {
        **{"type": "object", "description": "An item.", "title": "The item"},
        **{"properties": {"n": {"type": "integer"}}, "required": ["n"]},
        **{"additionalProperties": False, "x-when": "2024-01-02"},
        **examples,
    }
    # At the place where drf-spectacular writes it.
    assert list(made)[:2] == ["type", "description"]


@pytest.mark.usefixtures("dialect")
def test_configurations_that_are_functions_and_that_take_everything() -> None:
    def of_schema(schema: dict[str, Any]) -> None:
        schema["x-fields"] = sorted(schema["properties"])

    def of_both(schema: dict[str, Any], model: type[BaseModel]) -> None:
        schema["x-model"] = model.__name__

    class One(Schema):
        model_config = ConfigDict(extra="allow", json_schema_extra=of_schema)

        n: int

    class Two(Schema):
        model_config = ConfigDict(json_schema_extra=of_both)

        n: int

    made = components(one=serializer_from_schema(One), two=serializer_from_schema(Two))
    assert made["One"]["x-fields"] == ["n"]
    assert made["One"]["additionalProperties"] == {}
    assert made["Two"]["x-model"] == "Two"


class Described(Schema):
    """What the schema says."""

    n: int


class Undescribed(Schema):
    n: int


@pytest.mark.usefixtures("dialect")
def test_where_the_description_comes_from() -> None:
    class OwnText(SchemaSerializer[Described]):
        """What the serializer says."""

        more = serializers.IntegerField()

    class NoText(SchemaSerializer[Described]):
        more = serializers.IntegerField()

    class Alone(SchemaSerializer[Undescribed]):
        """What only the serializer says."""

    class Silent(SchemaSerializer[Undescribed]):
        more = serializers.IntegerField()

    made = components(
        own=OwnText, no=NoText, alone=Alone, silent=Silent, schema=serializer_from_schema(Described)
    )
    assert made["OwnText"]["description"] == "What the serializer says."
    assert made["NoText"]["description"] == "What the schema says."
    assert made["Alone"]["description"] == "What only the serializer says."
    assert made["Described"]["description"] == "What the schema says."
    assert "description" not in made["Silent"]


# Directions


def test_presence_is_that_of_classic_serializers(dialect: Dialect) -> None:
    class Item(Schema):
        required: int
        null: int | None
        default: int = 3
        null_default: int | None = None
        absent: NotRequired[int]
        shown: ReadOnly[int]
        shown_null: ReadOnly[int | None]
        hidden: WriteOnly[int]
        hidden_default: WriteOnly[int] = 3

    class ItemSerializer(serializers.Serializer[Any]):
        required = serializers.IntegerField()
        null = serializers.IntegerField(allow_null=True)
        default = serializers.IntegerField(default=3)
        null_default = serializers.IntegerField(allow_null=True, default=None)
        absent = serializers.IntegerField(required=False)
        shown = serializers.IntegerField(read_only=True)
        shown_null = serializers.IntegerField(read_only=True, allow_null=True)
        hidden = serializers.IntegerField(write_only=True)
        hidden_default = serializers.IntegerField(write_only=True, default=3)

    ours, warnings = documented(serializer_from_schema(Item))
    assert (ours, warnings) == documented(ItemSerializer)
    if dialect.split:
        schemas = ours["components"]["schemas"]
        assert schemas["Item"]["required"] == ["null", "required", "shown", "shown_null"]
        assert schemas["ItemRequest"]["required"] == ["hidden", "null", "required"]
        assert "shown" not in schemas["ItemRequest"]["properties"]
        assert "hidden" not in schemas["Item"]["properties"]


@BASES
def test_computed_fields_are_only_sent(dialect: Dialect, base: type[BaseModel]) -> None:
    class Part(Schema):
        n: int

    class Item(base):
        n: int

        @computed_field(title="Double", description="Twice as much.", examples=[4])
        @property
        def twice(self) -> int:
            return self.n * 2

        @computed_field
        @property
        def parts(self) -> list[Part]:
            return [Part(n=self.n)]

        @computed_field
        @property
        def maybe(self) -> date | None:
            return None

    made = components(item=serializer_from_schema(Item))
    properties = made["Item"]["properties"]
    said = {"example": 4} if dialect.is_30 else {"examples": [4]}
    assert properties["twice"] == {
        **{"type": "integer", "readOnly": True},
        **{"title": "Double", "description": "Twice as much.", **said},
    }
    assert properties["parts"] == {"type": "array", "items": ref("Part"), "readOnly": True}
    assert properties["maybe"] == {
        **dialect.null({"type": "string"}),
        **{"format": "date", "readOnly": True},
    }
    assert {"twice", "parts", "maybe"} <= set(made["Item"]["required"])
    if dialect.split:
        assert list(made["ItemRequest"]["properties"]) == ["n"]


def test_aliases_are_the_names(dialect: Dialect) -> None:
    class Item(Schema):
        model_config = ConfigDict(alias_generator=lambda name: f"the-{name}")

        first: int
        second: int = 2

    made = components(item=serializer_from_schema(Item))
    for name in {"Item", dialect.request("Item")}:
        assert list(made[name]["properties"]) == ["the-first", "the-second"]
        assert made[name]["required"] == ["the-first"]


def test_sources_do_not_show() -> None:
    class Item(Schema):
        city: Annotated[str, Source("address.city")]

    made = components(item=serializer_from_schema(Item))
    assert list(made["Item"]["properties"]) == ["city"]


# Values


def test_every_type_that_drf_has_a_field_for(dialect: Dialect) -> None:
    class Item(Schema):
        price: Annotated[Decimal, Field(max_digits=6, decimal_places=2, ge=0)]
        plain: Decimal
        day: date = date(2024, 1, 2)
        hour: time = time(1, 2)
        moment: datetime | None
        length: timedelta
        texts: Annotated[list[Annotated[str, Field(max_length=4)]], Field(max_length=3)]
        prices: dict[str, Annotated[Decimal, Field(max_digits=4, decimal_places=1)]]
        any: Any
        lists: list[list[int | None]]

    class ItemSerializer(serializers.Serializer[Any]):
        price = serializers.DecimalField(6, 2, min_value=Decimal(0))
        plain = serializers.DecimalField(max_digits=None, decimal_places=None)
        day = serializers.DateField(default=date(2024, 1, 2))
        hour = serializers.TimeField(default=time(1, 2))
        moment = serializers.DateTimeField(allow_null=True)
        length = serializers.DurationField()
        texts = serializers.ListField(child=serializers.CharField(max_length=4), max_length=3)
        prices = serializers.DictField(child=serializers.DecimalField(4, 1))
        any = serializers.JSONField()
        lists = serializers.ListField(
            child=serializers.ListField(child=serializers.IntegerField(allow_null=True))
        )

    assert documented(serializer_from_schema(Item)) == documented(ItemSerializer)


@BASES
@pytest.mark.usefixtures("dialect")
def test_the_lengths_of_lists(base: type[BaseModel]) -> None:
    class Part(Schema):
        n: int

    class Item(base):
        parts: Annotated[list[Part], Field(min_length=1, max_length=3)]
        maybe: Annotated[list[Part], Field(max_length=3)] | None = None
        some: Annotated[list[Part | None], Field(max_length=3)] | None = None
        numbers: Annotated[list[int], Field(max_length=3)]
        deep: list[Annotated[list[Part], Field(max_length=3)]]
        dated: Annotated[list[date], Field(min_length=1)] | None = None

    made = components(item=serializer_from_schema(Item))["Item"]["properties"]
    limits = {"minItems": 1, "maxItems": 3}
    assert made["parts"] == {"type": "array", "items": ref("Part"), **limits}
    for name in ("maybe", "some", "numbers"):
        assert made[name]["maxItems"] == 3
    assert made["deep"]["items"] == {"type": "array", "items": ref("Part"), "maxItems": 3}
    assert made["dated"]["minItems"] == 1


def test_a_plain_model_takes_empty_texts(dialect: Dialect) -> None:
    class Plain(BaseModel):
        text: str
        longer: Annotated[str, Field(min_length=2)]

    class Wire(Schema):
        text: str

    made = components(plain=serializer_from_schema(Plain), wire=serializer_from_schema(Wire))
    plain = made[dialect.request("Plain")]["properties"]
    assert plain["text"] == {"type": "string"}
    assert plain["longer"] == {"type": "string", "minLength": 2}
    wire = made[dialect.request("Wire")]["properties"]
    assert wire["text"].get("minLength") == (1 if dialect.split else None)


# Files


def test_files_in_forms(dialect: Dialect) -> None:
    class Upload(Schema):
        name: str
        cover: UploadedFile
        back: NotRequired[UploadedFile | None]
        pages: list[UploadedFile]

    class UploadSerializer(serializers.Serializer[Any]):
        name = serializers.CharField()
        cover = serializers.FileField()
        back = serializers.FileField(required=False, allow_null=True)
        pages = serializers.ListField(child=serializers.FileField())

    def view(serializer: Any) -> Any:
        attributes = {
            "queryset": Book.objects.all(),
            "serializer_class": serializer,
            "parser_classes": [parsers.MultiPartParser],
        }
        return type("Uploads", (generics.ListCreateAPIView,), attributes)

    ours = document(view(serializer_from_schema(Upload)))
    assert ours == document(view(UploadSerializer))
    body = ours["paths"]["/uploads/"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert body["schema"] == ref(dialect.request("Upload"))


# Models


def test_serializers_of_models(dialect: Dialect) -> None:
    class Small(Schema):
        """A book."""

        id: ReadOnly[int]
        title: Annotated[str, Field(max_length=100)]
        isbn: Annotated[str, Field(max_length=13)]
        status: NotRequired[Book.Status]
        author: int
        tags: NotRequired[list[int]]

    class SmallSerializer(SchemaSerializer[Small]):
        class Meta:
            model = Book

    class ClassicSmall(serializers.ModelSerializer[Book]):
        """A book."""

        class Meta:
            model = Book
            fields = ["id", "title", "isbn", "status", "author", "tags"]
            extra_kwargs = {"id": {"label": "Id"}}

    ClassicSmall.__name__ = "SmallSerializer"
    ours, warnings = documented(SmallSerializer)
    assert (ours, warnings) == documented(ClassicSmall)
    assert warnings == []


def test_kept_fields_are_documented_by_themselves(dialect: Dialect) -> None:
    class PartSerializer(serializers.Serializer[Any]):
        n = serializers.IntegerField()

    class Item(Schema):
        author: Annotated[
            Author,
            UseField(serializers.PrimaryKeyRelatedField(queryset=Author.objects.all())),
        ]
        email: Annotated[
            Author,
            UseField(
                serializers.SlugRelatedField(slug_field="email", queryset=Author.objects.all())
            ),
        ]
        part: Annotated[Any, UseField(PartSerializer())]
        parts: Annotated[Any, UseField(PartSerializer(many=True, required=False))]
        several: Annotated[Any, UseField(serializers.MultipleChoiceField(choices=["a", "b"]))]
        hidden: Annotated[Any, UseField(serializers.HiddenField(default=3))]
        shown: ReadOnly[Annotated[Any, UseField(serializers.CharField())]]

    class ItemSerializer(serializers.Serializer[Any]):
        author = serializers.PrimaryKeyRelatedField(queryset=Author.objects.all())
        email = serializers.SlugRelatedField(slug_field="email", queryset=Author.objects.all())
        part = PartSerializer()
        parts = PartSerializer(many=True, required=False)
        several = serializers.MultipleChoiceField(choices=["a", "b"])
        hidden = serializers.HiddenField(default=3)
        shown = serializers.CharField(read_only=True)

    assert documented(serializer_from_schema(Item)) == documented(ItemSerializer)


def test_fields_changed_at_run_time_are_documented_as_they_are() -> None:
    class Item(Schema):
        n: Annotated[int, Field(gt=3)]
        level: models.IntegerChoices | int = 3

    class ItemSerializer(SchemaSerializer[Item]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.fields["n"] = serializers.CharField(max_length=3)
            del self.fields["level"]

    made = components(item=ItemSerializer)["Item"]
    assert made["properties"] == {"n": {"type": "string", "maxLength": 3}}


def test_a_decorated_field_is_left_to_its_decoration() -> None:
    class Item(Schema):
        n: Annotated[int, Field(gt=3)]

    class ItemSerializer(SchemaSerializer[Item]):
        def get_fields(self) -> Any:
            fields = super().get_fields()
            extend_schema_field({"type": "string", "format": "own"})(fields["n"])
            return fields

    made = components(item=ItemSerializer)["Item"]
    assert made["properties"] == {"n": {"type": "string", "format": "own"}}


def test_nothing_of_a_document_stays_with_the_serializer() -> None:
    class Item(Schema):
        n: Annotated[int, Field(gt=3)] | None = None

    serializer_class = serializer_from_schema(Item)
    first = components(item=serializer_class)
    assert "required" not in first["Item"]
    assert "_spectacular_annotation" not in vars(serializer_class().fields["n"])
    assert components(item=serializer_class) == first


def test_request_fields_are_shown_as_the_response_declares_them(dialect: Dialect) -> None:
    class In(Schema):
        when: Annotated[str, Field(max_length=10)]
        n: int

    class Out(Schema):
        when: date
        n: Annotated[int, Field(description="Sent.")]

    class BothSerializer(SchemaSerializer[In]):
        class Meta:
            request_schema = In
            response_schema = Out

    made = components(both=BothSerializer)
    assert made["Both"]["properties"]["when"] == {"type": "string", "format": "date"}
    assert made["Both"]["properties"]["n"] == {"type": "integer", "description": "Sent."}
    assert made["BothRequest"]["properties"]["when"]["maxLength"] == 10
    assert "description" not in made["BothRequest"]["properties"]["n"]


def test_what_others_noted_about_a_field_stays() -> None:
    class Item(Schema):
        n: Annotated[int, Field(gt=3)]

    kept: list[Any] = []

    class ItemSerializer(SchemaSerializer[Item]):
        def get_fields(self) -> Any:
            fields = super().get_fields()
            set_override(fields["n"], "warnings", [])
            kept.append(fields["n"])
            return fields

    made = components(item=ItemSerializer)["Item"]
    assert made["properties"]["n"]["minimum"] == 3
    assert all(get_override(field, "warnings") == [] for field in kept)
    assert not any(has_override(field, "field") for field in kept)


@pytest.mark.skipif(
    "description" not in signature(extend_schema_serializer).parameters,
    reason="this drf-spectacular has no such decoration",
)
@pytest.mark.usefixtures("dialect")
def test_a_decorated_description_is_the_description() -> None:
    decorations: dict[str, Any] = {"description": "What the decoration says."}
    decorate = extend_schema_serializer(**decorations)
    described = decorate(serializer_from_schema(Described, name="OtherSerializer"))
    assert components(item=described)["Other"]["description"] == "What the decoration says."


def test_a_request_that_demands_nothing() -> None:
    class In(Schema):
        n: NotRequired[int]

    class Out(Schema):
        n: NotRequired[int]
        shown: int

    class BothSerializer(SchemaSerializer[In]):
        class Meta:
            request_schema = In
            response_schema = Out

    made = components(both=BothSerializer)
    assert made["BothRequest"] == {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert made["Both"]["required"] == ["shown"]
