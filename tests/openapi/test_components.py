"""Which component a schema becomes: its name, and whether others share it."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    OpenApiExample,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
)
from pydantic import BaseModel, Field, create_model
from rest_framework import generics, pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, UseField, WriteOnly
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.openapi.documents import (
    DIALECTS,
    Dialect,
    components,
    dialect_name,
    document,
    documented,
    endpoints,
    warnings_of,
)
from tests.testapp.models import Book

T = TypeVar("T")


def schema_in(module: str, name: str = "Item", **fields: Any) -> type[Schema]:
    """Make a schema as if some module had defined it."""
    made: type[Schema] = create_model(name, __base__=Schema, __module__=module, **fields)
    return made


class Page(Schema, Generic[T]):
    items: list[T]


class Cat(Schema):
    name: str


# Names


def test_schemas_of_one_name_all_survive(dialect: Dialect) -> None:
    first = schema_in("shop.stock", a=(int, ...))
    of_app = schema_in("tests.testapp.models", b=(int, ...))
    of_module = schema_in("shop.line_items", c=(int, ...))
    of_same_module = schema_in("shop.line_items", d=(int, ...))

    class Whole(Schema):
        one: first
        two: of_app
        three: of_module
        four: of_same_module

    made, warnings = warnings_of(endpoints(whole=serializer_from_schema(Whole)))
    properties = made["Whole"]["properties"]
    names = [one["$ref"].rpartition("/")[2] for one in properties.values()]
    assert names == ["Item", "TestappItem", "ShopLineItemsItem", "Item2"]
    for name, field in zip(names, "abcd", strict=True):
        for at in {name, dialect.request(name)}:
            assert list(made[at]["properties"]) == [field]
    text = "\n".join(warnings)
    assert '"tests.testapp.models.Item" becomes "TestappItem"' in text
    assert 'Two components want the name "Item"' in text


def test_a_schema_and_a_classic_serializer_of_one_name_both_survive() -> None:
    class ItemSerializer(serializers.Serializer[Any]):
        classic = serializers.IntegerField()

    item = schema_in("shop.stock", ours=(int, ...))
    made, warnings = warnings_of(
        endpoints(classic=ItemSerializer, ours=serializer_from_schema(item))
    )
    assert list(made["Item"]["properties"]) == ["classic"]
    assert list(made["ShopStockItem"]["properties"]) == ["ours"]
    assert warnings


@pytest.mark.usefixtures("dialect")
def test_the_names_of_generics_are_legal() -> None:
    class Both(Schema):
        cats: Page[Cat]
        texts: Page[str]
        deep: Page[Page[Cat]]
        lists: Page[list[int]]

    made = components(both=serializer_from_schema(Both))
    assert {"Page_Cat", "Page_str", "Page_Page_Cat", "Page_list_int"} <= made.keys()
    assert made["Page_Page_Cat"]["properties"]["items"]["items"] == {
        "$ref": "#/components/schemas/Page_Cat"
    }


def test_a_reference_name_in_meta_is_the_name() -> None:
    class Item(Schema):
        n: int

    class ItemSerializer(SchemaSerializer[Item]):
        class Meta:
            ref_name = "Renamed"

    assert "Renamed" in components(item=ItemSerializer)


# Sharing


def test_a_contract_written_twice_is_one_component(dialect: Dialect) -> None:
    class PartSerializer(serializers.Serializer[Any]):
        n = serializers.IntegerField()

    class Part(Schema):
        n: int

    class Whole(Schema):
        part: Part

    class ClassicWhole(serializers.Serializer[Any]):
        part = PartSerializer()

    made = components(classic=ClassicWhole, ours=serializer_from_schema(Whole))
    assert made["Whole"] == made["ClassicWhole"]
    assert [name for name in made if name.startswith("Part")] == [
        *["Part"],
        *(["PartRequest"] if dialect.split else []),
    ]


def test_parts_that_differ_deep_inside_do_not_share_a_component() -> None:
    def whole(base: type, inner: type) -> Any:
        class Part(Schema):
            inner: Annotated[int, Field(json_schema_extra={"x-of": inner.__name__})]

        class Item(Schema):
            parts: list[Part]
            text: str

        return serializer_from_schema(Item)

    made, warnings = warnings_of(endpoints(a=whole(Schema, int), b=whole(Schema, str)))
    # Parts clash, and so do the items that hold them.
    assert len([name for name in made if name.endswith("Part")]) == 2
    items = [name for name in made if name.endswith("Item") and not name.startswith("Patched")]
    assert len(items) == 2
    assert len(warnings) >= 2


def test_a_recursive_contract_written_twice_is_one_component() -> None:
    def tree() -> Any:
        class Node(Schema):
            name: str
            children: list[Node] = []

        return serializer_from_schema(Node)

    assert [name for name in components(a=tree(), b=tree()) if "Node" in name] == [
        "Node",
        "PatchedNode",
    ]


def test_a_serializer_that_adds_fields_is_a_component_of_its_own() -> None:
    class Item(Schema):
        n: int

    class Declared(SchemaSerializer[Item]):
        more = serializers.CharField()

    class Made(SchemaSerializer[Item]):
        def get_fields(self) -> Any:
            return {**super().get_fields(), "made": serializers.CharField()}

    made = components(item=serializer_from_schema(Item), declared=Declared, made=Made)
    assert list(made["Item"]["properties"]) == ["n"]
    assert list(made["Declared"]["properties"]) == ["n", "more"]
    assert list(made["Made"]["properties"]) == ["n", "made"]


# Requests and responses


def test_a_request_schema_and_a_response_schema_are_two_components(dialect: Dialect) -> None:
    class Colour(Schema):
        kind: Literal["dark", "light"]

    class In(Schema):
        text: str
        password: WriteOnly[str]
        kind: Literal["a", "b"]
        kinds: list[Literal["c", "d"]]
        colour: Colour
        cover: UploadedFile
        back: NotRequired[UploadedFile]
        spine: UploadedFile | None

    class Out(Schema):
        id: ReadOnly[int]
        text: str
        kind: Literal["a", "b"]
        kinds: list[Literal["c", "d"]]
        cover: UploadedFile

    class BothSerializer(SchemaSerializer[In]):
        class Meta:
            request_schema = In
            response_schema = Out

    made = components(both=BothSerializer)
    assert list(made["Both"]["properties"]) == ["id", "text", "kind", "kinds", "cover"]
    assert list(made["BothRequest"]["properties"]) == [
        *("text", "kind", "kinds", "cover", "password", "colour", "back", "spine"),
    ]
    assert made["BothRequest"]["properties"]["cover"] == {"type": "string", "format": "binary"}
    sent = {"format": "binary", "writeOnly": True}
    assert made["BothRequest"]["properties"]["back"] == {"type": "string", **sent}
    assert made["BothRequest"]["properties"]["spine"] == {
        **dialect.null({"type": "string"}),
        **sent,
    }
    assert made["Both"]["properties"]["cover"] == {"type": "string", "format": "uri"}
    assert "required" not in made["PatchedBothRequest"]
    assert made["BothRequest"]["properties"]["kind"] == made["Both"]["properties"]["kind"]


def test_different_aliases_are_two_components(dialect: Dialect) -> None:
    class Named(Schema):
        name: Annotated[str, Field(validation_alias="given", serialization_alias="shown")]
        also: int = 1
        hidden: WriteOnly[int] = 3

    made = components(named=serializer_from_schema(Named))
    assert list(made["Named"]["properties"]) == ["shown", "also"]
    assert made["Named"]["required"] == ["shown"]
    assert list(made["NamedRequest"]["properties"]) == ["given", "also", "hidden"]
    assert made["NamedRequest"]["required"] == ["given"]


def test_the_work_grows_with_the_number_of_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    mapped: list[Any] = []
    original = AutoSchema._map_basic_serializer

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        mapped.append(None)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(AutoSchema, "_map_basic_serializer", counted)

    def work(depth: int) -> int:
        inner = create_model("Depth0", __base__=Schema, n=(int, ...))
        for number in range(1, depth):
            inner = create_model(f"Depth{number}", __base__=Schema, inner=(inner, ...))
        mapped.clear()
        components(deep=serializer_from_schema(inner))
        return len(mapped)

    assert work(16) <= 2 * work(8)


# What drf-spectacular's settings and decorators do


SETTINGS: list[dict[str, Any]] = [
    {"COMPONENT_SPLIT_PATCH": False},
    {"COMPONENT_NO_READ_ONLY_REQUIRED": True},
    {"ENFORCE_NON_BLANK_FIELDS": True},
    {"ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False},
    {"ENUM_GENERATE_CHOICE_DESCRIPTION": False},
    {"ENUM_SUFFIX": "Choice"},
    {"POSTPROCESSING_HOOKS": []},
    {"CAMELIZE_NAMES": True},
]


class ClassicLevels:
    class PartSerializer(serializers.Serializer[Any]):
        """A part."""

        n = serializers.IntegerField(help_text="How many.")
        kind = serializers.ChoiceField(choices=[("x", "x"), ("y", "y")], allow_null=True)

    class WholeSerializer(serializers.Serializer[Any]):
        """The whole."""

        id = serializers.IntegerField(read_only=True)
        secret = serializers.CharField(write_only=True)
        text = serializers.CharField()
        blank = serializers.CharField(allow_blank=True, required=False, label="Blank text")
        state = serializers.ChoiceField(choices=["a", "b"], allow_blank=True, required=False)
        states = serializers.ListField(child=serializers.ChoiceField(choices=[("p", "p")]))


class ClassicWholeSerializer(ClassicLevels.WholeSerializer):
    """The whole."""

    part = ClassicLevels.PartSerializer(read_only=True)
    parts = ClassicLevels.PartSerializer(many=True, required=False)
    mine = ClassicLevels.PartSerializer(write_only=True, allow_null=True)


ClassicWholeSerializer.__name__ = "WholeSerializer"


class Part(Schema):
    """A part."""

    n: Annotated[int, Field(description="How many.")]
    kind: Literal["x", "y"] | None


class Whole(Schema):
    """The whole."""

    id: ReadOnly[int]
    secret: WriteOnly[str]
    text: str
    blank: Annotated[NotRequired[Annotated[str, Field(min_length=0)]], Field(title="Blank text")]
    state: NotRequired[Literal["a", "b", ""]]
    states: list[Literal["p"]]
    part: ReadOnly[Part]
    parts: NotRequired[list[Part]]
    mine: WriteOnly[Part | None]


@pytest.mark.parametrize("dialect", DIALECTS, ids=dialect_name)
@pytest.mark.parametrize("chosen", SETTINGS, ids=lambda chosen: next(iter(chosen)))
def test_settings_act_on_schemas_as_on_classic_serializers(
    dialect: Dialect, chosen: dict[str, Any]
) -> None:
    with dialect.chosen(**chosen):
        assert documented(serializer_from_schema(Whole)) == documented(ClassicWholeSerializer)


@pytest.mark.parametrize(
    "decorations",
    [
        {"component_name": "Renamed"},
        {"deprecate_fields": ["text"], "exclude_fields": ["secret", "part"]},
        {"extensions": {"x-own": {"a": 1}}},
        {"examples": [OpenApiExample("one", value={"text": "x"})]},
        {"many": False},
    ],
    ids=lambda decorations: next(iter(decorations)),
)
def test_decorated_serializers(dialect: Dialect, decorations: dict[str, Any]) -> None:
    decorate = extend_schema_serializer(**decorations)
    ours = decorate(serializer_from_schema(Whole))
    classic = decorate(
        type("WholeSerializer", (ClassicWholeSerializer,), {"__doc__": "The whole."})
    )
    assert documented(ours) == documented(classic)


def test_a_decorated_schema_is_decorated_wherever_it_is_nested() -> None:
    @extend_schema_serializer(
        component_name="Renamed", exclude_fields=["hidden"], deprecate_fields=["old"]
    )
    class Inner(Schema):
        old: int
        hidden: int

    class Outer(Schema):
        inner: Inner

    made = components(outer=serializer_from_schema(Outer))
    assert made["Outer"]["properties"]["inner"] == {"$ref": "#/components/schemas/Renamed"}
    assert made["Renamed"]["properties"] == {"old": {"type": "integer", "deprecated": True}}


def test_a_decorated_file_field_may_be_excluded() -> None:
    class Upload(Schema):
        name: Annotated[str, Field(validation_alias="a", serialization_alias="b")]
        cover: UploadedFile

    decorate = extend_schema_serializer(exclude_fields=["cover"])
    made = components(upload=decorate(serializer_from_schema(Upload)))
    assert list(made["UploadRequest"]["properties"]) == ["a"]


def test_decorated_fields_say_what_they_are() -> None:
    @extend_schema_field({"type": "object", "properties": {"lat": {"type": "number"}}})
    class PointField(serializers.Field[Any, Any, Any, Any]):
        """What a project wrote for its documents stays."""

    @extend_schema_field(serializers.IntegerField(), component_name="Count")
    class CountField(serializers.Field[Any, Any, Any, Any]):
        """A component for a field."""

    class Place(Schema):
        point: Annotated[Any, UseField(PointField(help_text="Where."))]
        points: list[Annotated[Any, UseField(PointField())]]
        count: Annotated[Any, UseField(CountField(required=False))]
        text: Annotated[str, UseField(serializers.SlugField(max_length=5))]

    class PlaceSerializer(serializers.Serializer[Any]):
        point = PointField(help_text="Where.")
        points = serializers.ListField(child=PointField())
        count = CountField(required=False)
        text = serializers.SlugField(max_length=5)

    assert documented(serializer_from_schema(Place)) == documented(PlaceSerializer)


def test_method_fields_of_a_schema_serializer() -> None:
    class Item(Schema):
        n: int

    class ItemSerializer(SchemaSerializer[Item]):
        twice = serializers.SerializerMethodField()
        shown = serializers.SerializerMethodField()

        awaited = serializers.SerializerMethodField()

        def get_twice(self, item: Any) -> int:
            return 2

        async def get_awaited(self, item: Any) -> list[str]:
            return []

        @extend_schema_field({"type": "string", "format": "uri"})
        def get_shown(self, item: Any) -> Any:
            return ""

    properties = components(item=ItemSerializer)["Item"]["properties"]
    assert properties["twice"] == {"type": "integer", "readOnly": True}
    assert properties["shown"] == {"type": "string", "format": "uri", "readOnly": True}
    items = {"type": "string"}
    assert properties["awaited"] == {"type": "array", "items": items, "readOnly": True}


# Views


class Numbers(pagination.PageNumberPagination):
    page_size = 10


def view_of(serializer_class: Any) -> Any:
    return type(
        "Things",
        (generics.ListCreateAPIView,),
        {
            "queryset": Book.objects.all(),
            "serializer_class": serializer_class,
            "pagination_class": Numbers,
        },
    )


def test_pages_and_many(dialect: Dialect) -> None:
    def views(serializer_class: Any) -> list[Any]:
        class Bulk(APIView):
            @extend_schema(
                request=serializer_class(many=True), responses={200: serializer_class(many=True)}
            )
            def post(self, request: Request) -> Response:
                return Response([])

        return [view_of(serializer_class), Bulk]

    ours = document(*views(serializer_from_schema(Whole)))
    assert ours == document(*views(ClassicWholeSerializer))
    assert "PaginatedWholeList" in ours["components"]["schemas"]


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_views_may_name_models(dialect: Dialect, base: type[BaseModel]) -> None:
    class Line(base):
        n: int
        shown: ReadOnly[int]

    class Lines(APIView):
        @extend_schema(request=Line, responses={200: Line, 201: Line})
        def post(self, request: Request) -> Response:
            return Response()

        @extend_schema(request=None, responses=Line)
        def put(self, request: Request) -> Response:
            return Response()

    class LineSerializer(SchemaSerializer[Line]):
        pass

    made = document(Lines, more=LineSerializer)
    schemas = made["components"]["schemas"]
    assert list(schemas["Line"]["properties"]) == ["n", "shown"]
    assert {name.removesuffix("Request") for name in schemas} == {"Line", "PatchedLine"}
    body = made["paths"]["/lines/"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": f"#/components/schemas/{dialect.request('Line')}"}
