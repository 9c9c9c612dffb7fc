"""``extra="allow"``: what a client sends beside the fields is kept, and never written.

The oracle is DRF's ``ModelSerializer`` with the same fields.
"""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    create_model,
    model_validator,
)
from rest_framework import serializers

from nova_drf import (
    ReadOnly,
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    Source,
    WriteOnly,
    schema_from_serializer,
)
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.testapp.models import Author, Book, Profile, Publisher

pytestmark = pytest.mark.django_db

BASES = (Schema, BaseModel)
STORED, OTHER = 800_000_000, 900_000_000
"""Keys that no sequence of a database reaches while the tests run."""
OPEN = ConfigDict(extra="allow")
POPULATED = ConfigDict(extra="allow", populate_by_name=True)

HOSTILE = {
    "id": OTHER,
    "pk": OTHER,
    "city": "evil",
    "name_": "evil",
    "_state": "evil",
    "author_set": [1],
    "books": [1],
    "save": "evil",
    "objects": "evil",
    "__class__": "evil",
    "__dict__": {},
    "publisher_id": 1,
}


def written(serializer: Any, data: Any, instance: Any = None, **arguments: Any) -> dict[str, Any]:
    """Return the columns of what a serializer writes."""
    made = serializer(instance, data=data, **arguments)
    assert made.is_valid(), made.errors
    saved = made.save()
    saved.refresh_from_db()
    return {field.attname: getattr(saved, field.attname) for field in saved._meta.fields}


# Which columns are written


class ClassicPublisher(serializers.ModelSerializer[Publisher]):
    class Meta:
        model = Publisher
        fields = ("id", "name", "city")
        read_only_fields = ("id", "city")


def of_markers(base: Any) -> Any:
    class Body(base):
        model_config = OPEN
        id: ReadOnly[int]
        name: str
        city: ReadOnly[str]

    return serializer_from_schema(Body, model=Publisher)


def of_meta(base: Any) -> Any:
    class Body(base):
        model_config = OPEN
        id: int
        name: str
        city: str

    return serializer_from_schema(Body, model=Publisher, read_only_fields=("id", "city"))


def of_name_alone(base: Any) -> Any:
    class Body(base):
        model_config = OPEN
        name: str

    return serializer_from_schema(Body, model=Publisher)


def of_typed_extra(base: Any) -> Any:
    class Body(base):
        model_config = OPEN
        __pydantic_extra__: dict[str, Any]
        name: str

    return serializer_from_schema(Body, model=Publisher)


def of_pair(base: Any) -> Any:
    class Request(base):
        model_config = OPEN
        name: str

    class Response(base):
        model_config = OPEN
        id: int
        name: str
        city: str

    class PairSerializer(SchemaSerializer[Any]):
        class Meta:
            model = Publisher
            request_schema = Request
            response_schema = Response

    return PairSerializer


def of_declared(base: Any) -> Any:
    class Body(base):
        model_config = OPEN
        name: str

    class DeclaredSerializer(SchemaSerializer[Body]):
        city = serializers.CharField(read_only=True)

        class Meta:
            model = Publisher

    return DeclaredSerializer


def of_before(base: Any) -> Any:
    class Body(base):
        model_config = OPEN
        name: str
        city: ReadOnly[str]

        @model_validator(mode="before")
        @classmethod
        def more(cls, data: Any) -> Any:
            return {**data, "city": "evil", "extra": 1}

    return serializer_from_schema(Body, model=Publisher)


def of_validators(base: Any) -> Any:
    class Body(base):
        model_config = OPEN
        name: str
        city: ReadOnly[str]

        @model_validator(mode="after")
        def same(self) -> Any:
            return self

    return serializer_from_schema(Body, model=Publisher)


def of_hooks(base: Any) -> Any:
    class Body(base):
        model_config = OPEN
        name: str

    class HookedSerializer(SchemaSerializer[Body]):
        class Meta:
            model = Publisher

        def validate_name(self, value: str) -> str:
            return value

        def validate(self, attrs: Any) -> Any:
            return attrs

    return HookedSerializer


CLASSES = (
    *(of_markers, of_meta, of_name_alone, of_typed_extra, of_pair, of_declared, of_before),
    *(of_validators, of_hooks),
)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("make", CLASSES)
@pytest.mark.parametrize("way", ["create", "update", "partial", "form", "many"])
def test_only_what_has_a_field_is_written(base: Any, make: Any, way: str) -> None:
    ours = make(base)
    body = {**HOSTILE, "name": "a"}
    results = []
    for serializer_class in (ClassicPublisher, ours):
        Publisher.objects.all().delete()
        stored = Publisher.objects.create(id=STORED, name="stored", city="kept")
        if way == "create":
            columns = written(serializer_class, body)
        elif way == "form":
            columns = written(
                serializer_class, QueryDict("name=a&city=evil&id=900000000&pk=900000000")
            )
        elif way == "many":
            made = serializer_class(data=[body], many=True)
            assert made.is_valid(), made.errors
            (saved,) = made.save()
            columns = {"name": saved.name, "city": saved.city}
        else:
            columns = written(serializer_class, body, stored, partial=way == "partial")
        if "id" in columns and columns["id"] != STORED:
            assert columns.pop("id") != OTHER
        results.append(columns)
    assert results[0] == results[1]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("make", CLASSES)
def test_extra_values_are_data_of_the_schema_alone(base: Any, make: Any) -> None:
    serializer = make(base)(data={"name": "a", "colour": "red", "city": "evil"})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"name": "a"}
    extra = serializer.validated_schema.model_extra
    assert extra["colour"] == "red"
    if make not in (of_name_alone, of_typed_extra, of_hooks):
        assert "city" not in extra


# Names of fields


class Aliased(BaseModel):
    model_config = OPEN
    city: str = Field(alias="cityName")
    name: str = Field(validation_alias="nameIn", serialization_alias="nameOut")


class Populated(BaseModel):
    model_config = POPULATED
    city: str = Field(alias="cityName")
    name: str = Field(validation_alias="nameIn", serialization_alias="nameOut")


class Choices(BaseModel):
    model_config = OPEN
    city: str = Field(
        validation_alias=AliasChoices("cityName", "town", AliasPath("address", "city"))
    )
    name: str = Field(validation_alias=AliasPath("nameIn", 0))


class Sourced(Schema):
    model_config = OPEN
    cityName: Annotated[str, Source("city")]
    nameIn: Annotated[str, Source("name")]


@pytest.mark.parametrize("schema", [Aliased, Populated, Choices, Sourced])
@pytest.mark.parametrize("partial", [False, True])
def test_an_extra_value_never_takes_the_place_of_a_field(schema: Any, partial: bool) -> None:
    name = ["good"] if schema is Choices else "good"
    evil = {
        "name": "evil",
        "city": "evil",
        "nameOut": "evil",
        "town": "evil",
        "address": {"city": "e"},
    }
    body = {**evil, "cityName": "good", "nameIn": name}
    serializer = serializer_from_schema(schema, model=Publisher)(data=body, partial=partial)
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"name": "good", "city": "good"}
    instance = serializer.validated_schema
    assert not instance.model_extra.keys() & {"name", "city"}


@pytest.mark.parametrize("base", BASES)
def test_a_read_only_attribute_of_the_schema_is_not_the_clients(base: Any) -> None:
    class Body(base):
        model_config = POPULATED
        name: str
        is_admin: ReadOnly[bool] = Field(alias="isAdmin")

    serializer = serializer_from_schema(Body)(data={"name": "a", "is_admin": 1, "isAdmin": 1})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"name": "a"}
    assert serializer.validated_schema.model_extra == {}
    assert getattr(serializer.validated_schema, "is_admin", None) is None


# Nested schemas


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("hooked", [False, True])
@pytest.mark.parametrize("annotation", ["{}", "{} | None", "list[{}]", "dict[str, {}]", "{} | int"])
def test_nested_schemas_give_what_they_name(base: Any, annotation: str, hooked: bool) -> None:
    class Inner(base):
        model_config = OPEN
        id: ReadOnly[int]
        text: str

    inner: Any = Inner
    value: Any = {"text": "a", "id": 5, "author_id": 5}
    type_ = {
        "{}": inner,
        "{} | None": inner | None,
        "list[{}]": list[inner],
        "dict[str, {}]": dict[str, inner],
        "{} | int": inner | int,
    }[annotation]
    expected: Any = {"text": "a"}
    if annotation.startswith(("list", "dict")):
        value, expected = (
            ([value], [expected])
            if "list" in annotation
            else (
                {"k": value},
                {"k": expected},
            )
        )
    body = create_model(
        "Body", __base__=base, __module__=__name__, name=(str, ...), detail=(type_, ...)
    )
    members: dict[str, Any] = {"Meta": type("Meta", (), {"schema": body, "model": Author})}
    if hooked:
        members["validate_detail"] = lambda self, value: value
    for meta_model in (Author, None):
        members["Meta"] = type("Meta", (), {"schema": body, "model": meta_model})
        serializer = type("Nesting", (SchemaSerializer,), members)(
            data={"name": "x", "detail": value}
        )
        assert serializer.is_valid(), serializer.errors
        assert serializer.validated_data == {"name": "x", "detail": expected}


@pytest.mark.parametrize("base", BASES)
def test_a_nested_write_makes_a_row_of_named_columns(base: Any) -> None:
    class Text(base):
        model_config = OPEN
        text: str

    class Body(base):
        model_config = OPEN
        name: str
        email: str
        profile: WriteOnly[Text]

    class BodySerializer(SchemaSerializer[Body]):
        class Meta:
            model = Author

        def create(self, validated_data: Any) -> Any:
            profile = validated_data.pop("profile")
            author = Author.objects.create(**validated_data)
            Profile.objects.create(author=author, **profile)
            return author

    hostile = {"id": 77, "pk": 77, "active": False}
    body = {**hostile, "name": "a", "email": "a@b.co", "profile": {**hostile, "text": "t"}}
    serializer = BodySerializer(data=body)
    assert serializer.is_valid(), serializer.errors
    author = serializer.save()
    assert author.pk != 77
    assert author.profile.pk != 77
    assert author.active


def test_what_a_column_stores_as_a_whole_keeps_its_extra_values() -> None:
    class Data(BaseModel):
        model_config = OPEN
        kind: str

    class Body(Schema):
        title: str
        metadata: Data

    for hook in ({}, {"validate_metadata": lambda self, value: value}):
        members = {"Meta": type("Meta", (), {"schema": Body, "model": Book}), **hook}
        serializer: Any = type("Storing", (SchemaSerializer,), members)(
            data={"title": "a", "metadata": {"kind": "k", "more": 1}}
        )
        assert serializer.is_valid(), serializer.errors
        assert serializer.validated_data == {"title": "a", "metadata": {"kind": "k", "more": 1}}


def test_a_serializer_around_decides_what_is_stored_whole() -> None:
    class Data(Schema):
        model_config = OPEN
        kind: str

    data_serializer = serializer_from_schema(Data)

    class Classic(serializers.ModelSerializer[Book]):
        metadata = data_serializer()
        author = data_serializer()
        tags = data_serializer(many=True)

        class Meta:
            model = Book
            fields = ("metadata", "author", "tags")

    value = {"kind": "k", "more": 1}
    serializer = Classic(data={"metadata": value, "author": value, "tags": [value]})
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {
        "metadata": value,
        "author": {"kind": "k"},
        "tags": [{"kind": "k"}],
    }


@pytest.mark.parametrize("base", BASES)
def test_a_nested_schema_without_a_key_of_its_own_adds_nothing(base: Any) -> None:
    class Inner(base):
        model_config = OPEN
        name: str

    class Body(base):
        inner: Annotated[Inner, Source("*")]
        city: ReadOnly[str]

    serializer = serializer_from_schema(Body, model=Publisher)(
        data={"inner": {"name": "a", "city": "evil", "id": 5}}
    )
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"name": "a"}


def test_a_value_of_a_dotted_source_is_not_replaced() -> None:
    class Inner(Schema):
        model_config = OPEN
        kind: str

    class Body(Schema):
        role: Annotated[str, Source("metadata.role")]
        metadata: Inner

    serializer = serializer_from_schema(Body, model=Book)(
        data={"role": "reader", "metadata": {"kind": "k", "role": "admin"}}
    )
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data["metadata"].get("role", "reader") == "reader"


# Converted and backed serializers


class ClassicAuthor(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField()

    def validate(self, attrs: Any) -> Any:
        attrs["checked"] = True
        return attrs


def test_converted_schemas_take_no_read_only_value_from_a_client() -> None:
    converted: Any = schema_from_serializer(ClassicAuthor)

    class Number(Schema):
        number: int

    class Body(Schema):
        one: converted
        other: converted | Number
        maybe: converted | None
        many: list[converted | None]

    sent = {"id": 5, "name": "a", "evil": 1}
    expected = {"name": "a", "checked": True}
    serializer = serializer_from_schema(Body)(
        data={"one": sent, "other": sent, "maybe": sent, "many": [sent]}
    )
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {
        "one": expected,
        "other": expected,
        "maybe": expected,
        "many": [expected],
    }


def test_backed_and_converted_serializers_write_what_the_classic_one_does() -> None:
    class Backed(SchemaBackedMixin, ClassicPublisher):
        pass

    converted: Any = serializer_from_schema(schema_from_serializer(ClassicPublisher))
    for number, ours in enumerate((Backed, converted)):
        columns = written(ours, {**HOSTILE, "name": f"a{number}"})
        assert columns["city"] == ""
        assert columns["id"] != OTHER


# Any schema, any body

NAMES = ("name", "city", "id", "pk", "cityName", "nameIn", "other", "_state", "objects")
KEYS = st.sampled_from(NAMES)
SOURCES = ("name", "city")


@st.composite
def schemas(draw: st.DrawFn) -> tuple[Any, dict[str, str]]:
    """Return a schema of a publisher, and the columns that its writable fields name, by key."""
    base = draw(st.sampled_from(BASES))
    config = ConfigDict(extra="allow", populate_by_name=draw(st.booleans()))
    fields: dict[str, Any] = {}
    columns: dict[str, str] = {}
    for column in SOURCES:
        name = draw(st.sampled_from([column, f"{column}Attr"]))
        alias = draw(st.sampled_from([None, f"{column}In"]))
        direction = draw(st.sampled_from(["both", "in", "out"])) if column != "name" else "both"
        annotation: Any = {"both": str, "in": WriteOnly[str], "out": ReadOnly[str]}[direction]
        marks = [Field(alias=alias)] if alias else []
        if name != column:
            marks.append(Source(column))
        for mark in marks:
            annotation = Annotated[annotation, mark]
        fields[name] = (annotation, ...)
        if direction != "out":
            columns[alias or name] = column
    if draw(st.booleans()):
        fields["id"] = (ReadOnly[int], ...)
    made = type("Base", (base,), {"__module__": __name__, "model_config": config})
    return create_model("Body", __base__=made, __module__=__name__, **fields), columns


@given(
    made=schemas(),
    more=st.dictionaries(KEYS, st.sampled_from(["evil", OTHER, None, {"a": 1}, [1]]), max_size=6),
    partial=st.booleans(),
    updates=st.booleans(),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_columns_written_are_those_that_fields_name(
    made: Any, more: dict[str, Any], partial: bool, updates: bool
) -> None:
    schema, columns = made
    body = {**more, **dict.fromkeys(columns, "good")}

    class Classic(serializers.ModelSerializer[Publisher]):
        class Meta:
            model = Publisher
            fields = tuple(columns.values())

    Publisher.objects.all().delete()
    stored = Publisher.objects.create(id=STORED, name="stored", city="stored") if updates else None
    classic = written(Classic, dict.fromkeys(columns.values(), "good"), stored, partial=partial)
    Publisher.objects.all().delete()
    stored = Publisher.objects.create(id=STORED, name="stored", city="stored") if updates else None
    ours_class = serializer_from_schema(schema, model=Publisher)
    ours = written(ours_class, body, stored, partial=partial)
    assert ours.pop("id") == STORED if updates else ours.pop("id") != OTHER
    del classic["id"]
    assert ours == classic
