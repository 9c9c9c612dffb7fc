"""What there is to move: every endpoint and action, with its serializer and how that converts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.serializers import BaseSerializer

from nova_drf.convert.conversion import SerializerClass
from nova_drf.convert.report import Extent, conversion_report
from nova_drf.exceptions import SchemaDefinitionError
from nova_drf.overrides import all_overrides, is_of, overrides

_METHODS = ("get", "post", "put", "patch", "delete")

_SYNC_HOOKS = (
    "create",
    "destroy",
    "filter_queryset",
    "get_object",
    "get_queryset",
    "list",
    "partial_update",
    "perform_create",
    "perform_destroy",
    "perform_update",
    "retrieve",
    "update",
    *_METHODS,
)
"""The methods of a view that an async view calls, as ``def`` or as ``async def``."""


@dataclass(frozen=True)
class Entry:
    """One action of one endpoint.

    Attributes:
        path: The route.
        method: The HTTP method.
        action: The view's method that answers.
        view: The view class's dotted name.
        serializer: The serializer class's dotted name, empty if the view has none of its own.
        uses: What the serializer overrides.
        converts: ``"wholly"``, ``"partly"`` or ``"not"``; empty without a serializer.
        kept: The fields that stay DRF's.
        reason: Why it does not convert.
        async_ready: Whether the view is async already, or overrides nothing that blocks.
    """

    path: str
    method: str
    action: str
    view: str
    serializer: str = ""
    uses: tuple[str, ...] = ()
    converts: str = ""
    kept: tuple[str, ...] = ()
    reason: str = ""
    async_ready: bool = False

    def as_row(self) -> dict[str, str]:
        """Return the entry as texts by column."""
        return {name: _text(value) for name, value in asdict(self).items()}


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else value


def inventory(
    patterns: Iterable[Any] | None = None, progress: Callable[[str], None] | None = None
) -> list[Entry]:
    """List every endpoint of DRF's, action by action.

    Args:
        patterns: The URL patterns; those of ``ROOT_URLCONF`` when left out.
        progress: Is told each view's name, before the view is looked at.
    """
    found = get_resolver().url_patterns if patterns is None else patterns
    entries: list[Entry] = []
    for path, callback in _endpoints(found):
        view = getattr(callback, "cls", None)
        if view is None:
            continue
        if progress is not None:
            progress(view.__name__)
        entries.extend(_entries(path, callback, view))
    return entries


def _endpoints(patterns: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _endpoints(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def _entries(path: str, callback: Any, view: Any) -> Iterator[Entry]:
    actions = getattr(callback, "actions", None)
    if not actions:
        actions = {method: method for method in _METHODS if hasattr(view, method)}
    for method, action in sorted(actions.items()):
        if method == "head":
            continue
        yield _entry(path, method, action, callback, view)


def _entry(path: str, method: str, action: str, callback: Any, view: Any) -> Entry:
    place: dict[str, Any] = {
        "path": f"/{path}",
        "method": method.upper(),
        "action": action,
        "view": f"{view.__module__}.{view.__qualname__}",
        "async_ready": is_async_ready(view, action),
    }
    try:
        serializer = serializer_of(callback, view, action)
    except Exception as error:
        # The view's own code chooses; what stops it without a request is worth a line.
        return Entry(**place, reason=f"get_serializer_class() needs a request ({error!r})")
    if serializer is None:
        return Entry(**place)
    try:
        report = conversion_report(serializer)
    except SchemaDefinitionError as error:
        return Entry(**place, converts=Extent.NOT.value, reason=str(error))
    return Entry(
        **place,
        serializer=report.serializer,
        uses=tuple(map(str, all_overrides(serializer))),
        converts=report.extent.value,
        kept=tuple(line.name for line in report.kept),
        reason=report.error or "",
    )


def serializer_of(callback: Any, view: Any, action: str) -> SerializerClass | None:
    """Return the serializer class that an action of a view uses, as far as it can be known.

    Args:
        callback: What the URL configuration calls.
        view: The view class.
        action: The action's name.
    """
    if not hasattr(view, "get_serializer_class"):
        return None
    made = view(**getattr(callback, "initkwargs", {}))
    made.action, made.request, made.kwargs, made.args = action, None, {}, ()
    if made.serializer_class is None and not any(overrides(view, ("get_serializer_class",))):
        return None
    chosen: Any = made.get_serializer_class()
    return chosen if inspect.isclass(chosen) and issubclass(chosen, BaseSerializer) else None


def is_async_ready(view: Any, action: str) -> bool:
    """Whether an action is a coroutine already, or would become one by a change of base class."""
    method = getattr(view, action, None)
    if inspect.iscoroutinefunction(method):
        return True
    blocking = [one for one in overrides(view, _SYNC_HOOKS) if not is_of(one.owner, "nova_drf")]
    return not blocking
