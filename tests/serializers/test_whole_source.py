"""``source="*"``: a nested schema is the whole object, of which DRF says what null means."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from rest_framework import serializers

from nova_drf import (
    NotRequired,
    Schema,
    SchemaSerializer,
    Source,
    UseField,
    schema_from_serializer,
    serializer_from_schema,
)
from tests.oracle import assert_same_verdict


class ClassicGeo(serializers.Serializer[Any]):
    lat = serializers.FloatField()
    lon = serializers.FloatField(required=False, allow_null=True)


class ClassicInside(serializers.Serializer[Any]):
    geo = ClassicGeo(source="*", allow_null=True)


class ClassicPlace(serializers.Serializer[Any]):
    name = serializers.CharField(required=False)
    position = ClassicGeo(source="*", required=False, allow_null=True)
    must = ClassicGeo(source="*", allow_null=True)
    inside = ClassicInside(required=False, allow_null=True)
    several = ClassicInside(many=True, required=False)
    tags = serializers.DictField(
        source="*", child=serializers.IntegerField(), required=False, allow_null=True
    )


class Geo(Schema):
    lat: float
    lon: NotRequired[float | None]


class Inside(Schema):
    geo: Annotated[Geo | None, Source("*")]


class Place(Schema):
    name: NotRequired[str]
    position: Annotated[NotRequired[Geo | None], Source("*")]
    must: Annotated[Geo | None, Source("*")]
    inside: NotRequired[Inside | None]
    several: NotRequired[list[Inside]]
    tags: Annotated[NotRequired[dict[str, int] | None], Source("*")]


class KeptPlace(Schema):
    name: NotRequired[str]
    position: Annotated[Any, UseField(ClassicGeo(source="*", required=False, allow_null=True))]
    must: Annotated[Any, UseField(ClassicGeo(source="*", allow_null=True))]
    inside: NotRequired[Inside | None]
    several: NotRequired[list[Inside]]
    tags: Annotated[NotRequired[dict[str, int] | None], Source("*")]


class Hooked(SchemaSerializer[Place]):
    def validate_position(self, value: Any) -> Any:
        return value


CLASSES: dict[str, Any] = {
    "by hand": serializer_from_schema(Place),
    "kept fields": serializer_from_schema(KeptPlace),
    "with a hook": Hooked,
    "converted": serializer_from_schema(schema_from_serializer(ClassicPlace)),
}
GEO = {"lat": 1.5, "lon": None}


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize(
    "data",
    [
        {"position": None, "must": None},
        {"position": None, "must": GEO},
        {"position": GEO, "must": None},
        {"must": GEO},
        {"must": GEO, "position": GEO, "name": "a"},
        {"must": GEO, "inside": None},
        {"must": GEO, "inside": {"geo": None}},
        {"must": GEO, "inside": {"geo": GEO}},
        {"must": GEO, "several": [{"geo": None}, {"geo": GEO}, {}]},
        {"must": GEO, "several": [{"geo": GEO}]},
        {"must": GEO, "tags": None},
        {"must": GEO, "tags": {"a": "5"}},
        {"must": GEO, "tags": {"a": None}},
        {"must": 5, "position": []},
        {},
    ],
    ids=str,
)
def test_null_means_what_it_means_to_drf(name: str, data: Any, partial: bool) -> None:
    assert_same_verdict(ClassicPlace, CLASSES[name], data, partial=partial)


@pytest.mark.parametrize("name", CLASSES)
def test_lists_of_them(name: str) -> None:
    assert_same_verdict(ClassicPlace, CLASSES[name], [{"must": None}, {"must": GEO}], many=True)


def test_a_default_of_nothing_is_merged_into_nothing() -> None:
    """DRF answers 500."""

    class Defaulted(Schema):
        name: str
        geo: Annotated[Geo | None, Source("*")] = None

    serializer = serializer_from_schema(Defaulted)(data={"name": "a"})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"name": "a"}
    assert serializer.validated_schema.geo is None
