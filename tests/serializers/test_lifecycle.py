"""The states of a serializer, and classic fields of every kind inside a schema."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from django.test import override_settings
from django.urls import path
from pydantic import BaseModel, ConfigDict, Field
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIRequestFactory
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, UseField
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import assert_same_print, assert_same_verdict, error_tree
from tests.testapp.models import Author, Book, Tag

urlpatterns = [path("authors/<int:pk>/", lambda request, pk: None, name="author-detail")]


class Classic(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=3)
    count = serializers.IntegerField(default=2)


class Simple(Schema):
    name: Annotated[str, Field(max_length=3)]
    count: int = 2


class SimpleSerializer(SchemaSerializer[Simple]):
    pass


BOTH = pytest.mark.parametrize("serializer_class", [Classic, SimpleSerializer])


@BOTH
def test_data_in_each_state(serializer_class: Any) -> None:
    assert serializer_class().data == {"name": "", "count": None}
    unchecked = serializer_class(data={"name": "a"})
    for name in ("data", "errors", "validated_data"):
        with pytest.raises(AssertionError, match="is_valid"):
            getattr(unchecked, name)
    with pytest.raises(AssertionError, match="is_valid"):
        unchecked.save()
    refused = serializer_class(data={"name": "long", "other": 1})
    assert not refused.is_valid()
    assert refused.data == {"name": "long"}
    with pytest.raises(AssertionError, match="invalid data"):
        refused.save()
    valid = serializer_class(data={"name": "a"})
    assert valid.is_valid()
    assert valid.data == {"name": "a", "count": 2}
    with pytest.raises(AssertionError, match=r"after accessing `serializer\.data`"):
        valid.save()
    once = serializer_class(data={"name": "a"})
    assert once.is_valid()
    with pytest.raises(AssertionError, match="commit"):
        once.save(commit=False)
    with pytest.raises(AssertionError, match="data"):
        serializer_class().is_valid()


def test_the_validated_schema_needs_valid_input() -> None:
    unchecked = SimpleSerializer(data={"name": "a"})
    with pytest.raises(AssertionError, match="is_valid"):
        _ = unchecked.validated_schema
    refused = SimpleSerializer(data={})
    assert not refused.is_valid()
    with pytest.raises(AssertionError, match="invalid data"):
        _ = refused.validated_schema


def test_what_comes_back_knows_its_serializer() -> None:
    serializer = SimpleSerializer({"name": "a", "count": 1})
    assert isinstance(serializer.data, ReturnDict)
    many = SimpleSerializer([{"name": "a", "count": 1}], many=True)
    assert isinstance(many.data, ReturnList)
    assert many.data.serializer is many
    assert serializer["name"].value == "a"
    assert [field.name for field in serializer] == ["name", "count"]


def test_misused_arguments_are_refused_as_by_drf() -> None:
    for serializer_class in (Classic, SimpleSerializer):
        with pytest.raises(AssertionError):
            serializer_class(read_only=True, required=True)
        with pytest.raises(TypeError):
            serializer_class(nonsense=True)


class ClassicRelations(serializers.ModelSerializer[Book]):
    author = serializers.HyperlinkedRelatedField(
        view_name="author-detail", queryset=Author.objects.all()
    )
    tags = serializers.SlugRelatedField(many=True, slug_field="name", queryset=Tag.objects.all())
    text = serializers.StringRelatedField(source="author")

    class Meta:
        model = Book
        fields = ["title", "isbn", "author", "tags", "text"]


class RelationSchema(Schema):
    title: Annotated[str, Field(max_length=100)]
    isbn: Annotated[str, Field(max_length=13)]
    author: Annotated[
        Any,
        UseField(
            serializers.HyperlinkedRelatedField(
                view_name="author-detail", queryset=Author.objects.all()
            )
        ),
    ]
    tags: Annotated[
        list[Any],
        UseField(
            serializers.SlugRelatedField(many=True, slug_field="name", queryset=Tag.objects.all())
        ),
    ]
    text: Annotated[str, UseField(serializers.StringRelatedField(source="author"))]


class RelationSerializer(SchemaSerializer[RelationSchema]):
    class Meta:
        model = Book


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_relations_that_are_kept() -> None:
    author = Author.objects.create(name="Ada", email="a@a.io")
    Tag.objects.create(name="x", slug="x")
    context = {"request": APIRequestFactory().get("/")}
    good = {"title": "t", "isbn": "1", "author": f"/authors/{author.pk}/", "tags": ["x", "x"]}
    for change in (
        {},
        {"author": "/authors/0/"},
        {"author": "/nowhere/"},
        {"author": 5},
        {"author": None},
        {"author": ""},
        {"tags": ["y"]},
        {"tags": "x"},
        {"tags": []},
        {"tags": [None, 1]},
    ):
        assert_same_verdict(
            ClassicRelations, RelationSerializer, {**good, **change}, context=context
        )
    serializer = RelationSerializer(data=good, context=context)
    assert serializer.is_valid(), serializer.errors
    book = serializer.save()
    assert_same_print(ClassicRelations, RelationSerializer, book, context=context)
    with pytest.raises(AssertionError, match="requires the request"):
        RelationSerializer(book).data


@pytest.mark.django_db
def test_unsaved_instances_have_no_relations() -> None:
    class Small(Schema):
        id: ReadOnly[int | None]
        tags: NotRequired[list[int]]

    class SmallClassic(serializers.ModelSerializer[Book]):
        id = serializers.IntegerField(read_only=True)

        class Meta:
            model = Book
            fields = ["id", "tags"]

    ours = serializer_from_schema(Small, model=Book)
    assert_same_print(SmallClassic, ours, Book(title="a"))


def test_validators_with_context() -> None:
    class InContext:
        requires_context = True

        def __call__(self, value: Any, field: Any) -> None:
            if value != field.context["allowed"]:
                raise serializers.ValidationError("Not allowed.", code="no")

    class ClassicChecked(serializers.Serializer[Any]):
        name = serializers.CharField(validators=[InContext()])

    class Checked(Schema):
        name: Annotated[str, UseField(serializers.CharField(validators=[InContext()]))]

    ours = serializer_from_schema(Checked)
    for name in ("a", "b"):
        assert_same_verdict(ClassicChecked, ours, {"name": name}, context={"allowed": "a"})


@BOTH
def test_the_key_of_errors_of_the_whole_is_a_setting(serializer_class: Any) -> None:
    with override_settings(REST_FRAMEWORK={"NON_FIELD_ERRORS_KEY": "whole"}):
        serializer = serializer_class(data=[])
        assert not serializer.is_valid()
        assert list(error_tree(serializer.errors)) == ["whole"]


@BOTH
def test_numbers_that_json_lacks_are_refused_by_the_renderer(serializer_class: Any) -> None:
    class Ratio(Schema):
        ratio: float

    class ClassicRatio(serializers.Serializer[Any]):
        ratio = serializers.FloatField()

    for ours in (ClassicRatio, serializer_from_schema(Ratio)):
        with pytest.raises(ValueError, match="JSON compliant"):
            JSONRenderer().render(ours({"ratio": float("nan")}).data)


def test_field_names_that_python_or_pydantic_dislike() -> None:
    class ClassicNames(serializers.Serializer[Any]):
        type = serializers.CharField()
        copy = serializers.CharField()
        locals()["@id"] = serializers.CharField()
        locals()["model_name"] = serializers.CharField()
        locals()["data"] = serializers.CharField()

    class Names(Schema):
        model_config = ConfigDict(protected_namespaces=())
        type: str
        copy_: Annotated[str, Field(alias="copy")]
        at_id: Annotated[str, Field(alias="@id")]
        model_name: str
        data: str

    ours = serializer_from_schema(Names)
    body = {"type": "a", "copy": "b", "@id": "c", "model_name": "d", "data": "e"}
    assert json.loads(JSONRenderer().render(ours(dict(body, copy_="b", at_id="c")).data)) == body
    for missing in body:
        less = {name: value for name, value in body.items() if name != missing}
        classic, new = ClassicNames(data=less), ours(data=less)
        assert not classic.is_valid()
        assert not new.is_valid()
        assert error_tree(classic.errors) == error_tree(new.errors)


def test_a_model_instance_never_goes_out_as_pairs() -> None:
    class Plain(BaseModel):
        n: int

    data = serializer_from_schema(Plain)(Plain(n=1)).data
    assert JSONRenderer().render(data) == b'{"n":1}'
