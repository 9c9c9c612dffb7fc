"""Base URLs: only this machine is asked, and what comes back is told exactly."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from nova_drf.migration.proof.cases import NO_BODY, Case
from nova_drf.migration.replay import addresses
from nova_drf.migration.replay.addresses import AddressError, RemoteSide, address_of, is_loopback
from nova_drf.migration.replay.traffic import RecordedRequest
from tests.migration.replay import site


class Handler(BaseHTTPRequestHandler):
    """Says what it heard; a word in the path makes it behave."""

    protocol_version = "HTTP/1.1"
    heard: list[tuple[str, dict[str, str]]]
    word = b"same"

    def do_GET(self) -> None:
        self.heard.append((self.path, dict(self.headers)))
        if "/hang-up/" in self.path or ("/once/" in self.path and len(self.heard) == 1):
            self.close_connection = True
            return
        body = json.dumps({"word": self.word.decode(), "host": self.headers["Host"]}).encode()
        self.send_response(404 if "/missing/" in self.path else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Vary", "Accept")
        self.send_header("Vary", "Cookie")
        self.send_header("Set-Cookie", "a=1; Path=/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def serve(word: bytes) -> tuple[ThreadingHTTPServer, Any]:
    handler = type("Server", (Handler,), {"word": word, "heard": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server, handler


@pytest.fixture
def servers() -> Iterator[list[tuple[str, Any]]]:
    """Two servers that answer the same, and one that does not: their base URLs, and handlers."""
    running = [serve(word) for word in (b"same", b"same", b"other")]
    yield [(f"http://127.0.0.1:{server.server_port}", handler) for server, handler in running]
    for server, _handler in running:
        server.shutdown()
        server.server_close()


# Which machines are asked


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.1", "0.0.0.0", "example.org", "::", "1"])  # noqa: S104  # an address, which nobody binds to
def test_other_machines(host: str) -> None:
    assert not is_loopback(host)


def test_a_name_that_leads_elsewhere_is_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Any] = [(0, 0, 0, "", ("127.0.0.1", 0)), (0, 0, 0, "", ("10.0.0.1", 0))]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *args: answers)
    assert not is_loopback("app.localhost")

    def fail(*args: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(addresses.socket, "getaddrinfo", fail)
    assert not is_loopback("app.localhost")


def test_another_machine_has_to_be_named() -> None:
    with pytest.raises(AddressError, match=r"Write --allow-host shop\.example if"):
        address_of("https://shop.example/v1/")
    with pytest.raises(AddressError, match=r"--allow-host shop\.example"):
        address_of("https://shop.example/v1/", ["other.example"])
    address = address_of("https://shop.example/v1/", ["shop.example"])
    assert (address.netloc, address.prefix) == ("shop.example:443", "/v1")
    assert address_of("http://[::1]:8000").netloc == "[::1]:8000"
    assert address_of("http://localhost").port == 80


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://127.0.0.1", "is no base URL"),
        ("http://", "is no base URL"),
        ("http://127.0.0.1:x", "is no base URL"),
        ("http://127.0.0.1/?a=1", "is no base URL"),
        ("http://ada:secret@127.0.0.1", "no credentials"),
    ],
)
def test_what_is_no_base_url(url: str, said: str) -> None:
    with pytest.raises(AddressError, match=said) as caught:
        address_of(url)
    assert "secret" not in str(caught.value)


# What comes back


def side(url: str, **more: Any) -> RemoteSide:
    return RemoteSide(address_of(url), "shop.example", **more)


def case(path: str, **more: Any) -> Case:
    return Case(f"GET {path}", "GET", path, **more)


def test_an_answer_is_told_exactly(servers: Any) -> None:
    url, handler = servers[0]
    sent = case("/missing/", query=(("a", "1"), ("b", "ü")), headers=(("Accept", "a/b"),))
    with side(f"{url}/v1", headers={"Authorization": "Token x"}) as remote:
        exchange = remote.answer(sent)
        remote.answer(case("/", body=b"{}", encoding="application/json"))
    assert (exchange.status, exchange.crash) == (404, "")
    assert exchange.headers["Vary"] == "Accept, Cookie"
    assert exchange.headers["Set-Cookie a"] == "a=1; Path=/"
    assert json.loads(exchange.body) == {"word": "same", "host": "shop.example"}
    assert exchange.seconds > 0
    path, headers = handler.heard[0]
    assert path == "/v1/missing/?a=1&b=%C3%BC"
    assert (headers["Accept"], headers["Authorization"]) == ("a/b", "Token x")
    assert "Content-Type" not in headers
    assert handler.heard[1][1]["Content-Type"] == "application/json"


def test_a_connection_that_was_closed_is_opened_again(servers: Any) -> None:
    url, handler = servers[0]
    with side(url) as remote:
        assert remote.answer(case("/once/")).status == 200
        assert len(handler.heard) == 2
        exchange = remote.answer(case("/hang-up/", body=NO_BODY))
    assert (exchange.status, exchange.crash.partition(":")[0]) == (0, "RemoteDisconnected")


def test_a_server_that_is_not_there_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(AddressError, match=f"Nobody answers at 127.0.0.1:{port}"):
        side(f"http://127.0.0.1:{port}").answer(case("/"))


def test_https_is_checked() -> None:
    connection = side("https://127.0.0.1:1")._connection()
    assert connection._context.check_hostname


# The command


def run(tmp_path: Path, *arguments: str) -> tuple[str, int]:
    requests = [
        RecordedRequest("GET", "/echo/a/"),
        RecordedRequest("GET", "/echo/b/", user="7"),
        RecordedRequest("POST", "/echo/", body=b"{}"),
    ]
    file = tmp_path / "traffic.jsonl"
    file.write_text("".join(request.as_line() for request in requests))
    out = StringIO()
    try:
        call_command("nova_replay", str(file), *arguments, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}", error.returncode
    return out.getvalue(), 0


@pytest.mark.urls(site.__name__)
def test_two_servers_are_compared(tmp_path: Path, servers: Any, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    urls = [url for url, _handler in servers]
    same = ("--old", urls[0], "--new", urls[1], "--header", "X-Tenant: a")
    printed, code = run(tmp_path, *same)
    assert (code, "2 requests, 0 differences" in printed) == (0, True)
    assert "Not compared: 1 request, because they change something" in printed
    # Only what asks is sent, to both under one name, with what was said.
    for _url, handler in servers[:2]:
        assert sorted(path for path, _ in handler.heard) == ["/echo/a/", "/echo/b/"]
        heard = [(headers["Host"], headers["X-Tenant"]) for _, headers in handler.heard]
        assert heard == [(urls[0].removeprefix("http://"), "a")] * 2
    printed, code = run(tmp_path, "--old", urls[0], "--new", urls[2])
    assert (code, "value at word: 'same' became 'other'" in printed) == (1, True)


@pytest.mark.urls(site.__name__)
@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--user", "ada"), "--user is for URL configurations"),
        (("--header", "nonsense"), "Write 'NAME: VALUE'"),
        (("--new", "http://10.0.0.1"), "--allow-host 10.0.0.1"),
    ],
)
def test_what_is_refused(more: tuple[str, ...], said: str, tmp_path: Path, servers: Any) -> None:
    url = servers[0][0]
    printed, code = run(tmp_path, "--old", url, "--new", url, *more)
    assert (code, said in printed) == (2, True)
    assert servers[0][1].heard == []
