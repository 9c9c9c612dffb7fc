"""Answers are settled before they count, in a thread and on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import SynchronousOnlyOperation

from nova_drf.core.concurrency import asettled, settled


async def no() -> bool:
    await asyncio.sleep(0)
    return False


async def twice() -> Any:
    return no()


async def yields() -> AsyncIterator[bool]:
    yield False


class Awaitable:
    def __await__(self) -> Any:
        return no().__await__()


ANSWERS = (no, twice, Awaitable, lambda: False)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_thread_waits_for_the_answer(answer: Any) -> None:
    assert settled(answer()) is False


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_worker_thread_of_a_loop_waits_for_the_answer(answer: Any) -> None:
    async def on_loop() -> Any:
        return await sync_to_async(lambda: settled(answer()))()

    assert async_to_sync(on_loop)() is False


@pytest.mark.parametrize("answer", ANSWERS)
async def test_the_loop_awaits_the_answer(answer: Any) -> None:
    assert await asettled(answer()) is False


def test_a_future_of_the_loop_is_awaited_from_its_worker_thread() -> None:
    async def on_loop() -> Any:
        future = asyncio.ensure_future(no())
        return await sync_to_async(settled)(future)

    assert async_to_sync(on_loop)() is False


async def test_an_answer_that_nobody_can_await_is_an_error() -> None:
    with pytest.raises(SynchronousOnlyOperation):
        settled(no())
    with pytest.raises(TypeError, match="async generator"):
        await asettled(yields())
    with pytest.raises(TypeError, match="async generator"):
        settled(yields())
