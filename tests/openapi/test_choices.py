"""Enumerations go through drf-spectacular's own postprocessing, names and settings included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from django.db import models
from drf_spectacular.hooks import postprocess_schema_enums
from drf_spectacular.plumbing import load_enum_name_overrides
from pydantic import BaseModel, Field, create_model
from rest_framework import serializers

from nova_drf import NotRequired, Schema, SchemaSerializer, UseField
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.convertapp.models import Country
from tests.openapi.documents import (
    DIALECTS,
    Dialect,
    components,
    dialect_name,
    documented,
    endpoints,
    warnings_of,
)

BASES = pytest.mark.parametrize("base", [Schema, BaseModel])
DIALECT = pytest.mark.parametrize("dialect", DIALECTS, ids=dialect_name)


class Shade(Enum):
    """A plain enumeration, which a form labels with readable words."""

    VERY_DARK = "dark"
    LIGHT = "light"


class Status(models.TextChoices):
    """An enumeration of Django's, with labels of its own."""

    IN_PRINT = "in-print", "In print"
    SOLD_OUT = "sold-out", "Sold out"


class Level(models.IntegerChoices):
    LOW = 1, "Low"
    HIGH = 3, "High"


class Mixed(Enum):
    LOW = 1
    HIGH = "high"


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_choices_are_documented_as_choice_fields(dialect: Dialect) -> None:
    class Item(Schema):
        letter: Literal["a", "b"]
        number: Literal[1, 3]
        status: Status
        level: Level = Level.LOW
        statuses: list[Status]
        maybe: Literal["x", "y"] | None
        blank: NotRequired[Literal["p", "q", ""]]
        by_name: dict[str, Literal["v", "w"]]

    class ItemSerializer(serializers.Serializer[Any]):
        letter = serializers.ChoiceField(choices=["a", "b"])
        number = serializers.ChoiceField(choices=[1, 3])
        status = serializers.ChoiceField(choices=Status.choices)
        level = serializers.ChoiceField(choices=Level.choices, default=1)
        statuses = serializers.ListField(child=serializers.ChoiceField(choices=Status.choices))
        maybe = serializers.ChoiceField(choices=["x", "y"], allow_null=True)
        blank = serializers.ChoiceField(choices=["p", "q"], allow_blank=True, required=False)
        by_name = serializers.DictField(child=serializers.ChoiceField(choices=["v", "w"]))

    ours, warnings = documented(serializer_from_schema(Item))
    assert (ours, warnings) == documented(ItemSerializer)
    schemas = ours["components"]["schemas"]
    assert schemas["LetterEnum"]["enum"] == ["a", "b"]
    assert schemas["Item"]["properties"]["letter"] == ref("LetterEnum")


@BASES
def test_choices_of_several_types_are_alternatives(base: type[BaseModel]) -> None:
    item = create_model(
        "Item",
        __base__=base,
        mixed=(Literal["a", 3], ...),
        level=(Mixed, ...),
        many=(list[Literal["a", 3]], ...),
        null=(Literal["a", 3] | None, None),
    )
    made = components(item=serializer_from_schema(item))["Item"]["properties"]
    members = [{"type": "string", "enum": ["a"]}, {"type": "integer", "enum": [3]}]
    assert made["mixed"] == {"anyOf": members}
    assert made["level"]["anyOf"] == [
        {"type": "integer", "enum": [1]},
        {"type": "string", "enum": ["high"]},
    ]
    assert made["many"]["items"] == {"anyOf": members}
    assert made["null"] == {"anyOf": members, "nullable": True}


@BASES
@pytest.mark.usefixtures("dialect")
def test_choices_that_drf_has_no_field_for(base: type[BaseModel]) -> None:
    class Odd(Enum):
        NUMBER = 1
        PAIR = (1, 2)

    item = create_model(
        "Item",
        __base__=base,
        odd=(Odd, ...),
        truth=(Literal["a", True], ...),
        odds=(list[Odd], ...),
    )
    made = components(item=serializer_from_schema(item))
    properties = made["Item"]["properties"]
    assert properties["truth"] == {"anyOf": [{"enum": ["a", True]}]}
    assert [1, [1, 2]] in [one["enum"] for one in made["Odd"]["anyOf"]]
    assert properties["odds"] == {"type": "array", "items": ref("Odd")}


# Kept fields


def kept(**arguments: Any) -> Any:
    return Annotated[Any, UseField(serializers.ChoiceField(**arguments))]


def test_kept_choices_are_documented_by_themselves(dialect: Dialect) -> None:
    class Item(Schema):
        plain: kept(choices=["on", "off"])
        null: kept(choices=["x", "y"], allow_null=True, allow_blank=True)
        number: kept(choices=Level.choices, default=1)
        grouped: kept(choices=[("Group", [("in", "In")])])
        several: Annotated[Any, UseField(serializers.MultipleChoiceField(choices=[4, 5]))]
        listed: Annotated[
            Any, UseField(serializers.ListField(child=serializers.ChoiceField(choices=["l", "m"])))
        ]

    class ItemSerializer(serializers.Serializer[Any]):
        plain = serializers.ChoiceField(choices=["on", "off"])
        null = serializers.ChoiceField(choices=["x", "y"], allow_null=True, allow_blank=True)
        number = serializers.ChoiceField(choices=Level.choices, default=1)
        grouped = serializers.ChoiceField(choices=[("Group", [("in", "In")])])
        several = serializers.MultipleChoiceField(choices=[4, 5])
        listed = serializers.ListField(child=serializers.ChoiceField(choices=["l", "m"]))

    assert documented(serializer_from_schema(Item)) == documented(ItemSerializer)


@BASES
@pytest.mark.usefixtures("dialect")
def test_kept_choices_inside_of_other_types(base: type[BaseModel]) -> None:
    item = create_model(
        "Item",
        __base__=base,
        a=(list[kept(choices=["a1", "a2"])], ...),
        b=(dict[str, kept(choices=["b1", "b2"])], ...),
        c=(set[kept(choices=["c1", "c2"])], ...),
        d=(tuple[kept(choices=["d1", "d2"]), int], ...),
        e=(kept(choices=["e1", "e2"]) | int, ...),
        f=(kept(choices=["f1", "f2"]) | None, None),
    )
    text = str(components(item=serializer_from_schema(item)))
    assert all(f"{name}1" in text and f"{name}2" in text for name in "abcdef")


# Limits of columns


def test_choices_have_the_limits_of_their_column(dialect: Dialect) -> None:
    class CountrySchema(Schema):
        size: NotRequired[Country.Size]
        region: NotRequired[Literal["eu", "as", "am", ""]]

    class CountrySerializer(SchemaSerializer[CountrySchema]):
        class Meta:
            model = Country

    class ClassicCountry(serializers.ModelSerializer[Country]):
        class Meta:
            model = Country
            fields = ["size"]

    ours = components(country=CountrySerializer)["Country"]["properties"]["size"]
    its = components(country=ClassicCountry)["ClassicCountry"]["properties"]["size"]
    assert (ours["minimum"], ours["maximum"]) == (its["minimum"], its["maximum"])


def test_read_only_choices_have_no_limits(dialect: Dialect) -> None:
    class CountrySchema(Schema):
        size: Country.Size

    class CountrySerializer(SchemaSerializer[CountrySchema]):
        class Meta:
            model = Country
            read_only_fields = ("size",)

    class ClassicCountry(serializers.ModelSerializer[Country]):
        class Meta:
            model = Country
            fields = ["size"]
            read_only_fields = ["size"]

    ours = components(country=CountrySerializer)["Country"]["properties"]["size"]
    assert ours == components(country=ClassicCountry)["ClassicCountry"]["properties"]["size"]


# Names


@contextmanager
def named(dialect: Dialect, overrides: dict[str, Any], **settings: Any) -> Iterator[None]:
    """Give names to enumerations, which drf-spectacular reads once for a language."""
    module: Any = load_enum_name_overrides.__globals__["_load_enum_name_overrides"]
    module.cache_clear()
    with dialect.chosen(ENUM_NAME_OVERRIDES=overrides, **settings):
        yield
    module.cache_clear()


@BASES
@DIALECT
def test_overrides_find_enumerations_by_their_class(
    dialect: Dialect, base: type[BaseModel]
) -> None:
    item = create_model(
        "Item",
        __base__=base,
        a=(Shade, ...),
        b=(list[Shade], ...),
        c=(Status, ...),
        d=(Shade | None, None),
        e=(Literal["one", "two"], ...),
    )
    names = {
        "Brightness": f"{__name__}.Shade",
        "Availability": f"{__name__}.Status",
        "OneOrTwo": ["one", "two"],
    }
    with named(dialect, names):
        made = components(item=serializer_from_schema(item))
    properties = made["Item"]["properties"]
    assert properties["a"] == properties["b"]["items"] == ref("Brightness")
    assert properties["c"] == ref("Availability")
    assert properties["e"] == ref("OneOrTwo")
    assert made["Brightness"]["enum"] == ["dark", "light"]


SETTINGS: list[dict[str, Any]] = [
    {},
    {"ENUM_GENERATE_CHOICE_DESCRIPTION": False},
    {"ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False},
    {"ENUM_SUFFIX": "Choice"},
    {"POSTPROCESSING_HOOKS": []},
]


@DIALECT
@pytest.mark.parametrize("chosen", SETTINGS, ids=lambda chosen: next(iter(chosen), "default"))
def test_two_components_refer_to_one_enumeration(dialect: Dialect, chosen: dict[str, Any]) -> None:
    """A request and a response apart, without the setting that asks for it, and no warning."""

    class Item(Schema):
        name: Annotated[str, Field(validation_alias="given", serialization_alias="shown")]
        kind: Annotated[Literal["a", "b"], Field(description="Which.")]
        maybe: Literal["x", "y"] | None
        blank: NotRequired[Literal["p", ""]]
        several: list[Shade]

    with dialect.chosen(**chosen):
        made, warnings = documented(serializer_from_schema(Item))
    assert warnings == []
    schemas = made["components"]["schemas"]
    response, request = schemas["Item"]["properties"], schemas["ItemRequest"]["properties"]
    for name in ("kind", "maybe", "blank", "several"):
        assert response[name] == request[name]
    if "POSTPROCESSING_HOOKS" in chosen:
        assert response["kind"]["enum"] == ["a", "b"]
        return
    kinds = [name for name in schemas if "Kind" in name]
    assert len(kinds) == 1
    assert schemas[kinds[0]]["enum"] == ["a", "b"]
    assert schemas[kinds[0]]["type"] == "string"
    explicit = "oneOf" in response["maybe"]
    assert explicit == ("ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE" not in chosen)
    described = "* `a` - a\n* `b` - b"
    if "ENUM_GENERATE_CHOICE_DESCRIPTION" in chosen:
        assert "description" not in schemas[kinds[0]]
        assert response["kind"]["description"] == "Which."
    else:
        assert schemas[kinds[0]]["description"] == described
        assert response["kind"]["description"] == f"Which.\n\n{described}"


def test_the_hook_is_the_one_that_drf_spectacular_ships() -> None:
    # Only with it are enumerations made into components, by us as well.
    assert postprocess_schema_enums.__module__ == "drf_spectacular.hooks"


def test_a_set_of_choices_under_two_names_warns_as_for_classic_serializers() -> None:
    class Item(Schema):
        first: Literal["a", "b"]
        second: Literal["a", "b"]

    class ItemSerializer(serializers.Serializer[Any]):
        first = serializers.ChoiceField(choices=["a", "b"])
        second = serializers.ChoiceField(choices=["a", "b"])

    ours, our_warnings = warnings_of(endpoints(item=serializer_from_schema(Item)))
    classic, its_warnings = warnings_of(endpoints(item=ItemSerializer))
    assert ours == classic
    assert our_warnings == its_warnings
    assert "encountered multiple names for the same choice set" in our_warnings[0]
