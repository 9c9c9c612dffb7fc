"""Converted serializers: drf-spectacular documents the fields that they got from the original."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction

from nova_drf.openapi.dialect import JSONSchema


class ConvertedSerializerExtension(OpenApiSerializerExtension):
    """Documents a converted serializer as the one that it replaces."""

    target_class = "nova_drf.convert.serializer.ConvertedSerializer"
    match_subclasses = True
    priority = 2

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        """Return the name of the original's component."""
        name: str = auto_schema._get_serializer_name(self.target, direction, bypass_extensions=True)
        return name

    def get_identity(self, auto_schema: AutoSchema, direction: Direction) -> Any:
        """Return the original, so that both may stand in one document."""
        return type(self.target).get_origin()

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> JSONSchema:
        """Return the component's schema."""
        return dict(auto_schema._map_serializer(self.target, direction, bypass_extensions=True))
