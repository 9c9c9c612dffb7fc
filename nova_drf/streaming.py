"""Streams: an async iterator as JSON lines or server-sent events."""

from __future__ import annotations

from nova_drf.views.streaming import (
    Event,
    EventStreamRenderer,
    JSONLinesRenderer,
)

__all__ = [
    "Event",
    "EventStreamRenderer",
    "JSONLinesRenderer",
]
