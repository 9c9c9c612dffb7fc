"""``nova_verify``: nothing where nothing differs, and a test to paste where something does."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from catalogue.sample_data import load_sample_data
from catalogue.views import AsyncBookViewSet, ClassicBookViewSet
from catalogue.views import BookViewSet as SchemaBookViewSet
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.utils import timezone, translation
from rest_framework import serializers, viewsets
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.test import APIClient
from rest_framework.views import APIView

from nova_drf import Schema, SchemaSerializer
from nova_drf.migration.proof.approvals import Approval, ApprovedDifferences
from nova_drf.migration.proof.comparison import Kind
from nova_drf.migration.proof.endpoint_verification import verify_endpoints
from nova_drf.migration.proof.endpoints import endpoints
from nova_drf.migration.proof.serializer_verification import verify_serializers
from nova_drf.migration.proof.verification import Locale, project_locales, project_users
from tests.migration.proof.library import BookViewSet, Pages, fill
from tests.testapp.models import Book

pytestmark = pytest.mark.django_db

HERE = [Locale("en", "Europe/Paris")]


class RoughBookViewSet(BookViewSet):
    """All books."""

    def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        super().destroy(request, *args, **kwargs)
        return Response(status=200)


class Echo(APIView):
    """Says what it heard."""

    def get(self, request: Any, word: str = "") -> Response:
        return Response({"word": word, "asked": dict(request.query_params)})


class LoudEcho(Echo):
    """Says what it heard."""

    def get(self, request: Any, word: str = "") -> Response:
        return Response({"word": word.upper(), "asked": dict(request.query_params)})


@api_view(["GET"])
def old_clock(request: Any) -> Response:
    return Response({"now": timezone.now(), "zone": timezone.get_current_timezone_name()})


@api_view(["GET"])
def new_clock(request: Any) -> Response:
    return Response({"now": timezone.now(), "zone": timezone.get_current_timezone_name()})


@api_view(["GET"])
def wrong_clock(request: Any) -> Response:
    return Response({"now": str(timezone.now()), "zone": "UTC"})


class OldThing(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=5)
    size = serializers.IntegerField(min_value=0, default=1)


class ThingSchema(Schema):
    name: str
    size: int = 1


class NewThing(SchemaSerializer[ThingSchema]):
    """Without any limits."""


class MoreThing(OldThing):
    color = serializers.CharField(required=False)


router = DefaultRouter()
router.register("books", BookViewSet)
urlpatterns = [
    path("api/", include((router.urls, "api"), namespace="api")),
    path("echo/<slug:word>/", Echo.as_view()),
    path("echo/", Echo.as_view()),
]


def found(report: Any) -> list[tuple[str, str, str]]:
    return [
        (one.endpoint, one.difference.kind.value, one.difference.where) for one in report.findings
    ]


# Nothing is found where nothing differs


def test_an_endpoint_agrees_with_itself() -> None:
    fill()
    methods = ("options", "get", "delete")
    report = verify_endpoints(BookViewSet, BookViewSet, locales=HERE, examples=3, methods=methods)
    assert found(report) == []
    assert report.cases > 200
    assert report.notes == {}


@pytest.mark.parametrize("seed", range(10))
def test_draws_find_nothing_between_two_sides_that_are_the_same(seed: int) -> None:
    assert verify_endpoints(Echo, Echo, locales=HERE, examples=20, repeat=seed).ok
    assert verify_serializers(OldThing, OldThing, locales=HERE, examples=20, repeat=seed).ok


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(10, 100, 10))
def test_200_runs_find_nothing_between_two_sides_that_are_the_same(first: int) -> None:
    for seed in range(first, first + 10):
        test_draws_find_nothing_between_two_sides_that_are_the_same(seed)


@pytest.mark.parametrize(
    ("new", "methods"), [(SchemaBookViewSet, ("post",)), (AsyncBookViewSet, ("options", "get"))]
)
def test_the_viewsets_of_the_example_agree(new: Any, methods: tuple[str, ...]) -> None:
    load_sample_data()
    report = verify_endpoints(ClassicBookViewSet, new, locales=HERE, examples=3, methods=methods)
    assert found(report) == []


def test_nothing_is_left_behind() -> None:
    fill()
    before = list(Book.objects.values())
    verify_endpoints(BookViewSet, BookViewSet, locales=HERE, examples=0, methods=("delete",))
    assert list(Book.objects.values()) == before


def test_what_differs_each_time_is_no_difference() -> None:
    assert found(verify_endpoints(old_clock.cls, new_clock.cls, locales=HERE)) == []
    report = verify_endpoints(old_clock.cls, wrong_clock.cls, locales=HERE, first_only=True)
    assert {where for _, _, where in found(report)} == {"now", "zone"}


# What differs is told


def test_a_difference_ends_in_a_test_that_the_old_code_passes() -> None:
    fill()
    report = verify_endpoints(BookViewSet, RoughBookViewSet, locales=HERE, methods=("delete",))
    # The browsable API shows the status in its page.
    assert [where for _, _, where in found(report)] == ["204 to 200", "[]"]
    finding = report.findings[0]
    assert str(finding.difference) == "status at 204 to 200: 204 became 200"
    names: dict[str, Any] = {
        **{"APIClient": APIClient, "get_user_model": get_user_model, "connection": connection},
        **{"translation": translation, "timezone": timezone},
        **{"CaptureQueriesContext": CaptureQueriesContext},
        **{"SimpleUploadedFile": SimpleUploadedFile},
    }
    test = "\n".join(finding.test)
    assert "translation" not in test, "it is as small as can be"
    for view, passes in ((BookViewSet, True), (RoughBookViewSet, False)):
        urlconf = endpoints(BookViewSet, view, []).urlconfs[1]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("django.conf.settings.ROOT_URLCONF", urlconf)
            if passes:
                exec(test, dict(names))
            else:
                with pytest.raises(AssertionError):
                    exec(test, dict(names))


@pytest.mark.urls(__name__)
def test_the_routes_of_the_project_are_used() -> None:
    fill()
    report = verify_endpoints(BookViewSet, RoughBookViewSet, locales=HERE, methods=("delete",))
    assert found(report)[0] == ("DELETE /api/books/<pk>/", "status", "204 to 200")
    report = verify_endpoints(Echo, LoudEcho, locales=HERE, examples=0)
    assert ("GET /echo/<word>/", "value", "word") in found(report)
    assert not [endpoint for endpoint, _, _ in found(report) if endpoint.endswith(" /echo/")]


def test_what_is_approved_is_not_told_and_has_to_occur() -> None:
    fill()
    entries = [
        Approval("DELETE /verified/<pk>/", kind, "Wanted.", "Ada", where)
        for kind, where in (("status", "204 to 200"), ("value", "[]"))
    ]
    arguments: dict[str, Any] = {"locales": HERE, "methods": ("delete",)}
    report = verify_endpoints(
        BookViewSet, RoughBookViewSet, approved=ApprovedDifferences(entries), **arguments
    )
    assert (report.ok, report.approved, report.stale) == (True, 2, [])
    report = verify_endpoints(
        BookViewSet, BookViewSet, approved=ApprovedDifferences(entries), **arguments
    )
    assert (report.ok, report.stale) == (False, entries)


def test_what_could_not_be_compared_is_noted() -> None:
    arguments: dict[str, Any] = {"locales": HERE, "methods": ("delete",), "examples": 0}
    report = verify_endpoints(BookViewSet, BookViewSet, **arguments)
    assert "testapp.Book has no rows: what is read was not compared." in report.notes

    class Broken(BookViewSet):
        def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
            raise LookupError

    fill()

    class LongPages(Pages):
        page_size = 5

    class LongBookViewSet(BookViewSet):
        pagination_class = LongPages

    of_lists = {**arguments, "methods": ("get",), "first_only": True}
    report = verify_endpoints(LongBookViewSet, BookViewSet, **of_lists)
    assert (
        "GET /verified/: a page has 5 rows, and there are 5: its pages were not compared."
        in report.notes
    )
    report = verify_endpoints(Broken, BookViewSet, **arguments)
    assert "DELETE /verified/<pk>/: the old code raises LookupError." in report.notes
    assert "DELETE /verified/<pk>/: no request was found that the old code takes." in report.notes


def test_a_route_that_is_gone_is_a_difference() -> None:
    fill()

    class Less(viewsets.ReadOnlyModelViewSet[Book]):
        queryset = BookViewSet.queryset
        serializer_class = BookViewSet.serializer_class

    report = verify_endpoints(BookViewSet, Less, locales=HERE, methods=("options",))
    assert ("OPTIONS /verified/<pk>/publish/", "status", "200 to 404") in found(report)
    assert ("OPTIONS /verified/", "header", "Allow") in found(report)


# Serializers


def test_serializers_are_compared_one_difference_after_another(settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("fr", "French")]
    report = verify_serializers(OldThing, NewThing, locales=project_locales()[:2], examples=30)
    name = f"{__name__}.OldThing"
    assert {(name, "status", f"400 to 200.{field}") for field in ("name", "size")} <= set(
        found(report)
    )
    assert all(one.test for one in report.findings)
    assert len(set(found(report))) == len(report.findings)


class LongerThing(OldThing):
    name = serializers.CharField(max_length=6)


def test_what_is_approved_of_serializers_is_not_told_and_has_to_occur() -> None:
    name = f"{__name__}.OldThing"
    entries = [Approval(name, "status", "Wanted.", "Ada", "400 to 200.name")]
    report = verify_serializers(
        OldThing, LongerThing, locales=HERE, approved=ApprovedDifferences(entries)
    )
    assert report.approved == 1
    assert (name, "status", "400 to 200.name") not in found(report)
    stale = verify_serializers(
        OldThing, OldThing, locales=HERE, examples=5, approved=ApprovedDifferences(entries)
    )
    assert (stale.ok, stale.stale) == (False, entries)


def test_what_only_the_new_serializer_takes_is_a_difference() -> None:
    (only,) = verify_serializers(OldThing, MoreThing, locales=HERE, first_only=True).findings
    assert only.difference.kind in (Kind.STATUS, Kind.ADDED)


def test_a_serializer_agrees_with_itself() -> None:
    assert verify_serializers(OldThing, OldThing, locales=HERE).ok


# Under what


def test_the_locales_are_those_of_the_project(settings: Any) -> None:
    assert project_locales() == [Locale("en-us", "Europe/Paris"), Locale("en-us", "UTC")]
    settings.LANGUAGES = [("en-us", "English"), ("fr", "French")]
    settings.TIME_ZONE = "UTC"
    assert project_locales() == [Locale("en-us", "UTC"), Locale("fr", "UTC")]
    settings.USE_TZ = False
    assert [one.zone for one in project_locales()] == ["UTC", "UTC"]


def test_one_user_of_each_kind_asks() -> None:
    assert list(project_users()) == [""]
    fill()
    assert list(project_users()) == ["", "ada", "root"]


# The command


def run(*arguments: str) -> tuple[str, int, str]:
    out = StringIO()
    try:
        call_command("nova_verify", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), error.returncode, str(error)
    return out.getvalue(), 0, ""


def here(name: str) -> str:
    return f"{__name__}.{name}"


def test_the_command_compares_serializers() -> None:
    out, code, _ = run(here("OldThing"), here("OldThing"), "--examples", "5", "--seed", "1")
    assert code == 0
    assert "0 differences, 0 approved" in out
    out, code, complaint = run(here("OldThing"), here("NewThing"), "--fail-fast")
    assert (code, complaint) == (1, "1 difference that nobody approved.")
    assert "assert new.is_valid() == old.is_valid()" in out


def test_the_command_compares_endpoints_and_prints_json(tmp_path: Path) -> None:
    fill()
    where = ["tests.migration.proof.library.BookViewSet", here("RoughBookViewSet")]
    options = ["--method", "delete", "--language", "en", "--user", "ada", "--examples", "0"]
    out, code, _ = run(*where, *options, "--format", "json")
    finding = json.loads(out)["findings"][0]
    assert code == 1
    assert (finding["endpoint"], finding["path"]) == ("DELETE /verified/<pk>/", "204 to 200")
    approved = tmp_path / "approved.toml"
    approved.write_text(
        "".join(
            f'[[approved]]\nendpoint = "DELETE /verified/<pk>/"\nkind = "{kind}"\n'
            f'path = "{where}"\nreason = "Wanted."\napproved_by = "Ada"\n'
            for kind, where in (("status", "204 to 200"), ("value", "[]"))
        )
    )
    assert run(*where, *options, "--approved", str(approved))[1:] == (0, "")
    same = [where[0], where[0]]
    assert run(*same, *options, "--approved", str(approved))[1:] == (
        *(1, "2 approved differences that no longer occur."),
    )


def test_the_projects_file_is_read(settings: Any, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "approved_differences.toml").write_text("[[wrong]]")
    _, code, complaint = run(here("OldThing"), here("OldThing"))
    assert code == 2
    assert "there is no key 'wrong'" in complaint


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.Old", "nowhere.New"], "No module named 'nowhere'"),
        ([here("OldThing"), here("Echo")], "neither two serializers nor two views"),
        ([here("Echo"), here("LoudEcho"), "--user", "nobody"], "no user 'nobody'"),
    ],
)
def test_what_cannot_be_compared_is_told(arguments: list[str], message: str) -> None:
    _, code, complaint = run(*arguments)
    assert code == 2
    assert message in complaint


def test_a_function_view_is_named_by_its_function() -> None:
    assert run(here("old_clock"), here("new_clock"), "--user", "anonymous")[1] == 0
