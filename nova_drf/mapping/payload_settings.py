"""What holds for a whole payload: looked up once for it instead of once for each value.

Django keeps the active time zone, and the language, in context-aware locals, which cost more than
all else that is done to a date-time or a message. Within one serialization or validation they are
asked once; a serializer that runs inside another one, perhaps under another zone, asks again.
"""

from __future__ import annotations

import threading
from datetime import tzinfo

from django.conf import settings
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language

_UNKNOWN = ""


class _Payload:
    """What has been looked up for one payload."""

    __slots__ = ("is_shared", "language", "zone")

    def __init__(self, is_shared: bool) -> None:
        self.is_shared = is_shared
        self.zone: tzinfo | None = None
        self.language: str | None = _UNKNOWN


class _Thread(threading.local):
    """The payload that this thread is working on."""

    payload: _Payload | None = None


_thread = _Thread()

Mark = _Payload | None


def begin_payload(*, is_shared: bool = False) -> Mark:
    """Start a payload; pass what it returns to :func:`end_payload`, in a ``finally``.

    Args:
        is_shared: Whether payloads inside it, such as the items of a list, are parts of it. It
            may be only where no code of the user runs between them, which could change the zone.
    """
    mark = _thread.payload
    if mark is None or not mark.is_shared:
        _thread.payload = _Payload(is_shared)
    return mark


def end_payload(mark: Mark) -> None:
    """Go back to the payload around the one that ends."""
    _thread.payload = mark


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


def current_language() -> str | None:
    """Return Django's active language, the same for a whole payload."""
    payload = _thread.payload
    if payload is None:
        return get_language()
    if payload.language is _UNKNOWN:
        payload.language = get_language()
    return payload.language
