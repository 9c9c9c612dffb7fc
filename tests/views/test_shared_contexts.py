"""Context variables between the steps of one request, which run in several hops into a thread."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar, Token, copy_context
from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.views.base import AsyncAPIView
from nova_drf.views.hops import SharedContext

tenant: ContextVar[str] = ContextVar("tenant", default="nobody")


class OfTenant(AsyncAPIView):
    """Sets a variable before the handler, and resets it afterwards."""

    token: Token[str]
    seen: str = ""

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.token = tenant.set(request.query_params["tenant"])

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["X-Tenant"] = tenant.get()
        tenant.reset(self.token)
        response["X-After"] = tenant.get()
        return response


class Sync(OfTenant):
    def get(self, request: Any) -> Response:
        return Response(tenant.get())


class Async(OfTenant):
    async def get(self, request: Any) -> Response:
        await asyncio.sleep(0)
        return Response(tenant.get())


class AsyncThatSets(OfTenant):
    async def get(self, request: Any) -> Response:
        tenant.set("another")
        return Response(tenant.get())


class AsyncThatFails(OfTenant):
    async def get(self, request: Any) -> Response:
        raise ValueError(tenant.get())

    def handle_exception(self, exc: Exception) -> Response:
        return Response(str(exc), status=500)


Seen = tuple[Any, str, str]


def seen(response: Any) -> Seen:
    return response.data, response["X-Tenant"], response["X-After"]


async def answer_of(view: Any, name: str = "ann") -> Seen:
    """Answer a request in a task of its own, as a server does."""
    request = AsyncAPIRequestFactory().get(f"/?tenant={name}")
    return seen(await asyncio.create_task(view.as_view()(request)))


def sync_answer() -> Seen:
    return copy_context().run(lambda: seen(Sync.as_view()(APIRequestFactory().get("/?tenant=ann"))))


@pytest.mark.parametrize("view", [Async, AsyncThatFails])
async def test_what_one_step_sets_another_resets(view: Any) -> None:
    expected = await asyncio.to_thread(sync_answer)
    assert expected == ("ann", "ann", "nobody")
    assert await answer_of(view) == expected


async def test_a_step_sees_what_the_handler_set() -> None:
    assert await answer_of(AsyncThatSets) == ("another", "another", "nobody")


async def test_requests_at_the_same_time_keep_apart() -> None:
    names = [f"tenant-{number}" for number in range(20)]
    answers = await asyncio.gather(*(answer_of(Async, name) for name in names))
    assert [data for data, *_ in answers] == names


def test_a_step_within_a_step_runs_in_the_context_that_is_there() -> None:
    shared = SharedContext()

    def inner() -> str:
        tenant.set("inner")
        return tenant.get()

    def outer() -> str:
        tenant.set("outer")
        assert shared.run(inner) == "inner"
        return tenant.get()

    assert copy_context().run(shared.run, outer) == "inner"


def test_what_is_raised_passes_and_the_next_step_can_run() -> None:
    shared = SharedContext()
    with pytest.raises(ZeroDivisionError):
        shared.run(lambda: 1 / 0)
    assert shared.run(tenant.get) == "nobody"
