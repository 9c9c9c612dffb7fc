"""Which renderer answers: DRF's choice, remembered by what it depends on.

DRF parses the ``Accept`` header of each request, and compares it with the media type of each
renderer. Its answer depends on the header, the format that the address asks for, and the classes of
the renderers, so it is the same for nearly all requests.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest
from rest_framework.exceptions import APIException
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from nova_drf.mapping.drf_versions import accept_is_in_headers

_METHODS = dict(vars(DefaultContentNegotiation))
"""What DRF's class had when this was imported."""

_LONGEST = 256
"""Longer headers are not remembered: whoever sends them may send ever new ones."""

_ANYTHING = "*/*"
"""What DRF takes for the header of a request without one."""

_IS_IN_HEADERS = accept_is_in_headers()

_GET = (WSGIRequest.GET, ASGIRequest.GET)

Kind = tuple[Any, Any, Any]


class RememberingNegotiation(DefaultContentNegotiation):
    """DRF's negotiation, which does not work out the same choice for each request."""

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        """Return the renderer, and the media type that was accepted.

        Args:
            request: DRF's request.
            renderers: The renderers of the view, which are new for each request.
            format_suffix: The format at the end of the address.

        Raises:
            NotAcceptable: None of them writes what is accepted.
            Http404: None of them writes the format.
        """
        choice = self._remembered(request, renderers, format_suffix)
        if choice is None:
            asked: tuple[Any, str] = super().select_renderer(request, renderers, format_suffix)
            return asked
        at, media_type = choice
        return renderers[at], media_type

    def _remembered(
        self, request: Any, renderers: Any, suffix: str | None
    ) -> tuple[int, str] | None:
        if vars(DefaultContentNegotiation) != _METHODS or vars(self) or any(map(vars, renderers)):
            return None
        accept = _accept_header(request)
        asked = suffix or self._asked_format(request)
        if len(accept) + len(asked) > _LONGEST:
            return None
        kinds = tuple((type(item), item.media_type, item.format) for item in renderers)
        return _choice(accept, asked, kinds)

    def _asked_format(self, request: Any) -> str:
        http = request._request
        # Without a query string there are no parameters, unless somebody set them.
        has_none = "GET" not in vars(http) and not http.META.get("QUERY_STRING")
        if has_none and type(request) is Request and type(http).GET in _GET:
            return ""
        return request.query_params.get(self.settings.URL_FORMAT_OVERRIDE) or ""


def _accept_header(request: Any) -> str:
    http = request._request
    if not _IS_IN_HEADERS:
        header: str = request.META.get("HTTP_ACCEPT", _ANYTHING)
    elif (
        type(request) is Request
        and type(http).headers is HttpRequest.headers
        and "headers" not in vars(http)
    ):
        # Django would collect all headers to find one of them.
        header = http.META.get("HTTP_ACCEPT", _ANYTHING)
    else:
        header = request.headers.get("accept", _ANYTHING)
    return header


@lru_cache(maxsize=512)
def _choice(accept: str, asked: str, kinds: tuple[Kind, ...]) -> tuple[int, str] | None:
    """Return the place of the renderer and the media type, by DRF's own code."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = accept
    renderers: Any = [
        SimpleNamespace(at=at, media_type=media_type, format=format_)
        for at, (_, media_type, format_) in enumerate(kinds)
    ]
    try:
        renderer, accepted = DefaultContentNegotiation().select_renderer(
            Request(request), renderers, asked
        )
    except (APIException, Http404):
        return None
    return renderer.at, accepted
