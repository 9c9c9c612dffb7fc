"""Results that may be ``None``, alone or among others."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIRequestFactory

from nova_drf import Schema
from nova_drf.services import Service
from nova_drf.viewsets import ServiceViewSet, delegate
from tests.views.sending import on_loop


class Out(Schema):
    id: int
    note: str | None = None


class Answers(Service):
    def nothing(self) -> Out | None:
        return None

    def something(self) -> Out | None:
        return Out(id=1)

    async def later(self) -> Out | None:
        return None

    def number(self) -> int | None:
        return None

    def some(self) -> list[Out | None]:
        return [Out(id=1), None, Out(id=2)]

    def none_of_them(self) -> list[Out | None]:
        return [None]

    def whole(self) -> list[Out] | None:
        return None

    def empty(self) -> None:
        return None

    def untold(self) -> Any:
        return None


class AnswersViewSet(ServiceViewSet[Answers]):
    permission_classes: Any = []
    renderer_classes = [JSONRenderer]
    nothing = delegate(Answers.nothing, methods=["get"])
    something = delegate(Answers.something, methods=["get"])
    later = delegate(Answers.later, methods=["get"])
    number = delegate(Answers.number, methods=["get"])
    some = delegate(Answers.some, methods=["get"])
    none_of_them = delegate(Answers.none_of_them, methods=["get"])
    whole = delegate(Answers.whole, methods=["get"])
    empty = delegate(Answers.empty, methods=["get"])
    untold = delegate(Answers.untold, methods=["get"])


async def rendered(view: Any) -> Any:
    request = APIRequestFactory().get("/")
    response = await on_loop(view)(request)
    return await sync_to_async(response.render)()


ONE, TWO = b'{"id":1,"note":null}', b'{"id":2,"note":null}'


@pytest.mark.parametrize(
    ("action", "status", "content"),
    [
        ("nothing", 200, b"null"),
        ("something", 200, ONE),
        ("later", 200, b"null"),
        ("number", 200, b"null"),
        ("some", 200, b"[" + ONE + b",null," + TWO + b"]"),
        ("none_of_them", 200, b"[null]"),
        ("whole", 200, b"null"),
        ("empty", 204, b""),
        ("untold", 200, b"null"),
    ],
)
async def test_what_may_be_none_is_null(action: str, status: int, content: bytes) -> None:
    response = await rendered(AnswersViewSet.as_view({"get": action}))
    assert (response.status_code, response.content) == (status, content)
    expected = "application/json" if content else None
    assert response.headers.get("Content-Type") == expected
