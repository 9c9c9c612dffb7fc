"""Query strings of delegated actions, against a serializer of ``request.query_params``."""

from __future__ import annotations

import datetime
from enum import Enum
from typing import Any, Literal

import pytest
from django.http import QueryDict
from django.urls import include, path
from django.utils.datastructures import MultiValueDict
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, SecretStr, create_model
from rest_framework import serializers
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient

from nova_drf import NotRequired, Schema, serializer_from_schema
from nova_drf.mapping.drf_versions import dictionary_of_form
from nova_drf.services import Service
from nova_drf.views.services.inputs import query_data
from nova_drf.viewsets import ServiceViewSet, delegate


class Shade(Enum):
    RED = "red"
    BLUE = "blue"


class Point(Schema):
    x: int
    y: int = 0


class ClassicFilter(serializers.Serializer[Any]):
    since = serializers.DateField(required=False, allow_null=True)
    number = serializers.IntegerField(required=False, allow_null=True)
    whole = serializers.IntegerField(required=False)
    name = serializers.CharField(required=False)
    blank = serializers.CharField(required=False, allow_blank=True)
    nick = serializers.CharField(required=False, allow_null=True)
    shade = serializers.ChoiceField(["red", "blue"], required=False)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    ids = serializers.ListField(child=serializers.IntegerField(), default=[1])
    page = serializers.IntegerField(default=1)
    must = serializers.CharField()


class Filter(Schema):
    since: NotRequired[datetime.date | None]
    number: NotRequired[int | None]
    whole: NotRequired[int]
    name: NotRequired[str]
    blank: NotRequired[str] = Field(min_length=0)
    nick: NotRequired[str | None]
    shade: NotRequired[Literal["red", "blue"]]
    tags: NotRequired[list[str]]
    ids: list[int] = [1]
    page: int = 1
    must: str


QUERIES = [
    "",
    "must=",
    "must=a",
    "must=a&since=&number=&whole=&name=&nick=&shade=&page=",
    "must=a&blank=",
    "must=a&since=2024-01-02&number=5&name=b&shade=red&page=7",
    "must=a&since=x&number=x&shade=x&page=x",
    "must=a&must=b&tags=1&tags=2",
    "must=a&tags=",
    "must=a&ids=1&ids=x",
    "must=a&ids[0]=1&ids[1]=2",
]


def outcome(serializer: Any) -> Any:
    return serializer.validated_data if serializer.is_valid() else serializer.errors


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_read_as_a_serializer_reads_it(query: str) -> None:
    serializer_class = serializer_from_schema(Filter)
    expected = outcome(ClassicFilter(data=QueryDict(query)))
    assert outcome(serializer_class(data=QueryDict(query))) == expected
    data = query_data(serializer_class, QueryDict(query))
    assert outcome(serializer_class(data=data)) == expected


VALUES: list[tuple[Any, str, Any]] = [
    (SecretStr, "v=abc", "abc"),
    (SecretStr | None, "v=", None),
    (tuple[int, str], "v=1&v=b", ["1", "b"]),
    (tuple[int, str] | None, "v=", None),
    (tuple[int, ...], "v=1&v=2", ["1", "2"]),
    (set[int], "v=1&v=1", ["1", "1"]),
    (int | list[int], "v=1&v=2", ["1", "2"]),
    (int | str, "v=a", "a"),
    (bool, "v=false", "false"),
    (bool | None, "v=", None),
    (Shade, "v=red", "red"),
    (Shade | None, "v=", None),
    (Point, "v.x=1&v.y=2", {"x": "1", "y": "2"}),
    (list[Point], "v[0]x=1&v[0]y=2", [{"x": "1", "y": "2"}]),
    (dict[str, int], "v.a=1", dictionary_of_form(MultiValueDict({"a": ["1"]}))),
    (dict[str, list[int]], "v.a=1&v.a=2", {"a": ["1", "2"]}),
    (Any, "v=abc", "abc"),
    (Any, 'v={"a": 1}', '{"a": 1}'),
    (datetime.datetime, "v=2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
]


@pytest.mark.parametrize("base", [Schema, BaseModel])
@pytest.mark.parametrize(("type_", "query", "value"), VALUES, ids=[one[1] for one in VALUES])
def test_a_query_means_what_json_means(base: Any, type_: Any, query: str, value: Any) -> None:
    serializer_class = serializer_from_schema(create_model("One", __base__=base, v=(type_, ...)))
    expected = outcome(serializer_class(data={"v": value}))
    data = query_data(serializer_class, QueryDict(query))
    found = outcome(serializer_class(data=data))
    assert (found, type(found["v"])) == (expected, type(expected["v"]))


def test_what_a_query_does_not_name_is_absent() -> None:
    class Flags(Schema):
        flag: NotRequired[bool]
        on: bool = True
        several: NotRequired[list[str]]

    assert query_data(serializer_from_schema(Flags), QueryDict("other=1")) == {}


def test_names_of_a_query() -> None:
    class Named(Schema):
        model_config = ConfigDict(validate_by_name=True)
        apart: int = Field(validation_alias="apartIn", serialization_alias="apartOut")
        x: int = Field(validation_alias=AliasPath("pos", "x"))
        last: str = Field(validation_alias=AliasPath("all", -1))
        one: str = Field(validation_alias=AliasChoices("first", "second"))

    serializer_class = serializer_from_schema(Named)
    data = query_data(serializer_class, QueryDict("apartIn=1&pos.x=2&all=a&all=b&second=c"))
    assert outcome(serializer_class(data=data)) == {"apart": 1, "x": 2, "last": "b", "one": "c"}
    data = query_data(serializer_class, QueryDict("apart=q&x=2&all=a"))
    assert list(outcome(serializer_class(data=data))) == ["apart", "first"]


# Over HTTP


class Out(Schema):
    id: int
    note: str | None = None


class Desk(Service):
    def search(self, q: Filter) -> dict[str, Any]:
        return q.model_dump(mode="json", exclude_unset=True)

    def typed(
        self,
        secret: SecretStr,
        pair: tuple[int, str] = (0, ""),
        loud: bool = True,
        term: Any = None,
    ) -> dict[str, Any]:
        return {
            "secret": secret.get_secret_value(),
            "pair": list(pair),
            "loud": loud,
            "term": term,
        }

    def nobody(self) -> Out | None:
        return None

    def somebody(self) -> Out | None:
        return Out(id=1)

    def some(self) -> list[Out | None]:
        return [Out(id=1), None, Out(id=2)]

    def none(self) -> list[Out | None]:
        return []

    def number(self) -> int | None:
        return None

    async def later(self) -> Out | None:
        return None

    async def several(self) -> list[Out | None]:
        return [None, Out(id=1)]


class DeskViews(ServiceViewSet[Desk]):
    search = delegate(Desk.search, methods=["get"])
    typed = delegate(Desk.typed, methods=["get"])
    nobody = delegate(Desk.nobody, methods=["get"])
    somebody = delegate(Desk.somebody, methods=["get"])
    some = delegate(Desk.some, methods=["get"])
    none = delegate(Desk.none, methods=["get"])
    number = delegate(Desk.number, methods=["get"])
    later = delegate(Desk.later, methods=["get"])
    several = delegate(Desk.several, methods=["get"])


router = SimpleRouter()
router.register("desk", DeskViews, basename="desk")
urlpatterns = [path("", include(router.urls))]

over_http = pytest.mark.urls(__name__)


@over_http
def test_empty_parameters_are_absent_or_none() -> None:
    answer = APIClient().get("/desk/search/?must=a&since=&number=&name=")
    assert answer.json() == {"must": "a", "since": None, "number": None}


@over_http
def test_secrets_tuples_and_what_is_not_typed() -> None:
    answer = APIClient().get("/desk/typed/?secret=abc&pair=1&pair=b&loud=false&term=t")
    assert answer.json() == {"secret": "abc", "pair": [1, "b"], "loud": False, "term": "t"}
    answer = APIClient().get("/desk/typed/?secret=abc")
    assert answer.json() == {"secret": "abc", "pair": [0, ""], "loud": True, "term": None}


@over_http
@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("nobody", b"null"),
        ("somebody", b'{"id":1,"note":null}'),
        ("some", b'[{"id":1,"note":null},null,{"id":2,"note":null}]'),
        ("none", b"[]"),
        ("number", b"null"),
        ("later", b"null"),
        ("several", b'[null,{"id":1,"note":null}]'),
    ],
)
def test_nothing_is_null(action: str, body: bytes) -> None:
    answer: Any = APIClient().get(f"/desk/{action}/")
    assert (answer.status_code, answer.content) == (200, body)
    assert answer["Content-Type"] == "application/json"


@over_http
def test_nothing_in_the_browsable_api() -> None:
    page: Any = APIClient().get("/desk/nobody/", HTTP_ACCEPT="text/html")
    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/html")
