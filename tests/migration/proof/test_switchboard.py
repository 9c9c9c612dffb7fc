"""``nova_switch``: what switches choose, and how that is changed."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from django.urls import include, path
from rest_framework import viewsets
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from nova_drf.migration import Header, Percentage, Setting, switch
from nova_drf.migration.proof.models import SwitchChoice
from nova_drf.migration.proof.overrides import TABLE
from nova_drf.migration.proof.switchboard import switchboard

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Things(viewsets.ViewSet):
    """Things."""

    def list(self, request: object) -> Response:
        return Response([])

    def create(self, request: object) -> Response:
        return Response([], 201)


class Clock(APIView):
    """A view that is no viewset."""

    def get(self, request: object) -> Response:
        return Response()


router = SimpleRouter()
router.register(
    "things",
    switch(old=Things, new=Things, name="things", actions={"list": "new", "create": Percentage(5)}),
    basename="thing",
)
urlpatterns = [
    path("api/", include(router.urls)),
    path("clock/", switch(old=Clock, new=Clock, name="clock").as_view()),
    path("other/", Clock.as_view()),
]


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    TABLE.forget()
    yield
    TABLE.forget()
    TABLE._rows.clear()


def run(*arguments: str) -> list[list[str]]:
    out = StringIO()
    call_command("nova_switch", *arguments, stdout=out)
    return [line.split() for line in out.getvalue().splitlines()]


def test_every_action_of_every_switch_is_listed() -> None:
    lines = run()
    assert [line[:2] for line in lines[1:]] == [
        *(["clock", "get"], ["clock", "options"], ["things", "create"], ["things", "list"])
    ]
    assert [line[2] for line in lines[1:]] == ["old", "old", "Percentage(5)", "new"]


def test_a_choice_is_changed_and_taken_back() -> None:
    assert run("things", "old", "--action", "list", "--reason", "slow")[4] == [
        *("things", "list", "new", "old")
    ]
    assert SwitchChoice.objects.get().reason == "slow"
    assert run("things", "defined", "--action", "list")[4] == ["things", "list", "new"]
    assert run("all", "old")[4] == ["things", "list", "new", "old"]
    assert str(SwitchChoice.objects.get()) == "everything: old"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["thing", "old"], "no switch 'thing'"),
        (["things", "old", "--action", "destroy"], "no action 'destroy'"),
        (["things"], "old, new, shadow or defined"),
    ],
)
def test_what_is_not_there_is_told(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as told:
        run(*arguments)
    assert told.value.returncode == 2


def test_without_the_table_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(TABLE), "is_installed", False)
    with pytest.raises(CommandError, match=r"Add 'nova_drf\.migration\.proof' to INSTALLED_APPS"):
        run("things", "old")


def chosen(request: object, action: str) -> str:
    return "new"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (Percentage(5, key=str), "Percentage(5, key=str)"),
        (Percentage(5, choice="shadow"), "Percentage(5, choice='shadow')"),
        (
            Header("X-Use", otherwise=Setting("BOOKS")),
            "Header('X-Use', otherwise=Setting('BOOKS'))",
        ),
        (Header("X-Use", allowed=chosen), "Header('X-Use', allowed=chosen)"),
        (chosen, "chosen"),
    ],
)
def test_a_rule_is_told_as_it_is_written(rule: Any, told: str) -> None:
    view = switch(old=Clock, new=Clock, name="clock", default=rule)
    (place,) = (place for place in switchboard([path("", view.as_view())]) if place.action == "get")
    assert place.defined == told


def test_a_table_that_was_not_migrated_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unread(table: object) -> None:
        raise OperationalError("no such table: nova_proof_switchchoice")

    monkeypatch.setattr(type(TABLE), "_read", unread)
    for arguments in ((), ("things", "old")):
        TABLE.forget()
        with pytest.raises(CommandError, match=r"no such table.*Run manage\.py migrate"):
            run(*arguments)


@pytest.mark.urls("bookshop.urls")
@pytest.mark.parametrize(
    ("switch", "action", "said"),
    [
        ("books", "list", ""),
        ("", "", ""),
        ("boks", "", "There is no switch &#x27;boks&#x27;"),
        ("books", "lst", "has no action &#x27;lst&#x27;"),
    ],
)
def test_the_admin_refuses_what_would_change_nothing(switch: str, action: str, said: str) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    form = {"switch": switch, "action": action, "choice": "old", "reason": ""}
    response = client.post("/admin/nova_proof/switchchoice/add/", form)
    assert SwitchChoice.objects.exists() is not bool(said)
    assert said in response.content.decode()
    page = client.get("/admin/nova_proof/switchchoice/add/").content.decode()
    assert "Empty: all switches." in page


@pytest.mark.urls("bookshop.urls")
def test_the_admin_changes_a_choice_in_the_list() -> None:
    row = SwitchChoice.objects.create(switch="things", action="list", choice="new")
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    page = client.get("/admin/nova_proof/switchchoice/")
    assert b"things" in page.content
    form = {
        **{"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(row.pk)},
        **{"form-0-choice": "old", "_save": "Save"},
    }
    assert client.post("/admin/nova_proof/switchchoice/", form).status_code == 302
    assert SwitchChoice.objects.get().choice == "old"
