"""``nova_migrate``: from a classic view to a switch, or nothing at all."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from nova_drf.management.commands import nova_migrate
from nova_drf.migration.codegen.outcomes import Outcome, Written
from nova_drf.migration.moves import candidates, files, move
from nova_drf.migration.moves.candidates import named
from nova_drf.migration.moves.leftovers import leftovers
from nova_drf.migration.progress.history import Event, project_history
from nova_drf.migration.progress.stages import standings
from nova_drf.migration.proof.verification import Report
from tests.migration.moves.conftest import SERIALIZERS, URLS, VIEWS, Files, forget

pytestmark = pytest.mark.django_db

VERIFY = move.verify_endpoints


@pytest.fixture(autouse=True)
def one_locale(settings: Any) -> None:
    """What differs by language or zone has tests of its own."""
    settings.USE_I18N = False
    settings.TIME_ZONE = "UTC"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let views be compared by what reads only, asked by nobody."""
    narrowed = {"methods": ["get"], "users": {"": None}}
    monkeypatch.setattr(move, "verify_endpoints", partial(_narrowed, narrowed))


def _narrowed(narrowed: dict[str, Any], old: Any, new: Any, **more: Any) -> Any:
    return VERIFY(old, new, **{**more, **narrowed})


def run(*arguments: str) -> tuple[str, int]:
    """Return what the command prints, and its exit code."""
    out = StringIO()
    try:
        call_command("nova_migrate", *arguments, "--examples", "1", stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}", error.returncode
    return out.getvalue(), 0


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


def steps() -> list[tuple[str, str]]:
    moved = (event for event in project_history().events() if event.kind == "migrated")
    return [(event.data["view"].rpartition(".")[2], event.data["step"]) for event in moved]


# The whole way


def test_a_view_is_moved_and_answers_as_before(
    project: Files, client: Client, settings: Any
) -> None:
    folder = project()
    before = client.get("/api/authors/").json()
    printed, code = run("/api/authors/")
    assert code == 0, printed
    urls = (folder / "urls.py").read_text()
    assert (
        'router.register("authors", switch(old=AuthorViewSet, new=NewAuthorViewSet))'
        "  # the oldest endpoint" in urls
    )
    assert "from nova_drf.migration import switch\n" in urls
    assert "from shop.nova_views import NewAuthorViewSet\n" in urls
    assert "requests, no difference" in printed
    assert "nova_switch shop.views.AuthorViewSet new --action list" in printed
    assert "No test mentions GET /api/authors/" in printed
    forget()
    views, module = map(importlib.import_module, ("shop.nova_views", "shop.nova_serializers"))
    assert views.NewAuthorViewSet.serializer_class is module.AuthorSerializer
    assert views.NewAuthorViewSet.__doc__ == "All who write."
    for side in ("old", "new"):
        settings.NOVA_DRF = {"SWITCHES": {"shop.views.AuthorViewSet": side}}
        assert client.get("/api/authors/").json() == before
    assert reverse("author-list") == "/api/authors/"
    verified, migrated = project_history().events()
    assert verified.data["new"] == "shop.nova_views.NewAuthorViewSet"
    assert "POST /api/authors/" in verified.data["endpoints"]
    assert migrated.data["step"] == "switched"
    # Once more: it has a switch.
    printed, code = run("AuthorViewSet")
    assert (code, "has a switch already" in printed) == (2, True)


@pytest.mark.usefixtures("quick")
def test_the_next_one_is_chosen_until_none_is_left(project: Files) -> None:
    folder = project()
    printed, _code = run("--list")
    lines = [line.split()[0].removeprefix("shop.views.") for line in printed.splitlines()[1:]]
    assert lines == ["AuthorViewSet", "AuthorList", "MixedViewSet"]
    assert not project_history().is_kept
    for name in lines:
        printed, code = run()
        assert (code, printed.startswith(f"shop.views.{name}")) == (0, True), printed
        forget()
    views = (folder / "nova_views.py").read_text()
    assert views.count("class New") == 3
    serializers = (folder / "nova_serializers.py").read_text()
    assert serializers.count("class AuthorSerializer(") == 1
    assert steps() == [(name, "switched") for name in lines]
    printed, code = run()
    assert (code, "nothing left that a program can move" in printed) == (2, True)


@pytest.mark.usefixtures("quick")
def test_a_view_that_chooses_its_serializer(project: Files, client: Client, settings: Any) -> None:
    folder = project()
    paths = ["/api/mixed/", "/api/mixed/first/"]
    before = [client.get(path).json() for path in paths]
    assert run("MixedViewSet")[1] == 0
    forget()
    new = importlib.import_module("shop.nova_views").NewMixedViewSet
    module = importlib.import_module("shop.nova_serializers")
    assert set(new.new_serializers.values()) == {module.AuthorSerializer, module.ShortSerializer}
    settings.NOVA_DRF = {"SWITCHES": "new"}
    assert [client.get(path).json() for path in paths] == before
    assert (folder / "nova_views.py").read_text().endswith("\n")


@pytest.mark.usefixtures("quick")
def test_what_a_dry_run_shows_is_not_written(project: Files) -> None:
    folder = project()
    before = contents(folder)
    printed, code = run("/list/", "--dry-run")
    assert code == 0
    for line in (
        "+++ b/shop/nova_serializers.py",
        "+++ b/shop/nova_views.py",
        '-    path("list/", AuthorList.as_view(), name="list"),',
        '+    path("list/", switch(old=AuthorList, new=NewAuthorList).as_view(), name="list"),',
    ):
        assert f"{line}\n" in printed
    assert "Written:" not in printed
    assert contents(folder) == before
    assert not project_history().is_kept


# What is not written

TELLING = VIEWS.replace(
    "class AuthorList(generics.ListAPIView):",
    """class AuthorList(generics.ListAPIView):
    def list(self, request):
        return Response({"made_in": self.get_serializer_class().__module__})
""",
)


@pytest.mark.usefixtures("quick")
def test_what_differs_is_not_written(project: Files) -> None:
    folder = project(views=TELLING)
    before = contents(folder)
    printed, code = run("AuthorList")
    assert code == 1
    assert "value at made_in: 'shop.serializers' became 'shop.nova_serializers'" in printed
    assert "Nothing was written: 1 difference," in printed
    assert contents(folder) == before
    assert steps() == [("AuthorList", "failed")]
    # What failed is the last to be tried again.
    last = run("--list")[0].splitlines()[-1].split()
    assert (last[0], last[-1]) == ("shop.views.AuthorList", "yes")


@pytest.mark.usefixtures("quick")
def test_what_is_approved_may_differ(project: Files, tmp_path: Path) -> None:
    project(views=TELLING)
    (tmp_path / "approved_differences.toml").write_text(
        '[[approved]]\nendpoint = "GET /list/"\npath = "made_in"\nkind = "value"\n'
        'reason = "It is so."\napproved_by = "Ada"\n'
    )
    printed, code = run("AuthorList")
    assert (code, "no difference, 1 approved" in printed) == (0, True), printed


@pytest.mark.usefixtures("quick")
def test_an_approval_that_no_longer_occurs_stops_it(project: Files, tmp_path: Path) -> None:
    folder = project()
    before = contents(folder)
    (tmp_path / "approved_differences.toml").write_text(
        '[[approved]]\nendpoint = "GET /list/"\nkind = "status"\n'
        'reason = "It was so."\napproved_by = "Ada"\n'
    )
    printed, code = run("AuthorList")
    assert (code, "no longer occurs: GET /list/: status" in printed) == (1, True)
    assert contents(folder) == before


def interrupt(*args: object, **more: object) -> None:
    raise KeyboardInterrupt


def test_an_interruption_leaves_all_as_it_was(
    project: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project()
    before = contents(folder)
    monkeypatch.setattr(move, "verify_endpoints", interrupt)
    printed, code = run("/list/")
    assert (code, "Interrupted; nothing was written." in printed) == (130, True)
    assert contents(folder) == before
    assert steps() == []


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_interruption_while_it_writes_takes_all_back(
    at: int, project: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project()
    before = contents(folder)
    replace: Callable[..., None] = files._replace
    calls: list[Path] = []

    def sometimes(path: Path, content: bytes) -> None:
        calls.append(path)
        replace(path, content)
        if len(calls) == at + 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(files, "_replace", sometimes)
    _printed, code = run("/list/")
    assert code == 130
    assert contents(folder) == before


# Routes that a person has to write

LOOP = URLS.replace(
    'router.register("authors", AuthorViewSet)  # the oldest endpoint',
    'for name, view in {"authors": AuthorViewSet}.items():\n    router.register(name, view)',
)


@pytest.mark.usefixtures("quick")
def test_routes_that_are_not_recognised_are_for_a_person(project: Files) -> None:
    folder = project(urls=LOOP)
    printed, code = run("/api/authors/")
    assert code == 0
    assert "No route of AuthorViewSet was recognised. Write:" in printed
    assert "from shop.nova_views import NewAuthorViewSet" in printed
    assert "switch(old=AuthorViewSet, new=NewAuthorViewSet)" in printed
    assert (folder / "urls.py").read_text() == LOOP
    assert (folder / "nova_views.py").exists()
    assert steps() == [("AuthorViewSet", "written")]
    # The next one is another one; and this one goes on where it was.
    assert "AuthorList" in run("--list")[0].splitlines()[1]
    (folder / "urls.py").write_text(URLS)
    forget()
    written = contents(folder)
    printed, code = run("/api/authors/")
    assert code == 0
    changed = {name for name, text in contents(folder).items() if text != written[name]}
    assert changed == {"urls.py"}
    assert steps()[-1] == ("AuthorViewSet", "switched")


@pytest.mark.usefixtures("quick")
def test_what_was_written_before_is_compared_again(project: Files) -> None:
    folder = project(urls=LOOP)
    run("/api/authors/")
    views = folder / "nova_views.py"
    views.write_text(f"{views.read_text()}\n    queryset = AuthorViewSet.queryset.none()\n")
    (folder / "urls.py").write_text(URLS)
    forget()
    printed, code = run("/api/authors/")
    assert (code, "Nothing was written" in printed) == (1, True)
    assert (folder / "urls.py").read_text() == URLS


ONCE = """import sys

if getattr(sys, "shop_was_here", False):
    raise RuntimeError("twice")
sys.shop_was_here = True
"""


@pytest.mark.usefixtures("quick")
def test_routes_that_cannot_be_tried_are_for_a_person(
    project: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "shop_was_here", False, raising=False)
    folder = project(urls=f"{URLS}{ONCE}")
    printed, code = run("/list/")
    assert code == 0
    assert "cannot be imported twice (RuntimeError: twice). Write:" in printed, printed
    assert (folder / "urls.py").read_text() == f"{URLS}{ONCE}"


# The command


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/nowhere/", "There is no endpoint '/nowhere/'"),
        ("Plain", "there is nothing to convert: it has no serializer"),
        ("words", "is no class that could be imported"),
        ("TokenObtainPairView", "is of an installed package"),
        ("/two/", "Name one"),
    ],
)
def test_what_cannot_be_moved_says_why(target: str, said: str, project: Files) -> None:
    views = f"""{VIEWS}

from rest_framework.decorators import api_view
from rest_framework.views import APIView


class Plain(APIView):
    def get(self, request):
        return Response()


class Other(APIView):
    def post(self, request):
        return Response()


def words_of():
    @api_view(["GET"])
    def words(request):
        return Response()

    return words
"""
    urls = f"""{URLS}
from rest_framework_simplejwt.views import TokenObtainPairView
from shop import views

urlpatterns += [
    path("plain/", views.Plain.as_view()),
    path("words/", views.words_of()),
    path("token/", TokenObtainPairView.as_view()),
    path("two/", views.Plain.as_view()),
    path("two/", views.Other.as_view()),
]
"""
    folder = project(views=views, urls=urls)
    before = contents(folder)
    printed, code = run(target)
    assert (code, said in printed) == (2, True), printed
    assert contents(folder) == before


def test_packages_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nova_migrate, "find_spec", lambda name: None)
    printed, code = run()
    assert (code, "pip install 'nova_drf[convert]'" in printed) == (2, True)


@pytest.mark.usefixtures("quick")
def test_a_history_that_cannot_be_written_is_a_note(
    project: Files, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nova_drf.migration.progress.history import History, HistoryError

    def fail(*args: object) -> Event:
        raise HistoryError("it cannot be written")

    monkeypatch.setattr(History, "append", fail)
    folder = project()
    assert run("/list/")[1] == 0
    assert "Note: it cannot be written" in capsys.readouterr().err
    assert "switch(" in (folder / "urls.py").read_text()


@pytest.mark.usefixtures("quick")
def test_what_is_left_is_told(project: Files, settings: Any) -> None:
    settings.INSTALLED_APPS = [
        app for app in settings.INSTALLED_APPS if app != "nova_drf.migration.proof"
    ]
    serializers = SERIALIZERS.replace(
        "class AuthorSerializer(serializers.ModelSerializer):",
        "class AuthorSerializer(serializers.ModelSerializer):\n"
        "    def to_representation(self, instance):\n"
        "        return super().to_representation(instance)\n",
    )
    views = VIEWS.replace(
        "class AuthorList(generics.ListAPIView):",
        "class AuthorList(generics.ListAPIView):\n"
        "    def get_queryset(self):\n        return super().get_queryset()\n",
    )
    project(serializers=serializers, views=views)
    printed, code = run("/list/")
    assert code == 0
    assert "Left for you: No test mentions GET /list/." in printed
    assert "AuthorList.get_queryset would run in a thread." in printed
    assert 'write actions={"get": "new"} into the switch' in printed


@pytest.mark.usefixtures("quick")
def test_fields_that_stay_are_told(project: Files) -> None:
    project(views=VIEWS.replace("    serializer_class = AuthorSerializer\n", "", 0))
    printed, code = run("MixedViewSet")
    assert code == 0
    assert "Left for you: ShortSerializer: fields of DRF's go on running: letters." in printed


# What cannot be converted


def refused(target: str, said: str, folder: Path) -> None:
    before = contents(folder)
    printed, code = run(target)
    assert (code, said in printed) == (2, True), printed
    assert contents(folder) == before


def test_a_view_that_asks_elsewhere_for_its_serializer(project: Files) -> None:
    views = VIEWS.replace(
        "class AuthorList(generics.ListAPIView):",
        "from nova_drf.generics import AsyncListAPIView\n\n\n"
        "class AuthorList(AsyncListAPIView):\n"
        "    def get_serializer_class(self):\n        return AuthorSerializer\n",
    )
    refused(
        "AuthorList",
        "does not choose its serializer in get_serializer_class()",
        project(views=views),
    )


def test_a_module_that_cannot_be_imported_is_not_added_to(project: Files) -> None:
    folder = project(nova_views="import nowhere_at_all\n")
    refused("/list/", "nova_views.py is there, and cannot be imported as shop.nova_views", folder)


def test_what_was_converted_and_cannot_be_imported(
    project: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = move.view_source

    def broken(*arguments: Any) -> Any:
        change = source(*arguments)
        return type(change)(change.path, change.before, f"{change.after}\n1 / 0\n")

    monkeypatch.setattr(move, "view_source", broken)
    refused("/list/", "what was written cannot be imported (ZeroDivisionError", project())


def test_serializers_that_stay_as_they_are(project: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    source = move.module_source

    def nothing(*arguments: Any) -> Any:
        change = source(*arguments)
        for one in change.written:
            one.statements, one.reason = [], "it is odd"
        return change

    monkeypatch.setattr(move, "module_source", nothing)
    refused("/list/", "not converted: AuthorSerializer: it is odd.", project())


def test_serializers_that_are_backed_are_told(project: Files) -> None:
    project()
    candidate = named(standings(), "/list/")
    backed = Written(
        object, "BookSerializer", Outcome.BACKED, reason="it is odd", remedy="Mend it."
    )
    left = leftovers(candidate, [backed], Report(notes={"No rows.": None}), is_switched=False)
    assert left == [
        "No rows.",
        "BookSerializer has no schema: it is odd. Mend it.",
        "No test mentions GET /list/.",
    ]


def test_views_without_a_file_are_not_the_projects() -> None:
    assert candidates._is_installed(int)


def test_a_view_whose_serializer_has_the_mixin_is_moved(project: Files) -> None:
    mixed = SERIALIZERS.replace(
        "AuthorSerializer(serializers", "AuthorSerializer(SchemaBackedMixin, serializers"
    ).replace(
        "import serializers\n", "import serializers\n\nfrom nova_drf import SchemaBackedMixin\n"
    )
    folder = project(serializers=mixed)
    printed, code = run("/api/authors/", "--examples", "3", "--user", "anonymous")
    assert code == 0, printed
    text = (folder / "nova_serializers.py").read_text()
    assert "class AuthorSerializer(SchemaSerializer[AuthorSchema]):" in text
    printed, code = run("/list/", "--user", "nobody at all")
    assert code == 2
    assert "There is no user 'nobody at all'" in printed
