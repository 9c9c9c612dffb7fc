"""Each shape that conversion meets in the wild: the schema, the round trip, and the mixin."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from nova_drf import conversion_report, schema_from_serializer
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.testing import assert_parity
from tests.convertapp import shapes
from tests.convertapp.models import City, Country
from tests.migration.convert.test_oddities import BOTH
from tests.oracle import outcome

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.urls("tests.convertapp.urls")]

EACH = [
    pytest.param(shape, cls, id=f"{shape}-{cls.__name__}")
    for shape, classes in shapes.SHAPES.items()
    for cls in classes
]


def request() -> dict[str, Any]:
    """Return the context of a request."""
    return {"request": Request(APIRequestFactory().get("/")), "view": None, "format": None}


@BOTH
@pytest.mark.parametrize(("shape", "serializer_class"), EACH)
def test_no_client_notices(shape: str, serializer_class: Any, again: Any) -> None:
    ours = again(serializer_class)
    if serializer_class is shapes.ListedFields:
        # Without fields there is nothing to draw from.
        objects = [SimpleNamespace(name="a", size=1, more=2), {}]
        for arguments in ({}, {"omit": ["size"]}, {"expand": ["more"]}):
            for one in objects:
                assert ours(one, **arguments).data == serializer_class(one, **arguments).data
                many = serializer_class([one], many=True, **arguments).data
                assert ours([one], many=True, **arguments).data == many
        return
    assert_parity(serializer_class, ours, examples=12)
    more = shapes.CONTEXTS.get(shape)
    if more is not None:
        assert_parity(serializer_class, ours, context={**request(), **more()}, examples=12)


@pytest.mark.parametrize(("shape", "serializer_class"), EACH)
def test_there_is_a_schema_and_a_report(shape: str, serializer_class: Any) -> None:
    schema = schema_from_serializer(serializer_class)
    assert schema_from_serializer(serializer_class) is schema
    report = conversion_report(serializer_class)
    assert report.extent in ("wholly", "partly")
    names = [line.name for line in report.fields]
    fields = {} if serializer_class is shapes.ListedFields else serializer_class().fields
    assert names == list(fields)
    for line in report.fields:
        assert line.reasons or line.how == "type"
    assert schema.__name__ in repr(schema)


@pytest.mark.parametrize(
    ("serializer_class", "body"),
    [
        (shapes.CityOfCountry, {"name": "Nice", "country": "fr"}),
        (shapes.CityOfCountry, {"name": "Nice", "country": {"code": "fr"}}),
        (shapes.CityOfCountry, {"name": "Nice", "country": "xx"}),
        (shapes.LeafCity, {"name": "Nice", "country": "fr"}),
        (shapes.LeafCity, {"name": "Nice", "country": "xx"}),
        (shapes.TranslatedCountry, {"code": "it", "name": {"en": "Italy"}}),
        (shapes.TranslatedCountry, {"code": "it", "name": "Italy"}),
        (shapes.Nothing, {"required": None}),
        (shapes.Nothing, {"optional": None}),
        (shapes.Named, {"@id": "5", "a-b": "x", "__type__": "t", "schema": 1, "list": ["1"]}),
        (shapes.Named, {"@id": "x", "type": "z"}),
        (shapes.Located, {"name": "a", "at": [1, 2]}),
        (shapes.Located, {"name": "a", "at": [1]}),
        (shapes.ConcreteCity, {"name": "a", "population": "5"}),
        (shapes.ConcreteCity, {"name": "a", "population": "-5"}),
    ],
)
def test_the_schema_alone_decides_as_the_serializer_does(serializer_class: Any, body: Any) -> None:
    schema = schema_from_serializer(serializer_class)
    expected = outcome(serializer_class, body).verdict
    try:
        schema.model_validate(body)
    except ValidationError:
        assert expected == "invalid"
    else:
        assert expected == "valid"


def test_null_and_missing_stay_distinct() -> None:
    schema: Any = schema_from_serializer(shapes.Nothing)
    made = schema.model_validate({"required": None, "text": None})
    assert made.model_extra == {"sent": ["required", "text"]}
    assert made.required is None
    assert "optional" not in made.model_dump(exclude_unset=True) or made.optional is not None


def test_names_are_kept_on_the_wire() -> None:
    schema: Any = schema_from_serializer(shapes.Named)
    report = {line.name: line.attribute for line in conversion_report(shapes.Named).fields}
    assert list(report) == list(shapes.Named().fields)
    assert len({*report.values()}) == len(report)
    assert all(name.isidentifier() and not name.startswith("_") for name in report.values())
    assert report["type"] == "type"
    assert report["@id"] == "id"
    assert report["schema"] == "schema_"
    made = schema.model_validate({"@id": 5, "a.b": "x", "model_config": "c"})
    printed = made.model_dump(by_alias=True, exclude_unset=True)
    assert (printed["@id"], printed["a.b"], printed["model_config"]) == (5, "x", "c")


def test_method_fields_have_the_types_that_are_known() -> None:
    types = {line.name: line.type for line in conversion_report(shapes.Methods).fields}
    assert types == {
        "annotated": "list[int]",
        "decorated": "date",
        "many": "list[int]",
        "silent": "Any",
        "named": "str | None",
    }
    (line,) = (one for one in conversion_report(shapes.MissingMethod).fields if one.name == "lost")
    assert line.reasons == ("the serializer has no method get_lost()",)


def test_an_abstract_class_says_what_to_do() -> None:
    with pytest.raises(SchemaDefinitionError, match="Convert a subclass") as refused:
        schema_from_serializer(shapes.AbstractCity)
    assert "tests.convertapp.shapes.AbstractCity" in str(refused.value)


@BOTH
def test_recursion_prints_the_tree(again: Any) -> None:
    boss = shapes.Tree.Meta.model.objects.get(name="Ada")
    assert again(shapes.Tree)(boss).data == shapes.Tree(boss).data
    assert shapes.Tree(boss).data["team"][0]["team"][0]["name"] == "Eve"


@BOTH
def test_one_class_keeps_its_two_contracts(again: Any) -> None:
    france = Country.objects.get(pk="fr")
    ours = again(shapes.BriefCountry)
    for nested in (True, False):
        expected = shapes.BriefCountry(france, nested=nested).data
        assert ours(france, nested=nested).data == expected
        old = shapes.BriefCountry(data="fr", nested=nested)
        new = ours(data="fr", nested=nested)
        assert new.is_valid() == old.is_valid()
        assert new.errors == old.errors


@BOTH
def test_links_are_those_of_the_request(again: Any) -> None:
    city = City.objects.get(name="Paris")
    context = request()
    expected = shapes.Linked([city], many=True, context=context).data
    assert again(shapes.Linked)([city], many=True, context=context).data == expected
    assert expected[0]["link"].startswith("http://testserver/cities/")
