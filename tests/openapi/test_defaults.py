"""A default in a document is what a response would hold, of the type that the document says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from django.utils.translation import gettext_lazy
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from pydantic import BaseModel, SecretStr, create_model
from rest_framework import serializers

from nova_drf import Schema, UseField
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.openapi.documents import Dialect, drafted, endpoints, generated

BASES = pytest.mark.parametrize("base", [Schema, BaseModel])


class Shade(Enum):
    DARK = "dark"
    LIGHT = "light"


class Part(BaseModel):
    n: int = 1


class Length(Schema):
    length: timedelta = timedelta(hours=1)


def default_of(base: type[BaseModel], annotation: Any, default: Any) -> Any:
    """Return the default of a field in a valid document; ``...`` where it has none."""
    item = create_model("Item", __base__=base, value=(annotation, default))
    schemas = generated(endpoints(item=serializer_from_schema(item)))["components"]["schemas"]
    return schemas["Item"]["properties"]["value"].get("default", ...)


def sent(base: type[BaseModel], annotation: Any, default: Any) -> Any:
    """Return what a response holds where nothing was sent."""
    item = create_model("Item", __base__=base, value=(annotation, default))
    serializer = serializer_from_schema(item)(data={})
    serializer.is_valid(raise_exception=True)
    return serializer.data["value"]


PRINTED: dict[str, tuple[Any, Any]] = {
    "text of a date": (date, "2024-01-02"),
    "member of an enumeration": (Shade, Shade.DARK),
    "value of a member": (Shade, "dark"),
    "members in a tuple": (list[Shade], (Shade.DARK,)),
    "member in a literal": (Literal["dark", "light"], Shade.DARK),
    "dictionary of a model": (Part, {"n": 2}),
    "model": (Part, Part(n=2)),
    "schema": (Length, Length()),
    "dates in a list": (list[date], [date(2024, 1, 2)]),
    "member of a union": (Shade | int, Shade.DARK),
    "tuple": (tuple[Shade, date], (Shade.DARK, date(2024, 1, 2))),
    "UUID": (UUID, UUID(int=1)),
    "secret": (SecretStr, SecretStr("hidden")),
    "anything: a model": (Any, Part(n=2)),
    "anything: plain data": (Any, {"a": [1, None, True, "x"]}),
}


@BASES
@pytest.mark.parametrize("name", PRINTED)
def test_a_default_is_printed_as_in_a_response(base: type[BaseModel], name: str) -> None:
    annotation, default = PRINTED[name]
    assert default_of(base, annotation, default) == sent(base, annotation, default)


CANNOT_BE_SAID: dict[str, tuple[Any, Any]] = {
    "date of a moment": (datetime, date(2024, 1, 2)),
    "moment of a day": (date, datetime(2024, 1, 2, 3, tzinfo=UTC)),
    "number of a length": (timedelta, 5),
    "text of a number": (int, "many"),
    "text of a list": (list[int], "many"),
    "texts of a list": (list[int], ["many"]),
    "texts of a dictionary": (dict[str, int], {"a": "many"}),
    "text of a union": (int | list[int], "many"),
    "infinity": (float, float("inf")),
    "no number": (float, float("nan")),
    "bytes": (bytes, b"\xff"),
    "anything: an object": (Any, object()),
}


@BASES
@pytest.mark.parametrize("name", CANNOT_BE_SAID)
@pytest.mark.usefixtures("dialect")
def test_a_default_of_another_type_is_left_out(base: type[BaseModel], name: str) -> None:
    annotation, default = CANNOT_BE_SAID[name]
    assert default_of(base, annotation, default) is ...


@BASES
def test_a_document_with_any_default_can_be_rendered(base: type[BaseModel]) -> None:
    fields: dict[str, Any] = {
        f"value{number}": case
        for number, case in enumerate([*PRINTED.values(), *CANNOT_BE_SAID.values()])
    }
    fields["text"] = (str, gettext_lazy("Title"))
    fields["whatever"] = (Any, {"shade": Shade.DARK, "day": date(2024, 1, 2)})
    item = create_model("Item", __base__=base, **fields)
    document = drafted(endpoints(item=serializer_from_schema(item)))
    for renderer in (OpenApiJsonRenderer, OpenApiYamlRenderer):
        assert b"value1" in renderer().render(document)


@BASES
def test_the_order_of_a_set_is_always_the_same(base: type[BaseModel]) -> None:
    assert default_of(base, set[str], {"c", "a", "b"}) == ["a", "b", "c"]
    assert default_of(base, frozenset[Shade], frozenset(Shade)) == ["dark", "light"]


def test_a_default_in_another_number_is_as_in_a_classic_serializer(dialect: Dialect) -> None:
    class Item(Schema):
        price: Decimal = 3
        count: int = Decimal(3)
        ratio: float = 3

    class ItemSerializer(serializers.Serializer[Any]):
        price = serializers.DecimalField(max_digits=None, decimal_places=None, default=3)
        count = serializers.IntegerField(default=Decimal(3))
        ratio = serializers.FloatField(default=3)

    ours = drafted(endpoints(item=serializer_from_schema(Item)))
    assert ours == drafted(endpoints(item=ItemSerializer))


def test_the_default_of_a_kept_field(dialect: Dialect) -> None:
    class Item(Schema):
        day: Annotated[Any, UseField(serializers.DateField(default=date(2024, 1, 2)))]
        moment: Annotated[Any, UseField(serializers.DateTimeField(default=date(2024, 1, 2)))]
        shades: Annotated[
            Any, UseField(serializers.MultipleChoiceField(choices=["b", "a"], default={"b", "a"}))
        ]
        thing: Annotated[Any, UseField(serializers.JSONField(default=Shade.DARK))]

    schemas = generated(endpoints(item=serializer_from_schema(Item)))["components"]["schemas"]
    properties = schemas["Item"]["properties"]
    assert properties["day"]["default"] == "2024-01-02"
    assert properties["shades"]["default"] == ["a", "b"]
    assert "default" not in properties["thing"]
