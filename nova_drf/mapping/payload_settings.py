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


class Words:
    """In which language one payload, or a list of them, is told what is wrong."""

    language: str | None = _UNKNOWN


class _Payload(Words):
    """What has been looked up for one payload.

    One is made for every payload, and most look up nothing: it has no ``__init__``.
    """

    is_shared = False
    words: Words | None = None
    zone: tzinfo | None = None


class _Thread(threading.local):
    """The payload that this thread is working on."""

    payload: _Payload | None = None


_thread = _Thread()

Mark = _Payload | None


def begin_payload(*, is_shared: bool = False, words: Words | None = None) -> Mark:
    """Start a payload; pass what it returns to :func:`end_payload`, in a ``finally``.

    Args:
        is_shared: Whether payloads inside it, such as the items of a list, are parts of it. It
            may be only where no code of the user runs between them, which could change the zone.
        words: Those of the list around it, if there is one that remembers them.
    """
    mark = _thread.payload
    if mark is None or not mark.is_shared:
        _thread.payload = payload = _Payload()
        if is_shared:
            payload.is_shared = True
        if words is not None:
            payload.words = words
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
    words = payload.words or payload
    if words.language is _UNKNOWN:
        words.language = get_language()
    return words.language
