"""How far each action of each endpoint is, and whether the old or the new code answers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.contrib.admindocs.views import simplify_regex
from django.db import DatabaseError
from django.urls import get_resolver

from nova_drf.core.overrides import SerializerClass
from nova_drf.core.ownership import Owner, home_of
from nova_drf.migration.endpoints import Endpoint, dotted_name, endpoints, without_suffixes
from nova_drf.migration.inventory import Entry, Progress, inventory
from nova_drf.migration.proof.choices import Always
from nova_drf.migration.proof.overrides import override
from nova_drf.migration.proof.replacement import new_arguments
from nova_drf.migration.proof.switching import Switch
from nova_drf.migration.serializers_of_views import serializer_of
from nova_drf.serializers.backed import SchemaBackedMixin
from nova_drf.serializers.schema_serializer import SchemaSerializer
from nova_drf.views import AsyncAPIView
from nova_drf.views.services.viewsets import ServiceViewSet


class Stage(StrEnum):
    """How far the code of an endpoint is."""

    CLASSIC = "classic"
    """All of it is DRF's."""
    BACKED = "backed"
    """Its serializer is run on pydantic-core as it is."""
    SCHEMA = "schema"
    """Its serializer is a schema."""
    SERVICE = "service"
    """Its actions are methods of a service."""
    ASYNC = "async"
    """It has a schema, and its view can be awaited."""


class Side(StrEnum):
    """Which code answers."""

    OLD = "old"
    SHADOW = "shadow"
    """The old code, while the new code runs aside."""
    PARTLY = "partly"
    """The new code for some requests."""
    NEW = "new"


@dataclass(frozen=True)
class Standing:
    """How far one action of one endpoint is.

    Attributes:
        entry: What the inventory says of it; of a switch, what it says of the old code.
        app: The label of its app.
        stage: How far the newest code is that there is for it.
        side: Which code answers.
        switch: The name of the switch that chooses; empty where there is none.
        new_view: The dotted name of the view class that is to replace the old one, or of the only
            one.
        serializer: The dotted name of the serializer class of that view.
    """

    entry: Entry
    app: str
    stage: Stage
    side: Side
    switch: str
    new_view: str
    serializer: str

    @property
    def endpoint(self) -> str:
        """The method and the route."""
        return f"{self.entry.method} {self.entry.path}"

    @property
    def is_moved(self) -> bool:
        """Whether new code that has a schema answers."""
        return self.side is Side.NEW and self.stage not in (Stage.CLASSIC, Stage.BACKED)


def standings(
    patterns: Iterable[object] | None = None,
    progress: Progress | None = None,
    tests: Path | None = None,
) -> list[Standing]:
    """Say of each action of the project's endpoints how far it is.

    Views of DRF's and of drf-spectacular's own are left out.

    Args:
        patterns: The URL patterns; those of ``ROOT_URLCONF`` when left out.
        progress: Is told each view's name, before the view is looked at.
        tests: The directory in which to look for tests; ``settings.BASE_DIR`` when left out.
    """
    listed = list(get_resolver().url_patterns if patterns is None else patterns)
    entries = {
        (entry.path, entry.method, entry.view): entry
        for entry in inventory(listed, progress, tests)
    }
    return [
        _standing(endpoint, method, action, entries[key])
        for endpoint in without_suffixes(endpoints(listed))
        if _is_the_projects(endpoint.view)
        for method, action in sorted(endpoint.actions())
        for key in [(simplify_regex(endpoint.path), method.upper(), dotted_name(endpoint.view))]
    ]


def _is_the_projects(view: type) -> bool:
    if home_of(view) in (Owner.DRF, Owner.NOVA):
        return False
    return view.__module__.partition(".")[0] != "drf_spectacular"


def _standing(endpoint: Endpoint, method: str, action: str, entry: Entry) -> Standing:
    config = apps.get_containing_app_config(endpoint.view.__module__)
    app = endpoint.view.__module__.partition(".")[0] if config is None else config.label
    switch = getattr(endpoint.view, "switch", None)
    if not isinstance(switch, Switch):
        serializer = _serializer(endpoint, method, action)
        stage = stage_of(endpoint.view, serializer)
        side = Side.OLD if stage is Stage.CLASSIC else Side.NEW
        return Standing(entry, app, stage, side, "", entry.view, _name(serializer))
    new = of_new_code(endpoint, switch)
    answers = callable(getattr(switch.new, action, None))
    serializer = _serializer(new if answers else endpoint, method, action)
    stage = stage_of(switch.new if answers else switch.old, serializer)
    side = _side(switch, action) if answers else Side.OLD
    # The class that the switch calls is one that it made, of the project's.
    new_view = dotted_name(switch.new.__mro__[1])
    return Standing(entry, app, stage, side, switch.name, new_view, _name(serializer))


def of_new_code(endpoint: Endpoint, switch: Switch) -> Endpoint:
    """Return an endpoint as it is when the new code of its switch answers.

    Args:
        endpoint: The endpoint.
        switch: Its switch.
    """
    actions = getattr(endpoint.callback, "actions", None)
    initkwargs = endpoint.initkwargs
    if actions:
        handler = next(iter(actions.values()))
        initkwargs = new_arguments(initkwargs, handler, switch.old, switch.new)
    callback = SimpleNamespace(cls=switch.new, initkwargs=initkwargs, actions=actions)
    return Endpoint(endpoint.routes, callback, endpoint.name)


def stage_of(view: Any, serializer: SerializerClass | None) -> Stage:
    """Return how far a view is.

    Args:
        view: The view class.
        serializer: The serializer class of the action; ``None`` if it has none.
    """
    if issubclass(view, ServiceViewSet):
        return Stage.SERVICE
    if serializer is not None and issubclass(serializer, SchemaBackedMixin):
        return Stage.BACKED
    if serializer is not None and not issubclass(serializer, SchemaSerializer):
        return Stage.CLASSIC
    if issubclass(view, AsyncAPIView):
        return Stage.ASYNC
    return Stage.CLASSIC if serializer is None else Stage.SCHEMA


def _serializer(endpoint: Endpoint, method: str, action: str) -> SerializerClass | None:
    # The view's own code chooses; where only a client could tell, the inventory says so.
    with suppress(Exception):
        return serializer_of(endpoint, method, action)
    return None


def _name(serializer: SerializerClass | None) -> str:
    return "" if serializer is None else dotted_name(serializer)


def _side(switch: Switch, action: str) -> Side:
    rule = switch.rule(action)
    # Without its table a switch goes by its definition, and so does what is said here.
    with suppress(DatabaseError):
        said = override(switch.name, action)
        if said is not None:
            return _as_side(said.value)
    return _as_side(rule.choice.value) if isinstance(rule, Always) else Side.PARTLY


def _as_side(choice: str) -> Side:
    return Side(choice) if choice in tuple(Side) else Side.PARTLY


def apps_of(standing: Iterable[Standing]) -> Iterator[tuple[str, list[Standing]]]:
    """Yield each app, by name, with the standings of its endpoints.

    Args:
        standing: The standings.
    """
    by_app: dict[str, list[Standing]] = {}
    for each in standing:
        by_app.setdefault(each.app, []).append(each)
    yield from sorted(by_app.items())
