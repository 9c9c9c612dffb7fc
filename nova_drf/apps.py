"""The Django app: it finds the users' mappings and registers checks and OpenAPI extensions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.urls import get_resolver
from django.utils.module_loading import autodiscover_modules

from nova_drf.core.installed_versions import refuse_combinations
from nova_drf.core.settings import complaints, get_setting

_MAPPINGS = "nova_mappings"

_OF_CLASSES = (
    *("check_serializers", "check_backed_serializers", "check_services", "check_views"),
    *("check_awaits", "check_contract_drift", "check_shadow"),
)
"""Those of ``nova_drf.checks`` that look at all classes there are."""


class NovaConfig(AppConfig):
    """``INSTALLED_APPS = [..., "nova_drf"]``."""

    name = "nova_drf"
    verbose_name = "nova_drf"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        refuse_combinations()
        from nova_drf import openapi  # noqa: F401  (drf-spectacular registers what it defines)

        checks.register(_imported("check_settings"))
        for name in _OF_CLASSES:
            checks.register(_of_all_imported(_imported(name)))
        _register_mappings()
        if not _settings_are_wrong() and get_setting("PREPARE_AT_START"):
            from nova_drf.views.preparation import prepare

            prepare()


def _settings_are_wrong() -> bool:
    """Whether ``check_settings`` has something to say: then nothing else of ours can be asked."""
    return any(complaints(getattr(settings, "NOVA_DRF", {})))


def _register_mappings() -> None:
    """Import the ``nova_mappings`` of all apps, and register the mappings that they define."""
    from nova_drf.mapping.registry import registry

    autodiscover_modules(_MAPPINGS)
    for app in apps.get_app_configs():
        module = sys.modules.get(f"{app.name}.{_MAPPINGS}")
        if module is not None:
            registry.register_those_in(module)


def _imported(name: str) -> Callable[..., Any]:
    """Return one of our checks, which is imported when it runs: a server runs none."""

    def run(*args: object, **kwargs: object) -> object:
        check: Callable[..., object] = getattr(import_module("nova_drf.checks"), name)
        return check(*args, **kwargs)

    run.__name__ = name
    return run


def _of_all_imported(check: Callable[..., object]) -> Callable[..., Any]:
    """Import what the URL configuration uses, then check the classes that there are.

    Django runs checks in no particular order, so that its own check of the URLs, which imports
    them, may come later.
    """

    @wraps(check)
    def run(*args: object, **kwargs: object) -> object:
        if _settings_are_wrong():
            return []
        if getattr(settings, "ROOT_URLCONF", None):
            get_resolver().url_patterns  # noqa: B018  (imports it)
        return check(*args, **kwargs)

    return run
