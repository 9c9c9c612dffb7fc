"""Libraries for DRF that projects use: typed, running as themselves, with the answers they had."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import transaction
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from nova_drf import conversion_report, schema_from_serializer
from nova_drf.testing import assert_parity
from tests.libraryapp import serializers as legacy
from tests.libraryapp.models import Branch, Desk, Place
from tests.migration.convert.test_oddities import BOTH

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def branches(db: None) -> None:
    """Two shops, one with a desk and tags."""
    paris = Branch.objects.create(name="Paris", phone="+33142685300", zone="Europe/Paris", rent=5)
    paris.tags.add("old", "big")
    Desk.objects.create(branch=paris, label="a")
    Branch.objects.create(name="Lyon")


TYPES = {
    "phone": "PhoneNumber",
    "price": "Money",
    "zone": "ZoneInfo",
    "tags": "list[str]",
    "image": "File",
    "text": "File",
    "point": "dict[str, Any]",
    "area": "dict[str, Any]",
    "span": "dict[str, Any]",
}


@pytest.mark.parametrize("name", TYPES)
def test_a_librarys_field_is_typed_and_runs_itself(name: str) -> None:
    classic = legacy.Range if name == "span" else legacy.Fields
    (line,) = (one for one in conversion_report(classic).fields if one.name == name)
    assert line.type == TYPES[name]
    assert line.reasons


WHOLE: list[Any] = [
    *(legacy.Fields, legacy.BranchSerializer, legacy.NestedBranch, legacy.PresentedDesk),
    *(legacy.QueriedDesk, legacy.DynamicDesk, legacy.FlexDesk),
]


def by_name(serializer_class: Any) -> str:
    """Return the name of a parametrized test's serializer."""
    return str(getattr(serializer_class, "__name__", ""))


@BOTH
@pytest.mark.parametrize("serializer_class", WHOLE, ids=by_name)
def test_no_client_notices(serializer_class: Any, again: Any) -> None:
    assert_parity(serializer_class, again(serializer_class), examples=12)


@BOTH
def test_a_range_is_taken_as_it_was(again: Any) -> None:
    ours = again(legacy.Range)
    for span in ({"lower": 1, "upper": 3}, {"lower": 3, "upper": 1}, {"lower": "x"}, {}, "x", None):
        old, new = legacy.Range(data={"span": span}), ours(data={"span": span})
        assert new.is_valid() == old.is_valid()
        assert new.errors == old.errors
        assert new.validated_data == old.validated_data
        if old.validated_data.get("span") is not None:
            assert ours(new.validated_data).data == legacy.Range(old.validated_data).data


FEATURES: list[Any] = [
    {"name": "Tower", "point": {"type": "Point", "coordinates": [1.0, 2.0]}},
    {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [1, 2]},
        "properties": {"name": "Tower"},
    },
    {"name": "Tower", "point": "POINT (1 2)"},
    {"name": "Tower", "point": "nowhere"},
    {"name": "Tower", "point": ""},
    {},
]


@BOTH
@pytest.mark.parametrize("feature", FEATURES, ids=str)
def test_a_feature_is_taken_as_it_was(feature: Any, again: Any) -> None:
    copies = [{**feature}, {**feature}]
    for one in copies:
        if "properties" in one:
            one["properties"] = dict(one["properties"])
    old = legacy.PlaceSerializer(data=copies[0])
    new = again(legacy.PlaceSerializer)(data=copies[1])
    assert new.is_valid() == old.is_valid()
    assert new.errors == old.errors
    assert new.validated_data == old.validated_data


@BOTH
def test_features_are_printed_as_they_were(again: Any) -> None:
    place = Place(pk=1, name="Tower", point=Point(1, 2))
    ours = again(legacy.PlaceSerializer)
    assert ours(place).data == legacy.PlaceSerializer(place).data
    assert ours([place], many=True).data == legacy.PlaceSerializer([place], many=True).data
    assert ours(place).data["properties"] == {"name": "Tower"}


def saved(serializer_class: Any, data: Any, instance: Any = None) -> Any:
    """Save, look at what is in the database, and take it back."""
    with transaction.atomic():
        serializer = serializer_class(instance, data=data, partial=instance is not None)
        serializer.is_valid(raise_exception=True)
        branch = serializer.save()
        tags = sorted(branch.tags.names())
        desks = list(branch.desks.order_by("label").values_list("label", "places"))
        transaction.set_rollback(True)
    return branch.name, tags, desks, str(branch.phone), branch.rent


@BOTH
@pytest.mark.parametrize(
    ("serializer_class", "data"),
    [
        (legacy.BranchSerializer, {"name": "Nice", "tags": ["x", "y"], "rent": "7.50"}),
        (legacy.NestedBranch, {"name": "Nice", "desks": [{"label": "a"}, {"label": "b"}]}),
    ],
    ids=by_name,
)
def test_saving_writes_the_same(serializer_class: Any, data: Any, again: Any) -> None:
    ours = again(serializer_class)
    assert saved(ours, data) == saved(serializer_class, data)
    branch = Branch.objects.get(name="Paris")
    assert saved(ours, data, branch) == saved(serializer_class, data, branch)


# Fields by request

QUERIES = (
    *("", "fields=label", "fields=label,places", "fields!=places", "omit=label", "fields="),
    *("expand=branch", "expand=branch&omit=branch.id", "fields=label,branch&expand=branch"),
    *("fields=nothing", "expand=~all", "fields=id&fields=label"),
)


def of_request(query: str, method: str = "get") -> dict[str, Any]:
    """Return the context of a request with a query."""
    request = getattr(APIRequestFactory(), method)(f"/?{query}")
    return {"request": Request(request)}


DYNAMIC: list[Any] = [legacy.QueriedDesk, legacy.DynamicDesk, legacy.FlexDesk]


@BOTH
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("serializer_class", DYNAMIC, ids=by_name)
def test_the_request_chooses_the_fields(serializer_class: Any, query: str, again: Any) -> None:
    ours = again(serializer_class)
    assert_parity(serializer_class, ours, context=of_request(query), examples=5)
    desk = Desk.objects.get()
    context = of_request(query)
    expected = serializer_class([desk, desk], many=True, context=context).data
    assert ours([desk, desk], many=True, context=of_request(query)).data == expected


@BOTH
@pytest.mark.parametrize(
    "arguments",
    [{"fields": ["label"]}, {"omit": ["places"]}, {"expand": ["branch"]}],
    ids=str,
)
def test_arguments_choose_the_fields(arguments: Any, again: Any) -> None:
    desk, ours = Desk.objects.get(), again(legacy.FlexDesk)
    assert ours(desk, **arguments).data == legacy.FlexDesk(desk, **arguments).data
    data = {"label": "b", "places": "x"}
    old, new = (cls(data=data, **arguments) for cls in (legacy.FlexDesk, ours))
    assert new.is_valid() == old.is_valid()
    assert new.errors == old.errors


def test_everything_of_the_libraries_converts() -> None:
    for serializer_class in (*WHOLE, legacy.Range, legacy.PlaceSerializer):
        assert schema_from_serializer(serializer_class).model_fields
