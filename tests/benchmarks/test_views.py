"""Views over ASGI, in process, against DRF's sync views and adrf, in the same run.

``make bench-more`` runs them and prints each ratio. The same serializer is used by all but adrf,
which has its own; the answers must be equal before anything is timed. What is timed is the
processor, in all threads: how long it takes by the clock depends on who else uses the machine.
``python -m tests.benchmarks.resources`` measures the same under uvicorn, and
``python -m tests.benchmarks.upstream`` requests that wait for another service.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from nova_drf.views.base import AsyncAPIView
from tests.benchmarks.routes import routes
from tests.viewsapp.models import Volume

pytestmark = [
    pytest.mark.bench,
    pytest.mark.urls(__name__),
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore"),
]

ROWS = 100
ROUNDS = 60
BODY = {"title": "new", "pages": 1}


class VolumeSerializer(serializers.ModelSerializer[Volume]):
    class Meta:
        model = Volume
        fields = ["id", "title", "pages"]


urlpatterns = routes(Volume.objects.order_by("id"), VolumeSerializer)

REQUESTS: dict[str, tuple[str, str, bytes]] = {
    "list": ("GET", "", b""),
    "detail": ("GET", "1/", b""),
    "create": ("POST", "", json.dumps(BODY).encode()),
}


@pytest.fixture
def rows() -> None:
    """Store the volumes that are listed."""
    Volume.objects.bulk_create(
        Volume(id=n, title=f"volume {n}", pages=n) for n in range(1, ROWS + 1)
    )


async def send(handler: ASGIHandler, prefix: str, request: tuple[str, str, bytes]) -> Any:
    """Send one request as a server does; return the parsed body."""
    method, address, body = request
    pending: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]
    parts: list[bytes] = []

    async def receive() -> Any:
        if pending:
            return pending.pop()
        return await asyncio.Event().wait()

    async def answer(message: Any) -> None:
        assert message.get("status", 200) in (200, 201), message
        parts.append(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": f"/{prefix}/{address}",
        "query_string": b"",
        "headers": [
            (b"host", b"testserver"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
    }
    await handler(scope, receive, answer)
    return json.loads(b"".join(parts))


def sender(prefix: str, name: str, calls: int) -> Callable[[], Any]:
    """Return a function that sends the same request some times, one after the other."""
    handler = ASGIHandler()

    async def send_all() -> Any:
        for _ in range(calls):
            body = await send(handler, prefix, REQUESTS[name])
        return body

    return lambda: asyncio.run(send_all())


def compare(ours: Callable[[], Any], theirs: Callable[[], Any], title: str, least: float) -> str:
    """Time both sides in turn; fail if the median of the ratios is below what we promise.

    Args:
        ours: A round of ours.
        theirs: A round of the other side.
        title: What is compared.
        least: The ratio that we promise.
    """
    assert without_id(ours()) == without_id(theirs())
    ratio = median(ratio_of(ours, theirs) for _ in range(ROUNDS))
    report = f"{title}: {ratio:.2f} times as fast"
    assert ratio >= least, report
    return report


def ratio_of(ours: Callable[[], Any], theirs: Callable[[], Any]) -> float:
    """Time both sides, one after the other and the other way round."""
    before = spent(ours)
    other = spent(theirs) + spent(theirs)
    return other / (before + spent(ours))


def spent(side: Callable[[], Any]) -> float:
    start = time.process_time()
    side()
    return time.process_time() - start


def without_id(body: Any) -> Any:
    return {**body, "id": None} if isinstance(body, dict) else body


@pytest.mark.parametrize(("style", "least"), [("sync", 1.0), ("handlers", 0.9)])
@pytest.mark.parametrize("name", REQUESTS)
def test_against_drf(
    rows: None, name: str, style: str, least: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """An async handler that awaits nothing of its own costs a hop for nothing."""
    ours, drf = sender(style, name, 5), sender("classic", name, 5)
    report = compare(ours, drf, f"{name}, {style}, against DRF", least)
    with capsys.disabled():
        print(f"\n{report}")


def test_a_view_alone_against_drf(capsys: pytest.CaptureFixture[str]) -> None:
    """What the view class itself costs, called in a thread as under WSGI."""

    def get(self: Any, request: Request) -> Response:
        return Response({"name": "ready"})

    def answering(base: Any) -> Callable[[], Any]:
        view = type("Ready", (base,), {"get": get}).as_view()
        return lambda: [json.loads(view(one).render().content) for one in requests_at_once()]

    def requests_at_once() -> list[Any]:
        return [APIRequestFactory().get("/") for _ in range(200)]

    report = compare(answering(AsyncAPIView), answering(APIView), "a view alone", 1.0)
    with capsys.disabled():
        print(f"\n{report}")


@pytest.mark.parametrize("name", REQUESTS)
def test_against_adrf(rows: None, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With its own serializer and router, without which its async methods are not called."""
    pytest.importorskip("adrf")
    from adrf.routers import SimpleRouter as AdrfRouter
    from adrf.serializers import ModelSerializer
    from adrf.viewsets import ModelViewSet

    class AdrfSerializer(ModelSerializer):
        class Meta(VolumeSerializer.Meta):
            pass

    class Adrf(ModelViewSet):
        queryset = Volume.objects.order_by("id")
        serializer_class = AdrfSerializer

        async def perform_acreate(self, serializer: Any) -> None:
            await serializer.asave()
            await Volume.objects.filter(pk=serializer.instance.pk).adelete()

    adrf_router = AdrfRouter()
    adrf_router.register("adrf", Adrf, basename="adrf")
    urlpatterns[1:] = [path("", include(adrf_router.urls))]
    ours, adrf = sender("sync", name, 5), sender("adrf", name, 5)
    report = compare(ours, adrf, f"{name}, against adrf", 1.0)
    with capsys.disabled():
        print(f"\n{report}")
