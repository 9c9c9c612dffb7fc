"""Where an old view is routed, and the same URL configuration with the new view in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from nova_drf.core.exceptions import NovaError
from nova_drf.migration.proof.replacement import (
    ARGUMENT,
    named_like,
    new_arguments,
    shown_route,
)

METHODS = ("get", "post", "put", "patch", "delete")
_ACTIONS = (
    {"get": "list", "post": "create"},
    {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"},
)
"""What a router makes of the two routes that every viewset has."""


class EndpointError(NovaError):
    """Two views cannot be compared as endpoints."""


@dataclass(frozen=True)
class Route:
    """One route to a view.

    Attributes:
        pattern: The path, with its arguments in angle brackets.
        handlers: Which method of the view answers which HTTP method, on each side.
        initkwargs: The arguments of ``as_view()`` on each side.
    """

    pattern: str
    handlers: tuple[Mapping[str, str], Mapping[str, str]]
    initkwargs: tuple[Mapping[str, Any], Mapping[str, Any]]

    @property
    def arguments(self) -> list[str]:
        """The names of the arguments in the path."""
        return ARGUMENT.findall(self.pattern)

    def path(self, values: Mapping[str, object]) -> str:
        """Return the path with values for its arguments.

        Args:
            values: The values by the names of the arguments.
        """
        return ARGUMENT.sub(lambda match: str(values[match[1]]), self.pattern)


@dataclass(frozen=True, eq=False)
class URLConf:
    """What Django takes for a URL configuration that is no module.

    Attributes:
        urlpatterns: The patterns.
    """

    urlpatterns: list[Any]


@dataclass(frozen=True)
class Endpoints:
    """Two views at the same routes.

    Attributes:
        old: The view class that is there.
        new: The one that is to replace it, under the name of the old one.
        routes: The routes.
        urlconfs: The project's URL configuration with the old view, and with the new one.
    """

    old: Any
    new: Any
    routes: tuple[Route, ...]
    urlconfs: tuple[URLConf, URLConf]


def endpoints(old: Any, new: object, patterns: Iterable[object]) -> Endpoints:
    """Find the routes of a view, and let another one stand at them.

    A view that is nowhere in the URL configuration gets routes of its own.

    Args:
        old: The view class that is there.
        new: The one that is to replace it.
        patterns: The project's URL patterns.
    """
    patterns = list(patterns)
    renamed = named_like(old, new)
    if not any(_class_of(pattern.callback) is old for _path, pattern in _flat(patterns)):
        patterns = [*_routes_of_its_own(old), *patterns]
    routes: dict[str, Route] = {}
    replaced = _replaced(patterns, old, renamed, "", routes)
    if not routes:
        raise EndpointError(f"{old.__name__} has no route that answers. Give it a handler.")
    return Endpoints(old, renamed, tuple(routes.values()), (URLConf(patterns), URLConf(replaced)))


def _class_of(callback: object) -> object:
    return getattr(callback, "cls", None) or getattr(callback, "view_class", None)


def _flat(patterns: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        full = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _flat(pattern.url_patterns, full)
        else:
            yield full, pattern


def _routes_of_its_own(old: Any) -> list[Any]:
    if issubclass(old, ViewSetMixin):
        router = SimpleRouter()
        router.register("verified", old, basename="verified")
        return list(router.urls)
    return [path("verified/", old.as_view(), name="verified")]


def _replaced(
    patterns: Iterable[Any], old: object, new: object, prefix: str, routes: dict[str, Route]
) -> list[Any]:
    """Return patterns with one view in another's place, and note where that was."""
    result: list[Any] = []
    for pattern in patterns:
        full = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = _replaced(pattern.url_patterns, old, new, full, routes)
            result.append(
                URLResolver(
                    pattern.pattern,
                    inner,
                    pattern.default_kwargs,
                    pattern.app_name,
                    pattern.namespace,
                )
            )
        elif _class_of(pattern.callback) is old:
            route, callback = _replacement(pattern.callback, old, new, full)
            if "format" not in route.arguments:
                # What a suffix chooses, the query string chooses as well.
                routes.setdefault(route.pattern, route)
            if callback is not None:
                result.append(
                    URLPattern(pattern.pattern, callback, pattern.default_args, pattern.name)
                )
        else:
            result.append(pattern)
    return result


def _replacement(callback: object, old: Any, new: Any, full: str) -> tuple[Route, Any]:
    """Return a route of the old view, and the callback that the new one has there."""
    initkwargs = getattr(callback, "initkwargs", {}) or getattr(callback, "view_initkwargs", {})
    actions = getattr(callback, "actions", None)
    if actions is None:
        handlers = {method: method for method in METHODS if hasattr(old, method)}
        answers = {method: method for method in METHODS if hasattr(new, method)}
        route = Route(shown_route(full), (handlers, answers), (initkwargs, initkwargs))
        return route, new.as_view(**initkwargs)
    handlers = {method: name for method, name in actions.items() if method != "head"}
    answers = _answers(handlers, new)
    arguments = new_arguments(initkwargs, next(iter(handlers.values())), old, new)
    route = Route(shown_route(full), (handlers, answers), (initkwargs, arguments))
    return route, new.as_view(dict(answers), **arguments) if answers else None


def _answers(handlers: Mapping[str, str], new: object) -> dict[str, str]:
    """Return what a router would route to the new view where the old one has its handlers."""
    usual: Mapping[str, str] = handlers
    for standard in _ACTIONS:
        if handlers.items() <= standard.items():
            usual = standard
    mappings = (getattr(getattr(new, name, None), "mapping", None) for name in usual.values())
    extra = next(mappings, None)
    if extra:
        return dict(extra)
    return {method: name for method, name in usual.items() if hasattr(new, name)}
