"""Parsers that refuse what nobody can follow."""

from __future__ import annotations

from nova_drf.views.parsers import (
    JSONParser,
    SchemaJSONParser,
)

__all__ = [
    "JSONParser",
    "SchemaJSONParser",
]
