"""HTML forms and multipart bodies, with DRF's rules for what is empty or missing."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from pydantic import Field
from rest_framework import serializers

from nova_drf import NotRequired, Schema, SchemaSerializer
from tests.oracle import assert_same_verdict


class ClassicItem(serializers.Serializer[Any]):
    name = serializers.CharField()
    gift = serializers.BooleanField()
    size = serializers.IntegerField(required=False)


class ClassicForm(serializers.Serializer[Any]):
    title = serializers.CharField()
    note = serializers.CharField(required=False)
    blank = serializers.CharField(required=False, allow_blank=True)
    nick = serializers.CharField(allow_null=True, required=False)
    both = serializers.CharField(allow_null=True, allow_blank=True, required=False)
    count = serializers.IntegerField(required=False)
    maybe = serializers.IntegerField(allow_null=True, required=False)
    day = serializers.DateField(required=False)
    flag = serializers.BooleanField()
    tri = serializers.BooleanField(allow_null=True, required=False)
    preset = serializers.BooleanField(default=True)
    kind = serializers.ChoiceField(choices=["a", "b"], required=False)
    numbers = serializers.ListField(child=serializers.IntegerField(), required=False)
    texts = serializers.DictField(child=serializers.CharField(), required=False)
    extra = serializers.JSONField(required=False)
    item = ClassicItem(required=False)
    items = ClassicItem(many=True, required=False)


class ItemSchema(Schema):
    name: str
    gift: bool
    size: NotRequired[int]


class ItemSerializer(SchemaSerializer[ItemSchema]):
    pass


class FormSchema(Schema):
    title: str
    note: NotRequired[str]
    blank: NotRequired[Annotated[str, Field(min_length=0)]]
    nick: NotRequired[str | None]
    both: NotRequired[Annotated[str, Field(min_length=0)] | None]
    count: NotRequired[int]
    maybe: NotRequired[int | None]
    day: NotRequired[date]
    flag: bool
    tri: NotRequired[bool | None]
    preset: bool = True
    kind: NotRequired[Literal["a", "b"]]
    numbers: NotRequired[list[int]]
    texts: NotRequired[dict[str, str]]
    extra: NotRequired[Any]
    item: NotRequired[ItemSchema]
    items: NotRequired[list[ItemSchema]]


class FormSerializer(SchemaSerializer[FormSchema]):
    pass


BODIES = [
    "",
    "title=a",
    "title=",
    "title=%20%20",
    "title=a&title=b",
    "title=a&note=&blank=&nick=&both=&count=&maybe=&day=&tri=&preset=&kind=",
    "title=a&flag=on&tri=null&preset=false",
    "title=a&flag=maybe&count=x&day=2024-13-01&kind=z",
    "title=a&numbers=1&numbers=2",
    "title=a&numbers[0]=1&numbers[1]=x",
    "title=a&numbers=",
    "title=a&texts.one=1&texts.two=",
    "title=a&extra=%7B%22a%22%3A%201%7D",
    "title=a&extra=nonsense",
    "title=a&item.name=x&item.gift=on",
    "title=a&item.name=&item.size=",
    "title=a&items[0]name=x&items[1]name=y&items[1]gift=true",
    "title=a&items[0]name=&items[2]size=z",
    "title=a&item=x&items=y",
    "title=%00&count=%D9%A1",
]


@pytest.mark.parametrize("partial", [False, True], ids=["full", "partial"])
@pytest.mark.parametrize("body", BODIES)
def test_forms_mean_what_they_mean_to_drf(body: str, partial: bool) -> None:
    assert_same_verdict(ClassicForm, FormSerializer, QueryDict(body), partial=partial)


@pytest.mark.parametrize(
    "body", ["", "[0]name=a&[1]name=b&[1]gift=on", "[0]name=&[3]gift=x", "name=a"]
)
def test_a_list_at_the_top_of_a_form(body: str) -> None:
    assert_same_verdict(ClassicItem, ItemSerializer, QueryDict(body), many=True)


class ClassicUpload(serializers.Serializer[Any]):
    title = serializers.CharField()
    file = serializers.FileField(max_length=10)
    spare = serializers.FileField(required=False, allow_null=True)


class UploadSchema(Schema):
    title: str
    file: Annotated[UploadedFile, Field(max_length=10)]
    spare: NotRequired[UploadedFile | None]


class UploadSerializer(SchemaSerializer[UploadSchema]):
    pass


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", b"text"), ("a.txt", b""), ("too-long-a-name.txt", b"text")]
)
def test_uploaded_files(name: str, content: bytes) -> None:
    def body() -> MultiValueDict[str, Any]:
        return MultiValueDict({"title": ["a"], "file": [SimpleUploadedFile(name, content)]})

    classic, ours = ClassicUpload(data=body()), UploadSerializer(data=body())
    assert classic.is_valid() == ours.is_valid()
    assert classic.errors == ours.errors
    if classic.is_valid():
        assert ours.validated_data["file"].name == name
        assert isinstance(ours.validated_schema.file, UploadedFile)


@pytest.mark.parametrize("value", ["text", None, "", 5, ["x"]])
def test_what_is_no_file(value: Any) -> None:
    assert_same_verdict(ClassicUpload, UploadSerializer, {"title": "a", "file": value})
    assert_same_verdict(ClassicUpload, UploadSerializer, {"title": "a", "spare": value})
