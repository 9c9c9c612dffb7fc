"""The hops of one request into a worker thread, which have their context variables in common.

Each hop of asgiref's runs in a copy of the context, so that a token which ``initial()`` got from
``ContextVar.set()`` would be refused in ``finalize_response()``. In DRF both are one call.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async

P = ParamSpec("P")
R = TypeVar("R")

_SHARED = "_nova_drf_shared_context"
_NOTHING = object()


def in_thread(view: object, function: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Return a sync function as one to await, which runs in the worker thread.

    Args:
        view: The view of one request.
        function: What to call for it.
    """
    shared: SharedContext = vars(view).setdefault(_SHARED, SharedContext())

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return shared.run(function, *args, **kwargs)

    return sync_to_async(run)


class SharedContext:
    """The context in which the hops of one request run, one after the other."""

    def __init__(self) -> None:
        self._context: Context | None = None
        self._in_use = Lock()

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function; what it sets is seen outside, and what was set outside is seen by it."""
        if not self._in_use.acquire(blocking=False):
            # A step within a step, or beside it: a context can be entered once.
            return function(*args, **kwargs)
        try:
            if self._context is None:
                self._context = copy_context()
            else:
                self._context.run(_take_over, copy_context())
            try:
                return self._context.run(function, *args, **kwargs)
            finally:
                _take_over(self._context)
        finally:
            self._in_use.release()


def _take_over(context: Context) -> None:
    """Give the variables of the current context the values that they have in another one."""
    for variable, value in context.items():
        if variable.get(_NOTHING) is not value:
            variable.set(value)
