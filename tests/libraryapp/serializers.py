"""Serializers as projects write them with libraries for DRF."""

from __future__ import annotations

from typing import Any

from djmoney.contrib.django_rest_framework import MoneyField
from drf_dynamic_fields import DynamicFieldsMixin
from drf_extra_fields.fields import Base64FileField, Base64ImageField, IntegerRangeField
from drf_extra_fields.geo_fields import PointField
from drf_extra_fields.relations import PresentablePrimaryKeyRelatedField
from drf_queryfields import QueryFieldsMixin
from drf_writable_nested.serializers import WritableNestedModelSerializer
from phonenumber_field.serializerfields import PhoneNumberField
from rest_flex_fields import FlexFieldsModelSerializer
from rest_framework import serializers
from rest_framework_gis.fields import GeometryField
from rest_framework_gis.serializers import GeoFeatureModelSerializer
from taggit.serializers import TaggitSerializer, TagListSerializerField
from timezone_field.rest_framework import TimeZoneSerializerField

from tests.libraryapp.models import Branch, Desk, Place


class Image(Base64ImageField):
    """An image in base64, with a name that is not drawn by lot."""

    def get_file_name(self, decoded_file: bytes) -> str:
        return f"image-{len(decoded_file)}"


class TextFile(Base64FileField):
    """A file in base64, as the library wants it subclassed."""

    ALLOWED_TYPES = ("txt",)

    def get_file_name(self, decoded_file: bytes) -> str:
        return f"text-{len(decoded_file)}"

    def get_file_extension(self, filename: str, decoded_file: bytes) -> str:
        return "txt"


class Fields(serializers.Serializer[Any]):
    """One field of each library."""

    phone = PhoneNumberField(region="FR", required=False)
    price = MoneyField(max_digits=6, decimal_places=2, required=False)
    zone = TimeZoneSerializerField(required=False)
    tags = TagListSerializerField(required=False)
    image = Image(required=False)
    text = TextFile(required=False)
    point = PointField(required=False)
    area = GeometryField(required=False, precision=2)
    plain = serializers.CharField(required=False, max_length=3)


class Range(serializers.Serializer[Any]):
    """A range, whose values are those of a driver for PostgreSQL."""

    span = IntegerRangeField(required=False)


class BranchSerializer(TaggitSerializer, serializers.ModelSerializer[Branch]):
    """What DRF infers of the libraries' columns, and tags."""

    tags = TagListSerializerField(required=False)

    class Meta:
        model = Branch
        fields = ("id", "name", "phone", "zone", "rent", "rent_currency", "tags")


class DeskSerializer(serializers.ModelSerializer[Desk]):
    """To be written together with its shop."""

    class Meta:
        model = Desk
        fields = ("id", "label", "places")


class NestedBranch(WritableNestedModelSerializer):
    """drf-writable-nested."""

    desks = DeskSerializer(many=True, required=False)

    class Meta:
        model = Branch
        fields = ("id", "name", "desks")


class PresentedDesk(serializers.ModelSerializer[Desk]):
    """drf-extra-fields: takes a key, prints an object."""

    branch = PresentablePrimaryKeyRelatedField(
        queryset=Branch.objects.all(), presentation_serializer=NestedBranch
    )

    class Meta:
        model = Desk
        fields = ("id", "label", "branch")


class PlaceSerializer(GeoFeatureModelSerializer):
    """djangorestframework-gis."""

    class Meta:
        model = Place
        geo_field = "point"
        fields = ("id", "name", "point")


class QueriedDesk(QueryFieldsMixin, serializers.ModelSerializer[Desk]):
    """djangorestframework-queryfields: ``?fields=`` and ``?fields!=``."""

    class Meta:
        model = Desk
        fields = ("id", "label", "places")


class DynamicDesk(DynamicFieldsMixin, serializers.ModelSerializer[Desk]):
    """drf-dynamic-fields: ``?fields=`` and ``?omit=``."""

    class Meta:
        model = Desk
        fields = ("id", "label", "places")


class FlexBranch(FlexFieldsModelSerializer):
    """drf-flex-fields, expanded by its desks."""

    class Meta:
        model = Branch
        fields = ("id", "name")


class FlexDesk(FlexFieldsModelSerializer):
    """drf-flex-fields: ``?fields=``, ``?omit=`` and ``?expand=``, or arguments of those names."""

    class Meta:
        model = Desk
        fields = ("id", "label", "places", "branch")
        expandable_fields = {"branch": FlexBranch}
