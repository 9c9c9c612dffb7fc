"""Which renderer answers, and which parser reads: DRF's choice, remembered by what it depends on.

DRF parses the ``Accept`` header of each request, and compares it with the media type of each
renderer. Its answer depends on the header, the format that the address asks for, and the classes of
the renderers, so it is the same for nearly all requests. So it is with parsers and the header
``Content-Type``.
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

_HEADERS = vars(HttpRequest)["headers"]
_GET = {cls: vars(cls)["GET"] for cls in (WSGIRequest, ASGIRequest)}

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
        choice = self.choice(request, renderers, format_suffix)
        if choice is None:
            asked: tuple[Any, str] = super().select_renderer(request, renderers, format_suffix)
            return asked
        return choice

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """Return the parser that reads the body of a request, if any does.

        Args:
            request: DRF's request.
            parsers: The parsers of the view.
        """
        content_type = request.content_type
        if vars(DefaultContentNegotiation) != _METHODS or len(content_type) > _LONGEST:
            return super().select_parser(request, parsers)
        place = _parser_of(content_type, tuple([parser.media_type for parser in parsers]))
        return None if place is None else parsers[place]

    def choice(
        self, request: Any, renderers: Any, format_suffix: str | None
    ) -> tuple[Any, str] | None:
        """Return the renderer and the media type; ``None`` where DRF has to find that out.

        Args:
            request: As for :meth:`select_renderer`, and so are the others.
            renderers: The renderers.
            format_suffix: The format.
        """
        if vars(DefaultContentNegotiation) != _METHODS or vars(self) or any(map(vars, renderers)):
            return None
        http = request._request
        # Django would collect all headers to find one of them.
        of_django = type(request) is Request and reads_meta(http)
        if of_django or not _IS_IN_HEADERS:
            accept = http.META.get("HTTP_ACCEPT", _ANYTHING)
        else:
            accept = request.headers.get("accept", _ANYTHING)
        # Without a query string there are no parameters, unless somebody set them.
        if format_suffix:
            asked = format_suffix
        elif of_django and "GET" not in vars(http) and not http.META.get("QUERY_STRING"):
            asked = ""
        else:
            asked = request.query_params.get(self.settings.URL_FORMAT_OVERRIDE) or ""
        if len(accept) + len(asked) > _LONGEST:
            return None
        kinds = tuple([(type(item), item.media_type, item.format) for item in renderers])
        place = _choice(accept, asked, kinds)
        return None if place is None else (renderers[place[0]], place[1])


def reads_meta(http: Any) -> bool:
    """Whether a request of Django's has no headers and no parameters but those of its ``META``.

    Args:
        http: The request.
    """
    body = type(http).__dict__
    return (
        type(http) in _GET
        and body.get("GET") is _GET[type(http)]
        and "headers" not in body
        and "headers" not in vars(http)
        and HttpRequest.__dict__.get("headers") is _HEADERS
    )


@lru_cache(maxsize=512)
def _parser_of(content_type: str, media_types: tuple[str, ...]) -> Any:
    """Return the place of the parser, by DRF's own code."""
    request: Any = SimpleNamespace(content_type=content_type)
    parsers: Any = [
        SimpleNamespace(at=at, media_type=media_type) for at, media_type in enumerate(media_types)
    ]
    parser: Any = DefaultContentNegotiation().select_parser(request, parsers)
    return None if parser is None else parser.at


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
