"""Context variables between the steps of one request, which run in several hops into a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextvars import ContextVar, Token, copy_context
from inspect import isawaitable
from itertools import product
from threading import Event
from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

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


# A token of one step, which another resets


HOOKS = ("initial", "get", "finalize_response")
ORDERS = [
    (first, last)
    for first, last in product(HOOKS, HOOKS)
    if HOOKS.index(first) <= HOOKS.index(last)
]


class Recording:
    """What the steps of a view have in common; one sets the variable, and another resets it."""

    setting: str
    resetting: str
    token: Token[str]
    seen: tuple[tuple[str, str], ...] = ()

    def before(self, name: str) -> None:
        if name == self.setting:
            self.token = tenant.set("ann")

    def after(self, name: str) -> None:
        if name == self.resetting:
            tenant.reset(self.token)
        self.seen = (*self.seen, (name, tenant.get()))


def sync_step(name: str) -> Any:
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.before(name)
        answer = Response() if name == "get" else self.next(name)(*args, **kwargs)
        self.after(name)
        return answer

    return run


def async_step(name: str) -> Any:
    async def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.before(name)
        answer = Response() if name == "get" else self.next(name)(*args, **kwargs)
        answer = await answer if isawaitable(answer) else answer
        await asyncio.sleep(0)
        self.after(name)
        return answer

    return run


def view_of(base: Any, styles: Iterable[str], setting: str, resetting: str) -> Any:
    """Return a view one step of which sets the variable, and another resets it.

    Args:
        base: ``AsyncAPIView``, or DRF's.
        styles: Whether each step is ``def`` or ``async def``.
        setting: The step that sets the variable.
        resetting: The step that resets it.
    """
    makers = {"def": sync_step, "async": async_step}
    steps = {name: makers[style](name) for name, style in zip(HOOKS, styles, strict=True)}
    ways = {
        "setting": setting,
        "resetting": resetting,
        "next": lambda self, name: getattr(super(cls, self), name),
    }
    cls = type("OfTenants", (Recording, base), steps | ways)
    return cls


def seen_by(cls: Any, factory: Any) -> Any:
    """Return the status of one request, and what its steps see."""
    views: list[Any] = []

    class Kept(cls):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            views.append(self)

    async def awaited(answer: Any) -> Any:
        return await answer

    answer = Kept.as_view()(factory.get("/"))
    response = asyncio.run(awaited(answer)) if isawaitable(answer) else answer
    return response.status_code, views[0].seen


@pytest.mark.parametrize(("setting", "resetting"), ORDERS)
@pytest.mark.parametrize("styles", list(product(("def", "async"), repeat=3)))
def test_what_a_step_sets_any_other_resets(
    setting: str, resetting: str, styles: tuple[str, ...]
) -> None:
    classic = view_of(APIView, ["def"] * 3, setting, resetting)
    expected = copy_context().run(seen_by, classic, APIRequestFactory())
    ours = view_of(AsyncAPIView, styles, setting, resetting)
    assert copy_context().run(seen_by, ours, AsyncAPIRequestFactory()) == expected
    assert expected[0] == 200


class Sharing(AsyncAPIView):
    """Its handler awaits hooks, at the same time and one after the other."""

    async def get(self, request: Any) -> Response:
        token = tenant.set("ann")
        try:
            seen = await asyncio.gather(self.in_task("bob"), self.in_task("eve"))
            return Response([*seen, await self.get_object(), tenant.get()])
        finally:
            tenant.reset(token)

    async def in_task(self, name: str) -> str:
        token = tenant.set(name)
        await self.check_throttles(self.request)  # in a thread
        await asyncio.sleep(0)
        tenant.reset(token)
        tenant.set(f"{name} again")
        return await self.perform_create(None)

    def check_throttles(self, request: Any) -> Any:
        self.seen = (*getattr(self, "seen", ()), tenant.get())

    async def perform_create(self, serializer: Any) -> str:
        return tenant.get()

    def get_object(self) -> Any:
        tenant.set("of get_object")


async def test_tasks_keep_apart_as_ever() -> None:
    response = await Sharing.as_view()(AsyncAPIRequestFactory().get("/"))
    assert response.data == ["bob again", "eve again", None, "of get_object"]


class Leaving(AsyncAPIView):
    """Its client goes away while a thread runs a step."""

    async def get(self, request: Any) -> Response:
        token = tenant.set("ann")
        try:
            await self.get_object()
        finally:
            tenant.reset(token)
            self.ends.append(tenant.get())
        return Response()

    def get_object(self) -> Any:
        self.started.set()
        self.goes_on.wait(timeout=10)

    ends: list[str]
    started: Event
    goes_on: Event


async def test_who_is_cancelled_resets_once_the_thread_has_left() -> None:
    ends: list[str] = []
    started, goes_on = Event(), Event()
    view = type("Left", (Leaving,), {"ends": ends, "started": started, "goes_on": goes_on})
    task = asyncio.create_task(view.as_view()(AsyncAPIRequestFactory().get("/")))
    await asyncio.to_thread(started.wait, 10)
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert ends == []
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ends == ["nobody"]


async def test_what_is_closed_resets_what_it_has_set() -> None:
    shared = SharedContext()
    ends: list[str] = []

    async def step() -> None:
        token = tenant.set("ann")
        try:
            await asyncio.sleep(0)
        finally:
            tenant.reset(token)
            ends.append(tenant.get())

    coroutine: Any = shared.awaited(step())
    coroutine.send(None)
    coroutine.close()
    assert ends == ["nobody"]


async def test_who_waits_until_another_has_left_is_told_once() -> None:
    shared = SharedContext()
    assert shared.enter()
    assert not shared.enter()
    told, forgotten = shared.left(), shared.left()
    shared.forget(forgotten)
    shared.leave()
    await told
    shared.forget(told)
    assert not forgotten.done()


async def test_what_is_never_awaited_is_closed() -> None:
    shared = SharedContext()

    async def step() -> str:
        return tenant.get()

    coroutine: Any = shared.awaited(step())
    coroutine.close()
    with pytest.raises(RuntimeError):
        await coroutine
    assert shared.awaited(1) == 1
    started: Any = shared.awaited(step())
    with pytest.raises(StopIteration) as ended:
        started.send(None)
    assert ended.value.value == "nobody"
    thrown: Any = shared.awaited(step())
    with pytest.raises(ZeroDivisionError):
        thrown.throw(ZeroDivisionError())


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
