"""Schemas for the tests of the views."""

from __future__ import annotations

from nova_drf import ReadOnly, Schema


class NoteSchema(Schema):
    id: ReadOnly[int]
    text: str
