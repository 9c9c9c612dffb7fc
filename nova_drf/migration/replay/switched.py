"""A URL configuration twice: with the old code of each switch, and with the new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import update_wrapper
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction
from django.urls import URLPattern, URLResolver

from nova_drf.migration.proof.choices import Choice
from nova_drf.migration.proof.endpoints import URLConf
from nova_drf.migration.proof.switching import Switch


def without_switches(patterns: Iterable[Any]) -> tuple[URLConf, URLConf] | None:
    """Return some URL patterns with the old code of all switches, and with the new.

    Args:
        patterns: The URL patterns.

    Returns:
        Both, or ``None`` if there is no switch.
    """
    patterns = list(patterns)
    if not _has_switch(patterns):
        return None
    return URLConf(_sides(patterns, new=False)), URLConf(_sides(patterns, new=True))


def _has_switch(patterns: Iterable[Any]) -> bool:
    return any(
        _has_switch(pattern.url_patterns)
        if isinstance(pattern, URLResolver)
        else _switch_of(pattern)
        for pattern in patterns
    )


def _switch_of(pattern: URLPattern) -> Switch | None:
    switch = getattr(getattr(pattern.callback, "cls", None), "switch", None)
    return switch if isinstance(switch, Switch) else None


def _sides(patterns: Iterable[Any], *, new: bool) -> list[Any]:
    result: list[Any] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = _sides(pattern.url_patterns, new=new)
            arguments = pattern.default_kwargs, pattern.app_name, pattern.namespace
            result.append(URLResolver(pattern.pattern, inner, *arguments))
            continue
        switch = _switch_of(pattern)
        callback = pattern.callback if switch is None else _view(switch, pattern.callback, new=new)
        result.append(URLPattern(pattern.pattern, callback, pattern.default_args, pattern.name))
    return result


def _view(switch: Switch, callback: object, *, new: bool) -> Any:
    """Return what answers at the route of a switch if that always chooses one side."""
    sides = getattr(callback, "sides", None)
    if sides is None:
        # The new class has nothing to answer with there.
        return callback
    if not new:
        return sides.views[Choice.OLD]
    actions = getattr(callback, "actions", None) or {}
    there = {method: name for method, name in actions.items() if hasattr(switch.new, name)}
    new_view = sides.views[Choice.NEW]
    if len(there) == len(actions):
        return new_view
    # What the new class does not have, the old one goes on answering.
    return _by_method(sides.views[Choice.OLD], new_view, actions, there)


def _by_method(
    old_view: Any, new_view: Any, actions: Mapping[str, str], there: Mapping[str, str]
) -> Callable[..., Any]:
    left = actions.keys() - there.keys()
    sides = {True: _called(old_view), False: _called(new_view)}

    def view(request: Any, *args: Any, **kwargs: Any) -> Any:
        method = request.method.lower()
        method = "get" if method == "head" and "head" not in actions else method
        return sides[method in left](request, *args, **kwargs)

    update_wrapper(view, old_view)
    return view


def _called(view: Any) -> Callable[..., Any]:
    answer: Callable[..., Any] = async_to_sync(view) if iscoroutinefunction(view) else view
    return answer
