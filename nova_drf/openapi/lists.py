"""The project's extensions for its list serializers, of which our lists are subclasses.

drf-spectacular asks an extension for one class, and for no other.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension

from nova_drf.serializers.async_methods import AsyncListSerializerMixin, list_class_of


class ListExtension(OpenApiSerializerExtension):
    """Gives the way to an extension for the list serializer that ``Meta`` names."""

    target_class: Any = AsyncListSerializerMixin
    match_subclasses = True
    priority = -2

    def __new__(cls, target: Any) -> Any:
        """Return the project's extension for a list."""
        extension: Any = _projects_extension(target)
        return type(extension)(target)

    @classmethod
    def _matches(cls, target: object) -> bool:
        return super()._matches(target) and _projects_extension(target) is not None


def _projects_extension(target: object) -> object:
    named = list_class_of(target if isinstance(target, type) else type(target))
    return None if named is None else OpenApiSerializerExtension.get_match(named)
