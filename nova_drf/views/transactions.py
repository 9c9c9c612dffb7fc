"""``ATOMIC_REQUESTS`` for views that are awaited, which Django itself refuses.

Django opens the transaction of a request around the view function, in the view's thread. An awaited
view has no thread, so Django raises an error. Here the transaction is held open by a worker thread
that waits for the view on the event loop. All sync code of the request, which includes every query
of an ``async def``, is run by that very thread, and so inside the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import cache, partial, wraps
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.http import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.module_loading import import_string
from rest_framework.views import APIView

from nova_drf.core.concurrency import in_sync, runs_on_loop

_NON_ATOMIC = "_non_atomic_requests"
"""Where Django looks for the databases that ``@non_atomic_requests`` names."""


class TakenOver(set[str]):
    """Tells Django that the view takes care of the transactions of every database.

    What it holds are the databases for which nobody does: those of ``@non_atomic_requests``.
    """

    def __contains__(self, alias: object) -> bool:
        return True


def awaited_view(view: Callable[..., Any]) -> Callable[..., object]:
    """Return a view function as a coroutine function that takes its transactions over.

    Args:
        view: What ``as_view()`` of DRF returned. Called on an event loop, it returns an awaitable.
    """

    @wraps(view)
    async def run(request: object, *args: object, **kwargs: object) -> object:
        aliases = atomic_aliases(non_atomic)
        if not aliases:
            return await view(request, *args, **kwargs)
        return await sync_to_async(_run_atomically)(aliases, view, request, *args, **kwargs)

    non_atomic = TakenOver(getattr(view, _NON_ATOMIC, ()))
    setattr(run, _NON_ATOMIC, non_atomic)
    return run


def atomic_aliases(non_atomic: Iterable[str]) -> list[str]:
    """Return the databases of which each request is a transaction."""
    left_out = frozenset(non_atomic)
    return [
        alias
        for alias, database in connections.settings.items()
        if database["ATOMIC_REQUESTS"] and alias not in left_out
    ]


def _run_atomically(
    aliases: list[str],
    view: Callable[..., object],
    request: object,
    *args: object,
    **kwargs: object,
) -> object:
    return _committed(aliases, partial(in_sync(view), request, *args, **kwargs))


def answered_at_commit(view: Callable[..., object]) -> Callable[..., object]:
    """Return a view function that answers what the database refuses when the request ends.

    A constraint that is deferred fails with the transaction that ``ATOMIC_REQUESTS`` asks for, when
    the view has answered already. So it is the view that opens and closes the transaction.

    Args:
        view: What ``as_view()`` of DRF returned. One that is awaited opens its own already.
    """
    if isinstance(getattr(view, _NON_ATOMIC, None), TakenOver):
        return view

    @wraps(view)
    def run(request: object, *args: object, **kwargs: object) -> object:
        aliases = atomic_aliases(non_atomic)
        if not aliases or runs_on_loop():
            return view(request, *args, **kwargs)
        return _committed(aliases, partial(view, request, *args, **kwargs))

    non_atomic = TakenOver(getattr(view, _NON_ATOMIC, ()))
    setattr(run, _NON_ATOMIC, non_atomic)
    return run


def _committed(aliases: list[str], answer: Callable[[], object]) -> object:
    """Return the response of a view whose transactions are committed; or what it says if not."""
    response: object = None
    is_rendered = False
    try:
        with ExitStack() as stack:
            for alias in aliases:
                stack.enter_context(transaction.atomic(using=alias))
            response = answer()
            render_in_time(response)
            is_rendered = True
    except DatabaseError as error:
        view: APIView | None = (getattr(response, "renderer_context", None) or {}).get("view")
        if not is_rendered or view is None or not getattr(view, "answers_at_commit", False):
            raise
        return _answer_instead(view, error)
    return response


def _answer_instead(view: APIView, error: DatabaseError) -> HttpResponseBase:
    response = view.handle_exception(error)
    view.response = view.finalize_response(view.request, response, *view.args, **view.kwargs)
    return view.response


def render_in_transaction(response: object) -> None:
    """Render the response of a sync view while the transaction that Django opened for it is open.

    Args:
        response: What the view returns.
    """
    if not atomic_aliases(()):
        return
    opened = connections.all(initialized_only=True)
    if any(
        connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block
        for connection in opened
    ):
        render_in_time(response)


def render_in_time(response: object) -> None:
    """Render a response now, so that its transaction is rolled back if that fails.

    Not where a middleware of the project has a say in what is rendered: it comes later.
    """
    if isinstance(response, SimpleTemplateResponse) and not _has_template_middleware(
        tuple(settings.MIDDLEWARE)
    ):
        type(response).render(response)


@cache
def _has_template_middleware(paths: tuple[str, ...]) -> bool:
    return any(hasattr(import_string(path), "process_template_response") for path in paths)
