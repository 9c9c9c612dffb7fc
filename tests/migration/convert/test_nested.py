"""Converted schemas inside other schemas, as bases, and on their own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from rest_framework import serializers

from nova_drf import UNSET, Schema, SchemaSerializer, schema_from_serializer, serializer_from_schema
from nova_drf.core.exceptions import SchemaDefinitionError
from tests.convertapp import serializers as legacy
from tests.convertapp.models import Country
from tests.oracle import outcome, printed

pytestmark = pytest.mark.django_db

LineSchema: Any = schema_from_serializer(legacy.Line)
HookedSchema: Any = schema_from_serializer(legacy.HookedLine)
HooksSchema: Any = schema_from_serializer(legacy.Hooks)
CountrySchema: Any = schema_from_serializer(legacy.CountrySerializer)


class Outer(Schema):
    """Converted schemas of every kind."""

    line: LineSchema
    hooked: HookedSchema
    lines: list[HookedSchema]
    hooks: HooksSchema | None = None
    country: CountrySchema | None = None


class ClassicOuter(serializers.Serializer[Any]):
    """What :class:`Outer` says."""

    line = legacy.Line()
    hooked = legacy.HookedLine()
    lines = legacy.HookedLine(many=True)
    hooks = legacy.Hooks(allow_null=True, default=None)
    country = legacy.CountrySerializer(allow_null=True, default=None)


GOOD = {"line": {"product": "a"}, "hooked": {"product": "x"}, "lines": [{"product": "x"}]}

BODIES: list[Any] = [
    GOOD,
    {},
    {**GOOD, "hooked": {"product": "none"}, "lines": [{"product": "none"}, {"count": 1}]},
    {**GOOD, "hooks": {"name": "bad"}},
    {**GOOD, "hooks": {"name": "ok", "renamed": "abc", "number": 14}},
    {**GOOD, "hooks": {"name": "ok", "renamed": "abc"}, "country": {"code": "fr", "name": "F"}},
    {**GOOD, "country": {"code": "xx", "name": "New"}},
    {**GOOD, "lines": {}, "hooked": [], "line": None},
]


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("body", BODIES, ids=str)
def test_inside_a_schema_they_decide_as_nested_serializers_do(body: Any, partial: bool) -> None:
    Country.objects.create(code="fr", name="France")
    ours = serializer_from_schema(Outer)
    assert outcome(ours, body, partial=partial) == outcome(ClassicOuter, body, partial=partial)


def test_inside_a_schema_they_print_as_nested_serializers_do() -> None:
    line = SimpleNamespace(product="a", count=1)
    row = SimpleNamespace(
        line=line,
        hooked=line,
        lines=[line, line],
        hooks=SimpleNamespace(name="abc", number=3, other="x"),
        country=Country.objects.create(code="fr", name="France"),
    )
    expected = printed(ClassicOuter, [row], many=True)
    assert printed(serializer_from_schema(Outer), [row], many=True) == expected


def test_alone_they_run_the_hooks() -> None:
    assert HooksSchema.model_validate({"name": "ok", "renamed": "abc"}).name == "Ok"
    with pytest.raises(ValidationError) as refused:
        HooksSchema.model_validate({"name": "bad", "number": "x"})
    assert [(line["loc"], line["msg"]) for line in refused.value.errors()] == [
        (("name",), "Bad."),
        (("number",), "A valid integer is required."),
    ]
    with pytest.raises(ValidationError) as refused:
        HooksSchema.model_validate({"name": "ok", "number": 14})
    assert [line["loc"] for line in refused.value.errors()] == [()]


def test_what_hooks_add_is_there() -> None:
    made = HooksSchema.model_validate({"name": "ok"})
    assert made.model_extra == {"checked": True}
    assert made.number is UNSET


def test_context_reaches_the_hooks() -> None:
    schema: Any = schema_from_serializer(legacy.ByContext)
    assert schema.model_validate({"first": "empty"}).first == "empty"
    with pytest.raises(ValidationError, match="Empty"):
        schema.model_validate({"first": "empty"}, context={"limit": True})


def test_a_schema_may_be_subclassed() -> None:
    class More(HookedSchema):
        note: str = "none"

    assert More.model_validate({"product": "a", "note": "n"}).note == "n"
    with pytest.raises(ValidationError, match="There is none"):
        More.model_validate({"product": "none", "note": "n"})


def test_a_serializer_of_a_subclass_says_what_to_do_instead() -> None:
    class More(HookedSchema):
        note: str = "none"

    with pytest.raises(SchemaDefinitionError, match=r"Subclass SchemaSerializer\[HookedLineSchema"):
        serializer_from_schema(More).get_definition()


def test_the_type_argument_gives_the_original() -> None:
    class Longer(SchemaSerializer[CountrySchema]):
        note = serializers.CharField(read_only=True, default="n")

        class Meta:
            fields = ("code", "note")

    assert issubclass(Longer, legacy.CountrySerializer)
    serializer = Longer(data={"code": "it"})
    assert serializer.is_valid(), serializer.errors
    assert Longer(Country(code="it", name="Italy")).data == {"code": "it", "note": "n"}


def test_validated_schema_holds_what_was_validated() -> None:
    country = Country.objects.create(code="fr", name="France")
    ours = serializer_from_schema(schema_from_serializer(legacy.CitySerializer))
    serializer = ours(data={"country": "fr", "name": "Nice", "founded": None, "motto": "m"})
    assert not serializer.is_valid()
    with pytest.raises(AssertionError):
        _ = serializer.validated_schema
    serializer = ours(data={"country": "fr", "name": "Nice", "founded": "2024-01-02", "motto": "m"})
    assert serializer.is_valid(), serializer.errors
    made: Any = serializer.validated_schema
    assert isinstance(made, schema_from_serializer(legacy.CitySerializer))
    assert made.country == country
    assert made.name == "Nice"
    assert made.slug is UNSET


def test_only_types_means_no_serializer_runs() -> None:
    """A declarative serializer's schema is Pydantic's own business."""
    assert LineSchema.__nova_conversion__.is_exact
    core = str(LineSchema.__pydantic_core_schema__["type"])
    assert core == "model"
    assert isinstance(LineSchema(product="a"), BaseModel)


async def test_async_entry_points_are_there() -> None:
    ours = serializer_from_schema(schema_from_serializer(legacy.Hooks))
    serializer = ours(data={"name": "ok"})
    assert await serializer.ais_valid()
    assert (await serializer.adata)["name"] == "Ok"


def test_attributes_with_other_names_hold_their_values() -> None:
    schema: Any = schema_from_serializer(legacy.OddNames)
    sent = {"@type": "book", "_links": 3, "class": True, "schema": "s", "1st": "x"}
    for made in (schema.model_validate(sent), _validated(legacy.OddNames, sent)):
        assert (made.type_, made.links, made.class_, made.schema_, made.field_1st) == (
            *("book", 3, True, "s", "x"),
        )


def _validated(serializer_class: Any, sent: Any) -> Any:
    serializer = serializer_from_schema(schema_from_serializer(serializer_class))(data=sent)
    assert serializer.is_valid(), serializer.errors
    return serializer.validated_schema


def test_sources_are_followed() -> None:
    sent = {"renamed": "r", "dotted": 3, "whole": {"k": "v"}}
    made = _validated(legacy.Sources, sent)
    assert (made.renamed, made.dotted, made.also_dotted) == ("r", 3, 5)
