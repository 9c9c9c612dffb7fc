"""Views that are compared: actions that are awaited, and requests to views of either kind."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from nova_drf.testing import AsyncAPIRequestFactory


class AwaitedActions:
    """DRF's actions as ``async def``; each awaits what it finds behind it.

    It is a mixin, so that what stands behind it may be of DRF, of ours or of a test.
    """

    async def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return await super().list(request, *args, **kwargs)

    async def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return await super().retrieve(request, *args, **kwargs)

    async def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return await super().create(request, *args, **kwargs)

    async def update(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return await super().update(request, *args, **kwargs)


def in_sync(view: Any) -> Any:
    """Return a view as something that blocks, which it may do already."""
    return async_to_sync(view) if iscoroutinefunction(view) else view


def on_loop(view: Any) -> Any:
    """Return a view as something that can be awaited, which it may be already."""
    return view if iscoroutinefunction(view) else sync_to_async(view)


def send(view: Any, method: str, path: str = "/", data: Any = None, **kwargs: Any) -> Response:
    """Return the rendered response of a view, which may have to be awaited.

    Args:
        view: What ``as_view()`` returned.
        method: The method, in lower case.
        path: The path, with its query string.
        data: What is sent, as JSON; nothing for ``None``.
        kwargs: What the route would give the view.
    """
    factory: Any = AsyncAPIRequestFactory() if iscoroutinefunction(view) else APIRequestFactory()
    body = {} if data is None else {"data": data, "format": "json"}
    request = getattr(factory, method)(path, **body)
    response: Response = in_sync(view)(request, **kwargs).render()
    return response
