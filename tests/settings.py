"""Django settings of the test suite: SQLite, or the database that ``DATABASE_URL`` names."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.templates import TEMPLATES as TEMPLATES

# The guide and its tests use the models of the example project.
sys.path.append(str(Path(__file__).resolve().parents[1] / "examples" / "bookshop"))


ENGINES = {
    "postgresql": "django.db.backends.postgresql",
    "mysql": "django.db.backends.mysql",
}


def database_settings(url: str | None) -> dict[str, object]:
    """Return Django's settings for ``postgresql://user:password@host:port/name``, or SQLite's.

    ``mysql://...`` is MySQL or MariaDB.
    """
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    parts = urlsplit(url)
    found: dict[str, object] = {
        "ENGINE": ENGINES[parts.scheme],
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
    }
    if parts.scheme == "mysql":
        found["OPTIONS"] = {"charset": "utf8mb4"}
        found["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"}
    return found


def library_in_wheel(package: str, pattern: str) -> str:
    """Return the path of a shared library that a package's wheel brings along."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    beside = Path(spec.origin).parents[1] / f"{package}.libs"
    return str(next(beside.glob(pattern)))


SECRET_KEY = "only-for-tests"
DATABASES = {"default": database_settings(os.environ.get("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
GDAL_LIBRARY_PATH = library_in_wheel("pyogrio", "libgdal*")
GEOS_LIBRARY_PATH = library_in_wheel("shapely", "libgeos_c*")
USE_TZ = True
TIME_ZONE = "Europe/Paris"
ROOT_URLCONF = "tests.urls"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "rest_framework_gis",
    "taggit",
    "nova_drf",
    "nova_drf.outbox",
    "nova_drf.migration.proof",
    "catalogue",
    "orders",
    "tests.testapp",
    "tests.viewsapp",
    "tests.servicesapp",
    "tests.constraintsapp",
    "tests.convertapp",
    "tests.libraryapp",
    "tests.queriesapp",
    "tests.tenantapp",
    *(app for app in ("waffle", "flags") if find_spec(app)),
]
# Its table is made as its model is now, which is quicker.
MIGRATION_MODULES = {"flags": None}
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
STATIC_URL = "/static/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {"TITLE": "nova_drf tests", "VERSION": "1"}
