"""What only Pydantic can say: unions, discriminators, definitions, own serializers, odd types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple

import pytest
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Json,
    PlainSerializer,
    RootModel,
    SecretStr,
    Tag,
    WithJsonSchema,
    WrapSerializer,
    create_model,
    field_serializer,
    model_serializer,
    model_validator,
)
from pydantic_core import core_schema
from rest_framework import serializers
from typing_extensions import TypeAliasType, TypedDict

from nova_drf import Schema, UseField
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.serializers.pydantic_field import PydanticField
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.openapi.documents import (
    Dialect,
    Document,
    components,
    endpoints,
    references,
    takes_null,
    warnings_of,
)

BASES = pytest.mark.parametrize("base", [Schema, BaseModel])


def ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def property_of(base: type[BaseModel], annotation: Any, **more: Any) -> Document:
    """Return the schema of a field in a response."""
    made: Document = schemas_of(base, annotation, **more)["Odd"]["properties"]["value"]
    return made


def schemas_of(base: type[BaseModel], annotation: Any, **more: Any) -> dict[str, Document]:
    schema = create_model("Odd", __base__=base, value=(annotation, ...), **more)
    return components(odd=serializer_from_schema(schema))


class Cat(Schema):
    kind: Literal["cat"]
    lives: int


class Dog(Schema):
    kind: Literal["dog"]
    name: str


class AliasedCat(BaseModel):
    kind: Literal["cat"] = Field(alias="petType")


class AliasedDog(BaseModel):
    kind: Literal["dog", "wolf"] = Field(alias="petType")


@dataclass
class Size:
    """How big."""

    width: int
    depth: int | None = None


class Point(NamedTuple):
    x: int
    y: int


class Flat(TypedDict, total=False):
    a: int
    b: date


class Word(RootModel[str]):
    """A word."""


class Shade(Enum):
    """How bright."""

    DARK = "dark"
    LIGHT = "light"


class Level(Enum):
    LOW = 1
    HIGH = "high"


Tree = TypeAliasType("Tree", "dict[str, Tree] | int")


@BASES
@pytest.mark.usefixtures("dialect")
def test_plain_unions(base: type[BaseModel]) -> None:
    assert property_of(base, int | str) == {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    maybe = property_of(base, int | str | None)
    assert takes_null(maybe)
    assert list(references(property_of(base, Cat | Dog | None))) == [
        one["$ref"] for one in (ref("Cat"), ref("Dog"))
    ]
    assert property_of(base, Cat | Dog) == {"anyOf": [ref("Cat"), ref("Dog")]}


@BASES
def test_discriminators(dialect: Dialect, base: type[BaseModel]) -> None:
    made = schemas_of(base, Annotated[Cat | Dog, Field(discriminator="kind")])
    for name, part in (("Odd", ""), (dialect.request("Odd"), "Request" if dialect.split else "")):
        cat, dog = f"Cat{part}", f"Dog{part}"
        assert made[name]["properties"]["value"] == {
            "oneOf": [ref(cat), ref(dog)],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {"cat": ref(cat)["$ref"], "dog": ref(dog)["$ref"]},
            },
        }
        assert made[cat]["properties"]["kind"] == ref("CatKindEnum")


@BASES
def test_a_discriminator_goes_by_its_alias(dialect: Dialect, base: type[BaseModel]) -> None:
    made = property_of(base, Annotated[AliasedCat | AliasedDog, Field(discriminator="kind")])
    assert made["discriminator"] == {
        "propertyName": "petType",
        "mapping": {
            "cat": ref("AliasedCat")["$ref"],
            "dog": ref("AliasedDog")["$ref"],
            "wolf": ref("AliasedDog")["$ref"],
        },
    }


def test_members_of_unions_that_print_themselves(dialect: Dialect) -> None:
    class Bare(BaseModel):
        kind: Literal["bare"]

        @model_validator(mode="after")
        def checked(self) -> Any:
            return self

        @model_serializer
        def printed(self) -> list[str]:
            return ["bare"]

    made = schemas_of(BaseModel, Annotated[Cat | Bare, Field(discriminator="kind")])
    assert made["Odd"]["properties"]["value"]["oneOf"] == [ref("Cat"), ref("Bare")]
    assert made["Bare"] == {"type": "array", "items": {"type": "string"}}
    assert made["OddRequest"]["properties"]["value"]["oneOf"] == [
        ref(dialect.request("Cat")),
        ref("BareRequest"),
    ]


def test_a_field_that_prints_a_model_in_its_own_way(dialect: Dialect) -> None:
    class Bare(BaseModel):
        n: int

        @model_serializer
        def printed(self) -> list[str]:
            return ["bare"]

    short = Annotated[Bare, PlainSerializer(lambda bare: bare.n, return_type=int)]
    made = schemas_of(BaseModel, short, maybe=(short | None, None), several=(list[short], []))
    properties = made["Odd"]["properties"]
    assert properties["value"] == {"type": "integer"}
    assert properties["maybe"] == dialect.null({"type": "integer"})
    assert properties["several"]["items"] == {"type": "integer"}
    assert made["OddRequest"]["properties"]["value"] == ref("BareRequest")


@BASES
@pytest.mark.usefixtures("dialect")
def test_a_function_may_discriminate(base: type[BaseModel]) -> None:
    def kind_of(value: Any) -> str:
        return "cat" if "lives" in value else "dog"

    pet = Annotated[Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")], Discriminator(kind_of)]
    assert property_of(base, pet) == {"oneOf": [ref("Cat"), ref("Dog")]}


@pytest.mark.usefixtures("dialect")
def test_a_member_without_a_component_leaves_the_mapping_out() -> None:
    class Bird(BaseModel):
        kind: Literal["bird"]
        size: Literal["small"]

    class Ostrich(BaseModel):
        kind: Literal["bird"]
        size: Literal["large"]

    birds = Annotated[Bird | Ostrich, Field(discriminator="size")]
    pet = Annotated[birds | Cat, Field(discriminator="kind")]
    schema = create_model("Odd", __base__=BaseModel, value=(pet, ...))
    # The names of the enumerations called "kind" clash, as they would anywhere.
    schemas, _ = warnings_of(endpoints(odd=serializer_from_schema(schema)))
    made = schemas["Odd"]["properties"]["value"]
    assert made["discriminator"] == {"propertyName": "kind"}
    assert made["oneOf"][0]["discriminator"]["propertyName"] == "size"


@BASES
@pytest.mark.usefixtures("dialect")
def test_definitions_become_components(base: type[BaseModel]) -> None:
    made = schemas_of(base, Size, again=(list[Size], ...), flat=(Flat, ...), tree=(Tree, 1))
    assert made["Odd"]["properties"]["value"] == ref("Size")
    assert made["Odd"]["properties"]["again"] == {"type": "array", "items": ref("Size")}
    assert made["Odd"]["properties"]["flat"] == ref("Flat")
    # Newer versions of Pydantic say what a dataclass says.
    assert made["Size"].get("description") in ("How big.", None)
    assert made["Size"]["required"] == ["width"]
    assert "title" not in made["Size"]
    assert made["Flat"]["properties"]["b"]["format"] == "date"
    assert "required" not in made["Flat"]
    assert ref("Tree") in [one.get("additionalProperties") for one in made["Tree"]["anyOf"]]


@pytest.mark.usefixtures("dialect")
def test_names_and_data_that_look_like_keywords() -> None:
    class Keywords(TypedDict):
        discriminator: Annotated[dict[str, int], Field(default={"discriminator": 1})]
        examples: Cat
        default: Literal["$ref"]

    made = schemas_of(BaseModel, Keywords)["Keywords"]
    assert made["properties"]["discriminator"]["default"] == {"discriminator": 1}
    assert made["properties"]["examples"] == ref("Cat")
    assert "enum" in made["properties"]["default"] or "$ref" in made["properties"]["default"]


def test_definitions_have_a_request_component_where_directions_differ(dialect: Dialect) -> None:
    @dataclass
    class Box:
        when: Annotated[int, PlainSerializer(str, return_type=str)]

    made = schemas_of(BaseModel, Box)
    assert made["Odd"]["properties"]["value"] == ref("Box")
    assert made["OddRequest"]["properties"]["value"] == ref("BoxRequest")
    assert made["Box"]["properties"]["when"] == {"type": "string"}
    assert made["BoxRequest"]["properties"]["when"] == {"type": "integer"}


@pytest.mark.usefixtures("dialect")
def test_definitions_of_one_name_all_survive() -> None:
    def box(kind: Any) -> Any:
        return make_dataclass("Box", [("value", kind)])

    schema = create_model("Odd", __base__=BaseModel, a=(box(int), ...), b=(box(date), ...))
    made, warnings = warnings_of(endpoints(odd=serializer_from_schema(schema)))
    names = [one["$ref"].rpartition("/")[2] for one in made["Odd"]["properties"].values()]
    assert len(set(names)) == 2
    assert made[names[0]]["properties"]["value"] == {"type": "integer"}
    assert made[names[1]]["properties"]["value"]["format"] == "date"
    assert 'Two components want the name "Box"' in "".join(warnings)


@BASES
def test_tuples(dialect: Dialect, base: type[BaseModel]) -> None:
    members = [{"type": "integer"}, {"type": "string"}]
    sizes = {"minItems": 2, "maxItems": 2}
    pair = property_of(base, tuple[int, str])
    if dialect.is_30:
        assert pair == {"type": "array", "items": {"anyOf": members}, **sizes}
    else:
        assert pair == {"type": "array", "prefixItems": members, **sizes}
    alike = property_of(base, tuple[int, int])
    assert alike.get("items") == ({"type": "integer"} if dialect.is_30 else None)
    assert property_of(base, tuple[int, ...]) == {"type": "array", "items": {"type": "integer"}}
    named = property_of(base, Point)
    assert "$ref" in named or named["type"] == "array"


@BASES
def test_numbers_with_exclusive_bounds(dialect: Dialect, base: type[BaseModel]) -> None:
    number = Annotated[int, Field(gt=3, lt=9, multiple_of=2)]
    bounds: Document = (
        {"minimum": 3, "exclusiveMinimum": True, "maximum": 9, "exclusiveMaximum": True}
        if dialect.is_30
        else {"exclusiveMinimum": 3, "exclusiveMaximum": 9}
    )
    expected = {"type": "integer", **bounds, "multipleOf": 2}
    assert property_of(base, number) == expected
    assert property_of(base, list[number])["items"] == expected
    assert property_of(base, dict[str, number])["additionalProperties"] == expected
    assert property_of(base, number | None) == {
        **expected,
        **dialect.null({"type": "integer"}),
    }


@BASES
@pytest.mark.usefixtures("dialect")
def test_sets_and_sizes(base: type[BaseModel]) -> None:
    made = property_of(base, Annotated[set[int], Field(min_length=1, max_length=3)])
    assert made == {
        **{"type": "array", "items": {"type": "integer"}, "uniqueItems": True},
        **{"minItems": 1, "maxItems": 3},
    }
    assert property_of(base, dict[str, Cat]) == {
        "type": "object",
        "additionalProperties": ref("Cat"),
    }


@BASES
def test_dictionaries_with_keys_of_their_own(dialect: Dialect, base: type[BaseModel]) -> None:
    made = property_of(base, dict[Annotated[str, Field(pattern="^x")], int])
    if dialect.is_30:
        assert made == {"type": "object", "additionalProperties": {"type": "integer"}}
    else:
        assert made["patternProperties"] == {"^x": {"type": "integer"}}
    sized = property_of(base, Annotated[dict[str, int], Field(max_length=2)])
    assert sized["maxProperties"] == 2


@BASES
@pytest.mark.usefixtures("dialect")
def test_root_models_are_their_root(base: type[BaseModel]) -> None:
    made = schemas_of(base, Word)
    assert made["Odd"]["properties"]["value"] == ref("Word")
    assert made["Word"] == {"type": "string", "description": "A word."}


@BASES
def test_enumerations_inside_of_unions_and_definitions(
    dialect: Dialect, base: type[BaseModel]
) -> None:
    made = property_of(base, int | Shade)
    assert made["anyOf"][1]["enum"] == ["dark", "light"]
    assert property_of(base, Level) == {
        "anyOf": [{"type": "integer", "enum": [1]}, {"type": "string", "enum": ["high"]}]
    }
    mixed = property_of(base, list[Literal["a", 3]])
    assert mixed["items"] == {
        "anyOf": [{"type": "string", "enum": ["a"]}, {"type": "integer", "enum": [3]}]
    }


@BASES
def test_a_part_that_stands_twice_in_a_type(dialect: Dialect, base: type[BaseModel]) -> None:
    made = property_of(base, tuple[Cat, Cat])
    if dialect.is_30:
        assert made["items"] == ref("Cat")
    else:
        assert made["prefixItems"] == [ref("Cat"), ref("Cat")]


class Parsed(str):
    """A type that brings its own steps."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.chain_schema([core_schema.str_schema(), core_schema.int_schema()])


def test_types_that_bring_their_own_steps() -> None:
    made = schemas_of(BaseModel, Parsed)
    assert made["Odd"]["properties"]["value"] == {"type": "integer"}
    assert made["OddRequest"]["properties"]["value"] == {"type": "string"}


def test_members_of_unions_that_cannot_be_described_are_left_out() -> None:
    assert property_of(BaseModel, int | Callable[[], int]) == {"type": "integer"}


def test_constants_of_bytes_are_left_to_pydantic(dialect: Dialect) -> None:
    made = property_of(BaseModel, Literal[b"a"] | int)
    assert {"type": "integer"} in made["anyOf"]


@BASES
@pytest.mark.usefixtures("dialect")
def test_secrets_travel_in_both_directions(base: type[BaseModel]) -> None:
    assert property_of(base, SecretStr) == {"type": "string", "format": "password"}


def test_json_in_a_string(dialect: Dialect) -> None:
    made = schemas_of(BaseModel, Json[list[int]])
    request = made["OddRequest"]["properties"]["value"]
    assert request["type"] == "string"
    assert ("contentSchema" in request) != dialect.is_30


# Who says otherwise


def shout(value: Any) -> str:
    return str(value).upper()


def wrapped(value: Any, handler: Callable[[Any], Any]) -> dict[str, int]:
    return {"n": handler(value)}


@BASES
@pytest.mark.usefixtures("dialect")
def test_serializers_of_the_author_document_responses(base: type[BaseModel]) -> None:
    made = schemas_of(
        base,
        Annotated[int, PlainSerializer(shout, return_type=str)],
        wrapped=(Annotated[int, WrapSerializer(wrapped)], ...),
        maybe=(Annotated[int, PlainSerializer(shout, return_type=str)] | None, None),
    )
    response, request = made["Odd"]["properties"], made["OddRequest"]["properties"]
    assert response["value"] == {"type": "string"}
    assert request["value"] == {"type": "integer"}
    assert response["wrapped"] == {
        "type": "object",
        "additionalProperties": {"type": "integer"},
    }
    assert request["maybe"]["type"] in ("integer", ["integer", "null"])
    assert response["maybe"]["type"] in ("string", ["string", "null"])


@BASES
@pytest.mark.usefixtures("dialect")
def test_decorated_serializers_document_responses(base: type[BaseModel]) -> None:
    class Odd(base):
        value: int
        plain: int

        @field_serializer("value")
        def shouted(self, value: int) -> list[str]:
            return [str(value)]

        @field_serializer("plain")
        def unknown(self, value: int):
            return value

    made = components(odd=serializer_from_schema(Odd))
    assert made["Odd"]["properties"]["value"] == {"type": "array", "items": {"type": "string"}}
    assert made["Odd"]["properties"]["plain"] == {"type": "integer"}
    assert made["OddRequest"]["properties"]["value"] == {"type": "integer"}


@BASES
@pytest.mark.usefixtures("dialect")
def test_a_serializer_of_the_whole_documents_the_response(base: type[BaseModel]) -> None:
    class Odd(base):
        n: int

        @model_serializer
        def whole(self) -> dict[str, list[int]]:
            return {"n": [self.n]}

    made = components(odd=serializer_from_schema(Odd))
    assert made["Odd"] == {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "integer"}},
    }
    assert made["OddRequest"]["properties"] == {"n": {"type": "integer"}}


@BASES
@pytest.mark.usefixtures("dialect")
def test_validators_may_name_what_they_take(base: type[BaseModel]) -> None:
    def taken(value: Any) -> Any:
        return value

    before = BeforeValidator(taken, json_schema_input_type=str | list[str])
    made = schemas_of(base, Annotated[list[str], before])
    assert made["Odd"]["properties"]["value"] == {"type": "array", "items": {"type": "string"}}
    assert {"type": "string"} in [
        {"type": one["type"]} for one in made["OddRequest"]["properties"]["value"]["anyOf"]
    ]


@BASES
def test_schemas_given_by_the_author(dialect: Dialect, base: type[BaseModel]) -> None:
    given = {"type": "string", "examples": ["a", "b"]}
    made = schemas_of(
        base,
        Annotated[int, WithJsonSchema(given)],
        request=(Annotated[int, WithJsonSchema({"type": "string"}, mode="validation")], ...),
        none=(Annotated[int, WithJsonSchema(None)], ...),
    )
    said = {"example": "a"} if dialect.is_30 else {"examples": ["a", "b"]}
    assert made["Odd"]["properties"]["value"] == {"type": "string", **said}
    assert made["Odd"]["properties"]["request"] == {"type": "integer"}
    assert made["OddRequest"]["properties"]["request"] == {"type": "string"}
    assert made["OddRequest"]["required"] == ["request", "value"]
    assert "none" not in made["Odd"]["properties"]


@pytest.mark.usefixtures("dialect")
def test_a_part_without_a_schema_makes_any_value_of_the_whole() -> None:
    assert property_of(BaseModel, tuple[Annotated[int, WithJsonSchema(None)], int]) == {}


def test_kept_fields_inside_of_unions_and_definitions(dialect: Dialect) -> None:
    class Slugs(Schema):
        either: Annotated[str, UseField(serializers.SlugField(max_length=5))] | int

    made = components(slugs=serializer_from_schema(Slugs))
    slug = made["Slugs"]["properties"]["either"]["anyOf"][0]
    assert slug["type"] == "string"
    assert slug["pattern"] == "^[-a-zA-Z0-9_]+$"


@pytest.mark.usefixtures("dialect")
@pytest.mark.parametrize("allow_null", [False, True])
def test_a_value_of_a_schema_in_a_classic_serializer(allow_null: bool) -> None:
    class Either(Schema):
        value: int | Literal["x", "y"]

    type_ = shape_of(Either).fields["value"].type

    class Classic(serializers.Serializer[Any]):
        either = PydanticField(type_, allow_null=allow_null, help_text="One of two.")

    made = components(classic=Classic)["Classic"]["properties"]["either"]
    assert made["description"] == "One of two."
    assert takes_null(made) == allow_null
    assert "'type': 'integer'" in repr(made)


# What JSON Schema cannot say


class Strange:
    """Nothing that Pydantic could describe."""


def test_arbitrary_types_are_any_value_and_a_warning() -> None:
    class Odd(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)

        strange: Strange

    made, warnings = warnings_of(endpoints(odd=serializer_from_schema(Odd)))
    assert made["Odd"]["properties"] == {"strange": {}}
    assert "Consider WithJsonSchema(...)" in "".join(warnings)


def test_pydantics_own_warnings_are_passed_on() -> None:
    @dataclass
    class Box:
        size: Any = Strange()  # noqa: RUF009  (that it cannot be shown is the point)

    schema = create_model("Odd", __base__=BaseModel, box=(Box, ...))
    made, warnings = warnings_of(endpoints(odd=serializer_from_schema(schema)))
    assert made["Box"]["properties"] == {"size": {}}
    assert "is not JSON serializable" in "".join(warnings)
