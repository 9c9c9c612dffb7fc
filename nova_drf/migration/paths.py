"""Finds the endpoint of a path without trying all of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import takewhile

from django.urls.resolvers import RegexPattern

from nova_drf.migration.endpoints import Endpoint

_LITERAL = re.compile(r"[\w-]+")
"""A segment that is text to Django's routes and to regular expressions alike."""


class EndpointsByPath:
    """Endpoints by the segments that their routes begin with, before any variable.

    Django tries all routes in turn; that takes long for many paths and many routes.

    Args:
        endpoints: The endpoints, in the order in which they are tried.
    """

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._by_beginning: dict[tuple[str, ...], list[tuple[int, Endpoint]]] = defaultdict(list)
        for number, endpoint in enumerate(endpoints):
            self._by_beginning[_beginning(endpoint)].append((number, endpoint))

    def at(self, path: str) -> Endpoint | None:
        """Return the first endpoint to which a path leads.

        Args:
            path: The path, without the slash in front.
        """
        segments = path.split("/")
        candidates = (
            numbered
            for length in range(len(segments) + 1)
            for numbered in self._by_beginning.get(tuple(segments[:length]), ())
        )
        matching = (each for each in candidates if each[1].leads_to(path))
        return min(matching, key=lambda numbered: numbered[0], default=(0, None))[1]


def _beginning(endpoint: Endpoint) -> tuple[str, ...]:
    """Return the whole segments of a route that are the same in each of its paths."""
    *whole, _rest = "".join(_anchored_parts(endpoint)).split("/")
    return tuple(takewhile(_LITERAL.fullmatch, whole))


def _anchored_parts(endpoint: Endpoint) -> Iterator[str]:
    """Yield the parts of a route up to one that may match anywhere in what is left of a path."""
    for route in endpoint.routes:
        text = str(route)
        if isinstance(route, RegexPattern):
            if text and not text.startswith("^"):
                return
            text = text.removeprefix("^")
        yield text
