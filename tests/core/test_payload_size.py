"""What is large leaves the event loop, wherever it is validated, printed or rendered."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
from django.http import QueryDict
from django.test import override_settings
from django.urls import path
from pydantic import BaseModel, ConfigDict
from rest_framework.response import Response
from rest_framework.utils import json
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList

from nova_drf import Schema, serializer_from_schema
from nova_drf.core.payload_size import CHARACTERS, fits_on_loop
from nova_drf.core.settings import DEFAULTS
from nova_drf.representation.objects import ObjectReader
from nova_drf.testing import AsyncAPIClient
from nova_drf.validation.request_schema import CompiledRequest
from nova_drf.views.base import AsyncAPIView

MANY = DEFAULTS["VALUES_ON_LOOP"]


class Item(Schema):
    name: str
    count: int = 1


class Numbers(Schema):
    numbers: list[int]


class PlainNumbers(BaseModel):
    numbers: list[int]


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


SMALL_AND_LARGE: dict[str, tuple[Any, Any]] = {
    "list": ([1] * 10, [1] * MANY),
    "texts": (["a" * 10], ["a" * CHARACTERS * MANY]),
    "bytes": (b"a", b"a" * CHARACTERS * MANY),
    "a long text in a short list": (["a"] * 500, ["a" * CHARACTERS] * 500),
    "dictionary": ({"a": 1}, dict.fromkeys(range(MANY))),
    "long keys": ({"a": 1}, {"a" * CHARACTERS * MANY: 1}),
    "ordered": (OrderedDict(a=1), OrderedDict(dict.fromkeys(range(MANY)))),
    "lists": ([[1]] * 5, [[1] * 10] * (MANY // 10)),
    "deep": ([[[[1]]]], [[[[1] * MANY]]]),
    "form": (QueryDict("a=1&a=2"), QueryDict("&".join(["a=1"] * 900) + "&b=1" * 100)),
    "schemas": ([Item(name="a")], [Item(name="a")] * (MANY // 2)),
    "extra values": (Open(a=1), Open(a=[1] * MANY)),
    "tuple": ((1,), (1,) * MANY),
    "set": ({1}, set(range(MANY))),
    "deque": (deque([1]), deque([1] * MANY)),
    "data of DRF": (
        ReturnDict({"a": 1}, serializer=None),
        ReturnList([1] * MANY, serializer=None),
    ),
}


@pytest.mark.parametrize("kind", SMALL_AND_LARGE)
def test_the_size_of_a_payload(kind: str) -> None:
    small, large = SMALL_AND_LARGE[kind]
    assert fits_on_loop(small)
    assert not fits_on_loop(large)


@pytest.mark.parametrize(
    "value", [None, 1, True, 1.5, object(), Item, ObjectReader, "", {}, [], ()]
)
def test_what_is_no_collection_is_one_value(value: Any) -> None:
    assert fits_on_loop(value)


@pytest.mark.parametrize("value", [MappingProxyType({}), iter([]), (one for one in ())])
def test_what_has_no_known_size_does_not_fit(value: Any) -> None:
    assert not fits_on_loop(value)
    assert not fits_on_loop([value])


def test_a_value_that_contains_itself_does_not_fit() -> None:
    items: list[Any] = []
    items.append(items)
    assert not fits_on_loop(items)


@pytest.mark.parametrize("limit", [0, 1, 3, 4])
def test_the_setting_is_the_number_of_values(limit: int) -> None:
    with override_settings(NOVA_DRF={"VALUES_ON_LOOP": limit}):
        assert fits_on_loop([1, 2]) is (limit >= 3)
        assert fits_on_loop({"a": 1}) is (limit >= 3)
        assert fits_on_loop(None) is (limit >= 1)


# Where it runs


class Heartbeat:
    """Counts how often the event loop gets round to something else."""

    def __init__(self) -> None:
        self.beats = 0

    async def during(self, call: Callable[[], Any]) -> Any:
        """Await what a call returns while the heart beats; tell how often it did."""
        heart = asyncio.ensure_future(self._beat())
        await asyncio.sleep(0)
        self.beats = 0
        try:
            return await call()
        finally:
            heart.cancel()

    async def _beat(self) -> None:
        while True:
            self.beats += 1
            await asyncio.sleep(0)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads in which something was validated, printed or rendered."""
    seen: list[int] = []

    def noted(owner: Any, name: str) -> None:
        function = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            seen.append(threading.get_ident())
            return function(*args, **kwargs)

        monkeypatch.setattr(owner, name, call)

    noted(CompiledRequest, "validate")
    noted(ObjectReader, "read")
    noted(ObjectReader, "read_many")
    noted(json, "dumps")
    return seen


@pytest.mark.parametrize("schema", [Numbers, PlainNumbers])
@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("many", [False, True])
async def test_a_large_payload_is_validated_in_a_thread(
    threads: list[int], schema: Any, wrong: bool, many: bool
) -> None:
    for count, is_large in ((3, False), (20_000, True)):
        body = {"numbers": ["x" if wrong else 1] * count}
        serializer = serializer_from_schema(schema)(data=[body] if many else body, many=many)
        heartbeat = Heartbeat()
        threads.clear()
        assert await heartbeat.during(serializer.ais_valid) is not wrong
        assert set(threads) != {threading.get_ident()} if is_large else heartbeat.beats == 0
        assert (heartbeat.beats > 0) is is_large
        assert (threading.get_ident() in threads) is not is_large


@pytest.mark.parametrize("many", [False, True])
async def test_a_large_object_is_printed_in_a_thread(threads: list[int], many: bool) -> None:
    for count, is_large in ((3, False), (20_000, True)):
        instance = {"numbers": [1] * count}
        serializer = serializer_from_schema(Numbers)([instance] if many else instance, many=many)
        heartbeat = Heartbeat()
        threads.clear()

        async def printed(serializer: Any = serializer) -> Any:
            return await serializer.adata

        data = await heartbeat.during(printed)
        assert len((data[0] if many else data)["numbers"]) == count
        assert (heartbeat.beats > 0) is is_large
        assert (threading.get_ident() in threads) is not is_large


async def test_a_large_update_is_completed_in_a_thread() -> None:
    for count, is_large in ((3, False), (20_000, True)):
        instance = {"name": "a", "count": 1, "more": [1] * count}
        serializer = serializer_from_schema(Item)(instance, data={"name": "b"}, partial=True)
        assert await serializer.ais_valid()
        heartbeat = Heartbeat()

        async def completed(serializer: Any = serializer) -> Any:
            return await serializer.avalidated_schema

        assert await heartbeat.during(completed) == Item(name="b", count=1)
        assert (heartbeat.beats > 0) is is_large


class Rows(AsyncAPIView):
    """Answers with as many values as the address says."""

    authentication_classes = ()
    permission_classes = ()

    async def get(self, request: Any, count: int) -> Response:
        return Response([1] * count)

    async def post(self, request: Any, count: int) -> Response:
        serializer = serializer_from_schema(Numbers)(data=request.data)
        await serializer.ais_valid(raise_exception=True)
        return Response({"count": len(serializer.validated_data["numbers"])})


urlpatterns = [path("rows/<int:count>/", Rows.as_view())]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("count", [3, 20_000])
async def test_an_answer_is_rendered_in_a_thread(threads: list[int], count: int) -> None:
    response = await AsyncAPIClient().get(f"/rows/{count}/")
    assert response.status_code == 200
    assert json.loads(response.content) == [1] * count
    assert threading.get_ident() not in threads
    assert threads


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("count", "is_large"), [(3, False), (20_000, True)])
async def test_a_large_refusal_is_made_and_rendered_in_a_thread(
    threads: list[int], count: int, is_large: bool
) -> None:
    body = json.dumps({"numbers": ["x"] * count})
    threads.clear()
    response = await AsyncAPIClient().post("/rows/0/", body, content_type="application/json")
    assert response.status_code == 400
    assert len(json.loads(response.content)["numbers"]) == count
    assert (threading.get_ident() in threads) is not is_large
