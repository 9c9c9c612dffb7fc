"""Between the event loop and the worker threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from concurrent.futures import Future
from functools import lru_cache, partial, partialmethod
from inspect import isawaitable, unwrap
from types import AsyncGeneratorType, GeneratorType, NoneType
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import async_to_sync, iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import SynchronousOnlyOperation

P = ParamSpec("P")
T = TypeVar("T")

Waiting = dict[object, tuple[str, object, object]]
"""Answers that nobody has awaited yet: who gave each, the coroutine to await, and the answer."""

_NOTED = "_nova_drf_not_awaited"

PLAIN_VALUES = frozenset((bool, NoneType, str, int, float, dict, list, tuple))
"""Classes of most answers, of which none is awaitable."""


def runs_on_loop() -> bool:
    """Whether an event loop is running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def is_awaited(function: object) -> bool:
    """Whether what a function returns must be awaited.

    A decorator that knows nothing of async (``functools.wraps`` around a ``def``) passes on what
    the decorated function returns, so what counts is the function within.
    """
    if iscoroutinefunction(function):
        return True
    inner = within(function)
    return inner is not function and iscoroutinefunction(inner)


def within(function: object) -> object:
    """Return the function that decorators, or a partial, were put around."""
    inner: Any = function
    while True:
        if isinstance(inner, (partial, partialmethod)):
            inner = inner.func
        elif hasattr(inner, "__wrapped__"):
            inner = unwrap(inner)
        else:
            return inner


def in_sync(function: Callable[P, object]) -> Callable[P, object]:
    """Return an async function as one that a worker thread can call.

    It runs on the event loop that the thread works for; the thread waits, and meanwhile runs what
    that code sends to a thread. So both see the same database connections and transactions.
    """

    async def run(*args: P.args, **kwargs: P.kwargs) -> object:
        return await awaited(function(*args, **kwargs))

    return async_to_sync(run)


def settled(answer: T | Awaitable[T]) -> T:
    """Return what an answer is in the end: what is awaitable is run to its end first.

    To be called in a thread, of each answer that counts, whatever the function that gave it looks
    like: a coroutine that nobody awaited is true, so it would let everybody in.

    Args:
        answer: What a permission, a throttle, a hook, ... returned.

    Raises:
        SynchronousOnlyOperation: This is the event loop, where only :func:`asettled` can wait.
        TypeError: It is an async generator, which has no one answer.
    """
    return refuse_async_generator(waited_for(answer))


def waited_for(answer: T | Awaitable[T]) -> T:
    """Return what an answer is in the end; an async generator is one, such as a handler's stream.

    Args:
        answer: What a handler returned.

    Raises:
        SynchronousOnlyOperation: This is the event loop, where only :func:`awaited` can wait.
    """
    value: Any = answer
    if not has_to_wait(value):
        return value  # type: ignore[no-any-return]  # it is what it is in the end
    if runs_on_loop():
        if isinstance(value, Coroutine):
            value.close()
        raise SynchronousOnlyOperation(
            f"{answer!r} was returned where an event loop runs, by something that cannot be "
            "awaited there. Write the function that calls it as an `async def` and await it."
        )
    return async_to_sync(awaited)(answer)


async def asettled(answer: T | Awaitable[T]) -> T:
    """Return what an answer is in the end, awaiting what is awaitable, on the event loop.

    Args:
        answer: What a permission, a throttle, a hook, ... returned.

    Raises:
        TypeError: It is an async generator, which has no one answer.
    """
    return refuse_async_generator(await awaited(answer))


async def awaited(answer: T | Awaitable[T]) -> T:
    """Return what an answer is in the end; an async generator is one, such as a handler's stream.

    Args:
        answer: What a handler returned.
    """
    latest: Any = answer
    while has_to_wait(latest):
        is_of_thread = isinstance(latest, Future)
        latest = await (asyncio.wrap_future(latest) if is_of_thread else latest)
    return latest  # type: ignore[no-any-return]  # one awaitable may return another


def has_to_wait(answer: object) -> bool:
    """Whether an answer is not there yet: a coroutine, a task, a future, ...

    The class is asked, not the object, which may be lazy: asking it would evaluate it.

    Args:
        answer: What a permission, a throttle, a hook, ... returned.
    """
    cls: Any = type(answer)
    return may_have_to_wait(cls) and (cls is not GeneratorType or isawaitable(answer))


@lru_cache(maxsize=1024)
def may_have_to_wait(cls: Any) -> bool:
    """Whether answers of a class may not be there yet; those of most classes always are.

    Args:
        cls: The class of an answer.
    """
    return cls is GeneratorType or hasattr(cls, "__await__") or issubclass(cls, Future)


def refuse_async_generator(answer: T) -> T:
    """Return an answer that is none of the things that are always true and mean nothing.

    Raises:
        TypeError: It is an async generator.
    """
    if type(answer) is AsyncGeneratorType:
        raise TypeError(
            f"{answer!r} is an async generator, which cannot be awaited. Return a value instead of "
            "yielding it."
        )
    return answer


class Settling:
    """A function whose answers are settled: in a thread, what is awaitable is waited for.

    On the event loop, what is awaitable is returned to be awaited. Its truth cannot be asked there:
    code that forgot to await it would take it for a yes.

    Args:
        function: The function. All its attributes are there.
        finish: What is done with each answer; an async generator is refused when left out.
    """

    def __init__(
        self,
        function: Callable[..., object],
        finish: Callable[[Any], object] = refuse_async_generator,
    ) -> None:
        if is_awaited(function):
            markcoroutinefunction(self)
        # That of the class is no text for those who read the function's, such as OpenAPI.
        self.__doc__ = function.__doc__
        self._function = function
        self._finish = finish

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Call the function, and wait for its answer."""
        answer = self._function(*args, **kwargs)
        if has_to_wait(answer):
            if runs_on_loop():
                return Unawaited(answer)
            answer = waited_for(answer)
        return self._finish(answer)

    def __getattr__(self, name: str) -> object:
        if name in ("_function", "_finish", "__func__"):
            raise AttributeError(name)
        return getattr(self._function, name)


class Unawaited(Coroutine[object, object, object]):
    """An answer that is still to be awaited, on the event loop: a coroutine without a truth.

    Args:
        answer: What is awaitable.
    """

    def __init__(self, answer: object) -> None:
        self._answer = answer
        self._coroutine = asettled(answer)

    def send(self, value: object) -> object:
        """Go on with the coroutine."""
        return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        """Raise an error in the coroutine."""
        return self._coroutine.throw(*error)

    def close(self) -> None:
        """End the coroutine."""
        self._coroutine.close()
        if isinstance(self._answer, Coroutine):
            self._answer.close()

    def __await__(self) -> Generator[object, None, object]:
        return self._coroutine.__await__()

    def __bool__(self) -> bool:
        """Refuse to be taken for a yes.

        Raises:
            SynchronousOnlyOperation: Always.
        """
        self.close()
        raise SynchronousOnlyOperation(
            f"{self._answer!r} was asked for its truth before it was awaited. Await what a "
            "permission, a throttle or a hook returns on the event loop."
        )


def noted(view: object, name: str, answer: object) -> object:
    """Note an answer that counts until somebody awaits it, on the event loop.

    Args:
        view: The view of one request.
        name: What returned it.
        answer: What is awaitable.
    """
    waiting: Waiting = vars(view).setdefault(_NOTED, {})

    async def run() -> object:
        waiting.pop(key, None)
        return await awaited(answer)

    key, coroutine = object(), run()
    waiting[key] = name, coroutine, answer
    return coroutine


def refuse_unawaited(view: object) -> None:
    """Refuse to go on where an answer that counts was not awaited.

    Args:
        view: The view of one request.

    Raises:
        SynchronousOnlyOperation: Something was called on the event loop that keeps somebody out, or
            writes something, and nobody awaited what it returned.
    """
    waiting: Waiting = vars(view).get(_NOTED) or {}
    if not waiting:
        return
    names = sorted({name for name, _, _ in waiting.values()})
    for _, *answers in waiting.values():
        for answer in answers:
            if isinstance(answer, Coroutine):
                answer.close()
    waiting.clear()
    raise SynchronousOnlyOperation(
        f"{type(view).__qualname__}: what {', '.join(f'`{name}`' for name in names)} returned was "
        f"not awaited, so it had no effect. Write `await` in front of the call of `{names[0]}`."
    )
