"""Rendering under ASGI without one more hop to a worker thread.

Django renders a response after the view has returned it, which takes one more turn of the worker
thread. JSON made of plain data asks no database, so it is rendered on the event loop,
up to the size that ``NOVA_DRF["VALUES_ON_LOOP"]`` allows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from typing import Any

from asgiref.sync import markcoroutinefunction, sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from django.core.handlers.asgi import ASGIRequest
from django.template.response import SimpleTemplateResponse
from django.utils.functional import Promise
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from nova_drf.core.compat import has_post_render_callbacks
from nova_drf.core.payload_size import fits_on_loop
from nova_drf.core.value_classes import JSON_CLASSES, VALUE_CLASSES

_AS_TEXT = (*(VALUE_CLASSES - JSON_CLASSES), Promise)
"""What DRF's encoder writes as text."""


class _NotPlain(Exception):
    """The data holds something whose reading may run code that asks a database."""


class _PlainEncoder(JSONEncoder):
    """DRF's encoder, for what is data already."""

    def default(self, obj: Any) -> Any:
        if not isinstance(obj, _AS_TEXT):
            raise _NotPlain
        return super().default(obj)


class AwaitableResponse(Response):
    """DRF's response of a sync view, for code that was written for an async one.

    ``async_to_sync(view)(request)`` calls the view and awaits what it returns.
    """

    _nova_drf_answers_itself = True

    def __await__(self) -> Generator[Any, None, AwaitableResponse]:
        return self
        yield

    def __reduce__(self) -> tuple[Any, ...]:
        # A cache keeps DRF's response: who reads it may not know of this class.
        return object.__new__, (Response,), self.__getstate__()


def awaitable(response: Any) -> Any:
    """Let code await the response of a sync view, if it is DRF's own.

    Args:
        response: What the view returns.
    """
    if type(response) is Response:
        response.__class__ = AwaitableResponse
    return response


def rendered_without_hop(request: Any, response: Any) -> Any:
    """Let Django render a response on the event loop, if it is one that can be.

    Args:
        request: Django's request; under WSGI nothing changes.
        response: What the view returns. It is rendered when Django says so, not earlier.
    """
    if (
        isinstance(request, ASGIRequest)
        and type(response) in _RESPONSES
        and _renders_json(getattr(response, "accepted_renderer", None))
    ):
        response.render = _Render(response)
    return response


_RESPONSES = (Response, AwaitableResponse)


def _renders_json(renderer: Any) -> bool:
    return type(renderer).render is JSONRenderer.render and renderer.encoder_class is JSONEncoder


class _Render:
    """Stands in the place of ``response.render``, which Django then awaits."""

    def __init__(self, response: Any) -> None:
        self._response = response
        markcoroutinefunction(self)

    def __call__(self) -> Awaitable[Any]:
        """Render, and return the response to whoever awaits it."""
        response = self._response
        del response.render
        if response.is_rendered or _rendered_here(response):
            return Rendered(response)
        return sync_to_async(response.render)()

    def __reduce__(self) -> tuple[Any, ...]:
        # A cache keeps the response without this: it may give it to a server that is not async.
        return getattr, (self._response, "render")


class Rendered:
    """A response that is ready, both for who awaits it and for who just uses it."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __await__(self) -> Generator[Any, None, Any]:
        return self._response
        yield

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)


def _rendered_here(response: Any) -> bool:
    """Render a response that holds nothing but data; say whether it did."""
    if has_post_render_callbacks(response) or not fits_on_loop(response.data):
        return False
    renderer = response.accepted_renderer
    renderer.encoder_class = _PlainEncoder
    try:
        SimpleTemplateResponse.render(response)
    except (_NotPlain, SynchronousOnlyOperation):
        return False
    finally:
        del renderer.encoder_class
    return True
