"""The Django app: it finds the users' mappings and registers checks and OpenAPI extensions."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import autodiscover_modules


class NovaConfig(AppConfig):
    """``INSTALLED_APPS = [..., "nova_drf"]``."""

    name = "nova_drf"
    verbose_name = "nova_drf"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from nova_drf import openapi  # noqa: F401  (drf-spectacular registers what it defines)
        from nova_drf.backing.explanation import check_backed_serializers
        from nova_drf.checks import check_serializers, check_services, check_settings
        from nova_drf.drift import check_contract_drift

        checks.register(check_settings)
        checks.register(check_serializers)
        checks.register(check_backed_serializers)
        checks.register(check_services)
        checks.register(check_contract_drift)
        autodiscover_modules("nova_mappings")
