"""Which renderer answers a request, worked out once for each ``Accept`` header.

DRF's own negotiation makes all renderers of the view and matches each with what the client accepts.
It depends on the renderer classes and on the header alone, and clients send few different headers:
so what DRF once chose is remembered.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from nova_drf.views.ownership import steps_are_drfs
from nova_drf.views.policy_classes import is_plain

Key = tuple[tuple[Any, ...], str]
"""The renderer classes of a view, and an ``Accept`` header."""

LONGEST = 256
"""Characters of an ``Accept`` header that is worth remembering; browsers send about 130."""

MOST = 512
"""How many answers are kept, so that made-up headers take no memory."""

_ASKED = ("get_renderers", "get_content_negotiator")
"""What DRF's negotiation asks of a view."""

_chosen: dict[Key, tuple[type, str]] = {}


def negotiation_key(view: Any, request: Any) -> Key | None:
    """Return all that DRF's negotiation depends on.

    Args:
        view: The view of one request.
        request: DRF's request.

    Returns:
        ``None`` where it depends on more: on code of the project's own, on a format suffix or on
        ``?format=``.
    """
    if (
        view.content_negotiation_class is not DefaultContentNegotiation
        or type(request) is not Request
        # Where `initial()` refused before DRF's was called, there is none: DRF takes the first.
        or vars(view).get("format_kwarg", "unknown")
    ):
        return None
    kind: Any = type(view)
    if not steps_are_drfs(kind, _ASKED):
        return None
    accepted = _accept_header(request)
    if len(accepted) > LONGEST or _may_name_a_format(request):
        return None
    classes = tuple(view.renderer_classes)
    return (classes, accepted) if all(map(_is_constant, classes)) else None


def remembered(key: Key) -> tuple[Any, str] | None:
    """Return a new renderer and the media type that DRF once chose, or ``None``.

    Args:
        key: What :func:`negotiation_key` returned.
    """
    found = _chosen.get(key)
    return None if found is None else (found[0](), found[1])


def remember(key: Key, renderer: Any, media_type: str) -> None:
    """Remember what DRF chose.

    Args:
        key: What :func:`negotiation_key` returned.
        renderer: The renderer.
        media_type: The media type that it was accepted for.
    """
    if len(_chosen) >= MOST:
        _chosen.clear()
    _chosen[key] = type(renderer), media_type


@cache
def _is_constant(renderer_class: Any) -> bool:
    """Whether all renderers of a class are for the same media type."""
    if not isinstance(renderer_class, type):
        return False
    kind: Any = renderer_class
    return (
        is_plain(kind)
        and kind.__init__ is object.__init__
        and isinstance(getattr(kind, "media_type", None), str)
    )


def _accept_header(request: Request) -> str:
    django_request = request._request
    # Django makes a mapping of all headers when it is first asked for one.
    if "headers" in vars(django_request):
        return django_request.headers.get("accept", "*/*")
    accepted: str = django_request.META.get("HTTP_ACCEPT", "*/*")
    return accepted


def _may_name_a_format(request: Request) -> bool:
    """Whether the URL may ask for a format; ``%`` may hide the name of the parameter."""
    name = DefaultContentNegotiation.settings.URL_FORMAT_OVERRIDE
    django_request = request._request
    if not name:
        return False
    if "GET" in vars(django_request):
        return name in django_request.GET
    query = django_request.META.get("QUERY_STRING", "")
    return name in query or "%" in query
