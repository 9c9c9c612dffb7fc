"""The middleware records what may be recorded, under WSGI and ASGI, and disturbs no request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client
from rest_framework.authtoken.models import Token

from nova_drf.migration.proof.shadow.redaction import REDACTED
from nova_drf.migration.replay import recorder
from nova_drf.migration.replay.middleware import RecordTraffic
from nova_drf.migration.replay.redaction import EMAIL
from nova_drf.migration.replay.traffic import RecordedRequest, load_traffic
from tests.migration.replay import site
from tests.testapp.models import Author

pytestmark = [pytest.mark.django_db, pytest.mark.urls(site.__name__)]

MIDDLEWARE = "nova_drf.migration.replay.middleware.RecordTraffic"


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    """The file to which all requests are written."""
    settings.BASE_DIR = tmp_path
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    settings.NOVA_DRF = {"RECORDING": {"SHARE": 100}}
    return tmp_path / "nova_traffic.jsonl"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", password="a")


def written(file: Path) -> list[RecordedRequest]:
    return load_traffic(file).requests if file.exists() else []


def test_requests_to_endpoints_are_recorded(file: Path, client: Client, ada: User) -> None:
    Author.objects.create(name="A", email="a@example.org")
    client.force_login(ada)
    assert client.get("/api/authors/?page=1&token=abc", HTTP_ACCEPT="application/json").json()
    assert written(file) == [
        RecordedRequest(
            "GET",
            "/api/authors/",
            (("page", "1"), ("token", REDACTED)),
            {"Accept": "application/json"},
            user=str(ada.pk),
            status=200,
        )
    ]


def test_bodies_are_read_by_the_view_as_well(file: Path, client: Client) -> None:
    body = {"name": "A", "password": "secret", "email": "ada@example.org"}
    assert client.post("/echo/", body, content_type="application/json").json() == body
    assert client.post("/echo/", "a=1&password=s", "application/x-www-form-urlencoded").json() == {
        "a": "1",
        "password": "s",
    }
    first, second = written(file)
    assert json.loads(first.body) == {"name": "A", "password": REDACTED, "email": EMAIL}
    assert first.headers["Content-Type"] == "application/json"
    assert second.body == b"a=1&password=%5Bredacted%5D"
    assert "secret" not in file.read_text()


def test_who_logs_in_by_a_token_is_known_and_the_token_is_not(
    file: Path, client: Client, ada: User
) -> None:
    token = Token.objects.create(user=ada)
    client.get("/api/authors/count/", headers={"Authorization": f"Token {token.key}"})
    assert written(file)[0].user == str(ada.pk)
    assert token.key not in file.read_text()


def test_users_need_not_be_kept(file: Path, client: Client, ada: User, settings: Any) -> None:
    settings.NOVA_DRF = {"RECORDING": {"SHARE": 100, "USERS": False}}
    client.force_login(ada)
    client.get("/api/authors/")
    assert written(file)[0].user == ""


def test_secrets_in_paths_are_taken_out(file: Path, client: Client) -> None:
    client.get("/reset/abc/")
    client.get("/echo/ada@example.org/")
    client.get("/echo/a b%25/")
    paths = [request.path for request in written(file)]
    assert paths == ["/reset/%5Bredacted%5D/", f"/echo/{EMAIL}/", "/echo/a%20b%25/"]


def test_what_cannot_be_looked_through_is_not_recorded(file: Path, client: Client) -> None:
    upload = SimpleUploadedFile("a.txt", b"secret")
    assert client.post("/echo/", {"file": upload, "a": "1"}).status_code == 200
    assert client.post("/echo/", "{", "application/json").status_code == 400
    assert client.post("/echo/", "a&b", "application/x-www-form-urlencoded").status_code == 200
    long = json.dumps({"a": "x" * 70_000})
    assert client.post("/echo/", long, "application/json").status_code == 200
    assert client.get("/page/").content == b"page"
    assert client.get("/nowhere/").status_code == 404
    assert client.generic("TRACE", "/echo/").status_code == 405
    assert written(file) == []


def test_further_headers_and_names(file: Path, client: Client, settings: Any) -> None:
    said = {"SHARE": 100, "HEADERS": ("X-Tenant",), "SECRET_NAMES": ("shoe",), "FILE": "t.jsonl"}
    settings.NOVA_DRF = {"RECORDING": said}
    client.get("/echo/?shoe=44", headers={"x-tenant": "a", "x-other": "b"})
    request = written(file.with_name("t.jsonl"))[0]
    assert request.headers == {"X-Tenant": "a"}
    assert request.query == (("shoe", REDACTED),)


def test_a_file_has_an_end(
    file: Path, client: Client, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.NOVA_DRF = {"RECORDING": {"SHARE": 100, "MAX_BYTES": 200}}
    for _ in range(9):
        assert client.get("/echo/").status_code == 200
    assert 0 < file.stat().st_size <= 200
    assert caplog.text.count("is full") == 1


def test_a_share_of_the_requests_is_recorded(
    file: Path, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.NOVA_DRF = {"RECORDING": {"SHARE": 10}}
    drawn = iter([0.05, 0.5, 0.099, 0.1])
    monkeypatch.setattr(recorder.random, "random", lambda: next(drawn))
    for number in range(4):
        client.get(f"/echo/{number}/")
    assert [request.path for request in written(file)] == ["/echo/0/", "/echo/2/"]


def test_what_goes_wrong_disturbs_nobody(
    file: Path, client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.mkdir()
    assert client.get("/echo/").status_code == 200
    assert "could not be recorded" in caplog.text

    def fail(*args: object) -> None:
        raise RuntimeError("here")

    monkeypatch.setattr(recorder.Recorder, "begin", fail)
    assert client.post("/echo/", {"a": 1}, "application/json").json() == {"a": 1}
    assert "RuntimeError: here" in caplog.text


def test_the_exception_of_a_view_goes_on(file: Path, client: Client) -> None:
    client.raise_request_exception = False
    assert client.get("/broken/").status_code == 500
    assert written(file)[0].status == 500


@pytest.mark.django_db(transaction=True)
async def test_requests_that_are_awaited_are_recorded(
    file: Path, async_client: AsyncClient
) -> None:
    ada = await User.objects.acreate(username="ada")
    await sync_to_async(async_client.force_login)(ada)
    response = await async_client.post("/echo/", {"a": 1}, "application/json")
    assert response.json() == {"a": 1}
    assert (await async_client.get("/page/")).status_code == 200
    request = written(file)[0]
    assert (request.user, request.status, request.body) == (str(ada.pk), 200, b'{"a": 1}')


def test_without_a_share_it_is_not_there(settings: Any) -> None:
    settings.NOVA_DRF = {}
    with pytest.raises(MiddlewareNotUsed):
        RecordTraffic(lambda request: request)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [({"SHARES": 1}, "Did you mean 'SHARE'"), ({"SHARE": 101}, "from 0 to 100")],
)
def test_what_the_setting_may_say(said: dict[str, Any], complaint: str, settings: Any) -> None:
    settings.NOVA_DRF = {"RECORDING": said}
    with pytest.raises(ImproperlyConfigured, match=complaint):
        RecordTraffic(lambda request: request)
