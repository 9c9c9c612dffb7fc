"""``nova_report``: stages, proofs, differences, speed, the burn-up, and what to do next."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from nova_drf.migration.progress import report as report_module
from nova_drf.migration.progress.advice import next_step
from nova_drf.migration.progress.burnup import HEIGHT, Count, chart
from nova_drf.migration.progress.history import project_history
from nova_drf.migration.progress.pages import as_html
from nova_drf.migration.progress.report import Line, ProgressReport, progress_report
from nova_drf.migration.proof.models import ShadowCount
from tests.migration.progress import site
from tests.migration.progress.conftest import BEGAN, Write

pytestmark = pytest.mark.django_db

HERE = site.__name__
HOSTILE = "</script><script>alert('&')</script>"


def verified(old: str, new: str, *endpoints: str, **more: Any) -> dict[str, Any]:
    said = {"event": "verified", "old": f"{HERE}.{old}", "new": f"{HERE}.{new}"}
    return {**said, "endpoints": list(endpoints), "cases": 7, "findings": [], "stale": [], **more}


def finding(endpoint: str, kind: str = "value", path: str = "name") -> dict[str, str]:
    return {"endpoint": endpoint, "kind": kind, "path": path}


def replayed(**endpoints: Any) -> dict[str, Any]:
    command = "manage.py nova_replay traffic.jsonl"
    told = {"event": "replayed", "old": "old.urls", "new": "new.urls", "command": command}
    return {**told, **endpoints}


def report(project: Path) -> ProgressReport:
    return progress_report(site.urlpatterns, record=False, tests=project)


def lines(project: Path) -> dict[str, Line]:
    return {line.standing.endpoint: line for line in report(project).lines}


# Proofs and steps


def test_what_was_never_compared_has_no_proof(project: Path) -> None:
    found = lines(project)
    assert {line.proof for line in found.values()} == {None}
    steps = {name: (line.step.text, line.step.command) for name, line in found.items()}
    verify = f"manage.py nova_verify {HERE}.Authors {HERE}.NewAuthors"
    assert steps["GET /switched/"] == ("Prove it: it answers already", verify)
    assert steps["GET /switched/<pk>/"] == ("Prove it before it answers", verify)
    assert steps["GET /schema/"][1] == f"manage.py nova_convert {HERE}.NewAuthor --verify"
    assert steps["GET /classic/"] == (
        "Convert its serializer: it converts wholly",
        f"manage.py nova_migrate {HERE}.ClassicList --dry-run",
    )
    assert steps["GET /backed/"] == (
        "Backed: give it a schema, it converts wholly",
        f"manage.py nova_migrate {HERE}.BackedList --dry-run",
    )
    assert steps["GET /plain/"][1] == ""
    assert "needs a request" in steps["GET /odd/<kind>/"][0]
    assert "if there was one" in steps["POST /census/count/"][0]


def test_a_verification_is_the_proof_of_what_it_compared(project: Path, write: Write) -> None:
    write(verified("Authors", "NewAuthors", "GET /switched/{id}/", "GET /switched/"))
    found = lines(project)
    proof = found["GET /switched/<pk>/"].proof
    assert proof is not None
    assert (proof.ok, proof.how, proof.cases, proof.is_current) == (True, "endpoint", 7, False)
    assert found["PUT /switched/<pk>/"].proof is None
    step = found["GET /switched/<pk>/"].step
    assert step.command == "manage.py nova_switch 'authors & <co>' new --action retrieve"
    assert found["GET /switched/"].step.text.startswith("Take the switch out")


def test_the_last_comparison_counts(project: Path, write: Write) -> None:
    name = "GET /switched/<pk>/"
    differs = verified("Authors", "NewAuthors", name, findings=[finding(name)])
    same = verified("Authors", "NewAuthors", name)
    write(same, differs)
    line = lines(project)[name]
    assert line.proof is not None
    assert not line.proof.ok
    assert line.step.text == "Mend or approve 1 difference"
    assert line.step.command == f"manage.py nova_verify {HERE}.Authors {HERE}.NewAuthors"
    write(differs, same)
    line = lines(project)[name]
    assert line.proof is not None
    assert line.proof.ok
    assert report(project).differences == []


def test_an_approval_that_no_longer_occurs_is_no_proof(project: Path, write: Write) -> None:
    name = "GET /switched/<pk>/"
    write(verified("Authors", "NewAuthors", name, stale=["an entry"]))
    line = lines(project)[name]
    assert line.proof is not None
    assert not line.proof.ok
    assert line.step.text == "Prove it before it answers"


def test_a_view_that_had_no_route_was_proved_all_the_same(project: Path, write: Write) -> None:
    write(verified("ClassicList", "SchemaList", "GET /verified/"))
    assert lines(project)["GET /schema/"].proof is not None


def test_a_serializers_proof_is_one_where_there_is_no_switch(project: Path, write: Write) -> None:
    old = f"{HERE}.OldAuthor"
    write(verified("OldAuthor", "NewAuthor", old, cases=0))
    found = lines(project)
    assert found["GET /schema/"].step.text.startswith("Moved and proved")
    proof = found["GET /switched/<pk>/"].proof
    assert proof is not None
    assert proof.how == "serializer"
    assert found["GET /switched/<pk>/"].step.text == "Prove it before it answers"
    write(verified("OldAuthor", "NewAuthor", old, findings=[finding(old)]))
    found = lines(project)
    assert found["GET /schema/"].step.text == "Mend or approve 1 difference"
    assert found["GET /classic/"].differences == []


def test_the_endpoint_proves_more_than_its_serializer(project: Path, write: Write) -> None:
    write(
        verified("ClassicList", "SchemaList", "GET /schema/"),
        verified("OldAuthor", "NewAuthor", f"{HERE}.OldAuthor"),
    )
    proof = lines(project)["GET /schema/"].proof
    assert proof is not None
    assert proof.how == "endpoint"


def test_a_replay_is_a_proof_and_a_measurement(project: Path, write: Write) -> None:
    told = {
        "GET /schema/": {"requests": 9, "differences": [], "old_ms": 8.0, "new_ms": 2.0},
        "GET /classic/": {"requests": 1, "differences": [{"kind": "status", "path": ""}]},
    }
    write(replayed(endpoints=told))
    found = report(project)
    by_name = {line.standing.endpoint: line for line in found.lines}
    proof = by_name["GET /schema/"].proof
    assert proof is not None
    assert (proof.how, proof.ok, proof.cases) == ("replay", True, 9)
    assert by_name["GET /classic/"].step.command == "manage.py nova_replay traffic.jsonl"
    assert [(one.endpoint, one.ratio) for one in found.speeds] == [("GET /schema/", 4.0)]


@pytest.mark.parametrize(
    "event",
    [
        {"event": "verified"},
        {"event": "verified", "old": 1, "new": [], "endpoints": [None, 3], "findings": [2, {}]},
        {"event": "replayed", "endpoints": [1]},
        {"event": "replayed", "endpoints": {"GET /schema/": 4, "GET /classic/": {}}},
        {"event": "replayed", "endpoints": {"GET /schema/": {"old_ms": "x", "requests": "y"}}},
        {"event": "counted", "total": "many"},
        {"event": "unknown"},
    ],
)
def test_a_history_that_was_edited_does_no_harm(
    event: dict[str, Any], project: Path, write: Write
) -> None:
    write(event)
    found = report(project)
    assert found.speeds == []
    assert len(found.lines) == 14
    assert "<title>" in as_html(found)


def test_a_measurement_of_nothing_is_no_ratio(project: Path, write: Write) -> None:
    write(replayed(endpoints={"GET /x/": {"requests": 1, "old_ms": 1, "new_ms": 0}}))
    assert report(project).speeds[0].ratio == 0


def test_what_a_shadow_saw_is_told(project: Path) -> None:
    for outcome, times in (("equal", 7), ("different", 2)):
        ShadowCount.objects.create(
            switch="authors & <co>", action="create", outcome=outcome, times=times
        )
    line = lines(project)["POST /switched/"]
    assert line.shadow is not None
    assert (line.shadow.compared, line.shadow.open) == (9, 0)
    assert "shadow: 9 compared, 0 open" in as_html(report(project))
    step = next_step(line.standing, None, [], seen_by_shadow=2)
    assert step.text.startswith("Mend or approve what its shadow saw")


def test_tables_of_shadows_that_are_not_there_are_no_obstacle(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise DatabaseError("no such table")

    monkeypatch.setattr(report_module, "shadow_summaries", fail)
    assert {line.shadow for line in report(project).lines} == {None}


def test_what_does_not_convert_says_why(project: Path) -> None:
    standing = lines(project)["GET /classic/"].standing
    entry = replace(standing.entry, converts="not", reason="it is a list")
    step = next_step(replace(standing, entry=entry), None, [])
    assert (step.text, step.command) == ("Does not convert: it is a list", "")


# The counts and the burn-up


def test_each_report_writes_the_counts_where_they_are_new(project: Path) -> None:
    first = progress_report(site.urlpatterns, tests=project)
    assert (first.whole.total, first.whole.moved, first.whole.proved) == (14, 4, 0)
    second = progress_report(site.urlpatterns, tests=project)
    assert len(project_history().events()) == 1
    assert len(second.counts) == 2


def test_the_counts_of_yesterday_are_written_once_more(project: Path, write: Write) -> None:
    write({"event": "counted", "total": 14, "moved": 4, "proved": 0})
    progress_report(site.urlpatterns, tests=project)
    assert len(project_history().events()) == 2


def test_the_burn_up_goes_up_in_steps() -> None:
    assert chart([Count(BEGAN, 1, 0, 0)]) is None
    later = BEGAN.replace(year=2027)
    drawn = chart([Count(BEGAN, 8, 0, 0), Count(later, 8, 4, 0)])
    assert drawn is not None
    assert drawn.lines == {
        "total": "44.0,14.0 708.0,14.0",
        "moved": "44.0,210.0 708.0,210.0 708.0,112.0",
        "proved": "44.0,210.0 708.0,210.0",
    }
    assert [mark.text for mark in drawn.levels] == ["0", "2", "4", "6", "8"]
    assert [mark.text for mark in drawn.days] == ["2026-01-01", "2027-01-01"]


@pytest.mark.parametrize("most", [0, 1, 3, 4, 5, 7, 99, 1001])
def test_the_burn_up_holds_all_numbers(most: int) -> None:
    drawn = chart([Count(BEGAN, most, 0, 0), Count(BEGAN, most, most, most)])
    assert drawn is not None
    assert all(0 < mark.place < HEIGHT for mark in drawn.levels)
    assert int(drawn.levels[-1].text) >= most
    assert all(y >= drawn.levels[-1].place for _x, y in drawn.ends.values())


# The page


class Page(HTMLParser):
    """Notes the elements of a page, their attributes and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def full_history(write: Write) -> None:
    name = "POST /switched/"
    write(
        {"event": "counted", "total": 14, "moved": 1, "proved": 0},
        {"event": "counted", "total": 14, "moved": 3, "proved": 1},
        verified(
            *("Authors", "NewAuthors", name, "GET /switched/", "PUT /switched/<pk>/"),
            findings=[finding(name, HOSTILE, HOSTILE)],
            revision=HOSTILE,
            narrowed=[HOSTILE],
        ),
        replayed(
            endpoints={
                f"GET /{HOSTILE}/": {
                    "requests": 5,
                    "differences": [{"kind": HOSTILE, "path": HOSTILE}],
                    "old_ms": 10.0,
                    "new_ms": 2.5,
                }
            },
            command=HOSTILE,
        ),
    )


def test_the_page_needs_nothing_else_and_escapes_all(project: Path, write: Write) -> None:
    full_history(write)
    text = as_html(report(project), HOSTILE)
    page = Page(text)
    assert "script" not in page.tags
    assert page.links == ["data:,"]
    assert HOSTILE not in text
    assert page.text.count(HOSTILE) >= 8
    assert "authors & <co>" in page.text
    assert "4.00\N{MULTIPLICATION SIGN}" in page.text
    assert page.tags.count("polyline") == 3


def test_the_page_says_what_is_not_there(project: Path, write: Write) -> None:
    file = write({"event": "counted"}).file
    file.write_text(f"{file.read_text()}nonsense\n")
    text = Page(as_html(report(project))).text
    assert "drawn from the second report on" in text
    assert "Nothing was measured." in text
    assert "None is known." in text
    assert "cannot be read: 1." in text


def test_a_project_without_endpoints_has_a_report(project: Path) -> None:
    empty = progress_report([], record=False, tests=project)
    assert "There are no endpoints." in as_html(empty)
    assert empty.as_json()["total"] == 0


# The command


def run(project: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("nova_report", "--urlconf", HERE, "--tests", str(project), *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_a_table_and_the_next_steps(project: Path, write: Write) -> None:
    full_history(write)
    printed = run(project)
    assert "GET /schema/" in printed
    assert "4 of 14 actions moved, 2 proved, 2 open differences" in printed
    assert "10.0 ms became 2.5 ms (4.00 times as fast)" in printed
    assert f"Mend or approve 1 difference (1): manage.py nova_verify {HERE}.Authors" in printed
    assert len(project_history().events()) == 5


def test_the_command_notes_what_it_cannot_read(project: Path) -> None:
    project_history().file.write_text("nonsense\n")
    assert "Note: Lines of nova_history.jsonl that cannot be read: 1." in run(project)


def test_the_command_writes_json(project: Path, write: Write) -> None:
    full_history(write)
    told = json.loads(run(project, "--format", "json", "--no-record"))
    assert len(project_history().events()) == 4
    app = told["apps"][0]
    assert (app["name"], app["total"], app["stages"]["schema"]) == ("tests", 14, 7)
    by_name = {f"{one['method']} {one['path']}": one for one in app["endpoints"]}
    assert by_name["POST /switched/"]["proof"]["ok"] is False
    assert by_name["GET /plain/"]["proof"] is None
    assert told["speeds"][0]["ratio"] == 4
    assert len(told["history"]) == 3


def test_the_command_writes_files(project: Path) -> None:
    page = project / "report.html"
    assert run(project, "--format", "html", "--output", str(page)) == f"Written to {page}.\n"
    assert "<title>tests: migration report</title>" in page.read_text("utf-8")
    assert "<title>Shop: migration report</title>" in run(
        project, "--format", "html", "--title", "Shop"
    )


def test_the_command_says_what_is_wrong(project: Path) -> None:
    for arguments, said in [
        (["--output", "x.txt"], "--format html"),
        (["--format", "html", "--output", str(project)], "directory"),
        (["--urlconf", "nowhere.urls"], "no URL configuration"),
    ]:
        with pytest.raises(CommandError, match=said) as caught:
            run(project, *arguments)
        assert caught.value.returncode == 2
    project_history().file.unlink()
    project_history().file.mkdir()
    with pytest.raises(CommandError, match="cannot be read"):
        run(project)


# What other commands record


def test_nova_verify_tells_the_history(project: Path) -> None:
    names = [f"{HERE}.ClassicList", f"{HERE}.SchemaList"]
    options = ["--method", "get", "--examples", "1", "--user", "anonymous"]
    call_command("nova_verify", *names, *options, stdout=StringIO())
    assert not project_history().is_kept
    project_history().file.touch()
    call_command("nova_verify", *names, *options, stdout=StringIO())
    event = project_history().events()[0]
    assert event.kind == "verified"
    assert event.data["endpoints"] == ["GET /verified/"]
    assert event.data["narrowed"] == ["--user"]
    assert event.data["findings"] == []
    proof = lines(project)["GET /schema/"].proof
    assert proof is not None
    assert proof.narrowed == ("--user",)


def test_what_ended_early_proves_nothing_more(project: Path) -> None:
    project_history().file.touch()
    names = [f"{HERE}.ClassicList", f"{HERE}.Plain"]
    options = ["--method", "get", "--method", "head", "--examples", "1", "--fail-fast"]
    with pytest.raises(CommandError):
        call_command("nova_verify", *names, *options, stdout=StringIO())
    event = project_history().events()[0]
    assert len(event.data["endpoints"]) == 1
    assert event.data["findings"][0].keys() == {"endpoint", "kind", "path"}


def test_a_history_that_cannot_be_written_is_a_note(project: Path) -> None:
    project_history().file.mkdir()
    names = [f"{HERE}.ClassicList", f"{HERE}.SchemaList"]
    error = StringIO()
    call_command(
        "nova_verify", *names, "--method", "get", "--examples", "1", stdout=StringIO(), stderr=error
    )
    assert "cannot be written" in error.getvalue()
