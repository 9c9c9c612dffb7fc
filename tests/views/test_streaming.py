"""Async iterators as JSON lines and server-sent events: item by item, and closed in time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from pydantic import BaseModel
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.settings import api_settings

from nova_drf.testing.clients import AsyncAPIClient
from nova_drf.views.streaming import Event, EventStreamRenderer, JSONLinesRenderer
from nova_drf.views.viewsets import AsyncGenericViewSet
from tests.views.conftest import Api
from tests.viewsapp.models import Volume
from tests.viewsapp.serializers import VolumeSchema, VolumeSerializer

RENDERERS = [*api_settings.DEFAULT_RENDERER_CLASSES, JSONLinesRenderer, EventStreamRenderer]

made: list[int] = []
closed: list[str] = []


class Plain(BaseModel):
    text: str


async def forever() -> AsyncIterator[dict[str, int]]:
    number = 0
    try:
        while True:
            made.append(number)
            yield {"number": number}
            number += 1
            await asyncio.sleep(0)
    finally:
        await asyncio.sleep(0)
        closed.append("forever")


class Feeds(AsyncGenericViewSet):
    queryset = Volume.objects.select_related("writer__house__country").order_by("id")
    serializer_class = VolumeSerializer

    @action(detail=False, renderer_classes=RENDERERS)
    async def generated(self, request: Request) -> AsyncIterator[Any]:
        async for volume in self.get_queryset():
            yield volume

    @action(detail=True, renderer_classes=RENDERERS)
    async def returned(self, request: Request, pk: str) -> AsyncIterator[Any]:
        await self.get_object()
        return self.models()

    async def models(self) -> AsyncIterator[BaseModel]:
        yield Plain(text="é\u2028\n")
        yield VolumeSchema.model_construct(id=1, title="ox", pages=2, writer=None)

    @action(detail=False, renderer_classes=RENDERERS)
    async def events(self, request: Request) -> AsyncIterator[Event]:
        yield Event({"a": 1}, event="added\nx", id="7", retry=100)
        yield Event(Plain(text="b"))

    @action(detail=False, renderer_classes=RENDERERS)
    async def unknown(self, request: Request) -> AsyncIterator[Any]:
        yield object()

    @action(detail=False, renderer_classes=RENDERERS)
    async def missing(self, request: Request) -> AsyncIterator[Any]:
        if request.method == "GET":
            raise NotFound
        yield {}

    @action(detail=False, renderer_classes=RENDERERS)
    async def empty(self, request: Request) -> AsyncIterator[Any]:
        for item in list[Any]():
            yield item

    @action(detail=False)
    async def endless(self, request: Request) -> AsyncIterator[Any]:
        return forever()

    @action(detail=False)
    async def broken(self, request: Request) -> AsyncIterator[Any]:
        yield {"number": 1}
        raise ZeroDivisionError

    @action(detail=False, renderer_classes=RENDERERS)
    async def ordinary(self, request: Request) -> Response:
        return Response({"stream": False})


router = SimpleRouter()
router.register("feeds", Feeds, basename="feed")
urlpatterns = router.urls

pytestmark = [pytest.mark.urls(__name__), pytest.mark.usefixtures("volumes")]


@pytest.fixture(autouse=True)
def _nothing_yet() -> None:
    made.clear()
    closed.clear()


async def body_of(api: Api, address: str, **extra: Any) -> tuple[Any, bytes]:
    response = await api.response("get", address, **extra)
    if not response.streaming:
        return response, response.content
    if api.server == "wsgi":
        return response, b"".join(await sync_to_async(list)(response))
    return response, b"".join([part async for part in response])


async def begun(api: Api, address: str) -> None:
    """Ask for a stream; a WSGI server sends nothing before it has the first part."""
    response = await api.response("get", address)
    if api.server == "wsgi":
        await sync_to_async(lambda: next(iter(response)))()


async def test_json_lines(api: Api) -> None:
    response, body = await body_of(api, "/feeds/generated/")
    assert response["Content-Type"] == "application/jsonl"
    expected = await sync_to_async(lambda: VolumeSerializer(Feeds.queryset.all(), many=True).data)()
    assert [json.loads(line) for line in body.splitlines()] == json.loads(json.dumps(expected))


async def test_items_that_are_schemas(api: Api) -> None:
    _, body = await body_of(api, "/feeds/1/returned/")
    first, second = body.decode().split("\n")[:2]
    assert json.loads(first) == {"text": "é\u2028\n"}
    assert json.loads(second) == {"id": 1, "title": "ox", "pages": 2, "writer": None}


async def test_what_is_wrong_before_the_stream_is_an_ordinary_error(api: Api) -> None:
    response, body = await body_of(api, "/feeds/99/returned/")
    assert response.status_code == 404
    assert "detail" in json.loads(body)


async def test_server_sent_events(api: Api) -> None:
    response, body = await body_of(api, "/feeds/events/", HTTP_ACCEPT="text/event-stream")
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-cache"
    assert body == (b'event: added x\nid: 7\nretry: 100\ndata: {"a":1}\n\ndata: {"text":"b"}\n\n')


async def test_an_event_is_no_json_line(api: Api) -> None:
    """It is an error before anything was sent, not a body that breaks off."""
    with pytest.raises(TypeError, match=r"Feeds: it yields an Event, .* application/jsonl"):
        await begun(api, "/feeds/events/")


async def test_a_first_line_that_no_renderer_knows(api: Api) -> None:
    with pytest.raises(TypeError):
        await begun(api, "/feeds/unknown/")


async def test_what_the_first_item_raises_has_its_status() -> None:
    answer = await AsyncAPIClient().get("/feeds/missing/")
    assert answer.status_code == 404


async def test_a_stream_of_nothing(api: Api) -> None:
    response, body = await body_of(api, "/feeds/empty/")
    assert (response.status_code, body) == (200, b"")


async def test_events_begin_before_there_is_one() -> None:
    """The client of server-sent events has to learn that it is connected."""
    answer = await AsyncAPIClient().get("/feeds/missing/", HTTP_ACCEPT="text/event-stream")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", b'{"stream":false}'),
        ("application/jsonl", b'{"stream":false}\n'),
        ("text/event-stream", b'data: {"stream":false}\n\n'),
    ],
)
async def test_an_ordinary_response_is_one_item(api: Api, accept: str, expected: bytes) -> None:
    _, body = await body_of(api, "/feeds/ordinary/", HTTP_ACCEPT=accept)
    assert body == expected


async def test_a_format_that_is_not_offered_is_refused(api: Api) -> None:
    response, _ = await body_of(api, "/feeds/endless/", HTTP_ACCEPT="text/event-stream")
    assert response.status_code == 406


async def test_an_exception_ends_the_stream(api: Api) -> None:
    with pytest.raises(ZeroDivisionError):
        await body_of(api, "/feeds/broken/")


async def test_the_next_item_is_made_when_the_last_was_taken() -> None:
    """And when the client goes away, the iterator is closed before the request ends."""
    gone = asyncio.Event()
    sent: list[bytes] = []
    pending = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if pending:
            return pending.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message.get("body"):
            sent.append(message["body"])
            assert len(made) == len(sent)
        if len(sent) == 3:
            gone.set()
            # The client takes nothing any more.
            await asyncio.Event().wait()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": "/feeds/endless/",
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    async with asyncio.timeout(10):
        await ASGIHandler()(scope, receive, send)
    assert made == [0, 1, 2]
    assert closed == ["forever"]


def test_a_wsgi_server_that_stops_iterating_closes_the_iterator() -> None:
    from rest_framework.test import APIClient

    response: Any = APIClient().get("/feeds/endless/")
    parts = iter(response)
    assert json.loads(next(parts)) == {"number": 0}
    assert json.loads(next(parts)) == {"number": 1}
    parts.close()
    assert closed == ["forever"]
