"""Differences go where the project says, and a store that fails keeps no other from it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from nova_drf.migration.proof.models import ShadowCount, ShadowDifference
from nova_drf.migration.proof.shadow.causes import Finding, Outcome, Seen
from nova_drf.migration.proof.shadow.metrics import Metrics
from nova_drf.migration.proof.shadow.options import ShadowError
from nova_drf.migration.proof.shadow.stores import stores
from nova_drf.migration.proof.shadow.summary import approval_entry, shadow_summaries

FINDING = Finding("books", "list", "GET /books/", "value", "[].price", "1", "2", "", "GET /books/")
COUNTS = {("books", "list", Outcome.EQUAL): 3, ("books", "list", Outcome.TIME): 1}

TOLD: list[tuple[Finding, int]] = []


def told(finding: Finding, times: int) -> None:
    TOLD.append((finding, times))


def test_the_log_is_written_at_first_and_then_ever_less(caplog: pytest.LogCaptureFixture) -> None:
    (log,) = stores(["log"])
    with caplog.at_level(logging.WARNING, "nova_drf.shadow"):
        for total, pending in ((1, 1), (2, 1), (9, 7), (11, 2), (12, 1), (3, 3)):
            log.store([Seen(FINDING, 0, 0, total, pending)], {})
    assert [record.args[2] for record in caplog.records if isinstance(record.args, tuple)] == [
        *(1, 11, 3)
    ]
    assert "value at [].price: 1 became 2" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("use_tz", [True, False])
def test_the_table_has_a_row_for_each_cause(settings: Any, use_tz: bool) -> None:
    settings.USE_TZ = use_tz
    (table,) = stores(["table"])
    long = replace(FINDING, where="x" * 600)
    table.store([Seen(FINDING, 10, 20, 2, 2), Seen(long, 10, 10, 1, 1)], COUNTS)
    table.store([Seen(FINDING, 10, 30, 5, 3)], COUNTS)
    row = ShadowDifference.objects.get(where="[].price")
    assert (row.times, row.cause, row.old, row.new) == (5, FINDING.cause, "1", "2")
    assert (row.last_seen - row.first_seen).seconds == 20
    assert str(row) == "GET /books/: value at [].price"
    assert ShadowDifference.objects.count() == 2
    count = ShadowCount.objects.get(outcome="equal")
    assert (count.times, str(count)) == (6, "books.list: 6 equal")
    ShadowDifference.objects.filter(where="[].price").update(approved_by="ada")
    (summary,) = shadow_summaries()
    assert (summary.switch, summary.action, summary.counts) == (
        *("books", "list"),
        {"equal": 6, "time": 2},
    )
    assert (summary.open, summary.approved, summary.compared, summary.costly) == (1, 1, 6, 2)
    assert summary.last_seen.startswith("1970-01-01T")


@pytest.mark.django_db
def test_there_is_no_summary_of_nothing() -> None:
    assert shadow_summaries() == []


def test_without_the_tables_there_is_a_remedy_and_no_summary(settings: Any) -> None:
    apps = [app for app in settings.INSTALLED_APPS if app != "nova_drf.migration.proof"]
    settings.INSTALLED_APPS = apps
    assert shadow_summaries() == []
    with pytest.raises(ShadowError, match=r"Add 'nova_drf\.migration\.proof'"):
        stores(["table"])


def test_a_function_is_told() -> None:
    TOLD.clear()
    (function,) = stores([f"{__name__}.told"])
    function.store([Seen(FINDING, 0, 0, 7, 4)], COUNTS)
    assert TOLD == [(FINDING, 4)]


@pytest.mark.parametrize("name", ["nowhere.function", f"{__name__}.FINDING", "logg"])
def test_what_is_no_store_is_told(name: str) -> None:
    with pytest.raises(ShadowError, match="is no"):
        stores([name])


def test_an_entry_approves_the_difference() -> None:
    import tomllib

    entry = approval_entry(replace(FINDING, endpoint='GET /"a"/'), "Ada \x7f", "wanted")
    assert tomllib.loads(entry) == {
        "approved": [
            {
                "endpoint": 'GET /"a"/',
                "path": "[].price",
                "kind": "value",
                "reason": "wanted",
                "approved_by": "Ada \x7f",
            }
        ]
    }
    assert "path" not in approval_entry(replace(FINDING, where=""))


class Meter:
    """Notes what OpenTelemetry would be told."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def create_counter(self, name: str, unit: str, description: str) -> Meter:
        return self

    create_histogram = create_counter

    def add(self, amount: int, attributes: dict[str, str]) -> None:
        self.told.append((amount, *attributes.values()))

    record = add


def test_metrics_are_told() -> None:
    meter = Meter()
    metrics = Metrics(meter)
    metrics.compared("books", "list", Outcome.EQUAL, 0.5)
    metrics.compared("books", "list", Outcome.DROPPED, 0)
    metrics.differs(FINDING)
    assert meter.told == [
        (1, "books", "list", "equal"),
        (0.5, "books", "list"),
        (1, "books", "list", "dropped"),
        (1, "books", "list", "value"),
    ]


def test_metrics_reach_opentelemetry() -> None:
    pytest.importorskip("opentelemetry.sdk.metrics")
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader

    reader = InMemoryMetricReader()
    metrics = Metrics(MeterProvider([reader]).get_meter("tests"))
    metrics.compared("books", "list", Outcome.EQUAL, 0.5)
    metrics.differs(FINDING)
    data = reader.get_metrics_data()
    assert data is not None
    names = {one.name for one in data.resource_metrics[0].scope_metrics[0].metrics}
    assert names == {
        f"nova_drf.shadow.{name}" for name in ("comparisons", "differences", "duration")
    }


def test_without_opentelemetry_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from nova_drf.migration.proof.shadow import metrics as module

    monkeypatch.setattr(module, "find_spec", lambda name: None)
    metrics = Metrics()
    metrics.compared("books", "list", Outcome.EQUAL, 0.5)
    metrics.differs(FINDING)
    assert not metrics._is_on
