"""``nova_replay``: the same requests to both sides, and nothing left behind."""

from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import path

from nova_drf.migration import switch
from nova_drf.migration.progress.history import project_history
from nova_drf.migration.proof.approvals import Approval, ApprovedDifferences
from nova_drf.migration.proof.cases import Case
from nova_drf.migration.proof.comparison import Exchange
from nova_drf.migration.replay.replaying import ReplayReport, replay, users_of
from nova_drf.migration.replay.switched import without_switches
from nova_drf.migration.replay.traffic import RecordedRequest
from tests.migration.replay import loud_site, site
from tests.testapp.models import Author

pytestmark = [pytest.mark.django_db, pytest.mark.urls(site.__name__)]

LOUD = loud_site.__name__
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, settings: Any) -> Path:
    """The directory of the project, and some authors."""
    settings.BASE_DIR = tmp_path
    Author.objects.create(name="Ada", email="ada@example.org")
    Author.objects.create(name="Bo", email="bo@example.org")
    return tmp_path


def get(address: str, **more: Any) -> RecordedRequest:
    return RecordedRequest("GET", address, headers=JSON, **more)


def post(address: str, body: dict[str, Any], **more: Any) -> RecordedRequest:
    headers = {**JSON, "Content-Type": "application/json"}
    return RecordedRequest("POST", address, (), headers, json.dumps(body).encode(), **more)


def run(project: Path, requests: list[RecordedRequest], *arguments: str) -> tuple[str, int]:
    """Return what the command prints, and its exit code."""
    file = project / "traffic.jsonl"
    file.write_text("".join(request.as_line() for request in requests))
    out = StringIO()
    try:
        call_command("nova_replay", str(file), *arguments, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}", error.returncode
    return out.getvalue(), 0


def both_sides(new: str) -> tuple[str, ...]:
    return "--old", site.__name__, "--new", new


# Both sides of all switches


def test_nothing_differs_where_nothing_does(project: Path) -> None:
    ada = User.objects.create_user("ada")
    key = Author.objects.first().pk
    requests = [
        get("/api/authors/"),
        get(f"/api/authors/{key}/"),
        get("/api/authors/999999/"),
        get("/api/authors/count/", user=str(ada.pk)),
        get("/echo/word/", query=(("a", "1"), ("a", "2"))),
        post("/api/authors/", {"name": "C", "email": "c@example.org"}, user=str(ada.pk)),
        post("/api/authors/", {"name": "", "email": "no"}, user=str(ada.pk)),
        post("/api/authors/", {"name": "C"}),
        RecordedRequest("DELETE", f"/api/authors/{key}/", user=str(ada.pk)),
        RecordedRequest("HEAD", "/api/authors/count/"),
        RecordedRequest("OPTIONS", "/api/authors/"),
    ]
    printed, code = run(project, requests)
    assert code == 0, printed
    assert "11 requests, 0 differences, 0 approved" in printed
    assert "POST /api/authors/" in printed
    # Whatever was written is gone.
    assert Author.objects.count() == 2


def test_the_sides_of_switches_answer_by_their_own_code() -> None:
    sides = without_switches(site.urlpatterns)
    assert sides is not None
    old, new = (
        {pattern.callback.cls.__bases__[0] for pattern in side.urlpatterns[0].url_patterns}
        for side in sides
    )
    # The route of ``count``, which the new class does not have, is the old one's.
    assert site.NewAuthors in new
    assert site.NewAuthors not in old
    assert len(new) == 2
    assert without_switches([path("echo/", site.Echo.as_view())]) is None


class PartOfAuthors(site.viewsets.ReadOnlyModelViewSet[Author]):
    queryset = Author.objects.order_by("id")
    serializer_class = site.LoudSerializer


def test_what_the_new_class_lacks_the_old_one_answers(client: Client, settings: Any) -> None:
    sides = without_switches(site.site(switch(old=site.Authors, new=PartOfAuthors)))
    assert sides is not None
    settings.ROOT_URLCONF = sides[1]
    assert client.get("/api/authors/").json()[0]["name"] == "ADA"
    assert client.head("/api/authors/").status_code == 200
    # Django's client is not allowed to write here; the old code says so.
    assert client.post("/api/authors/", {}).status_code == 403
    settings.ROOT_URLCONF = sides[0]
    assert client.get("/api/authors/").json()[0]["name"] == "Ada"


# Two URL configurations


def test_a_difference_is_told_once_with_a_test(project: Path) -> None:
    requests = [get("/api/authors/")] * 3 + [get("/echo/a/")]
    printed, code = run(project, requests, *both_sides(LOUD))
    assert code == 1
    assert printed.count("GET /api/authors/: value at [].name: 'Ada' became 'ADA'") == 1
    assert "assert response.json()[0]['name'] == 'Ada'" in printed
    assert "4 requests, 1 difference, 0 approved" in printed


def test_each_request_has_a_user_who_was_just_read(project: Path) -> None:
    """What one answer has looked up on the user, the next one looks up again."""
    ada = User.objects.create_user("ada")
    requests = [get("/rights/", user=str(ada.pk))] * 3
    printed, code = run(project, requests, *both_sides(site.__name__))
    assert code == 0, printed


def test_the_test_to_paste_finds_the_user(project: Path) -> None:
    ada = User.objects.create_user("ada")
    requests = [get("/api/authors/", user=str(ada.pk))]
    for options, lookup in (
        ((), f"objects.get(pk='{ada.pk}')"),
        (("--user", "ada"), "objects.get_by_natural_key('ada')"),
    ):
        printed, _code = run(project, requests, *both_sides(LOUD), *options)
        assert f"user = get_user_model().{lookup}" in printed


def test_what_is_approved_is_no_difference(project: Path) -> None:
    (project / "approved_differences.toml").write_text(
        '[[approved]]\nendpoint = "GET /api/authors/"\npath = "[].name"\nkind = "value"\n'
        'reason = "Loud."\napproved_by = "Ada"\n'
    )
    printed, code = run(project, [get("/api/authors/")], *both_sides(LOUD))
    assert (code, "0 differences, 1 approved" in printed) == (0, True)


def test_the_history_is_told_without_values(project: Path) -> None:
    project_history().file.touch()
    run(project, [get("/api/authors/"), get("/echo/secret/")], *both_sides(LOUD))
    event = project_history().events()[0]
    told = event.data["endpoints"]
    assert told["GET /api/authors/"]["differences"] == [{"kind": "value", "path": "[].name"}]
    assert told["GET /echo/<word>/"]["differences"] == []
    assert told["GET /echo/<word>/"]["old_ms"] > 0
    assert event.data["command"].endswith(f"--old {site.__name__} --new {LOUD}")
    assert "secret" not in project_history().file.read_text()
    assert "Ada" not in project_history().file.read_text()


def test_a_history_that_cannot_be_written_is_a_note(project: Path, capsys: Any) -> None:
    project_history().file.mkdir()
    assert run(project, [get("/echo/")])[1] == 0
    assert "cannot be written" in capsys.readouterr().err


def test_json_has_it_all(project: Path) -> None:
    requests = [get("/api/authors/"), get("/nowhere/"), get("/broken/")]
    printed, code = run(project, requests, *both_sides(LOUD), "--format", "json")
    told = json.loads(printed[: printed.rindex("}") + 1])
    assert code == 1
    assert told["requests"] == 1
    assert told["findings"][0]["old"] == "Ada"
    assert sum(told["skipped"].values()) == 2
    assert told["notes"] == ["GET /broken/: the old code raises RuntimeError."]


# What is not compared


def test_what_is_left_out_is_counted(project: Path) -> None:
    requests = [
        get("/echo/"),
        get("/page/"),
        get("/nowhere/"),
        get("/echo/", user="987654"),
        get("/echo/", user="no number"),
        get("/broken/"),
    ]
    printed, code = run(project, requests)
    assert code == 0
    assert "Not compared: 2 requests, because no endpoint of DRF's has the path." in printed
    assert "Not compared: 2 requests, because the user is not in this database." in printed
    assert "Not compared: 1 request, because the old code raised an exception" in printed
    assert "Note: GET /broken/: the old code raises RuntimeError." in printed


def test_nothing_compared_is_no_proof(project: Path) -> None:
    for requests in ([get("/nowhere/")], [get("/broken/")]):
        printed, code = run(project, requests)
        assert (code, "Nothing could be compared." in printed) == (2, True)


def test_one_user_may_ask_everything(project: Path) -> None:
    User.objects.create_user("ada")
    request = post("/api/authors/", {"name": "C", "email": "c@example.org"}, user="987654")
    printed, code = run(project, [request], "--user", "ada")
    assert (code, "1 request, 0 differences" in printed) == (0, True)
    printed, code = run(project, [request], "--user", "nobody")
    assert (code, "There is no user 'nobody'." in printed) == (2, True)


def test_users_are_looked_up_by_their_keys() -> None:
    ada = User.objects.create_user("ada")
    found = users_of([get("/", user=str(ada.pk)), get("/", user="x"), get("/")])
    assert found == {"": None, str(ada.pk): ada}


def test_no_more_than_the_limit_is_sent(project: Path) -> None:
    printed, _code = run(project, [get("/echo/")] * 5, "--limit", "2")
    assert "2 requests" in printed


def test_unreadable_lines_are_told(project: Path) -> None:
    file = project / "traffic.jsonl"
    file.write_text(get("/echo/").as_line() + "{")
    out = StringIO()
    call_command("nova_replay", str(file), stdout=out)
    assert "Not compared: 1 request, because they cannot be read." in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--old", "a.b"), "Write both sides"),
        (("--concurrency", "0"), "1 or more"),
        (("--old", "nowhere.urls", "--new", LOUD), "no URL configuration"),
        (("--old", LOUD, "--new", "nowhere.urls"), "no URL configuration"),
        (("--old", LOUD, "--new", "http://127.0.0.1:1"), "not one of each"),
        (("--approved", "nowhere.toml"), "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], said: str, project: Path) -> None:
    printed, code = run(project, [get("/echo/")], *arguments)
    assert (code, said in printed) == (2, True)


@pytest.mark.urls(LOUD)
def test_without_a_switch_the_sides_have_to_be_named(project: Path) -> None:
    printed, code = run(project, [get("/echo/")])
    assert (code, "There is no switch" in printed) == (2, True)


# How requests are sent


class FakeSide:
    """Notes what it is asked."""

    def __init__(self, body: bytes = b"") -> None:
        self.asked: list[str] = []
        self.body = body

    def answer(self, case: Case) -> Exchange:
        self.asked.append(case.path)
        return Exchange(200, {}, self.body, seconds=1.0)


def test_both_sides_go_first_in_turn() -> None:
    order: list[str] = []

    class Named(FakeSide):
        def answer(self, case: Case) -> Exchange:
            order.append(self.body.decode())
            return Exchange(200)

    case = Case("GET /", "GET", "/")
    replay((Named(b"old"), Named(b"new")), [case] * 2, ReplayReport())
    assert order == ["new", "old", "old", "new"]


def test_many_requests_are_under_way_at_once_and_told_in_order() -> None:
    both = Event()
    lock = Lock()
    waiting: Counter[str] = Counter()

    class Slow(FakeSide):
        def answer(self, case: Case) -> Exchange:
            with lock:
                waiting["now"] += 1
                if waiting["now"] == 2:
                    both.set()
            # Two of them have to be here at once, or this would never go on.
            assert both.wait(30)
            return super().answer(case)

    sent = [Case(f"GET /{number}/", "GET", f"/{number}/") for number in range(40)]
    told: list[str] = []
    report = replay(
        (Slow(b"1"), Slow(b"1")),
        sent,
        ReplayReport(),
        workers=2,
        progress=lambda name, done, total: told.append(name),
    )
    assert told == [case.endpoint for case in sent]
    assert list(report.endpoints) == told
    assert report.requests == 40
    assert report.endpoints["GET /0/"].medians == (1000.0, 1000.0)


def test_what_differs_from_itself_is_no_difference() -> None:
    class Clock(FakeSide):
        def answer(self, case: Case) -> Exchange:
            super().answer(case)
            at = f'{{"at": "2026-01-01T10:00:{len(self.asked):02}Z"}}'
            return Exchange(200, {"Content-Type": "application/json"}, at.encode())

    old, new = Clock(), Clock()
    new.asked = ["x"] * 7
    report = replay((old, new), [Case("GET /", "GET", "/")], ReplayReport())
    assert report.ok
    assert len(old.asked) == 2


def test_an_approval_covers_all_requests_of_an_endpoint() -> None:
    approved = ApprovedDifferences([Approval("GET /*", "status", "It is so.", "Ada")])
    sides = FakeSide(b"a"), FakeSide(b"b")
    sent = [Case("GET /1/", "GET", "/1/")] * 2
    report = replay(sides, sent, ReplayReport(), approved=approved)
    assert (report.ok, report.approved, report.requests) == (False, 0, 2)
    found = report.findings[0].difference
    approval = Approval("GET /*", found.kind.value, "It is so.", "Ada", found.where)
    approved = ApprovedDifferences([approval])
    report = replay(sides, sent, ReplayReport(), approved=approved)
    assert (report.ok, report.approved, report.requests) == (True, 1, 2)
