"""The old code answers as ever, whatever happens to the copy of what it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import AsyncClient, Client, RequestFactory

from nova_drf.migration import Flag, Percentage, Setting, Shadow, switch
from nova_drf.migration.proof.choices import Choice, SwitchError
from nova_drf.migration.proof.models import SwitchChoice
from nova_drf.migration.proof.overrides import TABLE
from nova_drf.migration.proof.shadow import capture as module
from nova_drf.migration.proof.shadow.capture import Capturing
from nova_drf.migration.proof.shadow.causes import Outcome
from nova_drf.migration.proof.shadow.runner import RUNNER
from nova_drf.migration.proof.shadow.samples import Sample
from tests.migration.proof.shadow import shop

pytestmark = [pytest.mark.django_db, pytest.mark.urls(shop.__name__)]


@pytest.fixture
def kept_open() -> Iterator[None]:
    """Keep the connection, which is in the transaction of the test, when a request ends."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(autouse=True)
def taken(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[list[Any]]:
    """What is handed over, or counted, in place of a comparison."""
    settings.NOVA_DRF = {"SHADOW": {"SAMPLE": 1}}
    taken: list[Any] = []
    monkeypatch.setattr(RUNNER, "submit", taken.append)
    monkeypatch.setattr(RUNNER, "count", lambda switch, action, outcome: taken.append(outcome))
    TABLE.forget()
    yield taken
    TABLE.forget()
    TABLE._rows.clear()


def test_a_request_is_copied_with_its_answer(client: Client, taken: list[Any]) -> None:
    response = client.post(
        "/badly/equal/?a=1", b'{"b": 2}', "application/json", headers={"X-Said": "x"}
    )
    (sample,) = taken
    assert Sample.decoded(sample.encoded()) == sample
    assert (sample.switch, sample.action, sample.method, sample.body) == (
        *("badly", "post", "POST"),
        b'{"b": 2}',
    )
    assert (sample.status, sample.content) == (200, response.content)
    assert (sample.environ["QUERY_STRING"], sample.environ["HTTP_X_SAID"]) == ("a=1", "x")
    assert sample.headers["Content-Type"] == "application/json"
    assert (sample.writes, sample.seconds, sample.user) == ("rolled_back", 20, "")


async def test_it_is_copied_under_asgi(async_client: AsyncClient, taken: list[Any]) -> None:
    for address in ("/badly/equal/", "/async/equal/", "/reverse/equal/"):
        response = await async_client.get(address)
        assert response.json() == {"value": "fine"}
    assert [one.switch for one in taken] == ["badly", "async", "reverse"]
    assert {one.environ["wsgi.url_scheme"] for one in taken} == {"http"}


@pytest.mark.usefixtures("kept_open")
def test_a_server_of_wsgi_closes_the_response_after_it_was_sent(taken: list[Any]) -> None:
    request = RequestFactory().get("/badly/equal/")
    response: Any = WSGIHandler()(request.environ, lambda status, headers, *more: None)
    assert b"".join(response) == b'{"value":"fine"}'
    assert taken == []
    response.close()
    assert [one.switch for one in taken] == ["badly"]


async def test_a_server_of_asgi_closes_it_too(taken: list[Any]) -> None:
    sent: list[Any] = []
    pending = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        return pending.pop() if pending else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)
        assert taken == []

    scope = {
        **{"type": "http", "method": "GET", "path": "/async/equal/", "query_string": b""},
        **{"headers": [(b"host", b"testserver")], "scheme": "https"},
    }
    await ASGIHandler()(scope, receive, send)
    assert sent[1]["body"] == b'{"value":"fine"}'
    assert [one.environ["wsgi.url_scheme"] for one in taken] == ["https"]


def test_the_session_s_user_goes_along(
    client: Client, taken: list[Any], django_user_model: Any
) -> None:
    user = django_user_model.objects.create_user("ada")
    client.force_login(user)
    client.get("/who/")
    assert taken[0].user == str(user.pk)


def test_streams_and_large_bodies_are_counted(
    client: Client, taken: list[Any], settings: Any
) -> None:
    settings.NOVA_DRF = {"SHADOW": {"SAMPLE": 1, "BODY_SIZE": 12}}
    assert b"".join(client.get("/stream/")) == b"ab"
    client.post("/badly/equal/", b'{"b": "too large"}', "application/json")
    client.get("/badly/equal/")
    assert taken == [Outcome.SKIPPED] * 3


def test_a_share_of_the_requests_is_copied(
    client: Client, taken: list[Any], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.NOVA_DRF = {"SHADOW": {"SAMPLE": 0.25}}
    draws = iter([0.1, 0.25, 0.9, 0.2])
    monkeypatch.setattr(module, "random", lambda: next(draws))
    for _ in range(4):
        client.get("/badly/equal/")
    assert len(taken) == 2


def test_nothing_is_copied_that_would_be_dropped(
    client: Client, taken: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RUNNER, "accepts", lambda switch, action: False)
    client.get("/badly/equal/")
    assert taken == []


def test_whatever_fails_the_old_code_answers(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    settings: Any,
) -> None:
    def fail(*arguments: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(RUNNER, "submit", fail)
    assert client.get("/badly/equal/").status_code == 200
    assert "could not be compared" in caplog.text
    monkeypatch.setattr(module, "headers_of", fail)
    assert client.get("/badly/equal/").status_code == 200
    assert "an answer could not be copied" in caplog.text
    monkeypatch.setattr(RUNNER, "accepts", fail)
    assert client.get("/badly/equal/").status_code == 200
    settings.NOVA_DRF = {"SHADOW": {"SAMPEL": 1}}
    assert client.get("/badly/equal/").status_code == 200
    assert caplog.text.count("a request could not be copied") == 2


def test_an_exception_of_the_old_code_is_no_sample(client: Client, taken: list[Any]) -> None:
    with pytest.raises(ZeroDivisionError):
        client.get("/both/raises/")
    assert taken == []


def test_what_is_never_rendered_or_rendered_already(taken: list[Any]) -> None:
    from rest_framework.response import Response

    capturing = Capturing("books", Shadow())
    request: Any = RequestFactory().get("/")
    for response in (Response({}), shop.Well.as_view()(RequestFactory().get("/"), "x").render()):
        copy = capturing.begin(request, "list")
        assert copy is not None
        copy.answered(response)
        request.close()
    assert [one.content for one in taken] == [b'{"value":"fine"}']
    copy = capturing.begin(request, "list")
    assert copy is not None
    copy.answered(None)


# What chooses it


@pytest.mark.parametrize(
    "choice",
    [
        "shadow",
        lambda request, action: "shadow",
        Percentage(100, choice="shadow"),
        Percentage(0, otherwise="shadow"),
        Setting("BADLY"),
    ],
)
def test_it_is_chosen_as_the_others_are(settings: Any, taken: list[Any], choice: Any) -> None:
    settings.BADLY = "shadow"
    view = switch(old=shop.Well, new=shop.Badly, name="chosen", default=choice).as_view()
    request = RequestFactory().get("/")
    assert view(request, how="raises").render().content == b'{"value":"fine"}'
    request.close()
    assert len(taken) == 1


def test_a_table_and_a_setting_choose_it(settings: Any, taken: list[Any]) -> None:
    view = switch(old=shop.Well, new=shop.Badly, name="chosen").as_view()

    def ask() -> int:
        taken.clear()
        request = RequestFactory().get("/")
        view(request, how="equal").render()
        request.close()
        return len(taken)

    assert ask() == 0
    SwitchChoice.objects.create(switch="chosen", action="get", choice=Choice.SHADOW)
    TABLE.forget()
    assert ask() == 1
    settings.NOVA_DRF = {"SWITCHES": {"chosen": "old"}, "SHADOW": {"SAMPLE": 1}}
    assert ask() == 0
    SwitchChoice.objects.all().delete()
    TABLE.forget()
    settings.NOVA_DRF = {"SWITCHES": {"chosen": "shadow"}, "SHADOW": {"SAMPLE": 1}}
    assert ask() == 1


def test_it_needs_new_code() -> None:
    class Empty(shop.APIView):
        pass

    with pytest.raises(SwitchError, match="the new class has no 'get'"):
        switch(old=shop.Well, new=Empty, name="chosen", actions={"get": "shadow"})


@pytest.mark.parametrize("rule", [Percentage, Flag])
def test_a_rule_that_chooses_nothing_is_told(rule: Any) -> None:
    with pytest.raises(SwitchError, match="'shadw' is no choice"):
        rule(10, choice="shadw")


def test_a_request_at_once_with_others(taken: list[Any], async_client: AsyncClient) -> None:
    async def ask() -> list[Any]:
        return await asyncio.gather(*(async_client.get("/async/equal/") for _ in range(5)))

    assert {one.status_code for one in asyncio.run(ask())} == {200}
    assert len(taken) == 5
