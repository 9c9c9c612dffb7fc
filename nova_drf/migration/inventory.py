"""What there is to move: every endpoint and action, with its serializer and how that converts.

Serializers that no endpoint names, such as nested ones, come after the endpoints.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

from django.apps import apps
from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.urls import get_resolver
from rest_framework.serializers import BaseSerializer

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.overrides import SerializerClass, all_overrides, overrides
from nova_drf.core.ownership import Owner, home_of, owner_of, subclasses
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.shape import Kind
from nova_drf.migration.convert.converted import conversion_of
from nova_drf.migration.convert.report import Extent, conversion_report
from nova_drf.migration.endpoints import Endpoint, dotted_name, endpoints, without_suffixes
from nova_drf.migration.mentions import Mentions
from nova_drf.migration.serializers_of_views import serializer_of
from nova_drf.serializers.schema_serializer import SchemaSerializer, nested_serializer_class
from nova_drf.views.explanation import explain

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
        reads: How a list is read by a view of ours, see :func:`nova_drf.views.explain`.
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
    reads: tuple[str, ...] = ()

    def as_row(self) -> dict[str, str]:
        """Return the entry as texts by column."""
        return {name: _text(value) for name, value in asdict(self).items()}


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else value


Described: TypeAlias = "dict[str, Any]"
"""Some attributes of an :class:`Entry`."""

Progress = Callable[[str, int, int], None]
"""Is told what is looked at next, how many were looked at before, and how many there are."""


def inventory(
    patterns: Iterable[object] | None = None,
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
    every = endpoints(get_resolver().url_patterns if patterns is None else patterns)
    stock = _Stock(Mentions(project_directory() if tests is None else tests, every))
    listed = without_suffixes(every)
    entries: list[Entry] = []
    for done, endpoint in enumerate(listed):
        if progress is not None:
            progress(endpoint.view.__name__, done, len(listed))
        entries.extend(stock.entries(endpoint))
    if patterns is None:
        named = {entry.serializer for entry in entries}
        entries.extend(stock.others(named))
    return entries


def project_directory() -> Path:
    """Return the directory of the project: ``settings.BASE_DIR``, or the current one."""
    return Path(getattr(settings, "BASE_DIR", None) or Path.cwd())


class _Stock:
    """Describes endpoints and serializers; each serializer is looked at once.

    Args:
        mentions: What the project's tests mention.
    """

    def __init__(self, mentions: Mentions) -> None:
        self._mentions = mentions
        self._described: dict[SerializerClass, Described] = {}

    def entries(self, endpoint: Endpoint) -> Iterator[Entry]:
        """Yield what there is to say of each action of an endpoint."""
        path = simplify_regex(endpoint.path)
        for method, action in sorted(endpoint.actions()):
            blocks = blocking(endpoint.view, action)
            converted = self._of_action(endpoint, method, action)
            tests = (
                *self._mentions.of_endpoint(endpoint, method),
                *self._mentions.of_class("view", endpoint.view.__name__),
                *self._of_serializer_in_tests(converted.get("serializer", "")),
            )
            yield Entry(
                path=path,
                method=method.upper(),
                action=action,
                view=dotted_name(endpoint.view),
                async_ready=not blocks,
                blocks=tuple(blocks),
                tested=tuple(dict.fromkeys(tests)),
                reads=tuple(reading(endpoint.view, action)),
                **converted,
            )

    def others(self, named: set[str]) -> Iterator[Entry]:
        """Yield the serializers of the installed apps that no endpoint names."""
        classes: dict[str, SerializerClass] = {}
        for cls in subclasses(BaseSerializer):
            # A drop-in has the name of its original, which comes first.
            classes.setdefault(dotted_name(cls), cls)
        for name in sorted(classes.keys() - named):
            cls = classes[name]
            if home_of(cls) in (Owner.DRF, Owner.NOVA) or "<locals>" in name:
                continue
            if apps.get_containing_app_config(cls.__module__) is None:
                continue
            tested = tuple(self._of_serializer_in_tests(name))
            yield Entry(**self._of_serializer(cls), tested=tested)

    def _of_serializer_in_tests(self, name: str) -> Iterator[str]:
        return self._mentions.of_class("serializer", name.rpartition(".")[2])

    def _of_action(self, endpoint: Endpoint, method: str, action: str) -> Described:
        try:
            serializer = serializer_of(endpoint, method, action)
        except Exception as error:
            # The view's own code chooses; what stops it without a client is worth a line.
            return {"reason": f"get_serializer_class() needs a request ({error!r})"}
        return {} if serializer is None else self._of_serializer(serializer)

    def _of_serializer(self, serializer: SerializerClass) -> Described:
        if serializer not in self._described:
            has_schema = issubclass(serializer, SchemaSerializer)
            describe = _of_converted if has_schema else _of_unconverted
            uses = tuple(map(str, all_overrides(serializer)))
            self._described[serializer] = {"uses": uses, **describe(serializer)}
        return self._described[serializer]


def _of_unconverted(serializer: SerializerClass) -> Described:
    report = conversion_report(serializer)
    return {
        "serializer": report.serializer,
        "converts": report.extent.value,
        "kept": tuple(line.name for line in report.kept),
        "reason": report.error or "",
    }


def _of_converted(serializer: Any) -> Described:
    """Describe a serializer that has a schema: there is nothing left to convert but fields."""
    try:
        definition = serializer.get_definition()
    except SchemaDefinitionError as error:
        return {"serializer": dotted_name(serializer), "converts": "not", "reason": str(error)}
    schema = definition.request.schema
    made_in_passing = serializer is nested_serializer_class(schema)
    # As nova_convert counts: a relation that the schema says the key of is a type.
    of_schema = (
        field.field_name
        for field in shape_of(schema).fields.values()
        if field.type.kind is Kind.KEPT
    )
    # What stands in the body of one that was converted at run time, its schema says.
    declared = serializer._declared_fields if conversion_of(schema) is None else ()
    staying = {*of_schema, *declared}
    fields = definition.request.fields.values()
    kept = tuple(field.field_name for field in fields if field.field_name in staying)
    return {
        "serializer": dotted_name(schema if made_in_passing else serializer),
        "converts": (Extent.PARTLY if kept else Extent.WHOLLY).value,
        "kept": kept,
    }


def reading(view: Any, action: str) -> list[str]:
    """Return how an action lists objects, line by line, if it is a list of one of our views.

    Args:
        view: The view class.
        action: The action's name.
    """
    is_list = "list" in (action, *_ACTIONS.get(action, ())) and hasattr(view, "list")
    if not is_list or not hasattr(view, "rows_stand_for_instances"):
        return []
    try:
        return explain(view).splitlines()
    except Exception as error:
        # The view's own code is asked; what stops it without a client is worth a line.
        return [f"unknown: {error!r}"]


def blocking(view: type, action: str) -> list[str]:
    """Return the methods of a view that would run in a thread after a change of base class.

    Args:
        view: The view class.
        action: The action's name.
    """
    if inspect.iscoroutinefunction(getattr(view, action, None)):
        return []
    actions = (action, *_ACTIONS.get(action, ()))
    called = (name for each in actions for name in _CALLED.get(each, ("get_object",)))
    names = dict.fromkeys((*actions, *called, *_OF_EVERY_ACTION))
    return [
        str(override)
        for override in overrides(view, names)
        if owner_of(override.owner) is not Owner.NOVA
        and not inspect.iscoroutinefunction(vars(override.owner)[override.name])
    ]
