"""``ATOMIC_REQUESTS``, timeouts and cancelled requests: nothing is half done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from inspect import isawaitable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connection, connections, transaction
from django.urls import path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView, exception_handler, set_rollback

from nova_drf.views.base import AsyncAPIView, async_api_view
from tests.views.conftest import Api
from tests.viewsapp.models import Note

running: dict[str, asyncio.Event] = {}
loops: dict[str, asyncio.AbstractEventLoop] = {}
ended: list[str] = []


async def write(text: str) -> None:
    await Note.objects.acreate(text=text)


class Awaited(AsyncAPIView):
    """Writes twice, awaiting something in between, and then does what it is asked for."""

    async def post(self, request: Request) -> Response:
        await write("first")
        await asyncio.sleep(0)
        assert await sync_to_async(lambda: connection.in_atomic_block)() is atomic()
        await write("second")
        response = outcomes[request.data["then"]](request)
        return await response if isawaitable(response) else response


class Hooked(AsyncAPIView):
    """Writes before its handler, which is sync."""

    async def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        await super().initial(request, *args, **kwargs)
        await write("first")

    def post(self, request: Request) -> Response:
        assert connection.in_atomic_block is atomic()
        Note.objects.create(text="second")
        return outcomes[request.data["then"]](request)


class Sync(AsyncAPIView):
    """All is sync: Django itself opens the transaction."""

    def post(self, request: Request) -> Response:
        assert connection.in_atomic_block is atomic()
        Note.objects.bulk_create([Note(text="first"), Note(text="second")])
        return outcomes[request.data["then"]](request)


class Original(APIView):
    post = Sync.post


@async_api_view(["POST"])
async def function(request: Request) -> Response:
    await write("first")
    await write("second")
    return outcomes[request.data["then"]](request)


@transaction.non_atomic_requests
@async_api_view(["POST"])
async def left_out(request: Request) -> Response:
    assert not await sync_to_async(lambda: connection.in_atomic_block)()
    return await function.cls().post(request)


class Stuck(AsyncAPIView):
    """Writes, and then waits until it is cancelled."""

    async def post(self, request: Request) -> Response:
        await write("first")
        running["post"].set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("post")
        return Response()


class Slow(AsyncAPIView):
    """Is cancelled while a hook runs in its worker thread."""

    async def post(self, request: Request) -> Response:
        ended.append("post")
        return Response()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        loops["main"].call_soon_threadsafe(running["post"].set)
        time.sleep(0.1)
        Note.objects.create(text="first")
        ended.append("initial")


class TimedOut(AsyncAPIView):
    async def post(self, request: Request) -> Response:
        async with asyncio.timeout(0.01):
            await write("first")
            await asyncio.Event().wait()
        return Response()


class Crash(Exception):
    pass


def crash(request: Request) -> Response:
    raise Crash


def refuse(request: Request) -> Response:
    raise ValidationError("Refused.")


async def roll_back(request: Request) -> Response:
    await sync_to_async(set_rollback)()
    return Response(status=409)


outcomes: Any = {
    "good": lambda request: Response({"good": True}),
    "refused": refuse,
    "crashed": crash,
    "not to be rendered": lambda request: Response({"bad": object()}),
}


def atomic() -> bool:
    return bool(connection.settings_dict["ATOMIC_REQUESTS"])


VIEWS = {"awaited": Awaited, "hooked": Hooked, "sync": Sync, "original": Original}
urlpatterns = [
    *(path(name, view.as_view()) for name, view in VIEWS.items()),
    path("function", function),
    path("left-out", left_out),
    path("stuck", Stuck.as_view()),
    path("slow", Slow.as_view()),
    path("timed-out", TimedOut.as_view()),
]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def atomic_requests(transactional_db: None) -> Iterator[None]:
    """Set ``ATOMIC_REQUESTS``, which every thread's connection reads from the same dictionary."""
    settings = connections.settings["default"]
    settings["ATOMIC_REQUESTS"] = True
    yield
    settings["ATOMIC_REQUESTS"] = False


async def notes() -> list[str]:
    return [note.text async for note in Note.objects.order_by("id")]


@pytest.mark.parametrize("server", ["wsgi", "asgi"])
async def test_all_or_nothing(atomic_requests: None, server: str) -> None:
    api = Api(server, raises=False)
    for name in ("awaited", "hooked", "function", "sync"):
        for then in outcomes:
            response = await api.response("post", f"/{name}", {"then": then})
            assert response.status_code == {"good": 200, "refused": 400}.get(then, 500)
            assert await notes() == (["first", "second"] if then == "good" else []), name
            await Note.objects.all().adelete()


def conflict(error: Exception, context: Any) -> Response | None:
    """An exception handler that answers some errors by itself, and leaves the rest to DRF."""
    return Response(status=409) if isinstance(error, Crash) else exception_handler(error, context)


async def aconflict(error: Exception, context: Any) -> Response | None:
    """It asks DRF on the event loop, where there is no transaction to be rolled back."""
    await asyncio.sleep(0)
    return conflict(error, context)


@pytest.mark.parametrize("handler", [conflict, aconflict])
@pytest.mark.parametrize("name", [*VIEWS, "function"])
async def test_exception_handlers_of_the_project(
    atomic_requests: None, api: Api, monkeypatch: pytest.MonkeyPatch, handler: Any, name: str
) -> None:
    if name == "original" and handler is aconflict:
        pytest.skip("DRF's view knows no async handler")
    monkeypatch.setattr(api_settings, "EXCEPTION_HANDLER", handler)
    for then, status in (("refused", 400), ("crashed", 409)):
        response = await api.response("post", f"/{name}", {"then": then})
        assert response.status_code == status
        # What a sync one answers by itself, without set_rollback, stays: as with DRF.
        stays = then == "crashed" and handler is conflict
        assert await notes() == (["first", "second"] if stays else [])
        await Note.objects.all().adelete()


async def test_set_rollback_works_where_the_transaction_is(
    atomic_requests: None, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(outcomes, "rolled back", roll_back)
    response = await api.response("post", "/awaited", {"then": "rolled back"})
    assert response.status_code == 409
    assert await notes() == []


async def test_without_the_setting_each_statement_stands_alone(api: Api) -> None:
    for name in (*VIEWS, "function"):
        response = await api.response("post", f"/{name}", {"then": "refused"})
        assert response.status_code == 400
        assert await notes() == ["first", "second"], name
        await Note.objects.all().adelete()


async def test_non_atomic_requests_are_left_alone(atomic_requests: None, api: Api) -> None:
    await api.response("post", "/left-out", {"then": "refused"})
    assert await notes() == ["first", "second"]


async def test_a_middleware_that_changes_responses_renders_later(
    atomic_requests: None, api: Api, settings: Any
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Stamp"]
    response = await Api(api.server).response("post", "/awaited", {"then": "good"})
    assert response.json() == {"good": True, "stamped": True}


class Stamp:
    """Changes what is rendered, as ``process_template_response`` may."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        return self.get_response(request)

    def process_template_response(self, request: Any, response: Any) -> Any:
        response.data["stamped"] = True
        return response


async def test_a_timeout_rolls_back(atomic_requests: None, api: Api) -> None:
    response = await Api(api.server, raises=False).response("post", "/timed-out", {})
    assert response.status_code == 500
    assert await notes() == []


# A client goes away


async def disconnect_from(address: str) -> None:
    """Send a request through Django's ASGI handler, and go away once its handler runs."""
    running["post"], loops["main"] = asyncio.Event(), asyncio.get_running_loop()
    ended.clear()
    body = [{"type": "http.request", "body": b"{}", "more_body": False}]

    async def receive() -> Any:
        if body:
            return body.pop()
        await running["post"].wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError("there is nobody to send to")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": address,
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"host", b"testserver")],
    }
    async with asyncio.timeout(10):
        await ASGIHandler()(scope, receive, send)


@pytest.mark.parametrize("is_atomic", [True, False])
@pytest.mark.parametrize(("address", "finished"), [("/stuck", "post"), ("/slow", "initial")])
async def test_a_client_that_goes_away_cancels_the_request(
    address: str, finished: str, is_atomic: bool
) -> None:
    """A handler is cancelled where it awaits; a hook in a thread runs to its end, and no other."""
    connections.settings["default"]["ATOMIC_REQUESTS"] = is_atomic
    try:
        await disconnect_from(address)
    finally:
        connections.settings["default"]["ATOMIC_REQUESTS"] = False
    assert ended == [finished]
    assert await notes() == ([] if is_atomic else ["first"])
