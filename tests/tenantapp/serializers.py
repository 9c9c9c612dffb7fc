"""All that ModelSerializer infers, each with what stands for it."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from pydantic import Field
from rest_framework import serializers

from nova_drf import (
    NotRequired,
    Schema,
    SchemaSerializer,
    UseField,
)
from tests.tenantapp.models import Booking, Room
from tests.tenantapp.situations import (
    WAYS,
    Choices,
    at_most,
)

_LOWEST, _HIGHEST = connection.ops.integer_field_range("IntegerField")
OfColumn = Annotated[int, Field(ge=_LOWEST, le=_HIGHEST)]
"""What an ``IntegerField`` of the database in use holds."""

# What ModelSerializer infers


class BookingSerializer(serializers.ModelSerializer[Booking]):
    class Meta:
        model = Booking
        fields = ("name", "colour", "count", "room", "desk", "late", "only")


class RoomSerializer(serializers.ModelSerializer[Room]):
    class Meta:
        model = Room
        fields = ("code", "floor")


class TenantSerializer(serializers.ModelSerializer[Room]):
    class Meta:
        model = Room
        fields = ("tenant", "floor")


class DeepSerializer(serializers.ModelSerializer[Booking]):
    class Meta:
        model = Booking
        fields = ("room", "late", "colour")
        depth = 1


class ExtraSerializer(serializers.ModelSerializer[Booking]):
    class Meta:
        model = Booking
        fields = ("name", "where", "desk")
        read_only_fields = ("desk",)
        extra_kwargs = {
            "where": {"source": "room", "label": _("March")},
            "name": {"help_text": _("April"), "error_messages": {"max_length": _("May")}},
        }


class NestingSerializer(serializers.ModelSerializer[Booking]):
    room = RoomSerializer()
    late = serializers.PrimaryKeyRelatedField(many=True, queryset=Room.objects.none())

    class Meta:
        model = Booking
        fields = ("room", "late", "desk")


class BookingSchema(Schema):
    name: Annotated[str, Field(max_length=6)]
    colour: Annotated[str, UseField(serializers.ChoiceField(Choices(), required=False))]
    count: Annotated[int, UseField(serializers.IntegerField(max_value=at_most))]
    room: int
    desk: NotRequired[int | None]
    late: NotRequired[list[int]]
    only: NotRequired[int | None]


class BookingWithoutFields(SchemaSerializer[BookingSchema]):
    class Meta:
        model = Booking


class BookingAsBefore(BookingSerializer):
    """The same with the fields that the schema keeps."""

    colour = serializers.ChoiceField(Choices(), required=False)
    count = serializers.IntegerField(max_value=at_most)


class RoomSchema(Schema):
    code: NotRequired[Annotated[str, Field(max_length=5, min_length=0)]]


class RoomByHand(SchemaSerializer[RoomSchema]):
    class Meta:
        model = Room


class CodeSerializer(serializers.ModelSerializer[Room]):
    class Meta:
        model = Room
        fields = ("code",)


class TenantSchema(Schema):
    tenant: Annotated[str, Field(max_length=3)]
    floor: NotRequired[OfColumn]


class TenantByHand(SchemaSerializer[TenantSchema]):
    class Meta:
        model = Room


CLASSES: list[tuple[Any, Any]] = [
    *(
        (classic, way(classic))
        for classic in (
            BookingSerializer,
            RoomSerializer,
            TenantSerializer,
            DeepSerializer,
            ExtraSerializer,
            NestingSerializer,
        )
        for way in WAYS.values()
    ),
    (BookingAsBefore, BookingWithoutFields),
    (CodeSerializer, RoomByHand),
    (TenantSerializer, TenantByHand),
]
