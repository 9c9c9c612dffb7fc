"""What clients see of a service's exceptions; for duplicates, what DRF's validators would say."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self

import pytest
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, connection, transaction
from pydantic import BaseModel, Field, model_validator
from pydantic import ValidationError as PydanticValidationError
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError

from nova_drf import NotRequired, Schema, serializer_from_schema
from nova_drf.service_errors import api_error
from nova_drf.services import AlreadyExists, Conflict, InvalidArguments, Service
from tests.servicesapp.models import Item, Shelf

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
    assert codes(api_error(unknown).detail) == {"non_field_errors": [("Taken.", "unique")]}  # type: ignore[attr-defined]
    unknown.fields = ("price", "link")
    assert codes(api_error(unknown).detail) == {"non_field_errors": [("Taken.", "unique")]}  # type: ignore[attr-defined]


def test_clients_names_of_fields() -> None:
    duplicate = AlreadyExists()
    duplicate.model, duplicate.fields = Item, ("code",)
    translated: Any = api_error(duplicate, names={"code": "number"})
    assert list(translated.detail) == ["number"]


class Counter(Service):
    def count(self, data: dict[str, int], much: Decimal = Decimal(1)) -> None: ...


def test_the_whole_bodys_argument_has_no_name() -> None:
    with pytest.raises(InvalidArguments) as caught:
        Counter().count({"a": "x"}, much=0.5)  # type: ignore[dict-item, arg-type]
    named: Any = api_error(caught.value)
    assert set(named.detail) == {"data", "much"}
    whole: Any = api_error(caught.value, whole="data")
    assert set(whole.detail) == {"a", "much"}
    with pytest.raises(InvalidArguments) as caught:
        Counter().count({"a": "x"})  # type: ignore[dict-item]
    whole = api_error(caught.value, whole="data")
    assert set(whole.detail) == {"a"}


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
    counts: NotRequired[list[int]]

    @model_validator(mode="after")
    def not_both(self) -> Self:
        if self.code == "no" and self.counts:
            raise ValueError("Not both.")
        return self


class Plain(BaseModel):
    count: int


@pytest.mark.parametrize(
    "data",
    [
        {"code": ""},
        {"code": "abcd"},
        {"code": "no", "counts": ["x"]},
        {"code": "no", "counts": [1]},
    ],
)
def test_a_schema_that_a_service_makes(data: dict[str, Any]) -> None:
    with pytest.raises(PydanticValidationError) as caught:
        Place.model_validate(data)
    serializer = serializer_from_schema(Place)(data=data)
    assert not serializer.is_valid()
    translated: Any = api_error(caught.value)
    assert codes(translated.detail) == codes(serializer.errors)


def test_a_plain_model_that_a_service_makes() -> None:
    with pytest.raises(PydanticValidationError) as caught:
        Plain.model_validate({"count": "secret"})
    translated: Any = api_error(caught.value)
    assert [one.code for one in translated.detail["count"]] == ["int_parsing"]
    assert "secret" not in str(translated.detail)
