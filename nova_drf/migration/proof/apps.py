"""The Django app of the switches: with it, a table chooses at run time."""

from __future__ import annotations

from django.apps import AppConfig


class ProofConfig(AppConfig):
    """``INSTALLED_APPS = [..., "nova_drf.migration.proof"]``."""

    name = "nova_drf.migration.proof"
    label = "nova_proof"
    verbose_name = "Migration"
    default_auto_field = "django.db.models.BigAutoField"
