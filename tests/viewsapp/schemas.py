"""Schemas for the tests of the views."""

from __future__ import annotations

from typing import Annotated

from rest_framework import serializers

from nova_drf import ReadOnly, Schema, UseField


class NoteSchema(Schema):
    id: ReadOnly[int]
    text: str


class LabelledNoteSchema(Schema):
    id: ReadOnly[int]
    label: Annotated[str, UseField(serializers.SerializerMethodField())]
