"""What the child process does, in this process, on SQLite; the others are tried with a child."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import Pipe
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import path
from rest_framework import serializers, viewsets
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from nova_drf.migration import switch
from nova_drf.migration.proof.approvals import Approval, ApprovedDifferences
from nova_drf.migration.proof.sandbox import sandbox
from nova_drf.migration.proof.shadow import comparing
from nova_drf.migration.proof.shadow.child import Worker, serve
from nova_drf.migration.proof.shadow.options import Writes
from nova_drf.migration.proof.shadow.outside import RefusedConnection, RefusedFile, RefusedProgram
from nova_drf.migration.proof.shadow.samples import Sample
from nova_drf.migration.proof.shadow.taking_back import take_back
from nova_drf.migration.proof.shadow.transactions import (
    Access,
    Databases,
    RefusedStatement,
    WouldWrite,
    environment,
)
from tests.testapp.models import Author, Book, Tag

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls(__name__),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="tried with a child process"),
]


class WordSerializer(serializers.Serializer[Any]):
    word = serializers.CharField(write_only=True)
    words = serializers.ListField(child=serializers.CharField(), required=False)


class Old(viewsets.ViewSet):
    """What there is."""

    queryset = Tag.objects.all()
    answer: Any = staticmethod(lambda request: {"value": 1})

    def list(self, request: Any) -> Response:
        return Response(type(self).answer(request))

    def create(self, request: Any) -> Response:
        return Response(type(self).answer(request), 201)

    def get_serializer_class(self) -> Any:
        return WordSerializer


class New(Old):
    """What is to replace it."""


router = SimpleRouter()
router.register("things", switch(old=Old, new=New, name="things"), basename="thing")
urlpatterns = [*router.urls, path("other/", New.as_view({"get": "list"}))]

SIDES = router.registry[0][1].switch
"""The switch; the sides' own classes are derived from the two above."""


@pytest.fixture
def worker() -> Iterator[Worker]:
    begun.clear()
    with sandbox():
        made = Worker(["nickname"], [], lambda side, seconds: begun.append(side))
        made.databases.watch()
        yield made
        made.unlock()


begun: list[str] = []


@contextmanager
def unwatched(worker: Worker) -> Iterator[None]:
    """Write something before a shadow runs."""
    worker.databases.release()
    yield
    worker.databases.watch()


def sides(monkeypatch: pytest.MonkeyPatch, old: Any, new: Any) -> None:
    """Let the two sides answer what two functions return."""
    monkeypatch.setattr(Old, "answer", staticmethod(old))
    monkeypatch.setattr(New, "answer", staticmethod(new), raising=False)


def sample(method: str = "GET", body: Any = None, **more: Any) -> Sample:
    environ = {
        **{"REQUEST_METHOD": method, "PATH_INFO": "/things/", "QUERY_STRING": "page=1&token=xyz1"},
        **{"SERVER_NAME": "testserver", "SERVER_PORT": "80", "CONTENT_TYPE": "application/json"},
        "HTTP_AUTHORIZATION": "Bearer verysecret",
    }
    usual: dict[str, Any] = {
        "status": 200 if method == "GET" else 201,
        "content": b'{"value":1}',
        "headers": {
            **{"Content-Type": "application/json", "Vary": "Accept"},
            "Allow": "GET, POST, HEAD, OPTIONS",
        },
        "body": b"" if body is None else json.dumps(body).encode(),
    }
    return Sample("things", "list", **{"environ": environ, **usual, **more})


def judge(worker: Worker, one: Sample) -> tuple[str, list[str]]:
    """Return the outcome and the differences, in short."""
    answer = worker.compare(one.encoded())
    found = [f"{each['kind']} {each['where']}".strip() for each in answer["findings"]]
    return str(answer["outcome"]), found


def create(request: Any) -> dict[str, int]:
    Tag.objects.create(name="new", slug="new")
    return {"value": 1}


def test_what_is_equal_needs_one_answer(worker: Worker) -> None:
    assert judge(worker, sample()) == ("equal", [])
    assert begun == ["new"]


def test_a_difference_is_one_from_all_answers_of_the_old_code(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides(monkeypatch, lambda request: {"value": 1}, lambda request: {"value": 2})
    assert judge(worker, sample()) == ("different", ["value value"])
    assert begun == ["new", "old", "old"]


def test_data_that_changed_and_new_values_are_none(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides(monkeypatch, lambda request: {"value": 2}, lambda request: {"value": 2})
    assert judge(worker, sample()) == ("equal", [])

    def new_each_time(request: Any) -> dict[str, str]:
        return {"value": str(uuid4()), "at": datetime.now(UTC).isoformat()}

    sides(monkeypatch, new_each_time, new_each_time)
    assert judge(worker, sample(content=json.dumps(new_each_time(None)).encode())) == ("equal", [])


def test_another_status_now_is_compared_with_what_is_there_now(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(text: str) -> Any:
        def answer(request: Any) -> Any:
            raise serializers.ValidationError({"value": [text]})

        return answer

    sides(monkeypatch, refuse("gone"), refuse("gone"))
    assert judge(worker, sample()) == ("not repeatable", [])
    sides(monkeypatch, refuse("gone"), refuse("away"))
    assert judge(worker, sample()) == ("different", ["value value[]"])

    def fail(request: Any) -> Any:
        raise ZeroDivisionError

    sides(monkeypatch, fail, lambda request: {"value": 2})
    assert judge(worker, sample()) == ("not repeatable", [])


def test_a_read_that_writes(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    sides(monkeypatch, lambda request: {"value": 1}, create)
    assert judge(worker, sample()) == ("different", ["rows testapp_tag"])
    sides(monkeypatch, create, create)
    assert judge(worker, sample()) == ("not repeatable", [])
    assert not Tag.objects.exists()


def test_writes_are_compared_up_to_the_first(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(request: Any) -> Any:
        raise serializers.ValidationError({"word": ["No."]})

    sides(monkeypatch, create, create)
    assert judge(worker, sample("POST")) == ("equal", [])
    sides(monkeypatch, create, refuse)
    assert judge(worker, sample("POST")) == ("different", ["status 201 to 400.word"])
    sides(monkeypatch, refuse, create)
    refused = {"status": 400, "content": b'{"word":["No."]}'}
    assert judge(worker, sample("POST", **refused)) == ("different", ["status 400 to 200.word"])


def test_rows_mail_and_m2m_are_compared_where_they_are_rolled_back(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Databases, "can_write", True)
    with unwatched(worker):
        author = Author.objects.create(name="Ada", email="ada@example.org")
        book = Book.objects.create(title="One", isbn="1", author=author)
        tags = [Tag.objects.create(name=name, slug=name) for name in "ab"]

    def new(request: Any) -> Any:
        book.tags.set(tags[:1])
        Author.objects.create(name="Cy", email="bo@example.org")
        Author.objects.filter(pk=author.pk).update(name="x")
        mail.send_mail("New", "", "a@example.org", ["b@example.org"])
        return {"value": 1}

    sides(monkeypatch, new, new)
    rolled_back = {"writes": Writes.ROLLED_BACK}
    assert judge(worker, sample("POST", **rolled_back)) == ("equal", [])
    sides(monkeypatch, lambda request: {"value": 1}, new)
    outcome, found = judge(worker, sample("POST", **rolled_back))
    assert outcome == "different"
    assert sorted(found) == ["rows mail", "rows testapp_author", "rows testapp_book_tags"]
    assert Author.objects.get().name == "Ada"
    assert book.tags.count() == 0


def test_deleted_rows_and_statements_are_told(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Databases, "can_write", True)
    with unwatched(worker):
        tag = Tag.objects.create(name="a", slug="a")

    def delete(request: Any) -> Any:
        tag_now = Tag.objects.get(pk=tag.pk)
        tag_now.name = "b"
        tag_now.save()
        tag_now.delete()
        return {"value": 1}

    def update(request: Any) -> Any:
        Tag.objects.filter(pk=tag.pk).update(name="b")
        Tag.objects.filter(pk=0).update(name="b")
        return {"value": 1}

    sides(monkeypatch, update, delete)
    outcome, found = judge(worker, sample("POST"))
    assert outcome == "different"
    assert "rows testapp_tag[].rows" in found


def test_what_is_refused_is_told_and_not_the_failure(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit(request: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("COMMIT")

    sides(monkeypatch, lambda request: {"value": 1}, commit)
    assert judge(worker, sample()) == ("different", ["rows outside"])
    sides(monkeypatch, commit, commit)
    assert judge(worker, sample()) == ("not repeatable", [])

    def also_commit(request: Any) -> Any:
        try:
            commit(request)
        except DatabaseError:
            return {"value": 1}

    sides(monkeypatch, also_commit, commit)
    assert judge(worker, sample()) == ("not repeatable", [])


def test_memory_and_failures(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def eat(request: Any) -> Any:
        raise MemoryError

    sides(monkeypatch, lambda request: {"value": 1}, eat)
    assert judge(worker, sample())[0] == "memory"

    def fail(*arguments: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(comparing.Comparison, "judge", fail)
    assert judge(worker, sample())[0] == "memory"


@pytest.mark.parametrize("address", ["/other/", "/nowhere/"])
def test_a_path_without_the_switch_fails(worker: Worker, address: str) -> None:
    one = sample()
    one.environ["PATH_INFO"] = address
    answer = worker.compare(one.encoded())
    if address == "/other/":
        assert (answer["outcome"], answer["reason"]) == ("failed", "NoSwitchError")
    else:
        assert answer["outcome"] == "not repeatable", "middleware answers both sides alike"


def test_approved_differences_are_none(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    sides(monkeypatch, lambda request: {"value": 1}, lambda request: {"value": 2, "more": 1})
    approved = ApprovedDifferences([Approval("GET /things/", "value", "wanted", "Ada", "value")])
    judgement = worker.comparison.judge(sample(), approved)
    assert [one.kind for one in judgement.findings] == ["added"]
    assert judgement.approved == 1
    approved = ApprovedDifferences(
        [
            Approval("GET /things/", kind, "w", "A", where)
            for kind, where in (("value", "value"), ("added", "more"))
        ]
    )
    assert worker.comparison.judge(sample(), approved).outcome == "equal"


def test_nothing_secret_is_told(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def echo(request: Any) -> Any:
        return {"said": f"{request.data['word']} {request.headers['Authorization']}", "nickname": 1}

    body = {"word": "swordfish", "words": ["fine"], "password": "hunter22"}
    sides(monkeypatch, lambda request: {"value": 1}, echo)
    answer = worker.compare(sample("POST", body).encoded())
    text = json.dumps(answer)
    for secret in ("swordfish", "hunter22", "verysecret", "xyz1"):
        assert secret not in text
    example = answer["findings"][0]["example"]
    assert example.startswith("POST /things/?page=1&token=[redacted]\n")
    assert '"words": ["fine"]' in example
    by_place = {one["where"]: one["new"] for one in answer["findings"]}
    assert by_place["nickname"] == "[redacted]"

    def fail(view: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(Old, "get_serializer_class", fail)
    answer = worker.compare(sample("POST", body).encoded())
    assert '"words": ["[redacted]"]' in answer["findings"][0]["example"]


@pytest.mark.parametrize(
    ("kind", "body", "shown"),
    [
        ("application/json", b"{", "bytes that are no JSON"),
        ("application/x-www-form-urlencoded", b"a=1&password=x", '{"a": "1", "password": "[red'),
        ("multipart/form-data; boundary=x", b"--x", "3 bytes"),
    ],
)
def test_any_body_is_told(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, kind: str, body: bytes, shown: str
) -> None:
    sides(monkeypatch, lambda request: {"value": 1}, lambda request: {"value": 2})
    one = sample("POST")
    one.environ["CONTENT_TYPE"], one.body = kind, body
    (finding,) = worker.compare(one.encoded())["findings"]
    assert shown in finding["example"]


def test_a_user_is_logged_in(
    worker: Worker, django_user_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unwatched(worker):
        user = django_user_model.objects.create_user("ada")

    def who(request: Any) -> dict[str, str]:
        return {"value": str(request.user)}

    sides(monkeypatch, who, lambda request: {"value": f"not {request.user}"})
    one = sample(user=str(user.pk), content=b'{"value":"ada"}')
    (finding,) = worker.compare(one.encoded())["findings"]
    assert (finding["old"], finding["new"]) == ("ada", "not ada")


def test_a_request_may_have_a_url_configuration_of_its_own(worker: Worker) -> None:
    assert judge(worker, sample(urlconf=__name__)) == ("equal", [])


# Taking back


def test_what_was_created_is_taken_back() -> None:
    tag = Tag.objects.create(name="a", slug="a")
    for content in (b"{", b"[]", b'{"name": 1}', b'{"id": "x"}', b'{"id": 0}'):
        assert not take_back(sample("POST", content=content))
    assert not take_back(sample("GET"))
    elsewhere = sample("POST", content=json.dumps({"id": tag.pk}).encode())
    elsewhere.environ["PATH_INFO"] = "/nowhere/"
    assert not take_back(elsewhere)
    elsewhere.environ["PATH_INFO"] = "/other/"
    assert not take_back(elsewhere)
    assert take_back(sample("POST", content=json.dumps({"id": tag.pk}).encode()))
    assert not Tag.objects.exists()


# The databases


def test_statements_are_looked_at_in_every_thread(worker: Worker) -> None:
    databases, told = worker.databases, []

    def write() -> None:
        try:
            Tag.objects.create(name="thread", slug="thread")
        except Exception as error:
            # The test looks at it, not the thread.
            told.append(type(error))
        finally:
            connection.close()

    with databases.transaction(Access.WRITE, 1), databases.attempt():
        thread = Thread(target=write)
        thread.start()
        thread.join()
        with transaction.atomic(durable=True):
            Tag.objects.create(name="a", slug="a")
        with pytest.raises(RefusedStatement), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE a (b int)")
        assert not databases.is_broken
    with databases.transaction(Access.READ, 1), databases.attempt(), pytest.raises(WouldWrite):
        Tag.objects.create(name="a", slug="a")
    assert told == [RefusedStatement]
    assert not Tag.objects.exists()
    assert any(one.startswith("statement: CREATE TABLE") for one in worker.effects.refused)


def test_what_is_done_first_may_write_where_the_rest_may(worker: Worker) -> None:
    done: list[str] = []
    with worker.databases.transaction(Access.READ, 1, lambda: done.append("read")):
        pass
    assert done == [], "SQLite cannot become read-only after a write"
    with worker.databases.transaction(Access.WRITE, 1, lambda: done.append("write")):
        pass
    assert done == ["write"]


def test_connections_begin_read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c a=b")
    assert environment(True) == {"PGOPTIONS": "-c a=b -c default_transaction_read_only=on"}
    assert environment(False) == {}


# The outside


def test_the_outside_is_refused_while_it_is_closed(worker: Worker, tmp_path: Path) -> None:
    here = Path(__file__).with_name("never.txt")
    worker.lock()
    try:
        for call in (
            lambda: socket.create_connection(("127.0.0.1", 9)),
            lambda: socket.getaddrinfo("nowhere.example", 80),
        ):
            with pytest.raises(RefusedConnection):
                call()
        for change in (
            lambda: here.write_text("x"),
            lambda: here.mkdir(),
            lambda: here.rename(tmp_path / "x"),
        ):
            with pytest.raises(RefusedFile):
                change()
        with pytest.raises(RefusedProgram):
            __import__("os").system("true")
        with Path("/dev/null").open("w") as nothing:
            nothing.write("x")
        assert __file__ in str(Path(__file__).resolve())
        assert Path(__file__).read_text()
    finally:
        worker.unlock()
    here.write_text("x")
    here.unlink()


# The loop


def test_it_serves_until_the_parent_is_gone_or_the_memory_is(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = Pipe()
    answers = iter(["equal", "memory"])
    monkeypatch.setattr(worker, "compare", lambda message: {"outcome": next(answers)})
    ours.send_bytes(b"1")
    ours.send_bytes(b"2")
    serve(theirs, worker)
    assert [json.loads(ours.recv_bytes())["outcome"] for _ in range(2)] == ["equal", "memory"]
    ours.close()
    serve(theirs, worker)
    theirs.close()
