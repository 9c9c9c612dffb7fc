"""The Django app of the outbox."""

from __future__ import annotations

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """``INSTALLED_APPS = [..., "nova_drf.outbox"]``."""

    name = "nova_drf.outbox"
    label = "nova_outbox"
    verbose_name = "Background jobs"
