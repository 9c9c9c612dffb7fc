"""What holds for a whole payload: looked up once for it instead of once for each value.

Django keeps the active time zone in a context-aware local, which costs more than all else that is
done to a date-time, and DRF's settings are properties. Within one serialization or validation
they are asked once; a serializer that runs inside another one, perhaps under another zone, asks
again.
"""

from __future__ import annotations

import threading
from datetime import tzinfo
from typing import Any

from django.conf import settings
from django.utils.timezone import get_current_timezone
from rest_framework.settings import api_settings


class _Payload:
    """What has been looked up for one payload."""

    __slots__ = ("formats", "is_shared", "serializer", "zone")

    def __init__(self, serializer: Any, is_shared: bool) -> None:
        self.serializer = serializer
        self.is_shared = is_shared
        self.zone: tzinfo | None = None
        self.formats: tuple[Any, ...] | None = None


class _Thread(threading.local):
    """The payload that this thread is working on."""

    payload: _Payload | None = None


_thread = _Thread()

Mark = _Payload | None


def begin_payload(serializer: Any = None, *, is_shared: bool = False) -> Mark:
    """Start a payload; pass what it returns to :func:`end_payload`, in a ``finally``.

    Args:
        serializer: Who reads or writes it.
        is_shared: Whether payloads inside it, such as the items of a list, are parts of it. It
            may be only where no code of the user runs between them, which could change the zone.
    """
    mark = _thread.payload
    if mark is None or not mark.is_shared:
        _thread.payload = _Payload(serializer, is_shared)
    return mark


def end_payload(mark: Mark) -> None:
    """Go back to the payload around the one that ends."""
    _thread.payload = mark


def in_partial_update() -> bool:
    """Whether the payload belongs to a partial update, in which DRF's fields have no defaults."""
    payload = _thread.payload
    root = getattr(None if payload is None else payload.serializer, "root", None)
    return bool(getattr(root, "partial", False))


def current_time_zone() -> tzinfo | None:
    """Return Django's current time zone, the same for a whole payload.

    ``None`` without ``USE_TZ``: then there is no zone to move values into.
    """
    payload = _thread.payload
    if payload is not None and payload.zone is not None:
        return payload.zone
    if not settings.USE_TZ:
        return None
    zone = get_current_timezone()
    if payload is not None:
        payload.zone = zone
    return zone


def output_formats() -> tuple[Any, ...]:
    """Return the settings that decide how values are printed, the same for a whole payload."""
    payload = _thread.payload
    if payload is not None and payload.formats is not None:
        return payload.formats
    formats = (
        api_settings.DATETIME_FORMAT,
        api_settings.DATE_FORMAT,
        api_settings.TIME_FORMAT,
        api_settings.COERCE_DECIMAL_TO_STRING,
    )
    if payload is not None:
        payload.formats = formats
    return formats
