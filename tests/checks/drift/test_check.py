"""The check names each disagreement about a column, with both places; and no agreement."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from unittest.mock import patch

import pytest
from django import forms
from django.core.checks import CheckMessage, run_checks
from pydantic import BaseModel, Field
from rest_framework import serializers

from nova_drf import NotRequired, Schema, SchemaSerializer
from nova_drf.checks.drift import check_contract_drift, places
from tests.servicesapp.models import Parcel, Ticket
from tests.testapp.models import Book


def messages_about(*classes: type) -> list[CheckMessage]:
    """Run the check as if these were all the classes that there are."""
    with (
        patch.object(places, "_subclasses", lambda base: _subclasses(base, classes)),
        patch.object(places, "serializer_classes", lambda: _subclasses(SchemaSerializer, classes)),
    ):
        return [message for message in check_contract_drift() if message.obj in classes]


def _subclasses(base: type, classes: tuple[type, ...]) -> list[type]:
    return [one for one in classes if issubclass(one, base)]


def found(settings: Any, *classes: type, scope: str = "all", **waivers: str) -> dict[str, str]:
    """Return the ids of what is said about some classes, by field and aspect."""
    settings.NOVA_DRF = {"CONTRACT_DRIFT": scope, "DRIFT_WAIVERS": waivers}
    return {
        message.msg.partition(":")[0].rpartition(".")[2] + " " + _aspect(message): str(message.id)
        for message in messages_about(*classes)
    }


def _aspect(message: CheckMessage) -> str:
    return message.msg.partition(": ")[2].partition(" ")[0]


def test_what_a_model_serializer_and_a_form_infer_agrees(settings: Any) -> None:
    class Inferred(serializers.ModelSerializer[Parcel]):
        class Meta:
            model = Parcel
            fields = "__all__"

    class InferredForm(forms.ModelForm):
        class Meta:
            model = Parcel
            fields = "__all__"  # noqa: DJ007  # all of them is what is tested

    class InferredBook(serializers.ModelSerializer[Book]):
        class Meta:
            model = Book
            fields = "__all__"

    class InferredBookForm(forms.ModelForm):
        class Meta:
            model = Book
            # Django 5.2 warns about any form of an URL.
            exclude = ["website"]  # noqa: DJ006

    assert found(settings, Inferred, InferredForm, InferredBook, InferredBookForm) == {}


def test_each_disagreement_of_a_classic_serializer(settings: Any) -> None:
    class Drifting(serializers.ModelSerializer[Parcel]):
        label = serializers.CharField(max_length=30, min_length=3)
        code = serializers.CharField(max_length=8)
        note = serializers.CharField(required=False, allow_blank=True)
        size = serializers.ChoiceField(choices=["s", "l", "xl"])
        weight = serializers.IntegerField(max_value=100, required=False)
        price = serializers.DecimalField(max_digits=8, decimal_places=3)
        whole = serializers.SerializerMethodField()
        deep = serializers.CharField(source="shelf.name")
        other = serializers.CharField()

        class Meta:
            model = Parcel
            fields = "__all__"

        def get_whole(self, parcel: Parcel) -> str:
            return ""

    assert found(settings, Drifting) == {
        "label max_length": "nova_drf.W101",
        "label min_length": "nova_drf.I101",
        "code unique": "nova_drf.W107",
        "note null": "nova_drf.I101",
        "size choices": "nova_drf.W103",
        "weight required": "nova_drf.W104",
        "weight min_value": "nova_drf.W105",
        "weight max_value": "nova_drf.W105",
        "price max_digits": "nova_drf.W106",
        "price decimal_places": "nova_drf.W106",
    }


class Drifted(Schema):
    label: Annotated[str, Field(min_length=1, max_length=40)]
    code: Annotated[str, Field(max_length=8)]
    note: NotRequired[str | None]
    size: Annotated[str, Field(max_length=1)]
    weight: Annotated[int, Field(ge=0, le=90)]
    count: int = 1
    price: Annotated[Decimal, Field(max_digits=8, decimal_places=3)]
    shelf: int


def test_a_schema_and_the_messages(settings: Any) -> None:
    class DriftedSerializer(SchemaSerializer[Drifted]):
        class Meta:
            model = Parcel

    expected = {
        "label max_length": "nova_drf.W101",
        "label min_length": "nova_drf.W101",
        "size choices": "nova_drf.W103",
        "price max_digits": "nova_drf.W106",
        "price decimal_places": "nova_drf.W106",
    }
    assert found(settings, DriftedSerializer, scope="schemas") == expected
    (message,) = [
        one for one in messages_about(DriftedSerializer) if "label: max_length" in one.msg
    ]
    assert message.msg.endswith(
        "DriftedSerializer.label: max_length is 40 here, and 20 in "
        "tests.servicesapp.models.Parcel.label."
    )
    assert message.obj is DriftedSerializer
    assert found(settings, DriftedSerializer, scope="off") == {}


def test_choices_are_shown(settings: Any) -> None:
    class Sized(serializers.ModelSerializer[Parcel]):
        size = serializers.ChoiceField(choices=[("Group", [("xl", "Huge")])])

        class Meta:
            model = Parcel
            fields = ["size"]

    settings.NOVA_DRF = {"CONTRACT_DRIFT": "all"}
    (message,) = messages_about(Sized)
    assert "choices is one of xl here, and one of l, s in" in message.msg


def test_a_form(settings: Any) -> None:
    class ParcelForm(forms.ModelForm):
        label = forms.CharField(max_length=10, required=False)
        weight = forms.IntegerField(min_value=0, max_value=90)
        size = forms.ChoiceField(choices=[("s", "Small")])
        price = forms.DecimalField(max_digits=7, decimal_places=2)
        extra = forms.CharField()

        class Meta:
            model = Parcel
            fields = ["label", "code", "note", "size", "weight", "count", "price", "shelf"]

    assert found(settings, ParcelForm) == {
        "label required": "nova_drf.W104",
        "label max_length": "nova_drf.I101",
        "size choices": "nova_drf.I101",
    }


def test_contracts_are_compared_where_the_column_says_nothing(settings: Any) -> None:
    class First(serializers.ModelSerializer[Parcel]):
        code = serializers.CharField(max_length=8, min_length=4, validators=[])

        class Meta:
            model = Parcel
            fields = ["code"]

    class Second(serializers.ModelSerializer[Parcel]):
        class Meta:
            model = Parcel
            fields = ["code"]
            extra_kwargs = {"code": {"min_length": 5}}

    settings.NOVA_DRF = {"CONTRACT_DRIFT": "all"}
    (message,) = [one for one in messages_about(First, Second) if one.obj is Second]
    assert "min_length is 5 here, and 4 in" in message.msg
    assert "First.code" in message.msg


def test_the_schema_of_a_model_itself(settings: Any) -> None:
    settings.NOVA_DRF = {}
    messages = {one.msg for one in check_contract_drift() if "TicketSchema" in one.msg}
    assert any("TicketSchema.name: max_length is 10 here, and 100 in" in one for one in messages)
    assert any("TicketSchema.price: max_digits is 6 here, and 8 in" in one for one in messages)
    assert not any(one.partition(":")[0].endswith((".id", ".topics")) for one in messages)
    assert Ticket.validated_by


def test_what_is_no_model_is_left_to_another_check(settings: Any) -> None:
    class Named(SchemaSerializer[Drifted]):
        class Meta:
            model = "servicesapp.Parcel"

    class Classic(serializers.ModelSerializer[Parcel]):
        class Meta:
            model = ["servicesapp.Parcel"]

    for scope in ("schemas", "all"):
        settings.NOVA_DRF = {"CONTRACT_DRIFT": scope}
        for cls in (Named, Classic):
            assert not any(cls.__qualname__ in one.msg for one in check_contract_drift())


def test_waivers_need_a_reason_and_a_use(settings: Any) -> None:
    class Short(serializers.ModelSerializer[Parcel]):
        label = serializers.CharField(max_length=10, min_length=2)

        class Meta:
            model = Parcel
            fields = ["label"]

    place = f"{Short.__module__}.{Short.__qualname__}.label max_length"
    assert found(settings, Short) == {"label max_length": "nova_drf.I101"}
    assert found(settings, Short, **{place: "The printer has ten columns."}) == {}
    everywhere = {"servicesapp.Parcel.label max_length": "The printer has ten columns."}
    assert found(settings, Short, **everywhere) == {}
    settings.NOVA_DRF = {
        "CONTRACT_DRIFT": "all",
        "DRIFT_WAIVERS": {place: "", "nowhere max_length": "A reason."},
    }
    ids = {one.id: one for one in check_contract_drift() if "DRIFT_WAIVERS'][" in one.msg}
    assert "needs a reason" in ids["nova_drf.E101"].msg
    assert "nothing disagrees there" in ids["nova_drf.W109"].msg


def test_a_serializer_that_needs_a_request_is_named(settings: Any) -> None:
    class Demanding(serializers.ModelSerializer[Parcel]):
        class Meta:
            model = Parcel
            fields = ["label"]

        def get_fields(self) -> Any:
            return self.context["request"]

    settings.NOVA_DRF = {"CONTRACT_DRIFT": "all"}
    (message,) = messages_about(Demanding)
    assert message.id == "nova_drf.W108"
    assert "KeyError: 'request'" in message.msg


def test_plain_pydantic_drifts_too(settings: Any) -> None:
    class Plain(BaseModel):
        weight: Annotated[int, Field(ge=1, le=90)]

    class PlainSerializer(SchemaSerializer[Plain]):
        class Meta:
            model = Parcel

    assert found(settings, PlainSerializer, scope="schemas") == {
        "weight min_value": "nova_drf.I101"
    }


@pytest.mark.django_db
def test_it_is_registered_with_django(settings: Any) -> None:
    class Short(serializers.ModelSerializer[Parcel]):
        label = serializers.CharField(max_length=10, min_length=2)

        class Meta:
            model = Parcel
            fields = ["label"]

    settings.NOVA_DRF = {"CONTRACT_DRIFT": "all"}
    assert any(message.obj is Short for message in run_checks())
