"""Files of requests: what is written is read again, HARs are read, nonsense is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nova_drf.migration.replay.traffic import RecordedRequest, TrafficError, load_traffic

FULL = RecordedRequest(
    method="POST",
    path="/api/x%20y/",
    query=(("a", "1"), ("a", "ü")),
    headers={"Accept": "application/json", "Content-Type": "application/json"},
    body='{"a": "ü\\ud83d"}'.encode(),
    user="7",
    status=201,
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    plain = RecordedRequest("GET", "/")
    file = tmp_path / "traffic.jsonl"
    file.write_text(FULL.as_line() + "\n" + plain.as_line())
    assert "\n" not in FULL.as_line()[:-1]
    assert load_traffic(file).requests == [FULL, plain]
    assert not FULL.is_safe
    assert plain.is_safe


NONSENSE: list[object] = [
    {"method": "GET"},
    {"method": "TRACE", "path": "/"},
    {"method": "GET", "path": "x"},
    {"method": "GET", "path": "/", "query": [["a"]]},
    {"method": "GET", "path": "/", "query": [["a", 1]]},
    {"method": "GET", "path": "/", "headers": {"a": 1}},
    {"method": "GET", "path": "/", "body": 5},
    {"method": "GET", "path": "/", "status": "200"},
    {"method": 1, "path": "/"},
    [],
    5,
]


def test_lines_that_are_no_requests_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "traffic.jsonl"
    lines = [*map(json.dumps, NONSENSE), "{", '{"method": "GET", "pa']
    file.write_text("\n".join([*lines, RecordedRequest("GET", "/").as_line()]))
    traffic = load_traffic(file)
    assert (len(traffic.requests), traffic.unreadable) == (1, len(lines))


def entry(method: str, url: str, **more: Any) -> dict[str, Any]:
    return {"request": {"method": method, "url": url, **more}, "response": {"status": 200}}


def test_a_har_is_read_without_what_says_who_the_client_is(tmp_path: Path) -> None:
    headers = [
        {"name": "accept", "value": "application/json"},
        {"name": "Cookie", "value": "sessionid=secret"},
        {"name": "authorization", "value": "Token secret"},
        {"name": "User-Agent", "value": "Mozilla"},
    ]
    posted = {"mimeType": "application/json", "text": '{"a": 1}'}
    har = {
        "log": {
            "version": "1.2",
            "entries": [
                entry("GET", "https://shop.example/api/books/?page=2&q=", headers=headers),
                entry("post", "https://shop.example/api/books/", postData=posted),
                {"request": {"method": "GET", "url": "data:text/plain,x"}},
                {},
            ],
        }
    }
    file = tmp_path / "shop.har"
    # Some browsers write a mark in front.
    file.write_text(json.dumps(har), "utf-8-sig")
    traffic = load_traffic(file)
    assert traffic.unreadable == 2
    assert traffic.requests == [
        RecordedRequest(
            "GET",
            "/api/books/",
            (("page", "2"), ("q", "")),
            {"Accept": "application/json"},
            status=200,
        ),
        RecordedRequest(
            "POST",
            "/api/books/",
            headers={"Content-Type": "application/json"},
            body=b'{"a": 1}',
            status=200,
        ),
    ]


def test_credentials_in_a_file_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "traffic.jsonl"
    line = {"method": "GET", "path": "/", "headers": {"Authorization": "Token x", "X-A": "b"}}
    file.write_text(json.dumps(line))
    assert load_traffic(file).requests[0].headers == {"X-A": "b"}


@pytest.mark.parametrize("text", ["", "{}", '{"log": {"entries": []}}', '{"log": 1}', "[]"])
def test_a_file_without_requests_is_an_error(text: str, tmp_path: Path) -> None:
    file = tmp_path / "traffic.jsonl"
    file.write_text(text)
    with pytest.raises(TrafficError, match="it has no requests"):
        load_traffic(file)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TrafficError, match="cannot be read"):
        load_traffic(tmp_path / "nowhere.jsonl")
