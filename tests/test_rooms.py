"""How many of the packages of nova_drf a request goes through once all is compiled."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

import nova_drf
from nova_drf import Schema, SchemaBackedMixin, SchemaSerializer
from nova_drf.views import AsyncAPIView

ROOT = Path(nova_drf.__file__).parent


class Line(Schema):
    name: str
    count: int


class Order(Schema):
    title: str
    lines: list[Line]


class OrderSerializer(SchemaSerializer[Order]):
    def validate_title(self, value: str) -> str:
        return value


class ClassicLine(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField()


class ClassicOrder(serializers.Serializer[Any]):
    title = serializers.CharField()
    lines = ClassicLine(many=True)

    def validate_title(self, value: str) -> str:
        return value


class BackedOrder(SchemaBackedMixin, ClassicOrder):
    pass


BODY = {"title": "a", "lines": [{"name": "b", "count": 1}, {"name": "c", "count": 2}]}


def written(serializer_class: Any, body: Any, **options: Any) -> Callable[[], Any]:
    def write() -> Any:
        serializer = serializer_class(data=body, **options)
        assert serializer.is_valid()
        return serializer.validated_data

    return write


def read(serializer_class: Any, instance: Any, **options: Any) -> Callable[[], Any]:
    return lambda: serializer_class(instance, **options).data


def rooms(request: Callable[[], Any]) -> set[str]:
    """Return the packages whose functions a warm request calls."""
    for _ in range(2):
        request()
    with traced() as entered:
        request()
    return entered


@contextmanager
def traced() -> Iterator[set[str]]:
    """Note the packages whose functions are called, in this thread and in those that it starts."""
    entered: set[str] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and ROOT in path.parents:
            entered.add(path.relative_to(ROOT).parts[0])

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield entered
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


@pytest.mark.parametrize("serializer_class", [OrderSerializer, BackedOrder])
@pytest.mark.parametrize(
    ("request_of", "most"),
    [
        (lambda cls: written(cls, BODY), 5),
        (lambda cls: written(cls, {"title": "b"}, partial=True), 5),
        (lambda cls: read(cls, BODY), 3),
        (lambda cls: read(cls, [BODY] * 20, many=True), 4),
    ],
    ids=["write", "partial write", "read", "list"],
)
def test_a_request_enters_few_rooms(
    serializer_class: Any, request_of: Callable[[Any], Callable[[], Any]], most: int
) -> None:
    entered = rooms(request_of(serializer_class))
    assert "serializers" in entered
    assert len(entered) <= most, entered


class OrderView(AsyncAPIView):
    authentication_classes = ()
    permission_classes = ()

    async def post(self, request: Any) -> Response:
        serializer = OrderSerializer(data=request.data)
        await serializer.ais_valid(raise_exception=True)
        return Response(serializer.validated_data)


def test_an_async_view_enters_few_rooms() -> None:
    view: Any = OrderView.as_view()

    async def post() -> Any:
        return await view(APIRequestFactory().post("/", BODY, format="json"))

    for _ in range(2):
        asyncio.run(post())
    with traced() as entered:
        response = asyncio.run(post())
    assert response.status_code == 200
    assert {"views", "serializers"} <= entered
    assert len(entered) <= 6, entered
