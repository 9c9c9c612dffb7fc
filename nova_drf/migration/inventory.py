"""What there is to move: every endpoint and action, with its serializer and how that converts.

Serializers that no endpoint names, such as nested ones, come after the endpoints.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.serializers import BaseSerializer

from nova_drf.core.overrides import SerializerClass, all_overrides, overrides
from nova_drf.core.ownership import Owner, home_of, owner_of
from nova_drf.migration.convert.report import conversion_report
from nova_drf.migration.mentions import Mentions

_METHODS = ("get", "post", "put", "patch", "delete")

_OF_EVERY_ACTION = ("get_queryset", "filter_queryset")

_CALLED: dict[str, tuple[str, ...]] = {
    "list": (),
    "create": ("perform_create",),
    "retrieve": ("get_object",),
    "update": ("get_object", "perform_update"),
    "partial_update": ("get_object", "update", "perform_update"),
    "destroy": ("get_object", "perform_destroy"),
}
"""The methods that each of DRF's actions calls, as ``def`` or, in async views, ``async def``."""

_ACTIONS = {
    "get": ("list", "retrieve"),
    "post": ("create",),
    "put": ("update",),
    "patch": ("partial_update",),
    "delete": ("destroy",),
}
"""The actions that the handlers of generic views may stand for."""


@dataclass(frozen=True)
class Entry:
    """One action of one endpoint.

    Attributes:
        path: The route; empty for a serializer that no endpoint names.
        method: The HTTP method.
        action: The view's method that answers.
        view: The view class's dotted name.
        serializer: The serializer class's dotted name, empty if the view has none of its own.
        uses: What the serializer overrides.
        converts: ``"wholly"``, ``"partly"`` or ``"not"``; empty without a serializer.
        kept: The fields that stay DRF's.
        reason: Why it does not convert.
        async_ready: Whether the view is async already, or overrides nothing that blocks.
        blocks: The methods that would run in a thread.
        tested: How tests reach it, and which; empty where none does.
    """

    path: str = ""
    method: str = ""
    action: str = ""
    view: str = ""
    serializer: str = ""
    uses: tuple[str, ...] = ()
    converts: str = ""
    kept: tuple[str, ...] = ()
    reason: str = ""
    async_ready: bool = False
    blocks: tuple[str, ...] = ()
    tested: tuple[str, ...] = ()

    def as_row(self) -> dict[str, str]:
        """Return the entry as texts by column."""
        return {name: _text(value) for name, value in asdict(self).items()}


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else value


Progress = Callable[[str, int, int], None]
"""Is told what is looked at next, how many were looked at before, and how many there are."""


def inventory(
    patterns: Iterable[Any] | None = None,
    progress: Progress | None = None,
    tests: Path | None = None,
) -> list[Entry]:
    """List every endpoint of DRF's, action by action.

    Args:
        patterns: The URL patterns; those of ``ROOT_URLCONF`` when left out. Then all serializers
            of the installed apps that no endpoint names are listed as well.
        progress: Is told each view's name, before the view is looked at.
        tests: The directory in which to look for tests; ``settings.BASE_DIR`` when left out.
    """
    found = get_resolver().url_patterns if patterns is None else list(patterns)
    mentions = Mentions(project_directory() if tests is None else tests, found)
    endpoints = [one for one in _endpoints(found) if getattr(one[1], "cls", None) is not None]
    entries: list[Entry] = []
    for done, (path, callback, name) in enumerate(endpoints):
        if progress is not None:
            progress(callback.cls.__name__, done, len(endpoints))
        entries.extend(_entries(path, callback, name, mentions))
    if patterns is None:
        named = {entry.serializer for entry in entries}
        entries.extend(_others(named, mentions))
    return entries


def project_directory() -> Path:
    """Return the directory of the project: ``settings.BASE_DIR``, or the current one."""
    return Path(getattr(settings, "BASE_DIR", None) or Path.cwd())


def _endpoints(patterns: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, Any, str | None]]:
    for pattern in patterns:
        path = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _endpoints(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback, pattern.name


def _entries(path: str, callback: Any, name: str | None, mentions: Mentions) -> Iterator[Entry]:
    view = callback.cls
    actions = getattr(callback, "actions", None)
    if not actions:
        actions = {method: method for method in _METHODS if hasattr(view, method)}
    for method, action in sorted(actions.items()):
        if method == "head":
            continue
        blocks = blocking(view, action)
        converted = _of_view(callback, view, action)
        tests = (
            *mentions.of_endpoint(callback, name, method),
            *mentions.of_class("view", view.__name__),
            *mentions.of_class("serializer", converted.get("serializer", "").rpartition(".")[2]),
        )
        yield Entry(
            path=simplify_regex(path),
            method=method.upper(),
            action=action,
            view=f"{view.__module__}.{view.__qualname__}",
            async_ready=not blocks,
            blocks=tuple(blocks),
            tested=tuple(dict.fromkeys(tests)),
            **converted,
        )


def _of_view(callback: object, view: object, action: str) -> dict[str, Any]:
    try:
        serializer = serializer_of(callback, view, action)
    except Exception as error:
        # The view's own code chooses; what stops it without a request is worth a line.
        return {"reason": f"get_serializer_class() needs a request ({error!r})"}
    return {} if serializer is None else _of_serializer(serializer)


def _of_serializer(serializer: SerializerClass) -> dict[str, Any]:
    report = conversion_report(serializer)
    return {
        "serializer": report.serializer,
        "uses": tuple(map(str, all_overrides(serializer))),
        "converts": report.extent.value,
        "kept": tuple(line.name for line in report.kept),
        "reason": report.error or "",
    }


def _others(named: set[str], mentions: Mentions) -> Iterator[Entry]:
    """Yield the serializers of the installed apps that no endpoint names."""
    classes: dict[str, Any] = {}
    for cls in _subclasses(BaseSerializer):
        # A drop-in has the name of its original, which comes first.
        classes.setdefault(f"{cls.__module__}.{cls.__qualname__}", cls)
    for name in sorted(classes.keys() - named):
        cls = classes[name]
        if home_of(cls) in (Owner.DRF, Owner.NOVA) or "<locals>" in name:
            continue
        if apps.get_containing_app_config(cls.__module__) is None:
            continue
        yield Entry(
            **_of_serializer(cls), tested=tuple(mentions.of_class("serializer", cls.__name__))
        )


def _subclasses(cls: Any) -> Iterator[Any]:
    for one in cls.__subclasses__():
        yield one
        yield from _subclasses(one)


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


def blocking(view: Any, action: str) -> list[str]:
    """Return the methods of a view that would run in a thread after a change of base class.

    Args:
        view: The view class.
        action: The action's name.
    """
    if inspect.iscoroutinefunction(getattr(view, action, None)):
        return []
    actions = (action, *_ACTIONS.get(action, ()))
    called = (name for one in actions for name in _CALLED.get(one, ("get_object",)))
    names = dict.fromkeys((*actions, *called, *_OF_EVERY_ACTION))
    found = (one for one in overrides(view, names) if owner_of(one.owner) is not Owner.NOVA)
    return [str(one) for one in found if not inspect.iscoroutinefunction(vars(one.owner)[one.name])]
