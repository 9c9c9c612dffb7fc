"""The child sets itself up, limits itself, and says why it cannot."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.core import mail

from nova_drf.migration.proof.shadow import child as module
from nova_drf.migration.proof.shadow import effects as effects_module
from nova_drf.migration.proof.shadow.child import limit_memory, limit_time, main, prepare
from nova_drf.migration.proof.shadow.effects import Effects, dummy_tasks, hold_celery
from nova_drf.migration.proof.shadow.transactions import (
    Access,
    Databases,
    _beginning,
    _forget_locks,
)

HELLO: dict[str, Any] = {
    "settings": {"ROOT_URLCONF": "shop.urls"},
    "databases": {"default": "test_shop"},
    "names": [],
    "patterns": [],
    "memory": 64,
}


def test_django_is_set_up_as_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    said = SimpleNamespace(
        DATABASES={"default": {"NAME": "shop", "OPTIONS": {"pool": True, "x": 1}}},
        TASKS={"default": {"BACKEND": f"{__name__}.Backend"}},
    )
    monkeypatch.setattr(module, "settings", said)
    done: list[str] = []
    monkeypatch.setattr(module.django, "setup", lambda: done.append("set up"))
    prepare(HELLO)
    assert done == ["set up"]
    assert said.DATABASES["default"] == {
        **{"NAME": "test_shop", "OPTIONS": {"x": 1}},
        "CONN_MAX_AGE": None,
    }
    assert said.ROOT_URLCONF == "shop.urls"
    assert said.EMAIL_BACKEND.endswith("locmem.EmailBackend")
    assert said.TASKS["default"]["BACKEND"] == "django_tasks.backends.dummy.DummyBackend"
    assert (said.LOGGING_CONFIG, said.DEBUG) == (None, False)


def test_limits_are_those_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[Any] = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, both: limits.append((kind, both[0])))
    limit_memory(64)
    ((kind, most),) = limits
    assert kind == resource.RLIMIT_AS
    assert most > 64 * 2**20
    monkeypatch.setattr(Path, "exists", lambda self: False)
    limit_memory(64)
    assert len(limits) == 1

    timers: list[Any] = []
    monkeypatch.setattr(signal, "setitimer", lambda kind, seconds: timers.append(seconds))
    monkeypatch.setattr(signal, "signal", lambda number, action: timers.append(action))
    limit_time(2.5)
    assert timers == [signal.SIG_DFL, 2.5]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A pipe to a child that runs in this process, without its limits."""
    for name in ("limit_memory", "limit_time"):
        monkeypatch.setattr(module, name, lambda value: None)
    monkeypatch.setattr(module.os, "nice", lambda value: None)
    monkeypatch.setattr(signal, "signal", lambda number, action: None)
    monkeypatch.setattr(module.sys, "dont_write_bytecode", True)
    monkeypatch.setattr(effects_module, "hold_celery", lambda effects: None)
    ours, theirs = Pipe()
    monkeypatch.setattr(module, "Connection", lambda descriptor: theirs)
    ours.send_bytes(json.dumps(HELLO).encode())
    yield ours
    ours.close()
    theirs.close()


class FakeWorker:
    """Compares nothing."""

    def __init__(self, names: list[str], patterns: list[str], begin: Any) -> None:
        self.effects, self.begin = None, begin
        self.lock = lambda: None

    def compare(self, message: bytes) -> dict[str, Any]:
        self.begin("new", 1)
        self.begin("old", 1)
        return {"outcome": "memory"}


def test_it_says_when_it_is_ready_and_when_the_old_code_runs(
    started: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "prepare", lambda hello: None)
    monkeypatch.setattr(module, "Worker", FakeWorker)
    started.send_bytes(b"a request")
    main(0)
    told = [json.loads(started.recv_bytes()) for _ in range(3)]
    assert told == [{"error": ""}, {"side": "old"}, {"outcome": "memory"}]


def test_it_says_why_it_cannot(started: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(hello: Any) -> None:
        raise ZeroDivisionError("no")

    monkeypatch.setattr(module, "prepare", fail)
    with pytest.raises(ZeroDivisionError):
        main(0)
    assert json.loads(started.recv_bytes()) == {"error": "ZeroDivisionError: no"}


# What it would have done


class Backend:
    """A backend of Django Tasks that sends nothing."""

    def __init__(self) -> None:
        task = SimpleNamespace(module_path="shop.tasks.tell")
        self.results = [SimpleNamespace(task=task)]

    def clear(self) -> None:
        self.results = []


def test_tasks_of_django_are_told_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TASKS = {"default": {}}
    backends = SimpleNamespace(task_backends={"default": Backend()})
    monkeypatch.setattr(effects_module, "import_module", lambda name: backends)
    effects = Effects()
    assert effects.rows() == {"tasks": ["shop.tasks.tell"]}
    assert effects.rows() == {}


def test_the_dummy_backend_is_of_the_same_library(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = type("Ours", (), {"__module__": "django.tasks.backends.base"})
    monkeypatch.setattr(effects_module, "import_string", lambda name: ours)
    told = dummy_tasks({"default": {"BACKEND": "x", "QUEUES": ["slow"]}})
    assert told == {
        "default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend", "QUEUES": ["slow"]}
    }


def test_tasks_of_celery_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Task:
        name = "shop.tell"
        apply_async: Any

        def AsyncResult(self, key: str) -> str:
            return key

    class App(Task):
        send_task: Any

    classes = {"celery.app.base.Celery": App, "celery.app.task.Task": Task}
    monkeypatch.setattr(effects_module, "import_string", classes.__getitem__)
    effects = Effects()
    monkeypatch.setattr(effects_module, "find_spec", lambda name: None)
    hold_celery(effects)
    assert not hasattr(Task, "apply_async")
    monkeypatch.setattr(effects_module, "find_spec", lambda name: ModuleType(name))
    hold_celery(effects)
    assert Task().apply_async((1,), task_id="a") == "a"
    assert len(App().send_task("by.name", [1])) == 36
    monkeypatch.setattr(effects_module, "_django_tasks", lambda: [])
    assert effects.rows() == {"tasks": ["by.name", "shop.tell"]}


def test_mail_is_forgotten_and_refusals_are_told(mailoutbox: list[Any]) -> None:
    effects = Effects()
    mail.send_mail("Hello", "", "a@example.org", ["c@example.org", "b@example.org"])
    effects.note_refusal("b")
    effects.note_refusal("a")
    effects.note_refusal("a")
    assert effects.rows() == {
        "mail": [{"to": ["b@example.org", "c@example.org"], "subject": "Hello"}],
        "outside": ["a", "b"],
    }
    effects.forget()
    assert effects.rows() == {}


# What a transaction begins with


@pytest.mark.parametrize(
    ("vendor", "access", "told"),
    [
        ("postgresql", Access.READ, ["REPEATABLE READ, READ ONLY", "statement_timeout = 1500"]),
        ("postgresql", Access.WRITE, ["READ WRITE", "DEFERRABLE INITIALLY DEFERRED"]),
        ("mysql", Access.READ, ["SET TRANSACTION READ ONLY", "innodb_lock_wait_timeout = 1"]),
        ("mysql", Access.WRITE, ["SET TRANSACTION READ WRITE"]),
        ("sqlite", Access.READ, []),
    ],
)
def test_the_server_is_told(vendor: str, access: Access, told: list[str]) -> None:
    sql = "\n".join(_beginning(SimpleNamespace(vendor=vendor), access, 1500))
    for part in told:
        assert part in sql
    assert bool(sql) is bool(told)


class Cursor:
    """Notes what it is told."""

    said: list[str]

    def __init__(self) -> None:
        self.said = []

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def execute(self, sql: str) -> None:
        self.said.append(sql)


def test_a_transaction_becomes_read_only_and_gives_locks_back() -> None:
    cursor = Cursor()
    connection = SimpleNamespace(
        vendor="postgresql", connection=object(), cursor=lambda: cursor, needs_rollback=False
    )
    databases = Databases(lambda *told: None, lambda told: None)
    databases._guarded.append(connection)
    databases._become(Access.WRITE)
    assert cursor.said == []
    databases._become(Access.READ)
    _forget_locks(connection)
    assert cursor.said == ["SET TRANSACTION READ ONLY", "SELECT pg_advisory_unlock_all()"]
