"""The types that conversion finds, and how a report names them."""

from __future__ import annotations

import decimal
import enum
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, ForwardRef, Literal, Optional, Union
from uuid import UUID

import pytest
from annotated_types import Ge
from django.contrib.auth.models import User
from django.utils.functional import cached_property
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from pydantic import Field, StringConstraints
from rest_framework import serializers

from nova_drf import (
    UseField,
    conversion_report,
    schema_from_serializer,
    serializer_from_schema,
)
from nova_drf.migration.convert.attribute_types import (
    attribute_type,
    method_type,
    relation_target,
    returned_type,
)
from nova_drf.migration.convert.names import attribute_name, schema_name
from nova_drf.migration.convert.type_names import type_name
from tests.convertapp.models import City, Country, Person
from tests.testapp.models import Book


@pytest.mark.parametrize(
    ("model", "path", "expected"),
    [
        (City, "name", str),
        (City, "country", str),
        (City, "founded", date),
        (City, "budget", decimal.Decimal),
        (City, "updated", datetime),
        (City, "label", str),
        (City, "country.size", int),
        (City, "country.area", int),
        (City, "country.shout", str),
        (City, "mayor.boss.home.name", str),
        (City, "mayor.nothing", Any),
        (City, "nothing.name", Any),
        (City, "facts", Any),
        (Person, "visited", Any),
        (Person, "team", Any),
        (Person, "boss", int),
        (Person, "visited.name", str),
        (User, "get_full_name", Any),
        (None, "name", Any),
    ],
    ids=str,
)
def test_the_model_tells(model: Any, path: str, expected: Any) -> None:
    assert attribute_type(model, path) is expected


def test_relations_lead_somewhere_or_nowhere() -> None:
    assert relation_target(City, "country") is Country
    assert relation_target(City, "name") is None
    assert relation_target(City, "nothing") is None
    assert relation_target(None, "name") is None


class Annotations:
    """Everything that may say what it returns."""

    @property
    def prop(self) -> int:
        return 1

    @cached_property
    def cached(self) -> str:
        return ""

    def silent(self):
        return None

    def only_for_checkers(self) -> OnlyForCheckers:  # noqa: F821  # there is no such name, which the test is about
        return None


@pytest.mark.parametrize(
    ("name", "expected"),
    [("prop", int), ("cached", str), ("silent", Any), ("only_for_checkers", Any)],
)
def test_what_annotations_tell(name: str, expected: Any) -> None:
    found = vars(Annotations)[name]
    assert returned_type(found) is expected


def test_what_has_no_annotations_tells_nothing() -> None:
    assert returned_type(None) is Any
    assert returned_type(5) is Any
    assert returned_type(len) is Any


class Nested(serializers.Serializer[Any]):
    name = serializers.CharField()


class Needy(serializers.CharField):
    def __init__(self, needed: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)


SAID: list[tuple[Any, Any]] = [
    (OpenApiTypes.STR, str),
    (OpenApiTypes.INT, int),
    (OpenApiTypes.UUID, UUID),
    (OpenApiTypes.DATETIME, datetime),
    (OpenApiTypes.TIME, time),
    (OpenApiTypes.DURATION, timedelta),
    (OpenApiTypes.OBJECT, dict[str, Any]),
    (OpenApiTypes.NONE, None),
    (OpenApiTypes.ANY, Any),
    ({"type": "string", "enum": ["a"]}, str),
    ({"type": "array", "items": {}}, list[Any]),
    ({"oneOf": []}, Any),
    (serializers.IntegerField, int),
    (serializers.IntegerField(), int),
    (serializers.ListField(child=serializers.DateField()), list[date]),
    (serializers.SerializerMethodField(), Any),
    (serializers.DecimalField, Any),
    (Needy, Any),
    (Nested, Annotations),
    (Nested(), Annotations),
    (Nested(many=True), list[Annotations]),
    (dict[str, int], dict[str, int]),
    (bytes, bytes),
    ("words", Any),
]


@pytest.mark.parametrize(("said", "expected"), SAID, ids=str)
def test_what_the_schema_decorator_tells(said: Any, expected: Any) -> None:
    @extend_schema_field(said)
    def get_it(self: Any, obj: Any):
        return None

    found = method_type(get_it, lambda cls: Annotations)
    assert found == expected


class Page(serializers.BaseSerializer[Any]):
    def __init__(self, of: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)


@pytest.mark.parametrize("said", [Page(Nested), serializers.ListSerializer(child=Page(Nested))])
def test_what_a_decorator_names_need_not_be_convertible(said: Any) -> None:
    class Paged(serializers.Serializer[Any]):
        page = serializers.SerializerMethodField()

        @extend_schema_field(said)
        def get_page(self, obj: Any):
            return [obj]

    ours = serializer_from_schema(schema_from_serializer(Paged))
    assert ours(1).data == Paged(1).data


def test_an_annotation_goes_before_a_decorator() -> None:
    @extend_schema_field(OpenApiTypes.STR)
    def get_it(self: Any, obj: Any) -> int:
        return 1

    assert method_type(get_it, lambda cls: cls) is int
    assert method_type(None, lambda cls: cls) is Any


class Color(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        (int, "int"),
        (None, "None"),
        (Any, "Any"),
        (Color, "Color"),
        (int | None, "int | None"),
        (Optional[str], "str | None"),  # noqa: UP045  # the spelling is what is tested
        (Union[int, str], "int | str"),  # noqa: UP007  # the spelling is what is tested
        (list, "list"),
        (list[int | None], "list[int | None]"),
        (dict[str, Any], "dict[str, Any]"),
        (Literal["a", 1], "Literal['a', 1]"),
        (ForwardRef("Node"), "Node"),
        (Annotated[str, Field(max_length=3)], "str (max_length=3)"),
        (Annotated[str, UseField(serializers.CharField())], "str"),
        (Annotated[int, Ge(1)], "int (Ge(ge=1))"),
        (
            Annotated[list[Annotated[int, Field(ge=1, le=2)]], Field(min_length=1)],
            "list[int (ge=1, le=2)] (min_length=1)",
        ),
    ],
    ids=str,
)
def test_types_in_words(annotation: Any, name: str) -> None:
    assert type_name(annotation) == name


def test_a_constraint_with_several_attributes_is_said_by_those_that_are_set() -> None:
    marked = Annotated[str, Field(pattern="a"), StringConstraints(strip_whitespace=False)]
    assert type_name(marked).startswith("str (pattern='a', StringConstraints(")


@pytest.mark.parametrize(
    ("field_name", "attribute"),
    [
        ("title", "title"),
        ("type", "type"),
        ("@type", "type"),
        ("_links", "links"),
        ("__x__", "x"),
        ("a-b", "a_b"),
        ("a.b", "a_b"),
        ("1st", "field_1st"),
        ("", "field"),
        ("_", "field"),
        ("--", "field"),
        ("class", "class_"),
        ("schema", "schema_"),
        ("json", "json_"),
        ("copy", "copy_"),
        ("model_config", "model_config_"),
        ("model_dump_it", "field_model_dump_it"),
        ("ﬁ", "fi"),
        ("名前", "名前"),
    ],
)
def test_attributes_are_as_near_to_the_wire_name_as_can_be(field_name: str, attribute: str) -> None:
    assert attribute_name(field_name) == attribute


def test_attributes_do_not_collide() -> None:
    assert attribute_name("@type", {"type", "type_"}) == "type__"


@pytest.mark.parametrize(
    ("serializer", "schema"),
    [
        ("BookSerializer", "BookSchema"),
        ("BookSerialiser", "BookSchema"),
        ("Book", "BookSchema"),
        ("Serializer", "SerializerSchema"),
    ],
)
def test_schemas_are_named_after_their_serializers(serializer: str, schema: str) -> None:
    assert schema_name(serializer) == schema


class Relations(serializers.ModelSerializer[Person]):
    """Relations that print more than a key."""

    home_name = serializers.SlugRelatedField(slug_field="name", source="home", read_only=True)
    boss_text = serializers.StringRelatedField(source="boss")
    home_link = serializers.HyperlinkedRelatedField(
        source="home", view_name="country-detail", read_only=True
    )
    own = serializers.ModelField(model_field=Person._meta.get_field("email"))
    nothing = serializers.PrimaryKeyRelatedField(read_only=True)
    by_position = Nested(None, required=False)

    class Meta:
        model = Person
        fields = (
            *("home_name", "boss_text", "home_link", "own", "nothing", "by_position", "boss"),
            "visited",
        )


class OwnRelation(serializers.RelatedField[Any, Any, Any]):
    def to_representation(self, value: Any) -> dict[str, int]:
        return {"key": value.pk}


class Found:
    """All that DRF asks of a queryset."""

    def get(self, **lookup: Any) -> Country:
        return Country.objects.get(**lookup)


class WithoutModel(serializers.Serializer[Any]):
    """Nothing says to what the relations lead."""

    slug = serializers.SlugRelatedField(slug_field="name", read_only=True)
    key = serializers.PrimaryKeyRelatedField(read_only=True)
    own = OwnRelation(read_only=True)
    written = OwnRelation(queryset=Country.objects.all())
    found = serializers.PrimaryKeyRelatedField(queryset=Found())
    read = serializers.ReadOnlyField()


def types_of(serializer_class: Any) -> dict[str, str]:
    return {line.name: line.type for line in conversion_report(serializer_class).fields}


def test_relations_have_the_type_of_what_they_print() -> None:
    assert types_of(Relations) == {
        "home_name": "str",
        "boss_text": "str",
        "home_link": "str",
        "own": "str",
        "nothing": "Any",
        "by_position": "NestedSchema",
        "boss": "Person | None",
        "visited": "list[City]",
    }
    lines = {line.name: line.reasons for line in conversion_report(Relations).fields}
    assert lines["by_position"] == ("it is made with arguments",)
    assert lines["own"] == ("the model's EmailField checks it",)
    assert types_of(WithoutModel) == {
        "slug": "Any",
        "key": "Any",
        "own": "dict[str, int]",
        "written": "Country",
        "found": "Any",
        "read": "Any",
    }


def test_every_column_but_that_for_json_has_a_type() -> None:
    meta = type("Meta", (), {"model": Book, "fields": "__all__"})
    made: Any = type("AllOfBook", (serializers.ModelSerializer,), {"Meta": meta})
    types = types_of(made)
    assert {name for name, said in types.items() if said == "Any"} == {"metadata"}
