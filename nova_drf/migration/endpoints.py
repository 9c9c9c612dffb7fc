"""The endpoints of DRF's that a URL configuration has, and which methods each of them answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import LocalePrefixPattern, RegexPattern, RoutePattern
from rest_framework.settings import api_settings
from rest_framework.views import APIView

METHODS = ("get", "post", "put", "patch", "delete")

Route: TypeAlias = "RegexPattern | RoutePattern | LocalePrefixPattern"


@dataclass(frozen=True)
class Endpoint:
    """One route and the view that it leads to.

    Attributes:
        routes: The parts of the route, the outermost first; each takes a piece of the path.
        callback: What the URL configuration calls.
        name: The URL's name.
    """

    routes: tuple[Route, ...]
    callback: Any
    name: str | None

    @cached_property
    def path(self) -> str:
        """The whole route."""
        return "".join(map(str, self.routes))

    @property
    def view(self) -> Any:
        """The view class."""
        return self.callback.cls

    @property
    def initkwargs(self) -> Mapping[str, Any]:
        """What ``as_view()`` was told."""
        return getattr(self.callback, "initkwargs", None) or {}

    def actions(self) -> Iterator[tuple[str, str]]:
        """Yield the methods that the view answers, and the method of the view that answers each."""
        allowed = self.initkwargs.get("http_method_names", self.view.http_method_names)
        mapped = getattr(self.callback, "actions", None)
        handlers = mapped or {method: method for method in METHODS}
        for method, handler in handlers.items():
            answers = callable(getattr(self.view, handler, None))
            if method in METHODS and method in allowed and answers:
                yield method, handler

    def leads_to(self, path: str) -> bool:
        """Whether a path, without the slash in front, is this endpoint's."""
        for route in self.routes:
            match: Any = route.match(path)
            if match is None:
                return False
            path = match[0]
        return True


def endpoints(patterns: Iterable[object]) -> list[Endpoint]:
    """Return the endpoints of DRF's in some URL patterns, in the order in which they are tried.

    Args:
        patterns: URL patterns; those that they include count as well.
    """
    return list(_endpoints(patterns, ()))


def without_suffixes(listed: Iterable[Endpoint]) -> list[Endpoint]:
    """Return endpoints without those that are there only for a format suffix.

    Args:
        listed: The endpoints; one with a suffix stays where there is no such route without.
    """
    listed = list(listed)
    plain = {_place(endpoint) for endpoint in listed if not _has_suffix(endpoint)}
    return [each for each in listed if not (_has_suffix(each) and _place(each) in plain)]


def dotted_name(cls: type) -> str:
    """Return the dotted name of a class, or of the function that was made one.

    Args:
        cls: The class; DRF's ``@api_view`` gives its class the function's name and module.
    """
    qualified = cls.__qualname__
    if qualified.rpartition(".")[2] != cls.__name__:
        qualified = cls.__name__
    return f"{cls.__module__}.{qualified}"


def _endpoints(patterns: Iterable[object], above: tuple[Route, ...]) -> Iterator[Endpoint]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _endpoints(pattern.url_patterns, (*above, pattern.pattern))
        elif isinstance(pattern, URLPattern) and _is_drfs(pattern.callback):
            yield Endpoint((*above, pattern.pattern), pattern.callback, pattern.name)


def _is_drfs(callback: object) -> bool:
    view = getattr(callback, "cls", None)
    return isinstance(view, type) and issubclass(view, APIView)


def _has_suffix(endpoint: Endpoint) -> bool:
    route = endpoint.routes[-1]
    variables = (*getattr(route, "converters", ()), *route.regex.groupindex)
    return api_settings.FORMAT_SUFFIX_KWARG in variables


def _place(endpoint: Endpoint) -> tuple[object, str]:
    """Return what a route has in common with the same one with a format suffix."""
    suffix = api_settings.FORMAT_SUFFIX_KWARG
    pattern = rf"(\\\.)?(\(\?P<{suffix}>[^)]*\)|<(\w+:)?{suffix}>)"
    return endpoint.view, re.sub(pattern, "", endpoint.path).rstrip("/?$\\Z")
