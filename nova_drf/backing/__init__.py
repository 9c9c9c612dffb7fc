"""Classic serializers run on pydantic-core, where that gives the same answers."""

from __future__ import annotations

from nova_drf.backing.mixin import SchemaBackedMixin

__all__ = ["SchemaBackedMixin"]
