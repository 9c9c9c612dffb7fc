"""Requests that several processes answer at once: the same report, and nothing left behind."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from nova_drf.migration.proof.cases import Case
from nova_drf.migration.proof.comparison import Exchange
from nova_drf.migration.replay import processes
from nova_drf.migration.replay.processes import (
    ReplayError,
    replay_in_processes,
    why_not_at_once,
)
from nova_drf.migration.replay.replaying import ReplayReport
from tests.migration.replay import site
from tests.migration.replay.test_replaying import LOUD, both_sides, get, post, run
from tests.testapp.models import Author

pytestmark = [
    pytest.mark.usefixtures("transactional_db"),
    pytest.mark.urls(site.__name__),
    # The threads of the test runner have no part in what is copied.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded"),
]

PARENT = os.getpid()
WAIT = 30


@pytest.fixture
def transactional_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database in which all is committed; only what these tests write is taken out again."""
    with django_db_blocker.unblock():
        yield
        Author.objects.all().delete()
        User.objects.all().delete()


class Side:
    """Answers with a text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def answer(self, case: Case) -> Exchange:
        return Exchange(200, {}, f"{self.text} {case.path}".encode(), seconds=1.0)


def cases(number: int) -> list[Case]:
    return [Case(f"GET /{at}/", "GET", f"/{at}/") for at in range(number)]


def test_several_requests_are_under_way_and_told_in_order() -> None:
    both = multiprocessing.get_context("fork").Barrier(2)

    class Waiting(Side):
        def answer(self, case: Case) -> Exchange:
            # Two processes have to be here at once, or this would never go on.
            both.wait(WAIT)
            return super().answer(case)

    told: list[str] = []
    report = replay_in_processes(
        (Waiting("a"), Side("a")),
        cases(12),
        ReplayReport(),
        processes=2,
        progress=lambda name, done, total: told.append(name),
    )
    assert told == list(report.endpoints) == [case.endpoint for case in cases(12)]
    assert (report.requests, report.findings) == (12, [])
    assert report.endpoints["GET /0/"].medians == (1000.0, 1000.0)


def test_what_differs_only_at_once_is_no_difference() -> None:
    class Hasty(Side):
        def answer(self, case: Case) -> Exchange:
            if os.getpid() != PARENT:
                return Exchange(0, crash="OperationalError: deadlock detected")
            return super().answer(case)

    for sides in ((Side("a"), Hasty("a")), (Hasty("a"), Side("a"))):
        report = replay_in_processes(sides, cases(3), ReplayReport(), processes=2)
        assert (report.requests, report.findings, report.skipped) == (3, [], {})
    report = replay_in_processes((Side("a"), Side("b")), cases(3), ReplayReport(), processes=2)
    assert [finding.endpoint for finding in report.findings] == ["GET /0/", "GET /1/", "GET /2/"]


def test_a_process_that_ends_is_told() -> None:
    class Ending(Side):
        def answer(self, case: Case) -> Exchange:
            os._exit(1)

    with pytest.raises(ReplayError, match="Write --concurrency 1"):
        replay_in_processes((Ending("a"), Side("a")), cases(3), ReplayReport(), processes=2)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="no other process sees it in memory")
def test_the_command_leaves_nothing_behind(tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    ada = Author.objects.create(name="Ada", email="ada@example.org")
    user = str(User.objects.create_user("ada").pk)
    body = {"name": "Bo", "email": "bo@example.org"}
    requests = [post("/echo/", {"number": number}) for number in range(10)]
    requests += [get("/api/authors/"), get(f"/api/authors/{ada.pk}/")] * 5
    requests += [post("/api/authors/", body, user=user)] * 3
    printed, code = run(tmp_path, requests, "--concurrency", "3")
    assert (code, "one after the other" in printed) == (0, False), printed
    assert "23 requests, 0 differences" in printed
    printed, code = run(tmp_path, requests, *both_sides(LOUD), "--concurrency", "3")
    assert code == 1
    assert "ADA" in printed
    assert list(Author.objects.values_list("name", flat=True)) == ["Ada"]


def test_what_cannot_be_copied_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory = connection.vendor == "sqlite"
    assert ("is in the memory of this process" in why_not_at_once()) is in_memory
    with transaction.atomic():
        assert "has not committed" in why_not_at_once()
    monkeypatch.delattr(processes.os, "fork")
    assert why_not_at_once() == "this system does not copy processes"


def test_the_command_says_why_it_goes_one_after_the_other(tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    with transaction.atomic():
        printed, code = run(tmp_path, [get("/api/authors/")], "--concurrency", "2")
    assert code == 0
    assert "Note: The requests were sent one after the other: what a transaction" in printed
