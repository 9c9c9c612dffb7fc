"""``PydanticField`` in a classic serializer, and fields of a schema that stands alone."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError
from rest_framework import serializers
from rest_framework.renderers import HTMLFormRenderer

from nova_drf import NotRequired, Schema, UseField
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.serializers.pydantic_field import PydanticField
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import error_tree


class Inner(Schema):
    n: Annotated[int, Field(ge=1)]


class Holder(Schema):
    either: int | list[Inner]
    pair: tuple[int, str]


def field_of(name: str) -> PydanticField:
    return PydanticField(shape_of(Holder).fields[name].type)


class Classic(serializers.Serializer[Any]):
    either = field_of("either")
    pair = field_of("pair")


def test_it_validates_and_prints_in_a_classic_serializer() -> None:
    serializer = Classic(data={"either": "5", "pair": ["1", "a"]})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"either": 5, "pair": (1, "a")}
    assert serializer.data == {"either": 5, "pair": [1, "a"]}


def test_its_errors_have_drfs_shape() -> None:
    serializer = Classic(data={"either": [{"n": 0}], "pair": [1]})
    assert not serializer.is_valid()
    tree = error_tree(serializer.errors)
    assert tree["either"][0] == {
        "n": [("Ensure this value is greater than or equal to 1.", "min_value")]
    }
    assert tree["pair"] == {1: [("This field is required.", "required")]}


class Kept(Schema):
    name: Annotated[str, UseField(serializers.SlugField(max_length=3))]
    note: Annotated[str, UseField(serializers.CharField(required=False))]
    free: NotRequired[int]


def test_kept_fields_run_in_a_schema_that_stands_alone() -> None:
    assert Kept.model_validate({"name": "a"}).name == "a"
    with pytest.raises(ValidationError) as caught:
        Kept.model_validate({"name": "not a slug"})
    assert caught.value.errors()[0]["loc"] == ("name",)
    assert "slug" in caught.value.errors()[0]["msg"]
    dumped = Kept.model_validate({"name": "a", "note": "n"}).model_dump_json()
    assert '"name":"a","note":"n"' in dumped


def test_markers_show_themselves() -> None:
    assert "SlugField" in repr(UseField(serializers.SlugField()))
    unset = Kept.model_validate({"name": "a"}).free
    assert not unset
    assert repr(unset) == "UNSET"


class Cat(Schema):
    kind: Literal["cat"]
    lives: list[int]


class Dog(Schema):
    kind: Literal["dog"]


class Owner(Schema):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    size: int | tuple[int, int]


def test_a_form_shows_every_error_of_a_value_with_parts() -> None:
    serializer = serializer_from_schema(Owner)(
        data={"pet": {"kind": "cat", "lives": ["x", 1]}, "size": 1}
    )
    assert not serializer.is_valid()
    detail = serializer.errors["pet"]["lives"][0][0]
    assert serializer["pet"].errors == [f"lives.0: {detail}"]
    assert serializer["size"].errors is None
    page = HTMLFormRenderer().render(serializer.data, renderer_context={})
    assert f"lives.0: {detail}" in page


def test_a_form_shows_errors_of_the_whole_value_without_a_place() -> None:
    serializer = serializer_from_schema(Owner)(data={"pet": "cat", "size": 1})
    assert not serializer.is_valid()
    detail = serializer.errors["pet"]["non_field_errors"][0]
    assert serializer["pet"].errors == [str(detail)]
