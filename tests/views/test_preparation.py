"""What is compiled before the first request."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.test import override_settings
from rest_framework import serializers

from nova_drf import Schema, SchemaBackedMixin, SchemaSerializer
from nova_drf.views import preparation, prepare


class NoteSchema(Schema):
    title: str


class NoteSerializer(SchemaSerializer[NoteSchema]):
    pass


class BackedNote(SchemaBackedMixin, serializers.Serializer[Any]):
    title = serializers.CharField()


class Broken(SchemaSerializer[NoteSchema]):
    class Meta:
        read_only_fields = ("no_such_field",)


@pytest.fixture
def classes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "serializer_classes", lambda: [NoteSerializer, Broken])
    monkeypatch.setattr(preparation, "backed_classes", lambda: [BackedNote])


@pytest.mark.usefixtures("classes")
def test_nothing_is_left_to_compile(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="nova_drf"):
        assert prepare() == 2
    assert [record.getMessage() for record in caplog.records] == ["Broken cannot be prepared."]

    definitions: list[Any] = [
        NoteSerializer.get_definition(),
        BackedNote.backed_class().definition(),
    ]
    compiled = [_misses(definition) for definition in definitions]
    for serializer_class in (NoteSerializer, BackedNote):
        serializer = serializer_class(data={"title": "x"})
        assert serializer.is_valid()
        assert serializer.data == {"title": "x"}
    assert NoteSerializer(data={}, partial=True).is_valid()
    assert [_misses(definition) for definition in definitions] == compiled


def _misses(definition: Any) -> tuple[int, int]:
    return definition.input.cache_info().misses, definition.reader.cache_info().misses


@pytest.mark.usefixtures("classes")
@override_settings(ROOT_URLCONF=None)
def test_a_project_without_urls_has_serializers_too() -> None:
    assert prepare() == 2
