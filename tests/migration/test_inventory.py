"""The inventory lists every action of every endpoint."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import path

from nova_drf import schema_from_serializer, serializer_from_schema
from nova_drf.management import tables
from nova_drf.migration.endpoints import Endpoint
from nova_drf.migration.inventory import Entry, inventory, project_directory
from tests.convertapp.serializers import Line
from tests.migration.urls import LineView, urlpatterns

NO_TESTS = Path(__file__).with_name("styles")
"""A directory without tests; to read all of ours takes seconds."""


@pytest.fixture(scope="module")
def entries() -> dict[tuple[str, str], Entry]:
    return {
        (entry.view.rpartition(".")[2], entry.action): entry
        for entry in inventory(urlpatterns, tests=NO_TESTS)
    }


def test_every_action_is_listed(entries: dict[tuple[str, str], Entry]) -> None:
    assert set(entries) == {
        *(("CityViewSet", name) for name in ("list", "create", "retrieve", "update", "destroy")),
        ("CityViewSet", "partial_update"),
        ("LineView", "post"),
        ("ByRequest", "get"),
        ("ByClient", "get"),
        ("Plain", "get"),
        ("AsyncAnswer", "get"),
    }


def test_each_action_has_its_own_serializer(entries: dict[tuple[str, str], Entry]) -> None:
    assert entries["CityViewSet", "list"].serializer.endswith(".UncheckedCity")
    assert entries["CityViewSet", "create"].serializer.endswith(".CitySerializer")
    assert entries["CityViewSet", "create"].converts == "partly"
    assert "country" in entries["CityViewSet", "create"].kept
    assert entries["LineView", "post"].converts == "wholly"
    assert entries["Plain", "get"].serializer == ""


def test_a_view_is_asked_with_a_request(entries: dict[tuple[str, str], Entry]) -> None:
    chosen = entries["ByRequest", "get"]
    assert (chosen.serializer, chosen.reason) == ("tests.convertapp.serializers.Line", "")


def test_what_only_a_client_decides_is_said(entries: dict[tuple[str, str], Entry]) -> None:
    assert "get_serializer_class() needs a request" in entries["ByClient", "get"].reason


def test_async_readiness(entries: dict[tuple[str, str], Entry]) -> None:
    assert entries["LineView", "post"].async_ready
    assert entries["CityViewSet", "list"].async_ready
    assert not entries["CityViewSet", "create"].async_ready
    assert entries["CityViewSet", "create"].blocks == ("CityViewSet.perform_create",)
    assert entries["Plain", "get"].blocks == ("Plain.get",)
    assert entries["AsyncAnswer", "get"].async_ready


TESTS = """
def test_cities(client):
    assert client.get("/api/cities/").status_code == 200
    assert client.post(f"/api/cities/{key}/?x=1").status_code == 405
    assert client.get("/nowhere/")

def test_lines(client):
    client.post(reverse("api:line"))
"""

PARITY = """
from shop.serializers import UncheckedCity
from shop import views

assert_parity(UncheckedCity, views.Plain)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with tests; not all that lies around is its own."""
    for name, text in {
        "shop/tests/test_api.py": TESTS,
        "shop/tests/helpers.py": "ByRequest",
        "parity_test.py": PARITY,
        "test_broken.py": "def (",
        "shop/models.py": "CityViewSet",
        "venv/pyvenv.cfg": "",
        "venv/lib/test_x.py": "CityViewSet",
        ".tox/test_x.py": "CityViewSet",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_how_each_action_is_tested(project: Path, caplog: pytest.LogCaptureFixture) -> None:
    tested = {
        (entry.view.rpartition(".")[2], entry.action): entry.tested
        for entry in inventory(urlpatterns, tests=project)
    }
    assert tested["CityViewSet", "list"] == (
        "by URL in shop/tests/test_api.py",
        "parity of serializer in parity_test.py",
    )
    assert tested["CityViewSet", "create"] == ("by URL in shop/tests/test_api.py",)
    assert tested["CityViewSet", "destroy"] == ()
    assert tested["LineView", "post"] == ("by URL in shop/tests/test_api.py",)
    assert tested["ByRequest", "get"] == ("view in shop/tests/helpers.py",)
    assert tested["Plain", "get"] == ("view in parity_test.py",)
    assert "test_broken.py cannot be read" in caplog.text


def test_serializers_that_no_endpoint_names_come_last() -> None:
    # One that was converted at run time has the same name, and no field of it stays DRF's.
    converted = serializer_from_schema(schema_from_serializer(Line))
    assert converted._declared_fields.keys() == {"product", "count"}
    entries = inventory(tests=NO_TESTS)
    others = {entry.serializer: entry for entry in entries if not entry.path}
    assert not entries[-1].path
    line = others["tests.convertapp.serializers.Line"]
    assert line.converts == "wholly", line
    assert not any(name.startswith(("rest_framework.", "nova_drf.")) for name in others)
    assert not any("<locals>" in name for name in others)
    abstract = others["tests.convertapp.serializers.ProjectBase"]
    assert abstract.converts == "not"
    assert "fields cannot be made" in abstract.reason


class Terminal(io.StringIO):
    """Looks like a terminal."""

    def isatty(self) -> bool:
        return True


def run(*arguments: str, stdout: Any = None, stderr: Any = None) -> str:
    printed = io.StringIO() if stdout is None else stdout
    given = ("--tests", str(NO_TESTS), *arguments)
    call_command(
        "nova_inventory", *given, urlconf="tests.migration.urls", stdout=printed, stderr=stderr
    )
    return str(printed.getvalue())


def test_formats_say_the_same() -> None:
    listed: list[dict[str, Any]] = json.loads(run("--format", "json"))
    rows = list(csv.DictReader(io.StringIO(run("--format", "csv"))))
    assert [row["path"] for row in rows] == [entry["path"] for entry in listed]
    assert {row["async_ready"] for row in rows} == {"yes", "no"}
    table = run().splitlines()
    assert table[0].split()[:3] == ["path", "method", "action"]
    assert len(table) == len(listed) + 2
    assert table[-1].startswith(f"{len(listed)} actions and 0 other serializers; ")


@pytest.mark.parametrize("has_rich", [True, False])
def test_on_a_terminal_there_is_a_bar(has_rich: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "HAS_RICH", has_rich)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("TERM", "xterm")
    stdout, stderr = Terminal(), Terminal()
    printed = run(stdout=stdout, stderr=stderr)
    assert "CityViewSet" in stderr.getvalue()
    assert "/lines/" in printed
    assert ("\u2503" in printed) is has_rich


@pytest.mark.parametrize("columns", [20, 80, 160])
def test_no_name_is_cut_on_a_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    printed = run(stdout=Terminal(), stderr=Terminal())
    for entry in json.loads(run("--format", "json")):
        for text in (entry["path"], entry["view"], entry["serializer"], ", ".join(entry["kept"])):
            assert text in printed


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("--fail-on", "partly"), "does not convert wholly", 1),
        (("--fail-on", "blocking"), "run in a thread", 1),
        (("--fail-on", "untested", "--fail-on", "blocking"), "mentioned in no test", 1),
        (("--tests", "/nowhere/at/all"), "no directory", 2),
    ],
    ids=str,
)
def test_the_exit_code_is_fit_for_ci(arguments: tuple[str, ...], said: str, code: int) -> None:
    with pytest.raises(CommandError, match=said) as raised:
        run(*arguments)
    assert raised.value.returncode == code


def test_nothing_found_is_success() -> None:
    assert run("--fail-on", "not")


@pytest.mark.parametrize("urlconf", ["nothing.here", "tests.convertapp.models"])
def test_a_urlconf_that_is_not_there(urlconf: str) -> None:
    with pytest.raises(CommandError, match="is no URL configuration") as raised:
        call_command("nova_inventory", urlconf=urlconf)
    assert raised.value.returncode == 2


def test_without_a_urlconf_the_projects_own_is_listed(tmp_path: Path) -> None:
    printed = io.StringIO()
    call_command("nova_inventory", format="json", tests=str(tmp_path), stdout=printed)
    listed = json.loads(printed.getvalue())
    assert listed
    names = [entry["serializer"] for entry in listed if not entry["path"]]
    assert names == sorted(names)
    assert project_directory().is_dir()


def test_the_work_grows_with_the_number_of_endpoints_and_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    original = Endpoint.leads_to

    def counted(self: Endpoint, path: str) -> bool:
        tried.append(path)
        return original(self, path)

    monkeypatch.setattr(Endpoint, "leads_to", counted)

    def work(number: int) -> int:
        directory = tmp_path / str(number)
        directory.mkdir()
        for each in range(number):
            text = "".join(f"client.get('/api/{each}/{key}/');" for key in range(3))
            (directory / f"test_{each}.py").write_text(text)
        routes = [path(f"api/{each}/<pk>/", LineView.as_view()) for each in range(number)]
        tried.clear()
        inventory(routes, tests=directory)
        return len(tried)

    assert work(40) == 2 * work(20) == 4 * work(10)
