"""``switch()``: one route, two sides, and the old one wherever something is wrong."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction
from django.conf import settings as live
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction
from django.test import override_settings
from django.urls import include, path, reverse
from rest_framework import permissions, throttling, viewsets
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from nova_drf.migration import Header, Limits, Percentage, Setting, switch
from nova_drf.migration.proof.choices import Choice, SwitchError
from nova_drf.migration.proof.endpoints import URLConf
from nova_drf.migration.proof.models import SwitchChoice
from nova_drf.migration.proof.overrides import TABLE
from nova_drf.migration.proof.switching import rolled_back
from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.viewsets import AsyncViewSet
from tests.testapp.models import Tag


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    """A table that nobody has read yet."""
    TABLE.forget()
    TABLE._rows.clear()
    yield
    TABLE.forget()
    TABLE._rows.clear()


pytestmark = pytest.mark.django_db


def answering(side: str) -> Any:
    """Return a viewset whose answers say who gives them."""

    class Things(viewsets.ViewSet):
        """Things."""

        def list(self, request: Any) -> Response:
            return Response({"side": side})

        def create(self, request: Any) -> Response:
            Tag.objects.create(name=side, slug=side)
            return Response({"side": side}, 201)

        def retrieve(self, request: Any, pk: Any = None) -> Response:
            return Response({"side": side, "pk": pk})

        @action(detail=False, permission_classes=[permissions.IsAdminUser])
        def secret(self, request: Any) -> Response:
            return Response({"side": side})

    Things.__name__ = Things.__qualname__ = f"{side.title()}Things"
    return Things


class AsyncThings(AsyncViewSet):
    """The same, awaited."""

    async def list(self, request: Any) -> Response:
        await asyncio.sleep(0)
        return Response({"side": "new"})

    async def create(self, request: Any) -> Response:
        await Tag.objects.acreate(name="new", slug="new")
        return Response({"side": "new"}, 201)

    async def retrieve(self, request: Any, pk: Any = None) -> Response:
        return Response({"side": "new", "pk": pk})


OLD, NEW = answering("old"), answering("new")


def switched(*, old: Any = OLD, new: Any = NEW, name: str = "things", **arguments: Any) -> Any:
    return switch(old=old, new=new, name=name, **arguments)


def urlconf(view: Any) -> Any:
    router = DefaultRouter()
    router.register("things", view, basename="thing")
    return URLConf([path("", include(router.urls))])


def ask(view: Any, method: str = "get", user: Any = None, /, **headers: str) -> Any:
    """Return the response of the view to a request that lists, or creates."""
    request = getattr(APIRequestFactory(), method)("/things/", headers=headers)
    request.user = user or AnonymousUser()
    function = view.as_view({"get": "list", "post": "create"})
    if iscoroutinefunction(function):
        return asyncio.run(function(request))
    return function(request)


def side(view: Any, *arguments: Any, **headers: str) -> str:
    return str(ask(view, *arguments, **headers).data["side"])


# What is chosen


def test_each_action_has_its_own_choice() -> None:
    view = switched(actions={"list": "new", "create": "old"})
    assert (side(view), side(view, "post")) == ("new", "old")
    assert side(switched()) == "old"
    assert side(switched(default="new")) == "new"
    assert ask(switched(default="new"), "head").status_code == 200


def test_a_function_chooses() -> None:
    def by_method(request: Any, action: str) -> str:
        return "new" if (request.method, action) == ("GET", "list") else "old"

    view = switched(default=by_method)
    assert (side(view), side(view, "post")) == ("new", "old")


def test_a_share_of_the_clients_is_always_the_same() -> None:
    view = switched(default=Percentage(30, key=lambda request: request.headers["X-Client"]))
    clients = [str(number) for number in range(1000)]
    first, second = ([side(view, **{"X-Client": one}) for one in clients] for _ in range(2))
    assert first == second
    assert 230 < first.count("new") < 370
    more = switched(default=Percentage(60, key=lambda request: request.headers["X-Client"]))
    then = [side(more, **{"X-Client": one}) for one in clients]
    assert all(after == "new" for before, after in zip(first, then, strict=True) if before == "new")
    other = switched(
        name="others", default=Percentage(30, key=lambda request: request.headers["X-Client"])
    )
    assert [side(other, **{"X-Client": one}) for one in clients] != first


def test_a_client_is_known_by_its_user_or_its_credentials() -> None:
    view = switched(default=Percentage(50))
    for user in (User(pk=pk) for pk in range(20)):
        answers = {side(view, "get", user, Authorization=f"Token {n}") for n in range(5)}
        assert len(answers) == 1
    tokens = [side(view, Authorization=f"Token {number}") for number in range(40)]
    assert set(tokens) == {"old", "new"}
    assert tokens == [side(view, Authorization=f"Token {number}") for number in range(40)]


@pytest.mark.parametrize(("share", "expected"), [(0, "old"), (100, "new")])
def test_nobody_and_everybody(share: float, expected: str) -> None:
    assert {side(switched(default=Percentage(share)), Authorization=str(n)) for n in range(50)} == {
        expected
    }


@pytest.mark.parametrize(
    ("actions", "asked"),
    [
        (None, {"get": "get", "head": "get", "post": "post", "options": "options"}),
        (
            {"get": "list", "post": "create"},
            {"get": "list", "head": "list", "post": "create", "options": "options"},
        ),
        ({"post": "create"}, {"post": "create", "options": "options"}),
    ],
)
def test_an_action_belongs_to_each_method(
    actions: dict[str, str] | None, asked: dict[str, str]
) -> None:
    """HEAD is answered by what answers GET, as in Django and DRF."""
    chosen: list[str] = []

    def choose(request: Any, action: str) -> str:
        chosen.append(action)
        return "new"

    class Both(APIView):
        def get(self, request: Any) -> Response:
            return Response()

        post = get

    things = Both if actions is None else answering("old")
    view = switch(old=things, new=things, default=choose)
    function = view.as_view(actions) if actions else view.as_view()
    factory = APIRequestFactory()
    for method in asked:
        assert function(getattr(factory, method)("/things/")).status_code < 300
    assert chosen == list(asked.values())
    assert function(factory.put("/things/")).status_code == 405


def test_testers_choose_by_a_header() -> None:
    view = switched(default=Header("X-Use", otherwise=Percentage(0)))
    assert [side(view, **{"X-Use": said}) for said in ("new", "old", "x", "")] == [
        *("new", "old", "old", "old")
    ]
    assert side(view) == "old"
    for allowed, expected in ((lambda request: True, "new"), (lambda request: False, "old")):
        view = switched(default=Header("X-Use", allowed=allowed))
        assert side(view, **{"X-Use": "new"}) == expected


def test_whether_a_tester_is_allowed_is_awaited() -> None:
    async def nobody(request: Any) -> bool:
        return False

    view = switched(default=Header("X-Use", allowed=nobody))
    assert side(view, **{"X-Use": "new"}) == "old"


def test_a_setting_chooses_at_each_request(settings: Any) -> None:
    view = switched(default=Setting("THINGS"))
    assert side(view) == "old"
    settings.THINGS = "new"
    assert side(view) == "new"
    settings.THINGS = "old"
    assert side(view) == "old"


SAID: dict[str, tuple[Any, str, str]] = {
    "all": ("old", "new", "old"),
    "one switch": ({"things": "old"}, "new", "old"),
    "one action": ({"things": {"list": "new"}}, "old", "new"),
    "another action": ({"things": {"create": "new"}}, "old", "old"),
    "another switch": ({"others": "old"}, "new", "new"),
}


@pytest.mark.parametrize("case", SAID)
def test_one_setting_stands_above_all_definitions(settings: Any, case: str) -> None:
    said, defined, expected = SAID[case]
    settings.NOVA_DRF = {"SWITCHES": said}
    assert side(switched(default=defined)) == expected


def test_the_table_chooses_at_run_time(settings: Any) -> None:
    settings.NOVA_DRF = {"SWITCH_SECONDS": 0}
    view = switched(actions={"list": "old", "create": "new"})
    row = SwitchChoice.objects.create(switch="things", action="list", choice="new")
    assert (side(view), side(view, "post")) == ("new", "new")
    SwitchChoice.objects.create(switch="things", choice="old")
    assert (side(view), side(view, "post")) == ("old", "old"), "where one says old, it is old"
    SwitchChoice.objects.all().delete()
    assert side(view) == "old"
    row.save()
    settings.NOVA_DRF = {"SWITCH_SECONDS": 0, "SWITCHES": "old"}
    assert side(view) == "old"


def test_the_table_is_not_read_at_every_request(
    settings: Any, django_assert_num_queries: Any
) -> None:
    settings.NOVA_DRF = {"SWITCH_SECONDS": 60}
    view = switched(default="new")
    with django_assert_num_queries(3):  # with the savepoint around it
        assert side(view) == "new"
    SwitchChoice.objects.create(choice="old")
    with django_assert_num_queries(0):
        assert side(view) == "new"


def test_a_table_that_is_not_there_breaks_no_request(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    view = switched(default="new")
    # Once before: each column remembers its table from its first query on.
    assert side(view) == "new"
    TABLE.forget()
    monkeypatch.setattr(SwitchChoice._meta, "db_table", "not_there")
    with transaction.atomic():
        assert side(view) == "old"
        assert Tag.objects.count() == 0, "the transaction is as it was"
    assert "the choice failed" in caplog.text


WRONG: dict[str, Any] = {
    "raises": lambda request, action: 1 // 0,
    "says nothing": lambda request, action: None,
    "says yes": lambda request, action: True,
    "says something": lambda request, action: "newer",
}


@pytest.mark.parametrize("case", WRONG)
def test_what_fails_in_the_choice_is_answered_by_the_old_code(
    case: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert side(switched(default=WRONG[case])) == "old"
    assert "things.list: the choice failed" in caplog.text


@pytest.mark.parametrize("said", ["newer", {"things": "newer"}, {"things": {"list": True}}])
def test_a_setting_that_is_no_choice_is_answered_by_the_old_code(
    settings: Any, said: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.NOVA_DRF = {"SWITCHES": said}
    assert side(switched(default="new")) == "old"
    assert 'settings.NOVA_DRF["SWITCHES"]' in caplog.text


def test_a_function_may_be_async_and_is_awaited() -> None:
    async def chosen(request: Any, action: str) -> str:
        await asyncio.sleep(0)
        return "old"

    assert side(switched(default=chosen)) == "old"

    async def new(request: Any, action: str) -> str:
        return "new"

    assert side(switched(default=new)) == "new"
    assert side(switched(new=AsyncThings, default=new)) == "new"


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no action": ({"actions": {"lits": "new"}}, "no action 'lits'. Did you mean 'list'?"),
    "no choice": (
        {"actions": {"list": "nw"}},
        "'nw' is no choice. Write 'old', 'new' or 'shadow'.",
    ),
    "no choice at all": ({"default": 7}, "7 is no choice"),
    "not written": (
        {"new": viewsets.ViewSet, "actions": {"list": "new"}},
        "the new class has no 'list'",
    ),
    "no view": ({"new": object}, "is no view class"),
    "a view and a viewset": ({"new": APIView}, "one of both is a viewset"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_definition_is_told(case: str) -> None:
    arguments, message = REFUSED[case]
    with pytest.raises(SwitchError) as told:
        switched(**arguments)
    assert message in str(told.value)


@pytest.mark.parametrize("share", [-1, 101])
def test_a_share_is_of_a_hundred(share: float) -> None:
    with pytest.raises(SwitchError, match="from 0 to 100"):
        Percentage(share)


@pytest.mark.parametrize(
    "rule", [partial(Header, "X-Use"), partial(Setting, "USE"), partial(Percentage, 50)]
)
def test_what_a_rule_leads_on_to_is_told_at_once(rule: Any) -> None:
    with pytest.raises(SwitchError, match="'nwe' is no choice"):
        rule(otherwise=Header("X-More", otherwise="nwe"))


# One route


def test_it_stands_on_one_route_of_a_router() -> None:
    view = switched(default="new")
    with override_settings(ROOT_URLCONF=urlconf(view)):
        assert reverse("thing-list") == "/things/"
        assert reverse("thing-detail", args=["1"]) == "/things/1/"
        client = APIClient()
        assert client.get("/things/7/").data == {"side": "new", "pk": "7"}
        assert client.post("/things/").status_code == 201
        assert client.delete("/things/7/").status_code == 405
        assert client.get("/things/secret/").status_code == 403


def test_who_looks_at_it_sees_the_old_view() -> None:
    view = switched(default="new")
    assert (view.__name__, view.__doc__) == (OLD.__name__, OLD.__doc__)
    function = view.as_view({"get": "list"}, suffix="List")
    assert function.cls is view
    assert issubclass(view, OLD)
    assert function.initkwargs == {"suffix": "List"}
    assert function.csrf_exempt
    assert not function.login_required


def test_the_classes_stay_as_they_are() -> None:
    before = dict(vars(OLD)), dict(vars(NEW))
    ask(switched(default="new"))
    assert [vars(OLD).get(name) for name in before[0]] == list(before[0].values())
    assert NEW.__name__ == "NewThings"


def test_options_and_the_names_are_those_of_the_old_view() -> None:
    client = APIClient()
    with override_settings(ROOT_URLCONF=urlconf(OLD)):
        expected = client.options("/things/").json()
    with override_settings(ROOT_URLCONF=urlconf(switched(default="new"))):
        assert client.options("/things/").json() == expected


def test_an_action_that_the_new_view_lacks_is_the_old_ones() -> None:
    class Half(viewsets.ViewSet):
        def list(self, request: Any) -> Response:
            return Response({"side": "new"})

    view = switched(new=Half, default="new")
    assert (side(view), side(view, "post")) == ("new", "old")
    detail = view.as_view({"get": "retrieve"})
    assert detail(APIRequestFactory().get("/"), pk="1").data["side"] == "old"


def test_a_view_that_is_no_viewset_is_chosen_by_methods() -> None:
    class Old(APIView):
        def get(self, request: Any) -> Response:
            return Response({"side": "old"})

        post = get

    class New(Old):
        def get(self, request: Any) -> Response:
            return Response({"side": "new"})

    view = switch(old=Old, new=New, actions={"get": "new"}).as_view()
    factory = APIRequestFactory()
    assert view(factory.get("/")).data == {"side": "new"}
    assert view(factory.post("/")).data == {"side": "old"}
    assert view(factory.put("/")).status_code == 405


# Guards


def test_each_side_keeps_its_guards() -> None:
    class Guarded(OLD):
        permission_classes = [permissions.IsAuthenticated]

    for arguments in ({"old": Guarded, "default": "old"}, {"new": Guarded, "default": "new"}):
        assert ask(switched(**arguments)).status_code == 403


def test_a_refusal_of_the_new_code_is_not_answered_by_the_old_one() -> None:
    class Refusing(NEW):
        def list(self, request: Any) -> Response:
            raise PermissionDenied

    assert ask(switched(new=Refusing, default="new")).status_code == 403


def test_throttles_count_both_sides_together() -> None:
    class Twice(throttling.AnonRateThrottle):
        rate = "2/day"
        scope = "switching"

    old, new = (type(cls.__name__, (cls,), {"throttle_classes": [Twice]}) for cls in (OLD, NEW))
    view = switched(old=old, new=new, default=Header("X-Use"))
    codes = [ask(view, **{"X-Use": said}).status_code for said in ("old", "new", "old", "new")]
    assert codes == [200, 200, 429, 429]


def test_who_asks_is_found_out_by_the_side_that_answers() -> None:
    class Mine(NEW):
        authentication_classes = [TokenAuthentication]

        def list(self, request: Any) -> Response:
            return Response({"side": request.user.get_username()})

    Token.objects.create(user=User.objects.create_user("ada"), key="k")
    assert side(switched(new=Mine, default="new"), Authorization="Token k") == "ada"


# Rolling back


def failing(times: list[bool]) -> Any:
    class Failing(NEW):
        def list(self, request: Any) -> Response:
            if times.pop():
                raise ZeroDivisionError
            return Response({"side": "new"})

    return Failing


def test_too_many_errors_bring_the_old_code_back(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.NOVA_DRF = {"SWITCH_SECONDS": 0}
    limits = Limits(failures=0.5, at_least=4)
    view = switched(new=failing([True] * 3 + [False] * 2), default="new", limits=limits)
    told: list[tuple[str, str]] = []

    def receiver(sender: Any, action: str, reason: str, **kwargs: Any) -> None:
        told.append((action, reason))

    rolled_back.connect(receiver)
    try:
        for _ in range(2):
            assert side(view) == "new"
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                ask(view)
    finally:
        rolled_back.disconnect(receiver)
    assert side(view) == "old"
    assert told == [("list", "3 of the last 5 answers failed or took too long")]
    assert "things.list is rolled back to the old code" in caplog.text
    assert side(view, "post") == "new", "the other actions go on"
    # All other processes read it in the table.
    assert str(SwitchChoice.objects.get()) == "things.list: old"
    assert side(view) == "old"
    assert view.switch._given_up == {}
    SwitchChoice.objects.all().delete()
    view.switch.new.list = NEW.list
    assert side(view) == "new", "whoever deletes the row lets it try again"


def test_a_row_that_was_rolled_back_is_written_again(settings: Any) -> None:
    settings.NOVA_DRF = {"SWITCH_SECONDS": 0}
    view = switched(default="new")
    view.switch.give_up("list", "by hand")
    with transaction.atomic():
        assert side(view) == "old"
        transaction.set_rollback(True)
    TABLE.forget()
    assert not SwitchChoice.objects.exists()
    assert side(view) == "old"
    assert SwitchChoice.objects.get().reason == "by hand"


def test_without_the_table_a_process_keeps_to_the_old_code(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(TABLE), "is_installed", False)
    view = switched(default="new")
    view.switch.give_up("list", "by hand")
    assert [side(view) for _ in range(3)] == ["old"] * 3
    view.switch.try_again("list")
    assert side(view) == "new"


def test_answers_of_500_and_slow_ones_count_as_well() -> None:
    class Slow(NEW):
        def list(self, request: Any) -> Response:
            return Response({"side": "new"}, status=503)

    view = switched(new=Slow, default="new", limits=Limits(at_least=3))
    assert [side(view) for _ in range(4)] == ["new", "new", "new", "old"]
    view = switched(name="slow", default="new", limits=Limits(seconds=0.0, at_least=3))
    assert [side(view) for _ in range(4)] == ["new", "new", "new", "old"]


def test_refusals_do_not_count() -> None:
    class Refusing(NEW):
        def list(self, request: Any) -> Response:
            return Response({"side": "new"}, status=400)

    view = switched(new=Refusing, default="new", limits=Limits(at_least=1))
    assert {side(view) for _ in range(5)} == {"new"}


def test_a_receiver_that_fails_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def receiver(**kwargs: Any) -> None:
        raise ZeroDivisionError

    rolled_back.connect(receiver)
    try:
        switched().switch.give_up("list", "by hand")
    finally:
        rolled_back.disconnect(receiver)
    assert "A receiver of rolled_back failed" in caplog.text


# Async


@pytest.mark.parametrize("chosen", ["old", "new", Percentage(100), lambda request, action: "new"])
def test_either_side_may_be_async(chosen: Any) -> None:
    expected = "old" if chosen == "old" else "new"
    for old, new in ((OLD, AsyncThings), (AsyncThings, NEW), (AsyncThings, AsyncThings)):
        view = switched(old=old, new=new, default=chosen)
        assert iscoroutinefunction(view.as_view({"get": "list"}))
        if old is OLD or new is NEW:
            assert side(view) == (expected if old is OLD else "new")


class Noting:
    """A rule that notes in which thread it is asked."""

    def __init__(self, **attributes: Any) -> None:
        self.threads: list[int] = []
        vars(self).update(attributes)

    def choose(self, request: Any, switch: str, action: str) -> Choice:
        self.threads.append(threading.get_ident())
        return Choice.NEW


LEADING_ON: dict[str, tuple[Any, bool]] = {
    "a header": (lambda rule: Header("X-Use", otherwise=rule), True),
    "a setting": (lambda rule: Setting("USE_NEW", otherwise=rule), True),
    "who may choose": (lambda rule: Header("X-Use", lambda request: False, rule), False),
    "a share": (lambda rule: Percentage(0, otherwise=rule), False),
    "a function": (lambda rule: lambda request, action: rule.choose(request, "", action), False),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("led", LEADING_ON)
@pytest.mark.parametrize(("attributes", "on_loop"), [({}, False), ({"may_ask": False}, True)])
async def test_only_a_rule_that_may_ask_something_needs_a_thread(
    led: str, attributes: dict[str, Any], on_loop: bool
) -> None:
    rule, (lead, leads_on_loop) = Noting(**attributes), LEADING_ON[led]
    view = switched(new=AsyncThings, default=lead(rule)).as_view({"get": "list"})
    request = AsyncAPIRequestFactory().get("/things/")
    request.user = AnonymousUser()
    # The first one reads the table, in a thread.
    for _ in range(2):
        assert (await view(request)).data == {"side": "new"}
    assert (rule.threads[-1] == threading.get_ident()) is (on_loop and leads_on_loop)


@pytest.mark.django_db(transaction=True)
async def test_sides_that_ask_the_database_are_awaited_on_the_loop() -> None:
    view = switched(new=AsyncThings, default=Header("X-Use")).as_view({"post": "create"})
    for said in ("old", "new"):
        request = AsyncAPIRequestFactory().post("/things/", headers={"X-Use": said})
        response = await view(request)
        assert (response.status_code, response.data) == (201, {"side": said})
    assert await Tag.objects.acount() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("said", ["old", "new"])
async def test_what_fails_is_rolled_back_with_atomic_requests(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    class Old(OLD):
        def create(self, request: Any) -> Response:
            super().create(request)
            raise ZeroDivisionError

    class New(AsyncThings):
        async def create(self, request: Any) -> Response:
            await super().create(request)
            raise ZeroDivisionError

    view = switched(old=Old, new=New, default=said).as_view({"post": "create"})
    with pytest.raises(ZeroDivisionError):
        await view(AsyncAPIRequestFactory().post("/things/"))
    assert not await Tag.objects.aexists()


async def test_a_client_that_goes_away_is_no_failure() -> None:
    class Waiting(AsyncThings):
        async def list(self, request: Any) -> Response:
            await asyncio.sleep(60)
            raise AssertionError

    view = switched(new=Waiting, default="new", limits=Limits(at_least=1))
    task = asyncio.ensure_future(view.as_view({"get": "list"})(AsyncAPIRequestFactory().get("/")))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert view.switch._given_up == {}


# What it costs


def calls(view: Any) -> int:
    """Return how many calls an answer needs, those of functions in C among them."""
    function = view.as_view({"get": "list"})
    factory = APIRequestFactory()
    function(factory.get("/things/"))
    request, count = factory.get("/things/"), 0

    def profile(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        function(request)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(("chosen", "most"), [("old", 40), ("new", 50), (Percentage(100), 60)])
def test_a_switch_adds_few_calls(chosen: Any, most: int, settings: Any) -> None:
    settings.NOVA_DRF = {"SWITCH_SECONDS": 60}
    assert 0 < calls(switched(default=chosen)) - calls(OLD) <= most


# While it flips


def test_no_request_is_lost_or_answered_by_both_while_the_setting_flips(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.THINGS = "old"
    monkeypatch.setattr(type(TABLE), "is_installed", False)
    function = switched(default=Setting("THINGS")).as_view({"get": "list"})
    done = threading.Event()

    def flip() -> None:
        while not done.wait(0.001):
            live.THINGS = "old" if live.THINGS == "new" else "new"

    def work() -> list[str]:
        factory = APIRequestFactory()
        return [function(factory.get("/things/")).data["side"] for _ in range(2500)]

    flipping = threading.Thread(target=flip)
    flipping.start()
    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(work) for _ in range(4)]
        answers = [side for one in working for side in one.result()]
    done.set()
    flipping.join()
    assert len(answers) == 10_000
    assert set(answers) == {"old", "new"}
