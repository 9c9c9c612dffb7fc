"""The app's checks look at what a project's URLs import, whatever Django runs first."""

from __future__ import annotations

import sys

import pytest
from django.core import checks
from django.test import override_settings
from django.urls import clear_url_caches

from nova_drf.apps import _of_all_imported


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
