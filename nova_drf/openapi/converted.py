"""Converted serializers: drf-spectacular documents the fields that they got from the original."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import filter_supported_arguments
from drf_spectacular.utils import Direction

from nova_drf.migration.convert.serializer import ConvertedSerializer
from nova_drf.openapi.dialect import JSONSchema


class ConvertedSerializerExtension(OpenApiSerializerExtension):
    """Documents a converted serializer as the one that it replaces.

    An extension of the project's for the original documents the converted one as well.
    """

    target_class = ConvertedSerializer
    match_subclasses = True
    priority = -1

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str | None:
        """Return what an extension for the original says; ``None`` leaves it to drf-spectacular."""
        its = self._extension_of_original()
        if its is None:
            return None
        asked = filter_supported_arguments(
            its.get_name, auto_schema=auto_schema, direction=direction
        )
        name: str | None = its.get_name(**asked)
        return name

    def get_identity(self, auto_schema: AutoSchema, direction: Direction) -> Any:
        """Return the original, so that both may stand in one document."""
        its = self._extension_of_original()
        if its is not None:
            return its.get_identity(auto_schema, direction)
        return type(self.target).get_origin() if self._adds_nothing() else None

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> JSONSchema:
        """Return the component's schema."""
        its = self._extension_of_original()
        if its is not None:
            return dict(its.map_serializer(auto_schema, direction))
        return dict(auto_schema._map_serializer(self.target, direction, bypass_extensions=True))

    def _adds_nothing(self) -> bool:
        """Whether the class is the converted one itself, not somebody's subclass of it."""
        cls = type(self.target)
        return cls.__bases__[-1] is cls.get_origin()

    def _extension_of_original(self) -> Any:
        """Return the extension that documents the original, applied to what replaces it."""
        if not self._adds_nothing():
            return None
        extension = OpenApiSerializerExtension.get_match(type(self.target).get_origin())
        if extension is not None:
            extension.target = self.target
        return extension
