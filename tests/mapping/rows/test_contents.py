"""JSON and files: DRF's field and the schema agree on every value."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import QueryDict
from pydantic import BaseModel, ConfigDict, Field, JsonValue, create_model
from rest_framework import fields as drf
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIRequestFactory

from nova_drf import Schema
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import Side, assert_same_verdict
from tests.strategies import NONSENSE_VALUES, Colour, form_of


def cyclic() -> Any:
    """Return a list that holds itself."""
    items: list[Any] = []
    items.append(items)
    return items


def deep(levels: int = 50_000) -> Any:
    """Return nested lists that no recursion can walk."""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


VALUES = (*NONSENSE_VALUES, {"a": [1, {"b": None}]}, [1.5, "x"], '{"a": 1}', "[1", {(1, 2): 3})


@pytest.mark.parametrize("value", VALUES, ids=lambda value: ascii(value)[:40])
@pytest.mark.parametrize("annotation", [Any, object, JsonValue])
def test_every_value_gets_the_verdict_of_drfs_json_field(annotation: Any, value: Any) -> None:
    if value == "\ud800":
        # DRF takes it, and answers 500 where it is to send it.
        serializer = Side(annotation, drf.JSONField()).ours(data={"v": value})
        assert not serializer.is_valid()
        assert serializer.errors == {"v": [drf.JSONField().error_messages["invalid"]]}
    else:
        Side(annotation, drf.JSONField()).check(value)


@pytest.mark.parametrize("annotation", [Any, dict[str, Any], list[Any], Any | int, list, dict])
@pytest.mark.parametrize("base", [Schema, BaseModel])
@pytest.mark.parametrize(
    "value", ["\ud800", ["a\udfff"], {"\ud800": 1}, {"a": [{"b": "\ud800"}]}, [float("inf")], 1e999]
)
def test_what_no_answer_could_repeat_is_refused(base: Any, annotation: Any, value: Any) -> None:
    """DRF's own containers of anything look at nothing; so do those of a ``Schema``."""
    if base is Schema and annotation is not Any:
        return
    serializer = serializer_from_schema(create_model("One", __base__=base, v=(annotation, ...)))(
        data={"v": value}
    )
    assert not serializer.is_valid()
    assert JSONRenderer().render(serializer.errors)


def test_infinity_in_the_json_of_a_form_is_refused() -> None:
    schema = create_model("One", __base__=Schema, v=(Any, ...))
    serializer = serializer_from_schema(schema)(data=QueryDict("v=[1e999]"))
    assert not serializer.is_valid()
    assert serializer.errors == {"v": [drf.JSONField().error_messages["invalid"]]}


@pytest.mark.parametrize("make", [cyclic, deep])
def test_structures_that_json_cannot_hold_are_refused(make: Any) -> None:
    serializer = Side(Any, drf.JSONField()).ours(data={"v": make()})
    assert not serializer.is_valid()
    assert serializer.errors == {"v": [drf.JSONField().error_messages["invalid"]]}


def test_values_that_are_no_json_are_invalid_and_null_is_null() -> None:
    side = Side(Any, drf.JSONField())
    for value in (float("nan"), {1}, b"x"):
        side.check(value)
    assert side.refuses({1}) == "invalid"
    assert side.refuses(None) == "null"


def test_text_is_parsed_as_json_in_a_form_only() -> None:
    side = Side(Any, drf.JSONField())
    assert side.accepts('{"a": 1}') == '{"a": 1}'
    form = form_of({"v": '{"a": 1}'})
    assert_same_verdict(side.classic, side.ours, form)
    serializer = side.ours(data=form)
    assert serializer.is_valid()
    assert serializer.validated_data == {"v": {"a": 1}}
    assert_same_verdict(side.classic, side.ours, form_of({"v": "{"}))


def test_a_value_is_kept_as_it_is_even_of_a_subclass() -> None:
    assert Side(Any, drf.JSONField()).accepts(Colour.RED) is Colour.RED


@pytest.mark.parametrize("stored", [1, "x", 1.5, [1, None], {"a": [1]}, True, ""], ids=ascii)
def test_stored_json_is_printed_as_it_is(stored: Any) -> None:
    assert Side(Any, drf.JSONField()).prints(stored) == stored


FILES: tuple[Any, ...] = (
    *("", "name", 5, None, [], {}, b"content", ContentFile(b"x", name=""), ContentFile(b"x", "n")),
    *(SimpleUploadedFile("empty", b""), SimpleUploadedFile("long-name.txt", b"x")),
)


@pytest.mark.parametrize("value", FILES, ids=ascii)
@pytest.mark.parametrize("limits", [{}, {"max_length": 5}], ids=str)
@pytest.mark.parametrize("annotation", [UploadedFile, File])
def test_every_value_gets_the_verdict_of_drfs_file_field(
    annotation: Any, limits: dict[str, Any], value: Any
) -> None:
    described: Any = Annotated[annotation, Field(**limits)] if limits else annotation
    side = Side(described, drf.FileField(**limits))
    expected = side.classic(data={"v": value})
    actual = side.ours(data={"v": value})
    assert actual.is_valid() == expected.is_valid()
    assert actual.errors == expected.errors
    assert actual.validated_data.get("v") is expected.validated_data.get("v")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (SimpleUploadedFile("empty", b""), "empty"),
        ("text", "invalid"),
        (SimpleUploadedFile("long-name.txt", b"x"), "max_length"),
        (None, "null"),
    ],
    ids=ascii,
)
def test_files_are_refused_with_the_codes_of_drfs_field(value: Any, code: str) -> None:
    side = Side(Annotated[UploadedFile, Field(max_length=5)], drf.FileField(max_length=5))
    assert side.refuses(value) == code


class Stored:
    """A file in a storage, as a model's attribute has it."""

    url = "/media/x.txt"
    name = "x.txt"


class Nothing(Stored):
    """The attribute of a model without a file."""

    def __bool__(self) -> bool:
        return False


@pytest.mark.parametrize("stored", [Stored(), Nothing(), None], ids=["file", "nothing", "null"])
@pytest.mark.parametrize("with_request", [True, False])
def test_a_file_is_printed_as_its_url_absolute_when_there_is_a_request(
    stored: Any, with_request: bool
) -> None:
    side = Side(UploadedFile, drf.FileField())
    context = {"request": APIRequestFactory().get("/")} if with_request else {}
    expected = side.classic({"v": stored}, context=context).data
    assert side.ours({"v": stored}, context=context).data == expected


def test_a_plain_models_file_is_checked_by_its_class_in_drfs_words() -> None:
    class Upload(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        file: UploadedFile

    refused = serializer_from_schema(Upload)(data={"file": "text"})
    assert not refused.is_valid()
    assert refused.errors == {"file": [drf.FileField().error_messages["invalid"]]}


@pytest.mark.parametrize("stored", [Stored(), Nothing(), SimpleUploadedFile("a.txt", b"x")])
@pytest.mark.parametrize("with_request", [True, False])
def test_a_plain_models_file_is_printed_as_by_drf(stored: Any, with_request: bool) -> None:
    class Upload(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        name: str
        file: UploadedFile | None

    class Shelf(BaseModel):
        uploads: list[Upload]

    classic = Side(UploadedFile, drf.FileField()).classic
    context = {"request": APIRequestFactory().get("/")} if with_request else {}
    expected = {"name": "a", "file": classic({"v": stored}, context=context).data["v"]}
    row = {"name": "a", "file": stored}
    ours = serializer_from_schema(Upload)
    assert ours(row, context=context).data == expected
    assert ours([row, row], many=True, context=context).data == [expected, expected]
    shelf = serializer_from_schema(Shelf)({"uploads": [row]}, context=context)
    assert shelf.data == {"uploads": [expected]}


def test_json_in_a_schema_alone_is_what_the_serializer_makes_of_it() -> None:
    class Document(Schema):
        content: Any

    assert Document(content={"a": [1, None]}).model_dump() == {"content": {"a": [1, None]}}
    assert Document(content={"a": 1.5}).model_dump_json() == '{"content":{"a":1.5}}'


def test_a_model_in_an_untyped_value_is_an_object_and_no_list_of_pairs() -> None:
    class Inner(BaseModel):
        x: int = Field(serialization_alias="theX")

    class Document(Schema):
        content: Any

    stored = {"content": Inner(x=1)}
    assert serializer_from_schema(Document)(stored).data == {"content": {"theX": 1}}
