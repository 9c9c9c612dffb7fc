"""An async iterator for a thread that has no event loop, as under WSGI."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import Event, Thread, get_ident

from asgiref.sync import async_to_sync
from django.db import connections

logger = logging.getLogger("nova_drf")

LOOKS = 1.0
"""After how many seconds without a part it is seen whether the client is still there."""

PATIENCE = 5.0
"""How many seconds an iterator that is told to end has for that, until it is told again."""


class Pump:
    """Runs an async iterator for a thread that has no event loop.

    It runs as a whole in one thread of its own, and so do its queries: event loop, connection and
    context are the same from the first part to the last.

    Args:
        parts: The iterator. The next part is made when it is asked for.
        client_left: Says whether nobody waits for the parts any more; ``None`` if the server does
            not tell.
    """

    def __init__(
        self, parts: AsyncGenerator[bytes, None], client_left: Callable[[], bool] | None = None
    ) -> None:
        self._parts = parts
        self._client_left = client_left
        self._given: SimpleQueue[tuple[bytes | None, BaseException | None]] = SimpleQueue()
        self._stopped = False
        self._runs = Event()
        self._task: asyncio.Task[None] | None = None
        self._works_in: int | None = None
        self._thread = Thread(target=copy_context().run, args=(self._run,), daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self._tell(self._ask)
            part, error = self._next()
            if error is not None:
                raise error
            if part is None:
                return
            yield part

    def stop(self) -> None:
        """Close the iterator, which is cancelled where it waits for something, and wait for it.

        A thread cannot be interrupted: code of the iterator that blocks runs to its end, for which
        nobody waits longer than :data:`PATIENCE`. Where the iterator itself calls this, as Django's
        test client does after the last part, it goes on to its own end.
        """
        self._stopped = True
        if get_ident() == self._works_in:
            return
        for _ in range(2):
            self._tell(self._cancel)
            self._thread.join(PATIENCE)
            if not self._thread.is_alive():
                return
        logger.warning("A stream goes on, though its client has left: its code blocks a thread.")

    def _next(self) -> tuple[bytes | None, BaseException | None]:
        while True:
            try:
                return self._given.get(timeout=LOOKS if self._client_left else None)
            except Empty:
                if self._client_left is not None and self._client_left():
                    return None, None

    def _tell(self, function: Callable[[], object]) -> None:
        """Call a function in the thread of the iterator, if it has not ended."""
        self._runs.wait()
        if self._task is None or self._task.done():
            return
        try:
            self._task.get_loop().call_soon_threadsafe(function)
        except RuntimeError:
            # The loop was closed meanwhile, and the iterator with it.
            return

    def _ask(self) -> None:
        self._asked.set()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _run(self) -> None:
        try:
            async_to_sync(self._work)()
        except BaseException as error:
            # It is raised where somebody waits for it.
            self._given.put((None, error))
        finally:
            self._runs.set()
            connections.close_all()

    async def _work(self) -> None:
        self._asked = asyncio.Event()
        self._task = asyncio.current_task()
        self._works_in = get_ident()
        self._runs.set()
        try:
            await self._pump()
        except asyncio.CancelledError:
            if not self._stopped:
                raise
        finally:
            await self._parts.aclose()

    async def _pump(self) -> None:
        while not self._stopped:
            await self._asked.wait()
            self._asked.clear()
            part = await anext(self._parts, None)
            self._given.put((part, None))
            if part is None:
                return
        # Who asks for another part while the iterator is told to end gets none.
        self._given.put((None, None))
