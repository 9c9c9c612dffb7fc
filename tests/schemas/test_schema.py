"""A ``Schema`` without a serializer: an ordinary Pydantic model with DRF's wire semantics."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError as DjangoValidationError
from django.test import override_settings
from pydantic import (
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    TypeAdapter,
    ValidationError,
    field_validator,
)
from rest_framework import fields as drf
from rest_framework import serializers
from rest_framework.exceptions import ValidationError as DRFValidationError

from nova_drf import (
    UNSET,
    NotRequired,
    ReadOnly,
    Schema,
    UseField,
    WriteOnly,
    serializer_from_schema,
)
from tests.oracle import assert_same_print, assert_same_verdict

T = TypeVar("T")


class Address(Schema):
    """A nested schema."""

    street: str
    mail: EmailStr = "a@b.co"


class Order(Schema):
    """One of nearly everything."""

    id: ReadOnly[int] = 0
    name: Annotated[str, Field(max_length=10, description="Who orders")]
    price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]
    placed: datetime
    span: timedelta = timedelta(hours=26)
    key: UUID = UUID(int=1)
    site: HttpUrl | None = None
    tags: list[str] = []
    addresses: list[Address] = []
    secret: WriteOnly[str] = "x"
    note: NotRequired[str]


SENT: dict[str, Any] = {
    "name": " abc ",
    "price": "1.5",
    "placed": "2024-01-02T03:04:05",
    "tags": [" a "],
    "addresses": [{"street": " s "}],
}


def test_it_validates_as_the_serializer_does() -> None:
    order = Order.model_validate(SENT)
    assert order.name == "abc"
    assert str(order.price) == "1.50"
    assert order.placed.isoformat() == "2024-01-02T03:04:05+01:00"
    assert order.tags == ["a"]
    assert order.addresses == [Address(street="s")]
    assert "note" not in order.model_dump()


def test_it_validates_json_text_too() -> None:
    assert Order.model_validate_json(json.dumps(SENT)) == Order.model_validate(SENT)


def test_it_dumps_json_in_drfs_formats_and_python_as_it_is() -> None:
    order = Order.model_validate(SENT)
    printed = json.loads(order.model_dump_json())
    assert printed["price"] == "1.50"
    assert printed["placed"] == "2024-01-02T03:04:05+01:00"
    assert printed["span"] == "1 02:00:00"
    assert printed["addresses"] == [{"street": "s", "mail": "a@b.co"}]
    assert order.model_dump()["price"] == Decimal("1.50")
    assert order.model_dump(mode="json") == printed


def test_what_it_dumps_can_be_validated_again() -> None:
    class Outer(Schema):
        order: Order
        orders: list[Order]
        other: NotRequired[int | None] = Field(alias="theOther")

    outer = Outer.model_validate({"order": SENT, "orders": [SENT, {**SENT, "note": "n"}]})
    assert Outer.model_validate(outer.model_dump(by_alias=True)) == outer
    assert Outer.model_validate_json(outer.model_dump_json(by_alias=True)) == outer
    assert "theOther" not in outer.model_dump(by_alias=True)
    assert "other" not in outer.model_dump()
    assert outer.model_dump()["orders"][1]["note"] == "n"


def test_settings_are_read_when_it_dumps() -> None:
    order = Order.model_validate(SENT)
    with override_settings(
        REST_FRAMEWORK={"COERCE_DECIMAL_TO_STRING": False, "DATETIME_FORMAT": "%Y"}
    ):
        printed = json.loads(order.model_dump_json())
    assert (printed["price"], printed["placed"]) == (1.5, "2024")
    assert json.loads(order.model_dump_json())["price"] == "1.50"


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_its_json_schema_is_that_of_the_plain_model(mode: Any) -> None:
    annotations = {
        name: info
        for name, info in Order.__annotations__.items()
        if name not in ("note", "addresses")
    }
    namespace = {
        "__annotations__": annotations,
        "__module__": __name__,
        "__doc__": Order.__doc__,
        **{
            name: Order.model_fields[name].default
            for name in annotations
            if not Order.model_fields[name].is_required()
        },
    }
    wired: Any = type("Same", (Schema,), dict(namespace))
    plain: Any = type("Same", (BaseModel,), dict(namespace))
    assert wired.model_json_schema(mode=mode) == plain.model_json_schema(mode=mode)


def test_nested_schemas_are_definitions_in_the_json_schema() -> None:
    schema = Order.model_json_schema()
    assert set(schema["$defs"]) == {"Address"}
    assert schema["properties"]["name"] == {
        "description": "Who orders",
        "maxLength": 10,
        "title": "Name",
        "type": "string",
    }


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_a_field_that_may_be_absent_has_no_default_in_the_json_schema(mode: Any) -> None:
    schema = Order.model_json_schema(mode=mode)
    assert schema["properties"]["note"] == {"title": "Note", "type": "string"}
    assert "note" not in schema["required"]


def test_errors_are_pydantics_with_drfs_sentence() -> None:
    with pytest.raises(ValidationError) as refusal:
        Order.model_validate({**SENT, "name": "", "price": "abc"})
    messages = {
        error["loc"][0]: error["msg"]
        for error in refusal.value.errors()
        if "drf:fast" not in error["loc"]
    }
    assert messages == {
        "name": drf.CharField().error_messages["blank"],
        "price": drf.DecimalField(None, None).error_messages["invalid"],
    }


def test_validators_may_raise_drfs_and_djangos_errors() -> None:
    class Checked(Schema):
        a: int
        b: int

        @field_validator("a")
        @classmethod
        def no_a(cls, value: int) -> int:
            raise DRFValidationError("never", code="never")

        @field_validator("b")
        @classmethod
        def no_b(cls, value: int) -> int:
            raise DjangoValidationError("%(v)s is wrong", params={"v": value})

    with pytest.raises(ValidationError) as refusal:
        Checked(a=1, b=2)
    assert [error["msg"] for error in refusal.value.errors()] == ["never", "2 is wrong"]


def test_copies_pickles_and_comparison_are_pydantics() -> None:
    order = Order.model_validate(SENT)
    assert pickle.loads(pickle.dumps(order)) == order
    assert copy.deepcopy(order) == order
    assert order.model_copy(update={"name": "z"}).name == "z"
    assert "name='abc'" in repr(order)


def test_construction_by_name_and_assignment() -> None:
    class Assigned(Schema):
        model_config = ConfigDict(validate_assignment=True)
        name: str

    assigned = Assigned(name=" a ")
    assigned.name = " b "
    assert assigned.name == "b"
    with pytest.raises(ValidationError):
        assigned.name = ""


def test_type_adapters_and_generics_know_it() -> None:
    class Page(Schema, Generic[T]):
        items: list[T]

    adapter = TypeAdapter(list[Page[Address]])
    (page,) = adapter.validate_python([{"items": [{"street": " s "}]}])
    assert page.items == [Address(street="s")]
    assert adapter.dump_python([page], mode="json") == [
        {"items": [{"street": "s", "mail": "a@b.co"}]}
    ]


def test_a_kept_field_works_in_the_schema_alone() -> None:
    class Kept(Schema):
        when: Annotated[datetime, UseField(drf.DateTimeField(format="%Y"))]
        size: Annotated[int, UseField(drf.IntegerField(required=False, max_value=5))]

    kept = Kept.model_validate({"when": "2024-01-02T03:04:05"})
    assert kept.when.isoformat() == "2024-01-02T03:04:05+01:00"
    assert json.loads(kept.model_dump_json()) == {"when": "2024"}
    with pytest.raises(ValidationError):
        Kept.model_validate({"when": "2024-01-02T03:04:05", "size": 6})


def test_a_default_is_given_as_it_is() -> None:
    class Defaulted(Schema):
        v: Annotated[str, Field(max_length=2)] = "too long"

    assert Defaulted().v == "too long"


def test_a_schema_may_be_the_base_of_a_schema_with_other_fields() -> None:
    class More(Order):
        extra: int

    assert list(More.model_fields)[-1] == "extra"
    assert More.model_validate({**SENT, "extra": "5"}).extra == 5


def test_it_says_what_unset_is() -> None:
    assert repr(UNSET) == "UNSET"
    assert not UNSET
    assert repr(UseField(drf.CharField())) == "UseField(CharField())"


class Outer(Schema):
    """Nests a class that nests this one."""

    name: Annotated[str, Field(max_length=2)]
    inner: Inner | None = None


class Inner(Schema):
    """See :class:`Outer`."""

    outer: Outer | None = None
    needed: Outer
    outers: list[Outer] = []


class ClassicOuter(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=2)

    def get_fields(self) -> Any:
        nested = ClassicInner(allow_null=True, default=None)
        return {**super().get_fields(), "inner": nested}


class ClassicInner(serializers.Serializer[Any]):
    def get_fields(self) -> Any:
        return {
            "outer": ClassicOuter(allow_null=True, default=None),
            "needed": ClassicOuter(),
            "outers": ClassicOuter(many=True, default=list),
        }


@pytest.mark.parametrize(
    "inner",
    [
        {"needed": {"name": "b"}},
        {"needed": {"name": "b"}, "outers": [{"name": "c"}], "outer": {"name": "d"}},
        {"needed": {"name": "long"}, "outers": [{"name": "c"}, {"name": "long"}]},
        {"needed": None, "outers": ({"name": "c"},), "outer": 5},
        {"outers": {}},
    ],
    ids=str,
)
def test_schemas_may_nest_each_other(inner: Any) -> None:
    ours = serializer_from_schema(Outer)
    sent = {"name": "a", "inner": inner}
    assert_same_verdict(ClassicOuter, ours, sent)
    stored = {"name": "a", "inner": {"outer": None, "needed": {"name": "b"}, "outers": []}}
    stored["inner"]["needed"]["inner"] = None
    assert_same_print(ClassicOuter, ours, stored)


class Points(Schema):
    """A list of kept fields."""

    points: list[Annotated[Any, UseField(drf.SlugField(max_length=2))]]


def test_a_list_may_hold_kept_fields() -> None:
    made = Points.model_validate({"points": ["a", "b"]})
    assert made.points == ["a", "b"]
    serializer = serializer_from_schema(Points)(data={"points": ["a", "abc", "?"]})
    assert not serializer.is_valid()
    assert [*serializer.errors["points"]] == [1, 2]
