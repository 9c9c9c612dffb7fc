"""The mixin in front of a class that has a schema already: it is that class."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers

from nova_drf import (
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    conversion_report,
    schema_from_serializer,
    serializer_from_schema,
)
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.serializers.method_order import backed_classes
from tests.oracle import assert_same_verdict, printed


class File(Schema):
    path: str
    size: int = 0


class FileSerializer(SchemaSerializer[File]):
    pass


class HookedSerializer(SchemaSerializer[File]):
    def validate_path(self, value: str) -> str:
        if value == "/":
            raise serializers.ValidationError("No.", code="no")
        return value.lower()

    def validate(self, attrs: Any) -> Any:
        return {**attrs, "seen": True}

    def to_representation(self, instance: Any) -> Any:
        return {**super().to_representation(instance), "more": 1}


class House(SchemaBackedMixin, serializers.Serializer[Any]):
    def validate(self, attrs: Any) -> Any:
        return {**attrs, "house": True}


def in_front(cls: Any) -> Any:
    class Backed(SchemaBackedMixin, cls):
        pass

    return Backed


def behind(cls: Any) -> Any:
    class Backed(cls, SchemaBackedMixin):
        pass

    return Backed


def twice(cls: Any) -> Any:
    class Again(SchemaBackedMixin, in_front(cls)):
        pass

    return Again


MAKE = {"in front": in_front, "behind": behind, "twice": twice}
DATA: list[Any] = [
    {"path": "A"},
    {"path": []},
    {"path": "/", "size": "x"},
    {},
    None,
    [],
    {"size": 1},
]


@pytest.mark.parametrize("make", MAKE)
@pytest.mark.parametrize("cls", [FileSerializer, HookedSerializer])
def test_it_is_the_class_without_the_mixin(cls: Any, make: str) -> None:
    backed = MAKE[make](cls)
    for data in DATA:
        for partial in (False, True):
            assert_same_verdict(cls, backed, data, partial=partial)
    assert_same_verdict(cls, backed, DATA, many=True)
    assert printed(backed, {"path": "a", "size": 1}) == printed(cls, {"path": "a", "size": 1})
    assert list(backed().fields) == list(cls().fields)
    serializer = backed(data={"path": "A"})
    assert serializer.is_valid()
    assert isinstance(serializer.validated_schema, File)
    assert backed not in backed_classes()


def test_a_base_of_the_house_keeps_its_hooks() -> None:
    class Ours(House, FileSerializer):
        pass

    serializer = Ours(data={"path": "a"})
    assert serializer.is_valid()
    assert serializer.validated_data == {"path": "a", "size": 0, "house": True}
    refused = Ours(data={"path": []})
    assert not refused.is_valid()
    assert list(refused.errors) == ["path"]


def test_a_schema_comes_back() -> None:
    assert schema_from_serializer(FileSerializer) is File
    again = serializer_from_schema(schema_from_serializer(FileSerializer))
    for data in DATA:
        assert_same_verdict(FileSerializer, again, data)


@pytest.mark.parametrize(
    "cls",
    [
        HookedSerializer,
        serializer_from_schema(File, read_only_fields=("size",)),
        serializer_from_schema(File, validators=[print]),
        type("Declared", (FileSerializer,), {"more": serializers.IntegerField()}),
    ],
)
def test_what_a_class_adds_to_its_schema_is_not_lost(cls: Any) -> None:
    with pytest.raises(SchemaDefinitionError, match="made of File already, and adds to it"):
        schema_from_serializer(cls)
    assert "made of File already" in str(conversion_report(cls))


def test_inside_of_a_converted_serializer() -> None:
    class Folder(serializers.Serializer[Any]):
        file = FileSerializer()
        files = FileSerializer(many=True, required=False)
        hooked = HookedSerializer(required=False)

    converted = serializer_from_schema(schema_from_serializer(Folder))
    for data in (
        {"file": {"path": "A"}, "files": [{"path": "b"}], "hooked": {"path": "C"}},
        {"file": {"path": []}, "files": [{}], "hooked": {"path": "/"}},
        {},
    ):
        assert_same_verdict(Folder, converted, data)
