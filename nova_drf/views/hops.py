"""The hops of one request into a worker thread, and the context variables of its steps.

In a view of DRF's all runs in one context, so a token which ``initial()`` got from
``ContextVar.set()`` may be reset in ``finalize_response()``. Here each hop runs in a copy, as does
what a thread waits for. So each step of a project's own, ``def`` or ``async def``, runs in one
context of the request, which the thread or the event loop enters for as long as the step runs, and
leaves where it awaits. What a step sets is set outside as well, and the other way round.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from functools import partial
from inspect import iscoroutine
from threading import Lock, get_ident
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async

from nova_drf.core.compat import OF_HOPS

P = ParamSpec("P")
R = TypeVar("R")

_SHARED = "_nova_drf_shared_context"
_NOTHING = object()

_within: ContextVar[SharedContext | None] = ContextVar("nova_drf_within", default=None)
"""The context of a request that a task was started in, which has a copy of it."""

_OF_CONTEXT = OF_HOPS | {_within}
"""Variables that say where code runs, and so are not taken from one context to another."""

Outcome = tuple[bool, Any]
"""Whether a coroutine has come to its end, and what it returned, or awaits."""

Step = Callable[[], Outcome]
"""Goes on with a coroutine, up to where it awaits something."""


def in_thread(view: object, function: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Return a sync function as one to await, which runs in the worker thread.

    Args:
        view: The view of one request.
        function: What to call for it. The steps that it calls run in the context of the request.
    """

    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        # What asgiref gives back of the thread's context would undo what a step has reset.
        before, context = copy_context(), copy_context()
        if shared_by(view).is_in_use_here():
            context.run(_within.set, None)
        coroutine = sync_to_async(function)(*args, **kwargs)
        try:
            answer: R = await _InContext(coroutine, context.run)
        finally:
            _take_over(context, before)
        return answer

    return run


def shared_by(view: object) -> SharedContext:
    """Return the context of the steps of one request.

    Args:
        view: The view of that request.
    """
    shared: SharedContext = vars(view).setdefault(_SHARED, SharedContext())
    return shared


class SharedContext:
    """The context in which the steps of one request run, one after the other."""

    def __init__(self) -> None:
        self._context: Context | None = None
        self._in_use = Lock()
        self._user: int | None = None
        self._waiting: deque[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = deque()
        self._seen: dict[ContextVar[Any], Any] = {}

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function; what it sets is seen outside, and what was set outside is seen by it.

        Args:
            function: A step. One within another step, or beside it, runs where it is called: a
                context can be entered once.
            args: Its arguments.
            kwargs: Its keyword arguments.
        """
        if not self.enter():
            return function(*args, **kwargs)
        try:
            return self.brought().run(function, *args, **kwargs)
        finally:
            self.give()
            self.leave()

    def awaited(self, awaitable: object) -> Any:
        """Return a coroutine as one which runs in this context; anything else as it is."""
        return _OfStep(awaitable, self) if iscoroutine(awaitable) else awaitable

    def enter(self) -> bool:
        """Keep all others out; return whether nobody was in, and this is no task that was started
        from within.
        """
        if _within.get() is self or not self._in_use.acquire(blocking=False):
            return False
        self._user = get_ident()
        return True

    def is_in_use_here(self) -> bool:
        """Whether this thread runs a step in the context."""
        return self._user == get_ident()

    def within(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function in the context, which was entered."""
        context = self._context or self.brought()
        return context.run(function, *args, **kwargs)

    def brought(self) -> Context:
        """Return the context, after it was given what was set outside."""
        if self._context is None:
            self._context = copy_context()
            self._context.run(_within.set, self)
        else:
            self._context.run(_take_in, copy_context(), self._seen)
        return self._context

    def give(self) -> None:
        """Set outside what was set in the context."""
        if self._context is not None:
            _take_over(self._context, {})
            self._context.run(_leave_hop)
            # What is reset to nothing here stays set outside, and must not come back.
            self._seen.update(self._context.items())

    def leave(self) -> None:
        """Let others in."""
        self._user = None
        self._in_use.release()
        while self._waiting:
            loop, future = self._waiting.popleft()
            loop.call_soon_threadsafe(_wake, future)

    def left(self) -> asyncio.Future[None]:
        """Return what is done when somebody has left, on the event loop."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting.append((loop, future))
        return future

    def forget(self, left: asyncio.Future[None]) -> None:
        """Take back that somebody waits until another has left."""
        with suppress(ValueError):  # who has just left took it
            self._waiting.remove((left.get_loop(), left))


class _InContext(Coroutine[Any, Any, Any]):
    """A coroutine that runs in another context than the task which awaits it.

    Args:
        coroutine: The coroutine.
        run: Calls a function in that context.
    """

    def __init__(self, coroutine: Any, run: Callable[[Step], Outcome]) -> None:
        self._coroutine = coroutine
        self._run = run
        self._running: Generator[Any, Any, Any] | None = None

    def __await__(self) -> Generator[Any, Any, Any]:
        send, value = self._coroutine.send, None
        while True:
            error = yield from self._until_free()
            if error is not None:
                send, value = self._coroutine.throw, error
            is_done, answer = self._run(partial(_outcome, send, value))
            if is_done:
                return answer
            try:
                send, value = self._coroutine.send, (yield answer)
            except GeneratorExit:
                self.close()
                raise
            except BaseException as raised:
                # What is thrown in here belongs to the coroutine within, a cancellation as well.
                send, value = self._coroutine.throw, raised

    def _until_free(self) -> Generator[Any, Any, BaseException | None]:
        """Wait until the context may be entered; return what was raised meanwhile."""
        return None
        yield

    def send(self, value: Any) -> Any:
        """Go on with the coroutine."""
        if self._running is None:
            self._running = self.__await__()
        return self._running.send(value)

    def throw(self, *error: Any) -> Any:
        """Raise an error in the coroutine."""
        return (self._running or self._coroutine).throw(*error)

    def close(self) -> None:
        """End the coroutine."""
        self._coroutine.close()


class _OfStep(_InContext):
    """A coroutine of a step, which runs in the context of its request.

    A step that starts while the context is in use runs where it is awaited: a thread may wait for
    it, in a step of its own. One that was in the context goes on only there.

    Args:
        coroutine: The coroutine.
        shared: The context of the request.
    """

    def __init__(self, coroutine: Any, shared: SharedContext) -> None:
        super().__init__(coroutine, self._run_in_shared)
        self._shared = shared
        self._is_within: bool | None = None
        self._has_started = False

    def _until_free(self) -> Generator[Any, Any, BaseException | None]:
        error: BaseException | None = None
        if self._is_within is None:
            self._is_within = self._shared.enter()
            return error
        while self._is_within and not self._shared.enter():
            left = self._shared.left()
            if self._shared.enter():
                # It was left meanwhile.
                self._shared.forget(left)
                break
            try:
                # It was cancelled, say, while a thread runs a step.
                yield from left
            except (asyncio.CancelledError, Exception) as raised:
                error = raised
        return error

    def close(self) -> None:
        """End the coroutine."""
        if self._is_within and self._shared.enter():
            try:
                self._shared.within(super().close)
            finally:
                self._shared.leave()
        else:
            super().close()

    def _run_in_shared(self, step: Step) -> Outcome:
        if not self._is_within:
            return step()
        # Between its start and its end nobody else runs where it is awaited.
        has_ended = True
        try:
            if not self._has_started:
                self._has_started = True
                self._shared.brought()
            outcome = self._shared.within(step)
            has_ended = outcome[0]
        finally:
            if has_ended:
                self._shared.give()
            self._shared.leave()
        return outcome


def _outcome(send: Callable[[Any], object], value: object) -> Outcome:
    """Go on with a coroutine, which sends a value, or raises an error."""
    try:
        return False, send(value)
    except StopIteration as end:
        return True, end.value


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _take_in(context: Context, known: Mapping[ContextVar[Any], object]) -> None:
    """Take over what is set outside, and whether it is in a hop."""
    for variable in OF_HOPS:
        variable.set(context.get(variable, False))
    _take_over(context, known)


def _leave_hop() -> None:
    for variable in OF_HOPS:
        variable.set(False)


def _take_over(context: Context, known: Mapping[ContextVar[Any], object]) -> None:
    """Give the variables of the current context the values that they have in another one.

    Args:
        context: The other context.
        known: Values that it has had all along, which are no news.
    """
    for variable, value in context.items():
        if variable.get(_NOTHING) is value or known.get(variable, _NOTHING) is value:
            continue
        if variable not in _OF_CONTEXT:
            variable.set(value)
