"""URL configurations that are named on a command line."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.core.management.base import CommandError

_CANNOT = 2


def patterns_of(urlconf: str | None) -> Any:
    """Return the patterns of a URL configuration.

    Args:
        urlconf: Its dotted name; ``None`` for the project's, which is told by ``None`` as well.

    Raises:
        CommandError: It is none.
    """
    if urlconf is None:
        return None
    try:
        return import_module(urlconf).urlpatterns
    except (ImportError, AttributeError) as error:
        raise CommandError(
            f"{urlconf} is no URL configuration ({error}). Name a module with urlpatterns.",
            returncode=_CANNOT,
        ) from error
