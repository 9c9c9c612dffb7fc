"""Django settings of the worker processes that tests start: services without Django REST Framework.

``DATABASE_URL`` names a database that several processes share, or ``NOVA_SQLITE`` a file.
"""

from __future__ import annotations

import os
from typing import Any

from tests.settings import database_settings

SECRET_KEY = "only-for-tests"
DATABASES: dict[str, Any] = {"default": database_settings(os.environ.get("DATABASE_URL"))}
if "NOVA_SQLITE" in os.environ:
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["NOVA_SQLITE"],
        "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "nova_drf.outbox",
    "tests.servicesapp",
]
NOVA_DRF = {
    "TASK_MISMATCH_DELAYS": (0.2, 0.4),
    "TASK_MODULES": ["tests.servicesapp.workers"],
}
if "NOVA_NO_OUTBOX" in os.environ:
    INSTALLED_APPS.remove("nova_drf.outbox")
if "NOVA_TASKS" in os.environ:
    INSTALLED_APPS.append("django_tasks_db")
    TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
