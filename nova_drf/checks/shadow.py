"""System checks for what keeps a shadow from comparing anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import ENVIRONMENT_VARIABLE, settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import connections
from django.urls import get_resolver

from nova_drf.core.exceptions import NovaError
from nova_drf.migration.proof.choices import Always, Choice
from nova_drf.migration.proof.overrides import override
from nova_drf.migration.proof.shadow.options import Shadow, ShadowSettings, Writes, shadow_settings
from nova_drf.migration.proof.shadow.stores import stores
from nova_drf.migration.proof.switchboard import routed
from nova_drf.migration.proof.switching import Switch


def check_shadow(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """``nova_drf.E006``: no shadow can run; ``nova_drf.W003``: one compares less than it says."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        said = shadow_settings()
        stores(said.stores)
    except NovaError as error:
        return [Error(str(error), id="nova_drf.E006")]
    switches = {switch.name: switch for switch in _shadowed()}
    if not switches:
        return []
    errors: list[CheckMessage] = [
        Error(f"Shadows ({', '.join(sorted(switches))}) cannot run: {reason}", id="nova_drf.E006")
        for reason in _obstacles(said)
    ]
    return [*errors, *_limits(said, switches)]


def _shadowed() -> Iterator[Switch]:
    """Yield the switches that may choose a shadow, as far as that can be told."""
    for switch, action in routed(get_resolver().url_patterns):
        is_said = switch.shadow.shadow != Shadow() or _of_setting(switch, action) is Choice.SHADOW
        if is_said or switch.rule(action) == Always(Choice.SHADOW):
            yield switch


def _of_setting(switch: Switch, action: str) -> Choice | None:
    try:
        return override(switch.name, action, with_table=False)
    except NovaError:
        # A wrong choice is told where it is made.
        return None


def _obstacles(said: ShadowSettings) -> Iterator[str]:
    if find_spec("resource") is None:
        yield "a child process is limited by means that only POSIX systems have."
    if ENVIRONMENT_VARIABLE not in os.environ:
        yield f"the child process finds its settings by {ENVIRONMENT_VARIABLE}, which is not set."
    if "python" not in os.path.basename(said.python or sys.executable or "").lower():
        yield (
            f"{said.python or sys.executable!r} is no Python interpreter. "
            'Name one in NOVA_DRF["SHADOW"]["PYTHON"].'
        )
    for alias in connections:
        database = connections[alias]
        if not database.features.supports_transactions:
            yield f"DATABASES[{alias!r}] knows no transactions."
        elif database.vendor == "sqlite" and _is_in_memory(database.settings_dict["NAME"]):
            yield f"DATABASES[{alias!r}] is in memory, where no other process sees it."


def _is_in_memory(name: object) -> bool:
    return ":memory:" in str(name) or "mode=memory" in str(name)


def _limits(said: ShadowSettings, switches: dict[str, Switch]) -> Iterator[CheckMessage]:
    on_sqlite = any(connections[alias].vendor == "sqlite" for alias in connections)
    for name, switch in sorted(switches.items()):
        if on_sqlite and said.of(switch.shadow.shadow).writes == Writes.ROLLED_BACK:
            yield Warning(
                f"The shadow of {name} compares writes up to the first write only: on SQLite, one "
                "that is rolled back would keep all others from writing.",
                hint='Say writes="validated", or use another database.',
                id="nova_drf.W003",
            )
