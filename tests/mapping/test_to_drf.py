"""The DRF fields that shapes become."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from rest_framework import serializers

from nova_drf import ReadOnly, Schema, Source, UseField, WriteOnly
from nova_drf.serializers.pydantic_field import PydanticField
from nova_drf.serializers.schema_serializer import serializer_from_schema


class Inner(Schema):
    n: int


class Everything(Schema):
    labelled: Annotated[str, Field(title="A title", description="Some help")]
    renamed: Annotated[str, Source("other")]
    secret: WriteOnly[str]
    fixed: ReadOnly[str]
    made: list[int] = Field(default_factory=list)
    nested: Inner | None
    many: Annotated[list[Inner], Field(min_length=1, max_length=2)]
    loose: list[Inner | None]
    anything: list[Any]
    mapping: dict[str, Inner]
    free: dict[str, Any]
    pair: tuple[int, str]
    kept: Annotated[str, UseField(serializers.CharField(max_length=3))]
    shown: ReadOnly[Annotated[str, UseField(serializers.CharField(max_length=3))]]
    hidden: WriteOnly[Annotated[str, UseField(serializers.CharField())]]
    moved: Annotated[str, UseField(serializers.CharField()), Source("elsewhere")]


def test_fields_say_what_the_schema_says() -> None:
    fields = serializer_from_schema(Everything)().fields
    assert (fields["labelled"].label, fields["labelled"].help_text) == ("A title", "Some help")
    assert fields["renamed"].source == "other"
    assert fields["secret"].write_only
    assert fields["fixed"].read_only
    assert fields["made"].default is list
    assert fields["nested"].allow_null
    assert isinstance(fields["many"], serializers.ListSerializer)
    assert (fields["many"].min_length, fields["many"].max_length) == (1, 2)
    assert isinstance(fields["loose"], serializers.ListField)
    assert fields["loose"].child.allow_null
    assert isinstance(fields["mapping"].child, serializers.Serializer)
    assert isinstance(fields["free"], serializers.DictField)
    assert isinstance(fields["pair"], PydanticField)


def test_kept_fields_take_the_markers_of_the_schema() -> None:
    fields = serializer_from_schema(Everything)().fields
    assert fields["kept"].max_length == 3
    assert fields["shown"].read_only
    assert fields["shown"].max_length == 3
    assert fields["hidden"].write_only
    assert fields["moved"].source == "elsewhere"


def test_every_serializer_gets_fields_of_its_own() -> None:
    first, second = serializer_from_schema(Everything)(), serializer_from_schema(Everything)()
    assert first.fields["kept"] is not second.fields["kept"]
    assert first.fields["kept"].parent is first
