"""Between the event loop and the worker threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from inspect import unwrap
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction


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
