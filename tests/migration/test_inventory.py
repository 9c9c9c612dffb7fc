"""The inventory lists every action of every endpoint."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from nova_drf.migration.inventory import Entry, inventory
from tests.migration.urls import urlpatterns


@pytest.fixture
def entries() -> dict[tuple[str, str], Entry]:
    return {
        (entry.view.rpartition(".")[2], entry.action): entry for entry in inventory(urlpatterns)
    }


def test_every_action_is_listed(entries: dict[tuple[str, str], Entry]) -> None:
    assert set(entries) == {
        *(("CityViewSet", name) for name in ("list", "create", "retrieve", "update", "destroy")),
        ("CityViewSet", "partial_update"),
        ("LineView", "post"),
        ("ByRequest", "get"),
        ("Plain", "get"),
    }


def test_each_action_has_its_own_serializer(entries: dict[tuple[str, str], Entry]) -> None:
    assert entries["CityViewSet", "list"].serializer.endswith(".UncheckedCity")
    assert entries["CityViewSet", "create"].serializer.endswith(".CitySerializer")
    assert entries["CityViewSet", "create"].converts == "partly"
    assert "country" in entries["CityViewSet", "create"].kept
    assert entries["LineView", "post"].converts == "wholly"
    assert entries["Plain", "get"].serializer == ""


def test_what_only_a_request_decides_is_said(entries: dict[tuple[str, str], Entry]) -> None:
    assert "get_serializer_class() needs a request" in entries["ByRequest", "get"].reason


def test_async_readiness(entries: dict[tuple[str, str], Entry]) -> None:
    assert entries["LineView", "post"].async_ready
    assert not entries["CityViewSet", "create"].async_ready


def output(*arguments: str) -> str:
    printed = io.StringIO()
    call_command("nova_inventory", *arguments, urlconf="tests.migration.urls", stdout=printed)
    return printed.getvalue()


def test_formats_say_the_same() -> None:
    listed: list[dict[str, Any]] = json.loads(output("--format", "json"))
    rows = list(csv.DictReader(io.StringIO(output("--format", "csv"))))
    assert [row["path"] for row in rows] == [entry["path"] for entry in listed]
    table = output().splitlines()
    assert table[0].split()[:3] == ["path", "method", "action"]
    assert len(table) == len(listed) + 2


def test_the_exit_code_is_fit_for_ci() -> None:
    assert output("--fail-on", "not")
    with pytest.raises(CommandError, match="does not convert wholly"):
        output("--fail-on", "partly")
