"""Streaming responses: an async iterator as JSON lines or as server-sent events.

An ``async def`` action returns an async iterator (or is an async generator), and each item goes out
as soon as it is there. The next one is asked for when the client has taken the last: Django awaits
the server's ``send``. When the client goes away, the iterator is closed before the request ends.
Under WSGI a thread runs the iterator, and gives up where the client does.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Model
from django.http import StreamingHttpResponse
from pydantic import BaseModel
from rest_framework.renderers import JSONRenderer

from nova_drf.core.concurrency import refuse_unawaited
from nova_drf.core.settings import get_setting
from nova_drf.serializers.schema_serializer import SchemaSerializer, serializer_from_schema
from nova_drf.views.clients import client_left, patience_in_sending
from nova_drf.views.pump import Pump

JSON_LINES, EVENT_STREAM = "application/jsonl", "text/event-stream"


class JSONLinesRenderer(JSONRenderer):
    """Accepts ``application/jsonl``: one JSON document in each line (https://jsonlines.org).

    Follows:
        ``rest_framework.renderers.BaseRenderer``.
    """

    media_type = JSON_LINES
    format = "jsonl"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Render one document, or the body of an error."""
        return bytes(super().render(data)) + b"\n"


class EventStreamRenderer(JSONRenderer):
    """Accepts ``text/event-stream``: server-sent events, as in the HTML standard, section 9.2.

    Follows:
        ``rest_framework.renderers.BaseRenderer``.
    """

    media_type = EVENT_STREAM
    format = "events"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Render one event, or the body of an error."""
        event = data if isinstance(data, Event) else Event(data)
        return event.encode(bytes(super().render(event.data)))


@dataclass(frozen=True)
class Event:
    """One server-sent event with more than its data.

    Attributes:
        data: What the client gets as ``event.data``, in JSON.
        event: The type of the event; the client's ``message`` when left out.
        id: What the client sends as ``Last-Event-ID`` when it comes back.
        retry: After how many milliseconds it does.
    """

    data: Any
    event: str | None = None
    id: str | None = None
    retry: int | None = None

    def encode(self, data: bytes) -> bytes:
        """Return the lines of the event.

        Args:
            data: Its data in JSON, in which there is no line break.
        """
        fields = (("event", self.event), ("id", self.id), ("retry", self.retry))
        lines = [
            f"{name}: {_one_line(str(value))}\n".encode()
            for name, value in fields
            if value is not None
        ]
        return b"".join((*lines, b"data: ", data, b"\n\n"))


def _one_line(text: str) -> str:
    """Return a text without what would end the field of an event."""
    return text.replace("\r", " ").replace("\n", " ").replace("\0", "")


def streamed(view: object, items: AsyncIterable[Any]) -> StreamResponse:
    """Return the response that streams what a handler returned.

    Args:
        view: The view, whose request has been negotiated. A renderer of this module decides how;
            with any other one the items go out as JSON lines.
        items: Instances of schemas or models, plain data, or :class:`Event` s of these.
    """
    renderer = _renderer(view)
    return _response(view, renderer, _parts(view, renderer, items))


async def astreamed(view: Any, items: AsyncIterable[Any]) -> StreamResponse:
    """Return the same from the event loop, where the first of JSON lines is made at once.

    So what is wrong with it is an ordinary error, with its status. Server-sent events begin at
    once, so that the client knows that it is connected. Under WSGI another loop runs the iterator,
    and the server itself waits for the first part before it sends anything.

    Args:
        view: The view.
        items: What it returned.
    """
    renderer = _renderer(view)
    parts = _parts(view, renderer, items)
    if isinstance(renderer, JSONLinesRenderer) and isinstance(view.request._request, ASGIRequest):
        parts = _begun(await anext(parts, None), parts)
    return _response(view, renderer, parts)


async def _begun(
    first: bytes | None, parts: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    try:
        if first is not None:
            yield first
        async for part in parts:
            yield part
    finally:
        await parts.aclose()


def _renderer(view: Any) -> JSONLinesRenderer | EventStreamRenderer:
    renderer = view.request.accepted_renderer
    is_ours = isinstance(renderer, (JSONLinesRenderer, EventStreamRenderer))
    return renderer if is_ours else JSONLinesRenderer()


def _response(
    view: Any, renderer: JSONRenderer, parts: AsyncGenerator[bytes, None]
) -> StreamResponse:
    response = StreamResponse(parts, content_type=renderer.media_type, environ=view.request.META)
    # Proxies must pass each part on at once (https://nginx.org/en/docs/http/ngx_http_proxy_module.html).
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def _parts(
    view: object, renderer: JSONRenderer, items: AsyncIterable[object]
) -> AsyncGenerator[bytes, None]:
    iterator = aiter(items)
    try:
        async for item in iterator:
            refuse_unawaited(view)
            if isinstance(item, Event) and not isinstance(renderer, EventStreamRenderer):
                raise TypeError(
                    f"{type(view).__qualname__}: it yields an Event, and the client has asked for "
                    f"{renderer.media_type}. Yield the event's data, or let EventStreamRenderer be "
                    "the only one in renderer_classes."
                )
            yield renderer.render(await _document(view, item))
    finally:
        close = getattr(iterator, "aclose", None)
        if close is not None:
            await close()


async def _document(view: Any, item: Any) -> object:
    """Return an item as what the JSON renderer takes."""
    if isinstance(item, Event):
        data = await _document(view, item.data)
        return Event(data, item.event, item.id, item.retry)
    if isinstance(item, BaseModel):
        return await _serializer_of(type(item))(item).adata
    if isinstance(item, Model):
        return await sync_to_async(lambda: view.get_serializer(item).data)()
    return item


@lru_cache(maxsize=1024)
def _serializer_of(schema: type[BaseModel]) -> type[SchemaSerializer[Any]]:
    return serializer_from_schema(schema)


class StreamResponse(StreamingHttpResponse):
    """A response that closes its iterator in time, and needs no list of it under WSGI.

    Args:
        parts: The body. The other arguments are Django's.
        environ: The WSGI environment of the request.
    """

    def __init__(
        self,
        parts: AsyncGenerator[bytes, None],
        *args: Any,
        environ: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(parts, *args, **kwargs)
        self._parts = parts
        self._environ = environ or {}
        self._pump: Pump | None = None

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        try:
            # Django's own takes a TypeError of the iterator for a sign that it is no async one.
            parts: Any = self.streaming_content if self.is_async else super().__aiter__()
            async for part in parts:
                yield part
        finally:
            await self._parts.aclose()

    def __iter__(self) -> Iterator[bytes]:
        """Iterate for a WSGI server, asking for each part as the server does.

        It ends when the client leaves, also while there is nothing to send, if the server tells.
        """
        self._pump = Pump(aiter(self), client_left(self._environ))
        try:
            with patience_in_sending(self._environ, get_setting("STREAM_SEND_TIMEOUT")):
                yield from self._pump
        finally:
            self._pump.stop()

    def close(self) -> None:
        """Close the iterator as well, should the server not have done so."""
        if self._pump is not None:
            self._pump.stop()
        super().close()
