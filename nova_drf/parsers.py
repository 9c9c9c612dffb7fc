"""A parser that refuses what nobody can follow."""

from __future__ import annotations

from nova_drf.views.parsers import (
    JSONParser,
)

__all__ = [
    "JSONParser",
]
