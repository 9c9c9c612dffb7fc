"""What clients see of a service's exceptions; for duplicates, what DRF's validators would say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from traceback import format_exception
from types import SimpleNamespace
from typing import Annotated, Any, Self

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from pydantic import BaseModel, Field, SecretStr, TypeAdapter, model_validator
from pydantic import ValidationError as PydanticValidationError
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError

from nova_drf import Schema
from nova_drf.services import (
    AlreadyExists,
    Conflict,
    ContractError,
    InvalidArguments,
    Service,
)
from nova_drf.views.services.errors import api_error, refused_arguments
from tests.servicesapp.models import Item, Parcel, Shelf

pytestmark = pytest.mark.django_db


class ItemSerializer(serializers.ModelSerializer[Item]):
    class Meta:
        model = Item
        fields = "__all__"


class ShelfSerializer(serializers.ModelSerializer[Shelf]):
    class Meta:
        model = Shelf
        fields = "__all__"


def said_by_drf(**data: Any) -> Any:
    serializer = ItemSerializer(data=data)
    assert not serializer.is_valid()
    return codes(serializer.errors)


ACTION: Any = SimpleNamespace(
    where="shop.Orders.act", detail=True, names_by_source={"code": "number"}
)
OF_MANY: Any = SimpleNamespace(where="shop.Orders.list", detail=False, names_by_source={})


def codes(detail: Any) -> Any:
    """Return a detail with the code of each message."""
    if isinstance(detail, dict):
        return {key: codes(value) for key, value in detail.items()}
    if isinstance(detail, list):
        return [codes(one) for one in detail]
    return str(detail), detail.code


def written(**values: Any) -> Any:
    """Return what is made of the database's own complaint."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Item.objects.create(**values)
    translated: Any = api_error(caught.value)
    assert isinstance(translated, ValidationError)
    return codes(translated.detail)


def test_a_duplicate_is_what_drf_would_have_said() -> None:
    shelf = Shelf.objects.create(name="s")
    Item.objects.create(code="a", name="A", price="1", shelf=shelf, link="x")
    rest = {"name": "B", "price": "2", "shelf": shelf.pk}
    assert written(code="a", name="B", price=2) == said_by_drf(code="a", **rest)
    together = {"name": "A", "price": "2", "shelf": shelf.pk}
    assert written(code="b", name="A", price=2, shelf=shelf) == said_by_drf(code="b", **together)
    priced = {"name": "A", "price": "1", "shelf": None}
    assert written(code="b", name="A", price=1) == said_by_drf(code="b", **priced)


def test_a_duplicate_that_drf_has_no_words_for() -> None:
    translated: Any
    if connection.features.supports_expression_indexes:
        Shelf.objects.create(name="a")
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            Shelf.objects.create(name="A")
        translated = api_error(caught.value)
        assert [one.code for one in translated.detail["non_field_errors"]] == ["unique"]
    translated = api_error(AlreadyExists("Taken.", field="name"))
    assert codes(translated.detail) == {"name": [("Taken.", "unique")]}
    unknown = AlreadyExists("Taken.")
    unknown.model, unknown.fields = Item, ("price",)
    assert codes(api_error(unknown).detail) == {"non_field_errors": [("Taken.", "unique")]}
    unknown.fields = ("price", "link")
    assert codes(api_error(unknown).detail) == {"non_field_errors": [("Taken.", "unique")]}


def test_clients_names_of_fields() -> None:
    duplicate = AlreadyExists()
    duplicate.model, duplicate.fields = Item, ("code",)
    translated: Any = api_error(duplicate, ACTION)
    assert list(translated.detail) == ["number"]


class Counter(Service):
    def count(self, data: dict[str, int], much: Decimal = Decimal(1)) -> None: ...


def test_the_whole_bodys_argument_has_no_name() -> None:
    with pytest.raises(InvalidArguments) as caught:
        Counter().count({"a": "x"}, much=0.5)
    named: Any = refused_arguments(caught.value, None)
    assert set(named.detail) == {"data", "much"}
    whole: Any = refused_arguments(caught.value, "data")
    assert set(whole.detail) == {"a", "much"}
    with pytest.raises(InvalidArguments) as caught:
        Counter().count({"a": "x"})
    whole = refused_arguments(caught.value, "data")
    assert set(whole.detail) == {"a"}


def test_arguments_that_no_client_sent_are_nobodys_business() -> None:
    with pytest.raises(InvalidArguments) as caught:
        Counter().count({"a": "x"})
    assert api_error(caught.value) is caught.value
    assert api_error(caught.value, ACTION) is caught.value


def test_other_errors_stay_themselves() -> None:
    for error in (RuntimeError(), IntegrityError(), KeyError()):
        assert api_error(error) is error
    conflict = api_error(Conflict("Sold.", code="sold"))
    assert isinstance(conflict, APIException)
    assert conflict.status_code == 409
    listed: Any = api_error(DjangoValidationError(["One.", "Two."]))
    assert [str(one) for one in listed.detail["non_field_errors"]] == ["One.", "Two."]


class Place(Schema):
    code: Annotated[str, Field(max_length=3)]
    token: SecretStr

    @model_validator(mode="after")
    def never(self) -> Self:
        raise ValueError("Never.")


class Plain(BaseModel):
    count: int
    password: SecretStr


@pytest.mark.parametrize(
    "make",
    [
        lambda: Place.model_validate({"code": "SECRET", "token": "SECRET"}),
        lambda: Place.model_validate({"code": "a", "token": "SECRET"}),
        lambda: Plain.model_validate({"count": "SECRET", "password": "SECRET"}),
        lambda: TypeAdapter(dict[str, list[int]]).validate_python({"a": ["SECRET"]}),
    ],
)
def test_a_model_of_the_services_own_says_nothing(make: Callable[[], Any]) -> None:
    with pytest.raises(PydanticValidationError) as caught:
        make()
    assert api_error(caught.value) is caught.value
    told = api_error(caught.value, ACTION)
    assert isinstance(told, ContractError)
    assert str(told).startswith("shop.Orders.act: ")
    frames = "".join(format_exception(told))
    assert "in test_a_model_of_the_services_own_says_nothing" in frames
    assert "input_value" not in frames


def test_a_missing_row_is_404_only_for_what_the_action_is_about() -> None:
    def missing(find: Callable[[], Any]) -> Exception:
        with pytest.raises(ObjectDoesNotExist) as caught:
            find()
        return caught.value

    item, shelf = missing(lambda: Item.objects.get(pk=9)), missing(lambda: Shelf.objects.get(pk=9))
    assert isinstance(api_error(item, ACTION, Item), Http404)
    assert str(api_error(item, ACTION, Item)) == str(item)
    assert api_error(shelf, ACTION, Item) is shelf
    assert isinstance(api_error(shelf, ACTION), Http404)
    assert api_error(shelf, OF_MANY) is shelf
    assert isinstance(api_error(item, OF_MANY, Item), Http404)
    assert api_error(item) is item
    no_relation = missing(lambda: Parcel().shelf)
    assert api_error(no_relation, ACTION) is no_relation
