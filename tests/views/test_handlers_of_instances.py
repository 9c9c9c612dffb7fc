"""Handlers that a mixin's ``__init__`` gives a view, in the place of the class's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from nova_drf.core.concurrency import runs_on_loop
from nova_drf.views import AsyncAPIView
from nova_drf.viewsets import AsyncViewSet


class Instead:
    """Answers by a method of its own, whatever the class has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for name in ("get", "list"):
            if hasattr(super(), name):
                setattr(self, name, self._instead)
        super().__init__(*args, **kwargs)

    def _instead(self, request: Any) -> Response:
        return Response({"instead": True, "on the loop": runs_on_loop()})


class InsteadAsync(Instead):
    """The same, awaited."""

    async def _instead(self, request: Any) -> Response:  # type: ignore[override]  # it is awaited
        return Response({"instead": True, "on the loop": runs_on_loop()})


class Handlers:
    def get(self, request: Any) -> Response:
        return Response({"instead": False})

    list = get


class AsyncHandlers:
    async def get(self, request: Any) -> Response:
        return Response({"instead": False})

    list = get


class OtherAsync(Handlers):
    async def post(self, request: Any) -> Response:
        return Response({"instead": False})

    create = post


def answer(mixin: type, handlers: type, base: Any, method: str = "get") -> Any:
    view_class: Any = type("View", (mixin, handlers, base), {})
    is_viewset = issubclass(base, ViewSet)
    actions = {"get": "list"} | ({"post": "create"} if hasattr(handlers, "create") else {})
    view = view_class.as_view(*([actions] if is_viewset else []))
    request = getattr(APIRequestFactory(), method)("/")

    async def ask() -> Any:
        return await view(request)

    return asyncio.run(ask()) if iscoroutinefunction(view) else view(request)


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("handlers", [Handlers, AsyncHandlers, OtherAsync])
@pytest.mark.parametrize(("theirs", "ours"), [(APIView, AsyncAPIView), (ViewSet, AsyncViewSet)])
def test_the_method_of_an_instance_answers_in_a_thread(
    theirs: Any, ours: Any, handlers: type, method: str
) -> None:
    classic = answer(Instead, Handlers, theirs, method)
    found = answer(Instead, handlers, ours, method)

    assert (found.status_code, found.data) == (classic.status_code, classic.data)
    assert found.data == {"instead": True, "on the loop": False}


@pytest.mark.parametrize("handlers", [AsyncHandlers, OtherAsync])
@pytest.mark.parametrize("base", [AsyncAPIView, AsyncViewSet])
def test_an_async_one_is_awaited_on_the_loop(base: Any, handlers: type) -> None:
    assert answer(InsteadAsync, handlers, base).data == {"instead": True, "on the loop": True}
