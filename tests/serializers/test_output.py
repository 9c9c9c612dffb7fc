"""What goes out, for every kind of type and both bases; reading never validates."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

import pytest
from django.test import override_settings
from django.utils import timezone
from pydantic import (
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    IPvAnyAddress,
    RootModel,
    SecretStr,
    computed_field,
    field_serializer,
    model_serializer,
)
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from typing_extensions import TypedDict

from nova_drf import Schema, SchemaSerializer, WriteOnly
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import assert_same_print


class Shade(Enum):
    DARK = "dark"
    LIGHT = "light"


class ClassicAll(serializers.Serializer[Any]):
    text = serializers.CharField()
    number = serializers.IntegerField()
    ratio = serializers.FloatField()
    flag = serializers.BooleanField()
    price = serializers.DecimalField(max_digits=6, decimal_places=2)
    day = serializers.DateField()
    hour = serializers.TimeField()
    moment = serializers.DateTimeField()
    length = serializers.DurationField()
    key = serializers.UUIDField()
    shade = serializers.ChoiceField(choices=["dark", "light"])
    level = serializers.ChoiceField(choices=[1, 2])
    numbers = serializers.ListField(child=serializers.IntegerField())
    prices = serializers.DictField(child=serializers.DecimalField(6, 2))
    blob = serializers.JSONField()
    address = serializers.IPAddressField()


class AllSchema(Schema):
    text: str
    number: int
    ratio: float
    flag: bool
    price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]
    day: date
    hour: time
    moment: datetime
    length: timedelta
    key: UUID
    shade: Shade
    level: Literal[1, 2]
    numbers: list[int]
    prices: dict[str, Annotated[Decimal, Field(max_digits=6, decimal_places=2)]]
    blob: Any
    address: IPvAnyAddress


class AllSerializer(SchemaSerializer[AllSchema]):
    pass


ROW: dict[str, Any] = {
    "text": "t",
    "number": 1,
    "ratio": 1.5,
    "flag": True,
    "price": Decimal("1.5"),
    "day": date(2024, 1, 2),
    "hour": time(10, 11, 12, 5),
    "moment": datetime(2024, 7, 1, 10, 0, 0, 120, tzinfo=UTC),
    "length": timedelta(days=-1, seconds=5),
    "key": UUID(int=5),
    "shade": "dark",
    "level": 2,
    "numbers": [1, 2],
    "prices": {"a": Decimal("2")},
    "blob": {"x": [1, None]},
    "address": "10.0.0.1",
}
ODD: list[dict[str, Any]] = [
    {},
    dict.fromkeys(ROW),
    {"text": 5, "number": "7", "ratio": 2, "flag": "true", "price": "3", "level": "1"},
    {"price": Decimal("1E+2"), "length": timedelta(0), "shade": "", "level": 9},
    {"price": Decimal("1.005"), "prices": {}, "numbers": ("1", None), "shade": "unknown"},
    {"day": "2024-01-02", "hour": "10:00", "moment": "2024-01-02T00:00:00Z", "key": "k"},
    {"moment": datetime(2024, 1, 1, 5, tzinfo=UTC), "ratio": 1e-07, "text": "\u2028<&>"},
    {"moment": datetime(2024, 1, 1, 5), "flag": 0, "number": True, "blob": "text"},
    {
        "day": datetime(2024, 1, 1),
        "hour": time(1, tzinfo=UTC),
        "address": ipaddress.ip_address("::1"),
    },
]
SETTINGS: list[dict[str, Any]] = [
    {},
    {"COERCE_DECIMAL_TO_STRING": False},
    {"DATETIME_FORMAT": "%d.%m.%Y", "DATE_FORMAT": "%d.%m.%Y", "TIME_FORMAT": "%H"},
    {"DATETIME_FORMAT": None, "DATE_FORMAT": None, "TIME_FORMAT": None},
]


@pytest.mark.parametrize("framework", SETTINGS)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/New_York"])
@pytest.mark.parametrize("odd", ODD)
def test_values_are_printed_as_drf_prints_them(
    odd: dict[str, Any], zone: str, framework: dict[str, Any]
) -> None:
    row = {**ROW, **odd}
    with override_settings(REST_FRAMEWORK=framework), timezone.override(zone):
        assert_same_print(ClassicAll, AllSerializer, row)
        assert_same_print(ClassicAll, AllSerializer, [ROW, row, ROW], many=True)


def test_without_time_zones() -> None:
    row = {**ROW, "moment": datetime(2024, 1, 2, 3, 4, 5)}
    with override_settings(USE_TZ=False):
        assert_same_print(ClassicAll, AllSerializer, [row], many=True)


def test_columns_of_mixed_types_and_classes() -> None:
    class Row:
        def __init__(self, **values: Any) -> None:
            self.__dict__.update(values)

    rows = [ROW, {**ROW, "number": "3"}, {**ROW, "moment": None, "text": None}]
    assert_same_print(ClassicAll, AllSerializer, rows, many=True)
    assert_same_print(ClassicAll, AllSerializer, [Row(**row) for row in rows], many=True)
    assert_same_print(ClassicAll, AllSerializer, [Row(**ROW), ROW], many=True)
    called = [Row(**{**ROW, "text": lambda: "called"}), Row(**ROW)]
    assert_same_print(ClassicAll, AllSerializer, called, many=True)
    assert AllSerializer([], many=True).data == []


T = TypeVar("T")


class Page(Schema, Generic[T]):
    items: list[T]
    total: int


class Cat(Schema):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(Schema):
    kind: Literal["dog"] = "dog"
    tricks: list[str]


@dataclass
class Size:
    width: int


class Corner(NamedTuple):
    x: int
    y: int


class Extra(TypedDict):
    note: str


def rendered(schema: type[BaseModel], instance: Any) -> bytes:
    return bytes(JSONRenderer().render(serializer_from_schema(schema)(instance).data))


def test_generics_and_unions_go_out() -> None:
    class Zoo(Schema):
        page: Page[Cat]
        pet: Annotated[Cat | Dog, Field(discriminator="kind")]
        either: Cat | Dog
        mixed: int | str

    zoo = {
        "page": {"items": [{"lives": 1, "kind": "cat"}], "total": 1},
        "pet": {"kind": "dog", "tricks": ["sit"]},
        "either": {"kind": "dog", "tricks": []},
        "mixed": "m",
    }
    assert serializer_from_schema(Zoo)(zoo).data == {
        "page": {"items": [{"kind": "cat", "lives": 1}], "total": 1},
        "pet": {"kind": "dog", "tricks": ["sit"]},
        "either": {"kind": "dog", "tricks": []},
        "mixed": "m",
    }
    serializer = serializer_from_schema(Zoo)(data=zoo)
    assert serializer.is_valid(), serializer.errors
    assert isinstance(serializer.validated_schema.pet, Dog)
    assert serializer.validated_data["pet"] == {"kind": "dog", "tricks": ["sit"]}
    bad = serializer_from_schema(Zoo)(data={**zoo, "pet": {"kind": "dog"}, "mixed": []})
    assert not bad.is_valid()
    assert bad.errors["pet"]["tricks"][0].code == "required"
    assert list(bad.errors) == ["pet", "mixed"]


def test_types_that_only_pydantic_knows() -> None:
    class Odd(Schema):
        size: Size
        corner: Corner
        extra: Extra
        pair: tuple[int, str]
        raw: bytes
        secret: SecretStr
        root: RootModel[list[int]]

    body = {
        "size": {"width": 1},
        "corner": [1, 2],
        "extra": {"note": "n"},
        "pair": [1, "a"],
        "raw": "bytes",
        "secret": "s",
        "root": [1],
    }
    serializer = serializer_from_schema(Odd)(data=body)
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data["secret"] == "s"
    data = serializer_from_schema(Odd)(serializer.validated_schema).data
    assert data == {**body, "secret": "**********"}
    bad = serializer_from_schema(Odd)(data={**body, "pair": [1], "size": "x", "root": "x"})
    assert not bad.is_valid()
    assert list(bad.errors) == ["size", "pair", "root"]


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_computed_fields_and_write_only_ones(base: type[BaseModel]) -> None:
    class Account(base):
        first: str
        last: str
        password: WriteOnly[str]

        @computed_field
        @property
        def full(self) -> str:
            return f"{self.first} {self.last}"

    instance = {"first": "a", "last": "b", "password": "secret"}
    assert rendered(Account, instance) == b'{"first":"a","last":"b","full":"a b"}'
    assert rendered(Account, Account(**instance)) == b'{"first":"a","last":"b","full":"a b"}'
    serializer = serializer_from_schema(Account)(data=instance)
    assert serializer.is_valid()
    assert serializer.validated_data == instance
    assert serializer.data == {"first": "a", "last": "b", "full": "a b"}


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_serializers_of_the_schema_are_honoured(base: type[BaseModel]) -> None:
    class Own(base):
        n: int
        d: date

        @field_serializer("n")
        def as_text(self, value: int) -> str:
            return f"<{value}>"

    class Whole(base):
        n: int

        @model_serializer
        def only(self) -> dict[str, int]:
            return {"only": self.n}

    assert rendered(Own, {"n": 1, "d": date(2024, 1, 2)}) == b'{"n":"<1>","d":"2024-01-02"}'
    assert rendered(Whole, {"n": 1}) == b'{"only":1}'


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_aliases(base: type[BaseModel]) -> None:
    class Camel(base):
        model_config = ConfigDict(populate_by_name=True)
        first_name: Annotated[str, Field(alias="firstName")]
        home_page: Annotated[
            str, Field(validation_alias="homePage", serialization_alias="homepage")
        ]

    serializer = serializer_from_schema(Camel)(data={"firstName": "a", "homePage": "b"})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"first_name": "a", "home_page": "b"}
    assert serializer.data == {"firstName": "a", "homepage": "b"}
    bad = serializer_from_schema(Camel)(data={})
    assert not bad.is_valid()
    assert list(bad.errors) == ["firstName", "homePage"]


def test_a_plain_model_keeps_pydantics_output() -> None:
    class Plain(BaseModel):
        moment: datetime
        length: timedelta
        price: Decimal
        link: HttpUrl
        mail: EmailStr
        shade: Shade

    body = {
        "moment": "2024-01-02T03:04:05Z",
        "length": "PT5S",
        "price": "1.50",
        "link": "https://a.io",
        "mail": "a@b.co",
        "shade": "dark",
    }
    serializer = serializer_from_schema(Plain)(data=body)
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data["link"] == "https://a.io/"
    assert serializer.validated_data["shade"] == "dark"
    assert serializer.data == Plain(**body).model_dump(mode="json")


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_extra_keys_are_kept_where_the_schema_allows_them(base: type[BaseModel]) -> None:
    class Open(base):
        model_config = ConfigDict(extra="allow")
        n: int

    serializer = serializer_from_schema(Open)(data={"n": 1, "more": "x"})
    assert serializer.is_valid()
    assert serializer.validated_data == {"n": 1}
    assert serializer.validated_schema.model_extra == {"more": "x"}
    assert serializer_from_schema(Open)(serializer.validated_schema).data == {"n": 1, "more": "x"}
