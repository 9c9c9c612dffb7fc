"""A request holds fields under their validation aliases, a response under the others."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from django.http import QueryDict
from django.utils.http import urlencode
from drf_spectacular.utils import extend_schema
from pydantic import AliasChoices, AliasPath, BaseModel, Field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from nova_drf import ReadOnly, Schema, SchemaSerializer, UseField, WriteOnly
from nova_drf.serializers.schema_serializer import serializer_from_schema
from nova_drf.views.services.inputs import query_data
from tests.openapi.documents import Dialect, components, document

INTEGER = {"type": "integer"}


class Point(Schema):
    x: Annotated[int, Field(validation_alias="left", serialization_alias="right")]


class Item(Schema):
    only_in: Annotated[int, Field(validation_alias="in1")]
    only_out: Annotated[int, Field(serialization_alias="out2")]
    both: Annotated[int, Field(validation_alias="in3", serialization_alias="out3")] = 3
    same: Annotated[int, Field(alias="four")]
    either: Annotated[int, Field(validation_alias=AliasChoices(AliasPath("v", "w"), "in5"))]
    shown: ReadOnly[Annotated[int, Field(validation_alias="in6", serialization_alias="out6")]]
    hidden: WriteOnly[Annotated[int, Field(validation_alias="in7", serialization_alias="out7")]]
    point: Point
    first: Annotated[int, Field(validation_alias="second")]
    second: Annotated[int, Field(validation_alias="first")]


def test_each_direction_has_its_own_names(dialect: Dialect) -> None:
    made = components(item=serializer_from_schema(Item))
    request = dict(made["ItemRequest"]["properties"])
    if not dialect.split:
        assert request.pop("in7") == {**INTEGER, "writeOnly": True}
        made["ItemRequest"]["required"].remove("in7")
    names = ["in1", "only_out", "in3", "four", "in5", "point", "second", "first"]
    assert [name for name in request if name != "in7"] == names
    asked = sorted({*names} - {"in3"})
    assert [name for name in made["ItemRequest"]["required"] if name != "in7"] == asked
    assert request["in3"] == {**INTEGER, "default": 3}
    assert {"out2", "out3", "four", "out6"} <= made["Item"]["properties"].keys()
    assert "out7" not in made["Item"]["properties"]
    assert list(made["PointRequest"]["properties"]) == ["left"]
    assert list(made["Point"]["properties"]) == ["right"]


def test_the_document_is_what_the_serializer_takes_and_sends() -> None:
    serializer_class = serializer_from_schema(Item)
    made = components(item=serializer_class)
    sent: dict[str, Any] = dict.fromkeys(made["ItemRequest"]["required"], 1)
    serializer = serializer_class(data={**sent, "point": {"left": 1}})
    assert serializer.is_valid(), serializer.errors
    assert set(serializer.data) <= made["Item"]["properties"].keys()


class Located(Schema):
    x: Annotated[int, Field(validation_alias=AliasPath("place", "x"), serialization_alias="x")]
    y: Annotated[int, Field(validation_alias=AliasPath("place", "y"), serialization_alias="y")] = 1
    name: Annotated[str, Field(validation_alias=AliasPath("names", 1), serialization_alias="name")]
    last: Annotated[
        int, Field(validation_alias=AliasPath("log", -1, "n"), serialization_alias="last")
    ] = 0


def test_paths_lead_into_objects_and_lists(dialect: Dialect) -> None:
    made = components(located=serializer_from_schema(Located))
    assert list(made["Located"]["properties"]) == ["x", "y", "name", "last"]
    request = made["LocatedRequest"]
    assert request["required"] == ["names", "place"]
    place = request["properties"]["place"]
    assert place["type"] == "object"
    assert place["properties"]["x"] == INTEGER
    assert place["properties"]["y"] == {**INTEGER, "default": 1}
    assert place["required"] == ["x"]
    names = request["properties"]["names"]
    assert (names["type"], names["minItems"]) == ("array", 2)
    text = {"type": "string", **({"minLength": 1} if dialect.split else {})}
    if dialect.is_30:
        assert names["items"]["anyOf"] == [{}, text]
    else:
        assert names["prefixItems"] == [{}, text]
    assert request["properties"]["log"] == {"type": "array", "items": {}}


def test_a_path_that_leads_into_another_field_changes_nothing_of_it() -> None:
    class Whole(Schema):
        place: dict[str, int]
        x: Annotated[int, Field(validation_alias=AliasPath("place", "x"), serialization_alias="x")]

    request = components(whole=serializer_from_schema(Whole))["WholeRequest"]
    assert request["properties"] == {"place": {"type": "object", "additionalProperties": INTEGER}}
    assert request["required"] == ["place"]


def test_choices_are_one_enumeration_under_both_names(dialect: Dialect) -> None:
    class Chosen(Schema):
        kind: Annotated[
            Literal["a", "b"], Field(validation_alias="kind_in", serialization_alias="kind_out")
        ]
        kept: Annotated[
            Any,
            Field(validation_alias="kept_in", serialization_alias="kept_out"),
            UseField(serializers.ChoiceField(choices=["u", "v"])),
        ]

    made = components(chosen=serializer_from_schema(Chosen))
    request, response = made["ChosenRequest"]["properties"], made["Chosen"]["properties"]
    assert request["kind_in"] == response["kind_out"]
    assert request["kept_in"] == response["kept_out"]
    assert len([name for name in made if "K" in name]) == 2


def test_a_field_of_the_serializer_keeps_its_name() -> None:
    class More(SchemaSerializer[Point]):
        more = serializers.IntegerField()

    made = components(more=More)
    assert list(made["MoreRequest"]["properties"]) == ["left", "more"]


# Query strings


class Filters(BaseModel):
    """What to look for."""

    first_name: Annotated[str, Field(validation_alias="firstName", serialization_alias="given")]
    size: Annotated[int, Field(title="How large", description="In pages.")] = 3
    kind: Literal["a", "b"] = "a"
    since: int | None = None


def parameters_of(*parameters: Any) -> dict[str, Any]:
    class Found(APIView):
        @extend_schema(parameters=[*parameters], request=None, responses=None)
        def get(self, request: Any) -> Response:
            return Response()

    made = document(Found)
    assert "schemas" not in made.get("components", {})
    return {one["name"]: one for one in made["paths"]["/found/"]["get"]["parameters"]}


def test_parameters_of_a_plain_model_have_its_titles(dialect: Dialect) -> None:
    schema = Filters.model_json_schema()["properties"]
    made = parameters_of(Filters)
    assert made.keys() == schema.keys()
    for name, parameter in made.items():
        assert parameter["schema"]["title"] == schema[name]["title"]
        assert parameter.get("required", False) is (name == "firstName")
    assert made["size"]["description"] == "In pages."
    assert made["kind"]["schema"]["enum"] == ["a", "b"]
    # Once more: whether somebody has asked before makes no difference.
    assert parameters_of(Filters) == made


class Placed(BaseModel):
    x: int = Field(validation_alias=AliasPath("place", "x"))
    y: int = Field(1, validation_alias=AliasPath("place", "y"))
    first: str = Field(validation_alias=AliasPath("names", 0))
    last: str = Field("z", validation_alias=AliasPath("names", -1))
    at: int = Field(0, validation_alias=AliasPath("log", 0, "n"))
    deep: int = Field(0, validation_alias=AliasPath("log", 0, "at", "m"))
    inner: int = Field(0, validation_alias=AliasPath("place", "sizes", 1))


class PlacedSchema(Placed, Schema):
    """The same with DRF's semantics."""


@pytest.mark.parametrize("schema", [Placed, PlacedSchema])
def test_parameters_along_a_path_have_the_names_that_clients_send(
    schema: Any, dialect: Dialect
) -> None:
    serializer_class = serializer_from_schema(schema)
    made = parameters_of(schema if schema is Placed else serializer_class)
    sizes = "place.sizes"
    assert made.keys() == {"place.x", "place.y", "names", "log[0]n", "log[0]at.m", sizes}
    assert {name for name, one in made.items() if one.get("required")} == {"place.x", "names"}
    assert {name for name, one in made.items() if one["schema"]["type"] == "array"} == {
        "names",
        sizes,
    }
    values = {name: ["1", "2"] if name in ("names", sizes) else "3" for name in made}
    query = QueryDict(urlencode(values, doseq=True))
    serializer = serializer_class(data=query_data(serializer_class, query))
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_schema.model_dump() == {
        "x": 3, "y": 3, "first": "1", "last": "2", "at": 3, "deep": 3, "inner": 2
    }  # fmt: skip


class Unspeakable:
    """Nothing that JSON Schema has words for."""


def test_titles_are_left_out_where_pydantic_cannot_describe_the_model() -> None:
    class Odd(BaseModel):
        model_config = {"arbitrary_types_allowed": True}

        size: int
        odd: Annotated[Any, Field(title="Odd")] = None
        thing: Annotated[Unspeakable | None, UseField(serializers.CharField(required=False))] = None

    assert parameters_of(Odd)["size"]["schema"] == INTEGER


def test_parameters_of_a_schema_are_those_of_a_classic_serializer(dialect: Dialect) -> None:
    class Wanted(Schema):
        first_name: int
        kind: Literal["a", "b"] = "a"

    class WantedSerializer(serializers.Serializer[Any]):
        first_name = serializers.IntegerField()
        kind = serializers.ChoiceField(choices=["a", "b"], default="a")

    assert parameters_of(serializer_from_schema(Wanted)) == parameters_of(WantedSerializer)
    assert not any("title" in one["schema"] for one in parameters_of(Wanted).values())


def test_a_model_in_a_body_has_no_titles_that_nobody_gave() -> None:
    class Posted(APIView):
        @extend_schema(parameters=[Filters], request=Filters, responses=Filters)
        def post(self, request: Any) -> Response:
            return Response()

    schemas = document(Posted)["components"]["schemas"]
    assert schemas["FiltersRequest"]["properties"]["firstName"] == {"type": "string"}


@pytest.mark.usefixtures("dialect")
def test_a_recursive_model_in_a_query_string() -> None:
    class Node(BaseModel):
        name: str
        below: list[Node] = []

    class Found(APIView):
        @extend_schema(parameters=[Node], request=None, responses=None)
        def get(self, request: Any) -> Response:
            return Response()

    Node.model_rebuild(_types_namespace={"Node": Node})
    made = document(Found)
    (below, name) = made["paths"]["/found/"]["get"]["parameters"]
    assert name["schema"]["title"] == "Name"
    component = below["schema"]["items"]["$ref"].rpartition("/")[2]
    assert "title" not in made["components"]["schemas"][component]["properties"]["name"]
