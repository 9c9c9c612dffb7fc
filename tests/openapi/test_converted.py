"""Converted and schema-backed serializers are documented as the classic ones that they replace."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.settings import spectacular_settings
from rest_framework import serializers

from nova_drf import SchemaBackedMixin, schema_from_serializer, serializer_from_schema
from nova_drf.openapi import library
from tests.convertapp import serializers as converted
from tests.openapi.documents import Dialect, components, documented

CLASSIC = [
    cls
    for _, cls in inspect.getmembers(converted, inspect.isclass)
    if issubclass(cls, serializers.BaseSerializer)
    and not issubclass(cls, serializers.ListSerializer)
    and cls.__module__ == converted.__name__
    and cls not in (converted.ProjectBase, converted.Anything, converted.Choices)
]
"""All but a base class and what breaks drf-spectacular: no fields, and choices of two types."""


def round_trip(cls: type) -> Any:
    return serializer_from_schema(schema_from_serializer(cls))


def backed(cls: type) -> Any:
    body = {"__doc__": cls.__doc__, "__module__": cls.__module__}
    return type(cls.__name__, (SchemaBackedMixin, cls), body)


@pytest.mark.parametrize("cls", CLASSIC, ids=lambda cls: cls.__name__)
def test_a_converted_serializers_document_is_the_classic_ones(dialect: Dialect, cls: type) -> None:
    assert documented(round_trip(cls)) == documented(cls)


BACKED = [cls for cls in CLASSIC if cls is not converted.Node]
"""``Node`` nests itself by a name that goes on naming the classic class here."""


@pytest.mark.parametrize("cls", BACKED, ids=lambda cls: cls.__name__)
def test_a_backed_serializers_document_is_the_classic_ones(dialect: Dialect, cls: type) -> None:
    assert documented(backed(cls)) == documented(cls)


class Untold(serializers.Serializer[Any]):
    name = serializers.CharField()


class Inheriting(converted.Line):
    __doc__ = None


@pytest.mark.parametrize("cls", [Untold, Inheriting])
@pytest.mark.parametrize("replace", [round_trip, backed])
def test_a_class_without_a_docstring_does_not_get_ours(cls: type, replace: Any) -> None:
    assert documented(replace(cls)) == documented(cls)


def test_what_the_project_excludes_itself_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    before = spectacular_settings.GET_LIB_DOC_EXCLUDES
    chosen = {library.SETTING: "tests.openapi.documents.endpoints"}
    monkeypatch.setattr(spectacular_settings, "_user_settings", chosen)
    library.exclude_our_docstrings()
    assert spectacular_settings.GET_LIB_DOC_EXCLUDES is before


def test_old_and_new_share_a_component() -> None:
    made = components(old=converted.CitySerializer, new=round_trip(converted.CitySerializer))
    assert "City" in made


def test_a_nested_schema_from_a_serializer_is_the_serializers_component() -> None:
    class Trip(serializers.Serializer[Any]):
        start = round_trip(converted.CitySerializer)()
        end = converted.CitySerializer()

    properties = components(trip=Trip)["Trip"]["properties"]
    assert properties["start"] == properties["end"] == {"$ref": "#/components/schemas/City"}


def test_a_subclass_of_a_converted_serializer_is_a_component_of_its_own() -> None:
    class Longer(round_trip(converted.Line)):
        more = serializers.IntegerField()

    made = components(line=converted.Line, longer=Longer)
    assert made["Longer"]["properties"].keys() - made["Line"]["properties"].keys() == {"more"}


@pytest.fixture
def extension_of_line() -> Iterator[None]:
    """A project's own extension for a serializer."""
    before = list(OpenApiSerializerExtension._registry)

    class LineExtension(OpenApiSerializerExtension):
        target_class = converted.Line

        def get_name(self) -> str:
            return "OwnName"

        def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
            return {"type": "object", "properties": {"own": {"type": "string"}}}

    yield
    OpenApiSerializerExtension._registry[:] = before


@pytest.mark.usefixtures("extension_of_line")
def test_an_extension_for_the_original_documents_the_converted_serializer() -> None:
    made = components(line=round_trip(converted.Line))
    assert made == components(line=converted.Line)
    assert made["OwnName"]["properties"] == {"own": {"type": "string"}}
