"""Between the event loop and the worker threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from inspect import isasyncgen, isawaitable, iscoroutine, unwrap
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction
from django.core.exceptions import SynchronousOnlyOperation


def runs_on_loop() -> bool:
    """Whether an event loop is running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def is_awaited(function: Any) -> bool:
    """Whether what a function returns must be awaited.

    A decorator that knows nothing of async (``functools.wraps`` around a ``def``) passes on what
    the decorated function returns, so what counts is the function within.
    """
    return iscoroutinefunction(function) or iscoroutinefunction(within(function))


def within(function: Any) -> Any:
    """Return the function that decorators were put around."""
    return unwrap(function) if callable(function) else function


def in_sync(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an async function as one that a worker thread can call.

    It runs on the event loop that the thread works for; the thread waits, and meanwhile runs what
    that code sends to a thread. So both see the same database connections and transactions.
    """

    async def run(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    return async_to_sync(run)


def settled(answer: Any) -> Any:
    """Return what an answer is in the end: what is awaitable is run to its end first.

    To be called in a thread, of each answer that counts, whatever the function that gave it looks
    like: a coroutine that nobody awaited is true, so it would let everybody in.

    Args:
        answer: What a permission, a throttle, a hook, ... returned.

    Raises:
        SynchronousOnlyOperation: This is the event loop, where only :func:`asettled` can wait.
        TypeError: It is an async generator, which has no one answer.
    """
    if not isawaitable(answer):
        return refuse_async_generator(answer)
    if runs_on_loop():
        if iscoroutine(answer):
            answer.close()
        raise SynchronousOnlyOperation(
            f"{answer!r} was returned where an event loop runs, by something that cannot be "
            "awaited there. Write the function that calls it as an `async def` and await it."
        )
    return async_to_sync(asettled)(answer)


async def asettled(answer: Any) -> Any:
    """Return what an answer is in the end, awaiting what is awaitable, on the event loop.

    Args:
        answer: What a permission, a throttle, a hook, ... returned.

    Raises:
        TypeError: It is an async generator, which has no one answer.
    """
    while isawaitable(answer):
        before, answer = answer, await answer
        if answer is before:  # a response that may be awaited, and is there already
            break
    return refuse_async_generator(answer)


def refuse_async_generator(answer: Any) -> Any:
    """Return an answer that is none of the things that are always true and mean nothing.

    Raises:
        TypeError: It is an async generator.
    """
    if isasyncgen(answer):
        raise TypeError(
            f"{answer!r} is an async generator, which cannot be awaited. Return a value instead of "
            "yielding it."
        )
    return answer
