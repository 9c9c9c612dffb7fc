"""``SchemaForm``: a form that judges what it is sent exactly as its serializer does."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from pydantic import ConfigDict, Field
from rest_framework import serializers

from nova_drf import Schema, SchemaSerializer, serializer_from_schema
from nova_drf.forms import SchemaForm
from tests.servicesapp.schemas import EverythingForm, TicketSchema

GOOD = "title=Hamlet&price=9.50&day=2024-01-02&state=new"


class ThingForm(SchemaForm[EverythingForm]):
    pass


@pytest.mark.parametrize(
    "sent",
    [
        GOOD,
        GOOD + "&loud=on",
        GOOD + "&seats=9",
        GOOD + "&seats=",
        "title=&price=",
        "title=LOUD&price=9.50",
        "title=%20%20a%20%20&price=1.234",
        "price=1&title=ab&loud=on",
        GOOD + "&extra.a=1",
        GOOD + "&ratio=x&email=x&site=x&at=x&hour=x",
        "",
    ],
)
def test_it_judges_as_the_serializer_does(sent: str) -> None:
    serializer = serializer_from_schema(EverythingForm)(data=QueryDict(sent))
    form = ThingForm(QueryDict(sent))
    assert form.is_valid() is serializer.is_valid()
    expected = {
        "__all__" if name == "non_field_errors" else name: [(one.code, str(one)) for one in found]
        for name, found in serializer.errors.items()
    }
    found = {
        name: [(one["code"], one["message"]) for one in errors]
        for name, errors in form.errors.get_json_data().items()
    }
    assert found == expected
    if form.is_valid():
        assert form.cleaned_data == serializer.validated_data
        assert form.validated_schema == serializer.validated_schema


def test_the_typed_instance() -> None:
    form = ThingForm(QueryDict(GOOD))
    assert form.validated_schema.price == Decimal("9.50")
    assert form.validated_schema.day == date(2024, 1, 2)
    with pytest.raises(AssertionError, match="invalid form"):
        ThingForm(QueryDict("")).validated_schema


def test_prefixes_dictionaries_and_files() -> None:
    form = ThingForm({"a-title": "Hamlet", "a-price": "9.5", "title": "x"}, prefix="a")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["title"] == "Hamlet"
    scan = SimpleUploadedFile("scan.txt", b"x")
    form = ThingForm({"title": "Hamlet", "price": "9.5"}, {"scan": scan})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["scan"] is scan
    assert form.is_multipart()


def test_hooks_of_a_form_see_typed_values() -> None:
    class PickyForm(ThingForm):
        note = forms.CharField(required=False)

        def clean_price(self) -> Decimal:
            price: Decimal = self.cleaned_data["price"]
            if price > 5:
                raise forms.ValidationError("Too dear.", code="dear")
            return price

    assert PickyForm(QueryDict(GOOD)).errors.get_json_data() == {
        "price": [{"message": "Too dear.", "code": "dear"}]
    }
    form = PickyForm(QueryDict("title=ab&price=1&note=hello"))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["note"] == "hello"


def test_a_class_may_replace_the_look_of_a_field() -> None:
    class LongForm(SchemaForm[TicketSchema]):
        name = forms.CharField(widget=forms.Textarea, required=False)

    form = LongForm({"name": "A", "price": "1"})
    assert "<textarea" in str(form["name"])
    assert [error["code"] for error in form.errors.get_json_data()["name"]] == ["min_length"]


def test_what_is_wrong_inside_a_field_is_said_of_the_field() -> None:
    errors = ThingForm(QueryDict(GOOD + "&marks=1&marks=x")).errors.get_json_data()
    assert [error["code"] for error in errors["marks"]] == ["invalid"]


def test_a_serializer_class_of_its_own() -> None:
    class Serializer(SchemaSerializer[TicketSchema]):
        def validate_name(self, value: str) -> str:
            raise serializers.ValidationError(self.context["words"], code="never")

    class TicketForm(SchemaForm[TicketSchema]):
        serializer_class = Serializer

    form = TicketForm({"name": "Hamlet", "price": "1"}, context={"words": "Never."})
    assert form.errors.get_json_data() == {"name": [{"message": "Never.", "code": "never"}]}


def test_how_fields_look() -> None:
    page = ThingForm().as_p()
    assert "id" not in ThingForm().fields
    for part in [
        'type="text" name="title" maxlength="10" minlength="2" required',
        'type="number" name="seats" value="1"',
        'step="0.01"',
        'step="any"',
        "<select",
        '<option value="sold">Sold</option>',
        'type="checkbox" name="loud"',
        'type="email"',
        'type="url"',
        'type="date"',
        'type="datetime-local"',
        'type="time"',
        'type="file"',
        "<textarea",
        "The title",
        "Of it",
    ]:
        assert part in page, part


def test_buttons_are_no_extra_values() -> None:
    class Closed(Schema):
        model_config = ConfigDict(extra="forbid")
        name: str = Field(alias="theName")

    class ClosedForm(SchemaForm[Closed]):
        pass

    form = ClosedForm(QueryDict("theName=a&_save=Save&other.x=1"))
    assert form.is_valid(), form.errors
    assert form.validated_schema.name == "a"


def test_a_form_without_a_schema() -> None:
    class Nothing(SchemaForm[Any]):
        pass

    with pytest.raises(ImproperlyConfigured, match="no schema"):
        Nothing()
