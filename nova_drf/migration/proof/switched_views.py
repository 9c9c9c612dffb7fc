"""The view function of a switched route, which calls or awaits either side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import update_wrapper
from time import perf_counter
from typing import Any, Protocol

from asgiref.sync import iscoroutinefunction, sync_to_async

from nova_drf.core.concurrency import awaited
from nova_drf.migration.proof.choices import Choice
from nova_drf.migration.proof.shadow.capture import Capturing
from nova_drf.views.transactions import awaited_view

# Python 3.11 looks a member of an enumeration up in Python, each time.
_OLD, _SHADOW = Choice.OLD, Choice.SHADOW


class Chooser(Protocol):
    """What a view function asks of its switch."""

    shadow: Capturing

    def choose(self, request: Any, action: str) -> Choice:
        """Return which code answers a request."""
        ...

    def may_ask(self, action: str) -> bool:
        """Whether the choice may ask the database, or wait for something."""
        ...

    def note(self, action: str, failed: bool, seconds: float) -> None:
        """Note an answer of the new code."""
        ...


@dataclass(frozen=True)
class SwitchedViews:
    """What stands behind a view function of a switch.

    Attributes:
        switch: The name of the switch.
        old: The old view class.
        views: The view function of each side.
    """

    switch: str
    old: Any
    views: Mapping[Choice, Callable[..., Any]]


class _Actions(dict[str | None, str]):
    """The action of each HTTP method of a route.

    A method that the route of a viewset does not have is refused by the old code.

    Args:
        actions: The actions by HTTP methods, as of a viewset; none of a view that is not one.
    """

    def __init__(self, actions: Mapping[str, str]) -> None:
        self._of_viewset = bool(actions)
        super().__init__({method.upper(): action for method, action in actions.items()})
        self["OPTIONS"] = "options"
        if "GET" in self:
            self.setdefault("HEAD", self["GET"])
        elif not actions:
            self["HEAD"] = "get"

    def __missing__(self, method: str | None) -> str:
        return "" if self._of_viewset else (method or "").lower()


def combined(chooser: Chooser, old_view: Any, new_view: Any, actions: Mapping[str, str]) -> Any:
    """Return the view function of a route, which answers with either side.

    Args:
        chooser: The switch.
        old_view: The view function of the old code.
        new_view: That of the new code. If one of both is async, the view is.
        actions: The actions by HTTP methods, as of a viewset; none of a view that is not one.
    """
    is_async = any(iscoroutinefunction(view) for view in (old_view, new_view))
    build = _awaited if is_async else _called
    return build(chooser, old_view, new_view, actions)


def _called(
    chooser: Chooser, old_view: Any, new_view: Any, actions: Mapping[str, str]
) -> Callable[..., Any]:
    by_method = _Actions(actions)

    def view(request: Any, *args: Any, **kwargs: Any) -> Any:
        action = by_method[request.method]
        choice = chooser.choose(request, action)
        if choice is _OLD:
            return old_view(request, *args, **kwargs)
        if choice is _SHADOW:
            capture = chooser.shadow.begin(request, action)
            response = old_view(request, *args, **kwargs)
            if capture is not None:
                capture.answered(response)
            return response
        began = perf_counter()
        try:
            response = new_view(request, *args, **kwargs)
        except Exception:
            # Django answers it, as it would without a switch. Here it only counts.
            chooser.note(action, True, perf_counter() - began)
            raise
        chooser.note(action, response.status_code >= 500, perf_counter() - began)
        return response

    update_wrapper(view, old_view)
    return view


def _awaited(
    chooser: Chooser, old_view: Any, new_view: Any, actions: Mapping[str, str]
) -> Callable[..., Any]:
    by_method = _Actions(actions)
    choose_in_thread = sync_to_async(chooser.choose)
    old, new = _as_async(old_view), _as_async(new_view)

    async def view(request: Any, *args: Any, **kwargs: Any) -> Any:
        action = by_method[request.method]
        if chooser.may_ask(action):
            choice = await choose_in_thread(request, action)
        else:
            choice = chooser.choose(request, action)
        if choice is _OLD:
            return await old(request, *args, **kwargs)
        if choice is _SHADOW:
            capture = chooser.shadow.begin(request, action)
            response = await old(request, *args, **kwargs)
            if capture is not None:
                capture.answered(response)
            return response
        began = perf_counter()
        try:
            response = await new(request, *args, **kwargs)
        except Exception:
            # Django answers it, as it would without a switch. Here it only counts.
            chooser.note(action, True, perf_counter() - began)
            raise
        chooser.note(action, response.status_code >= 500, perf_counter() - began)
        return response

    update_wrapper(view, old_view)
    return awaited_view(view)


def _as_async(view: Any) -> Callable[..., Any]:
    if not iscoroutinefunction(view):
        return sync_to_async(view)

    async def answer(*args: Any, **kwargs: Any) -> Any:
        return await awaited(view(*args, **kwargs))

    return answer
