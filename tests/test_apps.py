"""The app's checks look at what a project's URLs import, whatever Django runs first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import checks
from django.test import override_settings
from django.urls import clear_url_caches

from nova_drf.apps import _of_all_imported

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def _fresh_urls() -> None:
    clear_url_caches()
    sys.modules.pop("tests.migration.urls", None)


@pytest.mark.usefixtures("_fresh_urls")
@override_settings(ROOT_URLCONF="tests.migration.urls")
def test_urls_are_imported_before_a_check_runs() -> None:
    def check(app_configs: object = None, **kwargs: object) -> list[checks.CheckMessage]:
        return [checks.Info(str("tests.migration.urls" in sys.modules))]

    wrapped = _of_all_imported(check)
    assert wrapped(app_configs=None) == [checks.Info("True")]


@override_settings(ROOT_URLCONF=None)
def test_a_project_without_urls_is_checked() -> None:
    assert _of_all_imported(lambda app_configs=None: [])() == []


def test_all_our_checks_are_registered() -> None:
    names = {check.__name__ for check in checks.registry.registry.get_checks()}
    assert names >= {
        "check_settings",
        "check_serializers",
        "check_backed_serializers",
        "check_services",
        "check_contract_drift",
    }


def test_schemas_can_be_imported_before_django_has_settings() -> None:
    environment = {name: value for name, value in os.environ.items() if "DJANGO" not in name}
    command = [sys.executable, "-c", "import nova_drf.schemas.schema"]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)


PROJECT = """
import django
from django.conf import settings

settings.configure(INSTALLED_APPS=["django.contrib.contenttypes", "shop", "nova_drf"])
django.setup()

from shop.fields import ColourField
from nova_drf.mapping.registry import registry

print(type(registry.for_field(ColourField)).__name__, len(registry.for_field(ColourField).native))
"""


@pytest.mark.parametrize("explicit", ["", "\nregistry.register(ColourMapping())\n"])
def test_the_mappings_of_apps_are_found(tmp_path: Path, explicit: str) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "fields.py").write_text(
        "from rest_framework import serializers\n\nclass ColourField(serializers.Field): ...\n"
    )
    (tmp_path / "shop" / "nova_mappings.py").write_text(
        "from nova_drf.mapping.registry import FieldMapping, registry\n"
        "from shop.fields import ColourField\n\n"
        f"class ColourMapping(FieldMapping):\n    field_class = ColourField\n{explicit}"
    )
    environment = {name: value for name, value in os.environ.items() if "DJANGO" not in name}
    environment["PYTHONPATH"] = f"{ROOT}{os.pathsep}{tmp_path}"
    done = subprocess.run(
        [sys.executable, "-c", PROJECT], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["ColourMapping", "0"]


PREPARED = """
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "nova_drf"],
    ROOT_URLCONF="shop_urls",
    NOVA_DRF={"PREPARE_AT_START": %s},
)
django.setup()

import sys

shop = sys.modules.get("shop_urls")
print(shop and shop.NoteSerializer.get_definition().input.cache_info().currsize)
"""

URLS = """
from nova_drf import Schema, serializer_from_schema

class Note(Schema):
    title: str

NoteSerializer = serializer_from_schema(Note)
urlpatterns = []
"""


@pytest.mark.parametrize(("chosen", "compiled"), [(True, "2"), (False, "None")])
def test_serializers_are_compiled_at_the_start_if_a_setting_says_so(
    chosen: bool, compiled: str, tmp_path: Path
) -> None:
    (tmp_path / "shop_urls.py").write_text(URLS)
    environment = {name: value for name, value in os.environ.items() if "DJANGO" not in name}
    environment["PYTHONPATH"] = f"{ROOT}{os.pathsep}{tmp_path}"
    command = [sys.executable, "-c", PREPARED % chosen]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == compiled
