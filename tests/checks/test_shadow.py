"""``manage.py check`` says what keeps a shadow from comparing anything."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from django.conf import ENVIRONMENT_VARIABLE
from django.db import connection
from django.urls import path
from rest_framework.views import APIView

from nova_drf.checks import check_shadow
from nova_drf.checks import shadow as module
from nova_drf.migration import Shadow, switch

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Clock(APIView):
    """Old and new."""

    def get(self, request: Any) -> Any:
        raise NotImplementedError


urlpatterns: list[Any] = []


@pytest.fixture(autouse=True)
def routed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A switch with a shadow, on a database that other processes see."""
    switched(monkeypatch, default="shadow")
    monkeypatch.setitem(connection.settings_dict, "NAME", "shop")


def switched(monkeypatch: pytest.MonkeyPatch, **said: Any) -> None:
    view = switch(old=Clock, new=Clock, name="clock", **said).as_view()
    monkeypatch.setattr(
        module, "get_resolver", lambda: type("R", (), {"url_patterns": [path("", view)]})
    )


def errors() -> list[str]:
    return [one.msg for one in check_shadow() if one.id == "nova_drf.E006"]


def test_nothing_is_wrong() -> None:
    assert errors() == []


@pytest.mark.parametrize(
    ("said", "message"),
    [({"SAMPEL": 1}, "no key 'SAMPEL'"), ({"STORES": ["nowhere.f"]}, "'nowhere.f' is no store")],
)
def test_settings_that_make_no_sense(settings: Any, said: Any, message: str) -> None:
    settings.NOVA_DRF = {"SHADOW": said}
    assert message in errors()[0]


def test_what_keeps_a_child_from_running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "executable", "/usr/bin/uwsgi")
    monkeypatch.delenv(ENVIRONMENT_VARIABLE)
    monkeypatch.setattr(connection.features, "supports_transactions", False)
    told = errors()
    assert all(one.startswith("Shadows (clock) cannot run: ") for one in told)
    for part in ("POSIX", "'/usr/bin/uwsgi' is no Python", ENVIRONMENT_VARIABLE, "no transactions"):
        assert any(part in one for one in told)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", ":memory:")
    assert "in memory" in errors()[0]
    (warning,) = (one for one in check_shadow() if one.id == "nova_drf.W003")
    assert "clock" in warning.msg
    switched(monkeypatch, default="shadow", shadow=Shadow(writes="validated"))
    assert [one.id for one in check_shadow()] == ["nova_drf.E006"]


def test_what_may_choose_a_shadow_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(module, "_obstacles", lambda said: ["a reason"])
    switched(monkeypatch)
    assert errors() == []
    settings.NOVA_DRF = {"SWITCHES": "shadow"}
    assert len(errors()) == 1
    settings.NOVA_DRF = {"SWITCHES": "shadw"}
    assert errors() == []
    settings.NOVA_DRF = {}
    switched(monkeypatch, shadow=Shadow(sample=0.5))
    assert len(errors()) == 1


def test_a_project_without_urls(settings: Any) -> None:
    settings.ROOT_URLCONF = None
    assert check_shadow() == []
