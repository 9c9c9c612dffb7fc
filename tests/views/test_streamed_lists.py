"""Lists that are sent piece by piece: the same bytes as DRF's, in memory that does not grow."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework import generics, serializers
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.test import APIRequestFactory

from nova_drf import Schema, serializer_from_schema
from nova_drf.generics import AsyncGenericAPIView
from nova_drf.queries.rows import RowIterable
from nova_drf.streaming import JSONLinesRenderer, astream_list, stream_list
from nova_drf.testing import AsyncAPIRequestFactory
from tests.queriesapp.models import Copy, Reader, Shelf

COPIES = Copy.objects.select_related("reader").order_by("code")


class ReaderSchema(Schema):
    name: str


class CopySchema(Schema):
    code: int
    reader: ReaderSchema | None


CopySerializer = serializer_from_schema(CopySchema)


class ClassicReader(serializers.ModelSerializer[Reader]):
    class Meta:
        model = Reader
        fields = ["name"]


class ClassicCopy(serializers.ModelSerializer[Copy]):
    reader = ClassicReader()

    class Meta:
        model = Copy
        fields = ["code", "reader"]


class Method(ClassicCopy):
    """Sees the instances."""

    reader = serializers.SerializerMethodField()

    def get_reader(self, copy: Copy) -> Any:
        return None if copy.reader is None else {"name": copy.reader.name}


class Classic(generics.ListAPIView[Copy]):
    queryset = COPIES
    serializer_class = ClassicCopy
    renderer_classes = [JSONRenderer]


class Sync(AsyncGenericAPIView):
    queryset = COPIES
    serializer_class: Any = CopySerializer
    renderer_classes = [JSONRenderer, JSONLinesRenderer, BrowsableAPIRenderer]
    size = 3

    def get(self, request: Any) -> Any:
        return stream_list(self, self.filter_queryset(self.get_queryset()), chunk_size=self.size)


class Async(Sync):
    async def get(self, request: Any) -> Any:
        return await astream_list(self, await self.filter_queryset(self.get_queryset()))


class OwnSerializer(Sync):
    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        return super().get_serializer(*args, **kwargs)


def store(count: int) -> None:
    shelf = Shelf.objects.create(name="top")
    readers = [Reader.objects.create(name=f"é{at}") for at in range(3)]
    Copy.objects.bulk_create(
        Copy(code=at, shelf=shelf, reader=readers[at % 3] if at % 4 else None)
        for at in range(count)
    )


def expected(**headers: Any) -> bytes:
    request: Any = APIRequestFactory().get("/", **headers)
    content: bytes = Classic.as_view()(request).render().content
    return content


def answer(view: Any, **headers: Any) -> Any:
    request: Any = APIRequestFactory().get("/", **headers)
    return view.as_view()(request)


VIEWS: dict[str, Any] = {
    "rows": Sync,
    "instances": type("View", (Sync,), {"serializer_class": Method}),
    "a serializer of DRF's": type("View", (Sync,), {"serializer_class": ClassicCopy}),
    "its own get_serializer": OwnSerializer,
    "forced": type("View", (Sync,), {"rows_stand_for_instances": False}),
    "not joined": type("View", (Sync,), {"queryset": Copy.objects.order_by("code")}),
    "prefetched": type("View", (OwnSerializer,), {"queryset": COPIES.prefetch_related("labels")}),
    "another renderer": type("View", (Sync,), {"renderer_classes": [BrowsableAPIRenderer]}),
}


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ["application/json", "application/json; indent=2", "*/*"])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 10])
@pytest.mark.parametrize("name", VIEWS)
def test_the_array_is_drfs(name: str, count: int, accept: str) -> None:
    store(count)
    accepts = {} if name == "another renderer" else {"HTTP_ACCEPT": accept}
    response = answer(VIEWS[name], **accepts)
    assert response.getvalue() == expected(**accepts)
    assert response["Content-Type"] == "application/json"


@pytest.mark.django_db
@pytest.mark.parametrize("compact", [True, False])
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_the_settings_of_the_renderer(
    compact: bool, ensure_ascii: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(7)
    monkeypatch.setattr(JSONRenderer, "compact", compact)
    monkeypatch.setattr(JSONRenderer, "ensure_ascii", ensure_ascii)
    assert answer(Sync).getvalue() == expected()


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, 1, 7])
def test_json_lines(count: int) -> None:
    store(count)
    response = answer(Sync, HTTP_ACCEPT="application/jsonl")
    lines = response.getvalue().splitlines()
    assert [json.loads(line) for line in lines] == json.loads(expected())
    assert response["Content-Type"] == "application/jsonl"


@pytest.mark.django_db
def test_rows_are_read_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    store(7)
    sizes: list[Any] = []
    original = RowIterable.__iter__

    def noted(self: RowIterable) -> Any:
        sizes.append((self.chunked_fetch, self.chunk_size))
        return original(self)

    monkeypatch.setattr(RowIterable, "__iter__", noted)
    response = answer(Sync)
    assert len(list(response.streaming_content)) == 4
    assert sizes == [(True, 3)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("view", [Sync, Async])
async def test_under_asgi(view: Any) -> None:
    from asgiref.sync import sync_to_async

    await sync_to_async(store)(7)
    request: Any = AsyncAPIRequestFactory().get("/")
    response = await view.as_view()(request) if view is Async else await _called(view, request)
    assert response.is_async
    body = b"".join([part async for part in response])
    assert body == await sync_to_async(expected)()


async def _called(view: Any, request: Any) -> Any:
    from asgiref.sync import sync_to_async

    return await sync_to_async(view.as_view())(request)


@pytest.mark.django_db(transaction=True)
async def test_a_client_that_leaves() -> None:
    from asgiref.sync import sync_to_async

    await sync_to_async(store)(20)
    closed: list[str] = []

    class Watched(Sync):
        def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
            closed.append("printed")
            return super().get_serializer(*args, **kwargs)

    request: Any = AsyncAPIRequestFactory().get("/")
    response = await _called(Watched, request)
    parts = aiter(response)
    await anext(parts)
    await parts.aclose()
    assert len(closed) == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_at_once_is_an_ordinary_error() -> None:
    class Wrong(Sync):
        def get_queryset(self) -> Any:
            return Copy.objects.extra(where=["no_such_column = 1"])

    with pytest.raises(Exception, match="no_such_column"):
        answer(Wrong)


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_nothing_is_read_before_it_ends() -> None:
    store(7)
    with transaction.atomic(), CaptureQueriesContext(connection) as context:
        response = answer(Sync)
    assert not [query for query in context.captured_queries if "copy" in query["sql"]]
    assert response.getvalue() == expected()


@pytest.mark.django_db(transaction=True)
def test_a_cursor_of_the_server() -> None:
    store(7)
    with CaptureQueriesContext(connection) as context:
        response = answer(Sync)
        parts = iter(response.streaming_content)
        next(parts)
        if connection.vendor == "postgresql":
            assert connection.connection is not None
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_cursors WHERE is_holdable")
                assert cursor.fetchone() == (1,)
        response.close()
    assert len([query for query in context.captured_queries if "copy" in query["sql"]]) == 1
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_cursors WHERE is_holdable")
            assert cursor.fetchone() == (0,)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["rows", "its own get_serializer"])
def test_memory_does_not_grow(name: str) -> None:
    if connection.vendor == "mysql":
        pytest.skip("Its driver reads all rows at once.")
    store(4000)
    view = type("View", (VIEWS[name],), {"size": 200})
    peaks = []
    for count in (400, 4000):
        limited = type("View", (view,), {"queryset": COPIES[:count]})
        b"".join(b"" for _ in answer(limited).streaming_content)
        tracemalloc.start()
        length = sum(map(len, answer(limited).streaming_content))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert length > 20 * count
    assert peaks[1] < 1.5 * peaks[0]
