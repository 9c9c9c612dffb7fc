"""How many hops to a worker thread a request takes: constant, and few.

The measure is a plain Django async view that does the same ORM work: ours may take one more, beside
the one in which Django renders a response of DRF's.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from rest_framework.authtoken.models import Token

from nova_drf.testing import AsyncAPIClient
from tests.views.conftest import Hops, make_volumes
from tests.viewsapp.models import Volume
from tests.viewsapp.urls import urlpatterns as styles
from tests.viewsapp.views import CREDENTIALS


async def authenticated(request: HttpRequest) -> None:
    key = request.headers["Authorization"].split()[1]
    await Token.objects.select_related("user").aget(key=key)


def printed(volume: Volume) -> dict[str, Any]:
    return {"id": volume.pk, "title": volume.title, "pages": volume.pages}


async def plain_list(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        await authenticated(request)
        values = json.loads(request.body)
        await Volume.objects.filter(title=values["title"]).aexists()
        return JsonResponse(printed(await Volume.objects.acreate(**values)))
    queryset = Volume.objects.select_related("writer__house__country")
    await authenticated(request)
    count = await queryset.acount()
    rows = [printed(volume) async for volume in queryset[:1000]]
    return JsonResponse({"count": count, "results": rows})


async def plain_detail(request: HttpRequest, pk: int) -> JsonResponse:
    await authenticated(request)
    volume = await Volume.objects.select_related("writer__house__country").aget(pk=pk)
    if request.method == "DELETE":
        await volume.adelete()
    if request.method == "PUT":
        volume.pages = json.loads(request.body)["pages"]
        await volume.asave()
    return JsonResponse(printed(volume))


urlpatterns = [
    path("plain/", plain_list),
    path("plain/<int:pk>/", plain_detail),
    path("", include(styles)),
]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.usefixtures("volumes")]

REQUESTS: dict[str, tuple[str, str, Any]] = {
    "list": ("get", "?size=1000&search=volume&ordering=-pages", None),
    "retrieve": ("get", "1/", None),
    "create": ("post", "", {"title": "new", "pages": 1}),
    "update": ("put", "1/", {"title": "volume 1", "pages": 5}),
    "destroy": ("delete", "1/", None),
}

RENDERING = 1

TABLE = {
    # style: hops of our own for list, retrieve, create, update, destroy
    "sync": (2, 2, 2, 2, 2),
    "handlers": (5, 3, 3, 3, 4),
}
"""All policies are on: token, composed permission, throttle, search, ordering, pages."""


async def taken(hops: Hops, prefix: str, request: tuple[str, str, Any]) -> int:
    """Return how many hops a request takes, without those of Django's handler and middleware."""
    method, address, data = request
    client = AsyncAPIClient()
    extra = {} if data is None else {"format": "json"}
    send = getattr(client, method)
    hops.clear()
    response = await send(f"/{prefix}/{address}", data, **extra, **CREDENTIALS)
    assert response.status_code < 300, response.content
    own = [name for name in hops if not name.startswith(AROUND)]
    return len(own)


AROUND = (
    *("Signal.", "HttpResponseBase.close", "SessionMiddleware.", "LocaleMiddleware."),
    *("CommonMiddleware.", "CsrfViewMiddleware.", "AuthenticationMiddleware."),
    *("MessageMiddleware.",),
)


@pytest.mark.parametrize("serializer", ["classic", "schema"])
@pytest.mark.parametrize("style", TABLE)
async def test_the_table_of_hops(hops: Hops, style: str, serializer: str) -> None:
    counts = [await taken(hops, f"{style}-{serializer}", one) for one in REQUESTS.values()]
    assert tuple(counts) == TABLE[style]


@pytest.mark.parametrize("name", REQUESTS)
async def test_at_most_one_more_than_a_plain_async_view(hops: Hops, name: str) -> None:
    plain = await taken(hops, "plain", REQUESTS[name])
    await sync_to_async(restore)()
    for style in TABLE:
        assert await taken(hops, f"{style}-schema", REQUESTS[name]) <= plain + 1 + RENDERING
        await sync_to_async(restore)()


def restore() -> None:
    Volume.objects.filter(title="new").delete()
    Volume.objects.get_or_create(pk=1, defaults={"title": "volume 1", "pages": 1})


@pytest.mark.parametrize("style", [*TABLE, "hooks", "both"])
async def test_the_number_does_not_grow_with_rows(hops: Hops, style: str, settings: Any) -> None:
    settings.NOVA_DRF = {"VALUES_ON_LOOP": 100_000}
    counts = []
    for rows in (1, 100, 1000):
        await sync_to_async(Volume.objects.all().delete)()
        await sync_to_async(make_volumes)(rows)
        counts.append(await taken(hops, f"{style}-schema", REQUESTS["list"]))
    assert len(set(counts)) == 1


async def test_a_sync_view_takes_as_many_as_drfs(hops: Hops) -> None:
    """Two: Django renders its response in a thread again."""
    for prefix in ("sync-classic", "original-classic"):
        assert await taken(hops, prefix, REQUESTS["retrieve"]) == 2
