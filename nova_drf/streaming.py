"""Streams: async iterators as JSON lines or server-sent events, and lists of any length."""

from __future__ import annotations

from nova_drf.views.streamed_lists import astream_list, stream_list
from nova_drf.views.streaming import (
    Event,
    EventStreamRenderer,
    JSONLinesRenderer,
)

__all__ = [
    "Event",
    "EventStreamRenderer",
    "JSONLinesRenderer",
    "astream_list",
    "stream_list",
]
