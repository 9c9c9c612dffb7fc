"""A new view class in an old one's place: under its name, with the arguments of its routes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.admindocs.views import simplify_regex

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
"""An argument of a route, and its name."""


def named_like(old: Any, new: Any) -> Any:
    """Return a view class under another's name, which OPTIONS and the browsable API show.

    Args:
        old: The class whose name it is.
        new: The class.
    """
    body = {"__doc__": new.__doc__, "__module__": old.__module__}
    renamed = type(new)(old.__name__, (new,), body)
    renamed.__qualname__ = old.__qualname__
    return renamed


def new_arguments(
    initkwargs: Mapping[str, object], action: str, old: object, new: object
) -> dict[str, Any]:
    """Return the arguments of ``as_view()``, with what ``@action`` says of the new view.

    Args:
        initkwargs: The arguments of the old view.
        action: One of the actions at the route.
        old: The old view class.
        new: The new one.
    """
    before = getattr(getattr(old, action, None), "kwargs", {})
    after = getattr(getattr(new, action, None), "kwargs", {})
    return {**{name: value for name, value in initkwargs.items() if name not in before}, **after}


def shown_route(full: str) -> str:
    """Return a route for people, its arguments in angle brackets.

    Args:
        full: The patterns that lead to it, one after the other.
    """
    return ARGUMENT.sub(r"<\1>", simplify_regex(full))
