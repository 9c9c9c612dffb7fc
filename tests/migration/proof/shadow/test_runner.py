"""Requests wait in a queue, and whatever happens to the child, the next one is compared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest

from nova_drf.migration.proof.shadow import process
from nova_drf.migration.proof.shadow import runner as module
from nova_drf.migration.proof.shadow.causes import Finding, Outcome
from nova_drf.migration.proof.shadow.options import ShadowSettings
from nova_drf.migration.proof.shadow.process import Child, ChildError
from nova_drf.migration.proof.shadow.runner import Runner
from nova_drf.migration.proof.shadow.samples import Sample

SAMPLE = Sample("books", "list", {"REQUEST_METHOD": "GET"})
FINDING = Finding("books", "list", "GET /books/", "value", "price")

STORED: list[tuple[str, int]] = []


def store(finding: Finding, times: int) -> None:
    STORED.append((finding.where, times))


def fail(finding: Finding, times: int) -> None:
    raise ZeroDivisionError


class FakeChild:
    """Answers what it is told to, when it is told to."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.go_on, self.began = Event(), Event()
        self.go_on.set()
        self.stopped = self.forgotten = False

    def compare(self, sample: Sample) -> Any:
        self.began.set()
        assert self.go_on.wait(60)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def stop(self) -> None:
        self.stopped = True

    def forget(self) -> None:
        self.forgotten = True


def answer(outcome: Outcome, *findings: Finding) -> dict[str, Any]:
    told = [one.as_dict() for one in findings]
    return {"outcome": str(outcome), "findings": told, "seconds": 0.1, "reason": "because"}


@pytest.fixture
def running(settings: Any) -> Iterator[Callable[..., tuple[Runner, FakeChild]]]:
    """Return a runner with a child that answers alike, under settings."""
    runners: list[Runner] = []
    STORED.clear()

    def run(answers: Any, **said: Any) -> tuple[Runner, FakeChild]:
        stores = said.pop("STORES", [f"{__name__}.store"])
        settings.NOVA_DRF = {"SHADOW": {"SHARE": 1, "STORES": stores, **said}}
        child = FakeChild(answers)
        runners.append(Runner(lambda _said: child))
        return runners[-1], child

    yield run
    for one in runners:
        one.stop()


def counts(runner: Runner) -> dict[str, int]:
    return {str(outcome): times for (_, _, outcome), times in runner._tally._counts.items()}


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was counted stay where it is."""
    monkeypatch.setattr(Runner, "_store", lambda self: None)


def test_what_is_found_is_stored(running: Any) -> None:
    runner, _child = running(answer(Outcome.DIFFERENT, FINDING))
    runner.submit(SAMPLE)
    assert runner.wait()
    assert STORED == [("price", 1)]


@pytest.mark.usefixtures("kept")
def test_what_finds_no_place_is_dropped(running: Any) -> None:
    runner, child = running(answer(Outcome.EQUAL), QUEUE=1)
    assert runner.accepts("books", "list")
    child.go_on.clear()
    runner.submit(SAMPLE)
    assert child.began.wait(60)
    runner.submit(SAMPLE)
    runner.submit(SAMPLE)
    assert not runner.accepts("books", "list")
    child.go_on.set()
    assert runner.wait()
    assert counts(runner) == {"equal": 2, "dropped": 2}


@pytest.mark.usefixtures("kept")
def test_what_costs_more_than_its_share_waits(running: Any, monkeypatch: Any) -> None:
    runner, _child = running(answer(Outcome.EQUAL), SHARE=0)
    runner.submit(SAMPLE)
    assert runner.wait()
    assert not runner.accepts("books", "list")


@pytest.mark.usefixtures("kept")
def test_what_ends_the_child_again_and_again_is_not_compared(
    running: Any, caplog: pytest.LogCaptureFixture
) -> None:
    runner, _child = running(answer(Outcome.TIME), STOP_AFTER=2)
    with caplog.at_level(logging.WARNING, "nova_drf.shadow"):
        runner.submit(SAMPLE)
        runner.submit(SAMPLE)
        assert runner.wait()
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    assert "time because" in caplog.text
    assert not runner.accepts("books", "list")
    assert runner.accepts("books", "create")
    runner.submit(SAMPLE)
    assert runner.wait()
    assert counts(runner) == {"time": 2}
    assert runner.breaker("books", "list").is_open
    assert runner.breaker("books", "create") is None


@pytest.mark.usefixtures("kept")
def test_a_child_that_cannot_be_started_is_told(running: Any, caplog: Any) -> None:
    runner, _child = running(ChildError("no such file"))
    with caplog.at_level(logging.WARNING, "nova_drf.shadow"):
        runner.submit(SAMPLE)
        assert runner.wait()
    assert "no such file" in caplog.text
    assert counts(runner) == {"failed": 1}


def test_a_store_that_fails_keeps_no_other_from_it(running: Any, caplog: Any) -> None:
    names = [f"{__name__}.fail", f"{__name__}.store"]
    runner, _child = running(answer(Outcome.DIFFERENT, FINDING), STORES=names)
    runner.submit(SAMPLE)
    assert runner.wait()
    assert STORED == [("price", 1)]
    assert "could not be stored" in caplog.text


def test_what_is_counted_while_nothing_waits_is_stored_too(
    running: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STORE_SECONDS", 0.01)
    stored = Event()
    runner, _child = running(answer(Outcome.EQUAL))
    monkeypatch.setattr(runner, "_store", stored.set)
    runner.submit(SAMPLE)
    assert runner.wait()
    stored.clear()
    assert stored.wait(60)


def test_a_fork_begins_anew(running: Any) -> None:
    runner, child = running(answer(Outcome.EQUAL))
    runner.after_fork()
    runner.submit(SAMPLE)
    assert runner.wait()
    runner.after_fork()
    assert (child.forgotten, child.stopped) == (True, False)


# The child as a process


def test_an_interpreter_that_is_none_is_told() -> None:
    child = Child(ShadowSettings(python="/nowhere/python"))
    with pytest.raises(ChildError, match="cannot be started"):
        child.compare(SAMPLE)
    assert child.pid is None


def test_a_child_that_cannot_set_django_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_hello", lambda said: {})
    child = Child(ShadowSettings())
    with pytest.raises(ChildError, match="KeyError"):
        child.compare(SAMPLE)
    monkeypatch.setattr(process, "_MODULE", "nowhere")
    with pytest.raises(ChildError, match=r"EOFError|ConnectionResetError"):
        child.compare(SAMPLE)


class FakeProcess:
    """A process that ended."""

    pid = 1

    def __init__(self, code: int) -> None:
        self.code = self.returncode = code

    def wait(self, seconds: float | None = None) -> int:
        return self.code

    def kill(self) -> None:
        return None


class FakeConnection:
    """A connection with some messages, and then none any more."""

    def __init__(self, *messages: bytes, is_silent: bool = False) -> None:
        self.messages, self.is_silent = list(messages), is_silent

    def send_bytes(self, message: bytes) -> None:
        return None

    def poll(self, seconds: float) -> bool:
        return not self.is_silent

    def recv_bytes(self) -> bytes:
        if not self.messages:
            raise EOFError
        return self.messages.pop(0)

    def close(self) -> None:
        return None


@pytest.mark.parametrize(
    ("code", "messages", "is_silent", "outcome"),
    [
        (-14, [b'{"side": "new"}'], False, "time"),
        (3, [b'{"side": "new"}'], False, "died"),
        (-14, [b'{"side": "old"}'], False, "not repeatable"),
        (0, [], True, "time"),
        (0, [b'{"outcome": "memory"}'], False, "memory"),
    ],
)
def test_how_it_ended_is_told(
    code: int, messages: list[bytes], is_silent: bool, outcome: str
) -> None:
    child: Any = Child(ShadowSettings())
    child._process = FakeProcess(code)
    child._connection = FakeConnection(*messages, is_silent=is_silent)
    assert child.compare(SAMPLE)["outcome"] == outcome
    assert child.pid is None


def test_a_child_is_left_to_the_process_that_has_it() -> None:
    child: Any = Child(ShadowSettings())
    child.forget()
    child._process, child._connection = FakeProcess(3), FakeConnection()
    child.forget()
    assert child.pid is None
