"""A renderer that prints schemas, too."""

from __future__ import annotations

from nova_drf.views.renderers import (
    JSONEncoder,
    JSONRenderer,
)

__all__ = [
    "JSONEncoder",
    "JSONRenderer",
]
