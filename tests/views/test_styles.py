"""A client cannot tell in which style a viewset is written, nor through which server it comes."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.cache import cache

from tests.views.conftest import Answer, Api, number_from
from tests.viewsapp.models import Note, Volume
from tests.viewsapp.serializers import SERIALIZERS
from tests.viewsapp.views import CREDENTIALS, STYLES

pytestmark = [pytest.mark.urls("tests.viewsapp.urls"), pytest.mark.usefixtures("volumes")]

Exchange = tuple[str, str, Any, dict[str, str]]

EXCHANGES: dict[str, Exchange] = {
    "list": ("get", "", None, {}),
    "list, a page": ("get", "?size=2&page=2", None, {}),
    "list, a page that is not there": ("get", "?page=9", None, {}),
    "list, searched and ordered": ("get", "?search=volume&ordering=-pages", None, {}),
    "list, as html": ("get", "", None, {"HTTP_ACCEPT": "text/html"}),
    "list, known": ("get", "", None, CREDENTIALS),
    "list, with a wrong token": ("get", "", None, {"HTTP_AUTHORIZATION": "Token x"}),
    "list, not acceptable": ("get", "", None, {"HTTP_ACCEPT": "image/png"}),
    "list, headers only": ("head", "", None, {}),
    "list, by suffix": ("get", ".json", None, {}),
    "retrieve": ("get", "2/", None, {}),
    "retrieve, not there": ("get", "99/", None, {}),
    "retrieve, as html": ("get", "2/", None, {"HTTP_ACCEPT": "text/html", **CREDENTIALS}),
    "create": ("post", "", {"title": "new", "pages": "7"}, CREDENTIALS),
    "create, unknown": ("post", "", {"title": "new"}, {}),
    "create, invalid": ("post", "", {"pages": -1}, CREDENTIALS),
    "create, taken": ("post", "", {"title": "volume 1"}, CREDENTIALS),
    "create, malformed": ("post", "", b"{", {**CREDENTIALS, "content_type": "application/json"}),
    "create, no parser": ("post", "", b"x", {**CREDENTIALS, "content_type": "image/png"}),
    "create, a form": ("post", "", {"title": "f"}, {**CREDENTIALS, "format": "multipart"}),
    "update": ("put", "1/", {"title": "changed"}, CREDENTIALS),
    "update, refused": ("put", "1/", {"title": "refused"}, CREDENTIALS),
    "partial update": ("patch", "1/", {"pages": 9}, CREDENTIALS),
    "partial update, invalid": ("patch", "1/", {"pages": "x"}, CREDENTIALS),
    "destroy": ("delete", "3/", None, CREDENTIALS),
    "destroy, not there": ("delete", "99/", None, CREDENTIALS),
    "options": ("options", "", None, CREDENTIALS),
    "options of one": ("options", "1/", None, CREDENTIALS),
    "a method that is not allowed": ("put", "", {}, CREDENTIALS),
    "an action": ("get", "longest/", None, {}),
    "an action on one": ("post", "1/tear/", {}, CREDENTIALS),
    "an action on one, unknown": ("post", "1/tear/", {}, {}),
    "an exception of the project's own": ("get", "teapot/", None, {}),
}


@pytest.mark.parametrize("serializer", SERIALIZERS)
async def test_every_style_gives_the_same_answers(serializer: str) -> None:
    for name, exchange in EXCHANGES.items():
        expected = await outcome(Api("wsgi"), f"original-{serializer}", exchange)
        for server in ("wsgi", "asgi"):
            for style in STYLES:
                found = await outcome(Api(server), f"{style}-{serializer}", exchange)
                assert found == expected, f"{name}: {server}, {style}"


async def outcome(api: Api, prefix: str, exchange: Exchange) -> tuple[Answer, Any]:
    """Return the answer, and what it left in the database, which then is as before."""
    method, path, data, extra = exchange
    before = await sync_to_async(stored)()
    await sync_to_async(restore)(before)
    await sync_to_async(cache.clear)()
    address = f"/{prefix}{path}" if path.startswith(".") else f"/{prefix}/{path}"
    answer = await api.answer(method, address, data, **extra)
    after = await sync_to_async(stored)()
    await sync_to_async(restore)(before)
    body = answer.body.replace(prefix.encode(), b"...")
    return Answer(answer.status, _without(answer.headers, prefix), body), after


def _without(headers: dict[str, str], prefix: str) -> dict[str, str]:
    return {name: value.replace(prefix, "...") for name, value in headers.items()}


def stored() -> Any:
    return list(Volume.objects.values()), Note.objects.count()


def restore(state: Any) -> None:
    Volume.objects.all().delete()
    Note.objects.all().delete()
    Volume.objects.bulk_create(Volume(**values) for values in state[0])
    number_from(101)


async def test_throttles_count_requests(api: Api) -> None:
    for style in STYLES:
        statuses = [
            (await api.answer("get", f"/{style}-schema/", HTTP_X_BURST=api.server)).status
            for _ in range(4)
        ]
        assert statuses == [200, 200, 200, 429], style
