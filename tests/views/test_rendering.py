"""Responses are rendered by Django, in a thread: data may ask the database, renderers too."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_page
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.views.base import AsyncAPIView
from tests.views.conftest import Api
from tests.viewsapp.models import Volume

PLAIN = {
    "values": [date(2024, 1, 2), time(3, 4), timedelta(seconds=5), Decimal("1.50"), UUID(int=1)],
    "when": datetime(2024, 1, 2, tzinfo=UTC),
    "bytes": b"raw",
    "lazy": gettext_lazy("Not found."),
    "nested": {"a": [None, True, 1.5, ("x",)]},
}


def titles() -> Iterator[str]:
    for volume in Volume.objects.order_by("id"):
        yield volume.title


DATA: dict[str, Any] = {
    "plain": lambda: PLAIN,
    "nothing": lambda: None,
    "queryset": lambda: {"titles": Volume.objects.order_by("id").values_list("title", flat=True)},
    "generator": lambda: {"titles": titles()},
    "instance": lambda: Volume.objects.order_by("id").only("id"),
}


class Sync(AsyncAPIView):
    authentication_classes = ()

    def get(self, request: Request, name: str) -> Response:
        return Response(DATA[name]())


class Awaited(AsyncAPIView):
    authentication_classes = ()

    async def get(self, request: Request, name: str) -> Response:
        return Response(DATA[name]())


@method_decorator(cache_page(60), name="get")
class Cached(Awaited):
    pass


class Upper(JSONRenderer):
    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        assert Volume.objects.exists()
        return bytes(super().render(data, *args, **kwargs)).upper()


class Encoder(JSONEncoder):
    def default(self, obj: Any) -> Any:
        return Volume.objects.count() if isinstance(obj, set) else super().default(obj)


class Counting(JSONRenderer):
    encoder_class = Encoder


class Shown(Awaited):
    renderer_classes = [Upper]


class Counted(AsyncAPIView):
    authentication_classes = ()
    renderer_classes = [Counting]

    async def get(self, request: Request) -> Response:
        return Response(set())


urlpatterns = [
    path("sync/<name>", Sync.as_view()),
    path("awaited/<name>", Awaited.as_view()),
    path("cached/<name>", cache_page(60)(Awaited.as_view())),
    path("shown/<name>", Shown.as_view()),
    path("counted", Counted.as_view()),
]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.usefixtures("volumes")]


@pytest.mark.parametrize("name", ["plain", "nothing", "queryset", "generator"])
async def test_the_same_bytes_as_drfs_in_a_thread(name: str) -> None:
    bodies = {
        (await Api(server).response("get", f"/{view}/{name}")).content
        for server in ("wsgi", "asgi")
        for view in ("sync", "awaited", "cached")
        # A cache cannot keep a generator, with DRF's views either.
        if (view, name) != ("cached", "generator")
    }
    assert len(bodies) == 1
    if name in ("queryset", "generator"):
        assert bodies == {b'{"titles":["volume 1","volume 2","volume 3"]}'}


async def test_renderers_and_encoders_of_the_project_run_in_a_thread() -> None:
    api = Api("asgi")
    response = await api.response("get", "/shown/queryset")
    assert response.content == b'{"TITLES":["VOLUME 1","VOLUME 2","VOLUME 3"]}'
    assert (await api.response("get", "/counted")).content == b"3"


async def test_what_cannot_be_rendered_raises_what_drf_raises() -> None:
    DATA["bad"] = lambda: {"bad": object()}
    try:
        for server in ("wsgi", "asgi"):
            with pytest.raises(TypeError, match="not JSON serializable"):
                await Api(server).response("get", "/awaited/bad")
    finally:
        del DATA["bad"]


async def test_a_cache_keeps_responses_for_any_server() -> None:
    cache.clear()
    first = (await Api("asgi").response("get", "/cached/plain")).content
    for server in ("wsgi", "asgi"):
        again = await Api(server).response("get", "/cached/plain")
        assert again.content == first


async def test_a_response_can_be_rendered_by_hand() -> None:
    response = await Awaited.as_view()(AsyncAPIRequestFactory().get("/"), name="plain")
    assert response.render().content == response.content


async def test_a_response_can_be_kept_before_django_asks_for_it() -> None:
    response = await Awaited.as_view()(AsyncAPIRequestFactory().get("/"), name="plain")
    type(response).render(response)
    kept = pickle.loads(pickle.dumps(response))
    assert kept.render() is kept
    assert kept.content == response.content
