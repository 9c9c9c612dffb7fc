"""A message runs what was declared as a task, whatever it names; nothing is imported for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from celery import Celery
from django.test import override_settings

from nova_drf.services import (
    Contract,
    ContractMismatch,
    Service,
    ServiceDefinitionError,
    ServiceTask,
    contract_of,
    service_task,
)
from nova_drf.services.calls import run_call
from nova_drf.services.celery_tasks import CeleryQueue
from nova_drf.services.declarations import address_of, declaration_of, declare, discover
from nova_drf.services.tasks import run_data
from tests.servicesapp import jobs
from tests.servicesapp.jobs import Echo

HERE = "tests.services.test_declarations"
JOBS = "tests.servicesapp.jobs"


class Wider(Echo):
    """A subclass of a service with tasks, of which none was declared."""

    def more(self) -> None: ...


class Declared(Service):
    """A service of which one method is a task."""

    def task(self) -> str:
        return "run"

    def not_a_task(self) -> None: ...

    def _private(self) -> None: ...

    class Inner(Service):
        def go(self) -> str:
            return "inner"


class Late(Service):
    """A service of which a test declares the method."""

    def go(self) -> str:
        return "late"


app = Celery("declarations", set_as_current=False)
service_task(Declared.task, celery=app)
service_task(Declared.Inner.go, celery=app)


@pytest.mark.parametrize(
    "address",
    [
        "",
        ":",
        "os:system",
        "builtins:eval",
        "nova_unimported:Echo.later",
        "antigravity:fly",
        f"{JOBS}:Echo",
        f"{JOBS}:Echo.nothing",
        f"{JOBS}:Echo.takes_an_object",
        f"{JOBS}:Echo.alater",
        f"{JOBS}:Echo.__init__",
        f"{JOBS}:Echo.actions",
        f"{JOBS}:Echo.later.__call__",
        f"{JOBS}:Echo.later.__globals__",
        f"{JOBS}:Echo.context_class.model_validate",
        f"{JOBS}:uuid4",
        f"{JOBS}.Echo.later",
        f"{JOBS}:Echo.later ",
        f"{JOBS}:echo.later",
        f"{JOBS}\0:Echo.later",
        f"{HERE}:Echo.later",
        f"{HERE}:Wider.later",
        f"{HERE}:Wider.more",
        f"{HERE}:Declared.not_a_task",
        f"{HERE}:Declared._private",
        f"{HERE}:Declared.task.__nova_contract__.function",
        f"{HERE}:Declared.Inner",
        f"{HERE}:Declared.Inner.__init_subclass__",
        "x" * 100_000,
    ],
)
def test_what_was_not_declared_is_not_run(address: str) -> None:
    before = set(sys.modules)
    sent = jobs.echo_later.call(1)
    with pytest.raises(ContractMismatch, match="no such method") as caught:
        run_call(sent.model_copy(update={"method": address}))
    assert set(sys.modules) == before
    assert len(str(caught.value)) < 1000


def test_what_was_declared_is_run() -> None:
    for task, result in ((Declared.task, "run"), (Declared.Inner.go, "inner")):
        contract = contract_of(task)
        again: ServiceTask[Any] = ServiceTask(contract, declaration_of(address_of(contract)).queue)
        assert run_data(again.call().model_dump()) == result


def test_a_method_is_found_once_it_is_declared() -> None:
    contract = contract_of(Late.go)
    queue = CeleryQueue(contract, app, {})
    declare(contract, queue)
    assert declaration_of(f"{HERE}:Late.go", "celery:declarations") == (contract, queue)
    assert run_data(ServiceTask(contract, queue).call().model_dump()) == "late"


def test_an_engine_runs_what_was_declared_for_it() -> None:
    address = address_of(contract_of(Declared.task))
    assert declaration_of(address, "celery:declarations").contract.path.endswith("Declared.task")
    for engine in ("django", "celery", "celery:servicesapp"):
        with pytest.raises(ContractMismatch, match="no such method"):
            declaration_of(address, engine)


def test_a_task_of_celery_runs_its_own_method() -> None:
    """Whoever may send one task to a worker cannot have it run another."""
    queue: Any = jobs.echo_later.queue
    with pytest.raises(ContractMismatch, match=r"Echo\.later: this task was sent .*Echo\.given"):
        queue.task.run(call=jobs.echo_given.call(jobs.Changes()).model_dump())


def test_a_class_made_in_a_function_is_refused() -> None:
    class Local(Service):
        def go(self) -> None: ...

    with pytest.raises(ServiceDefinitionError, match="made in a function"):
        service_task(Local.go, celery=app)


def test_only_services_declare_tasks() -> None:
    class Plain:
        def go(self) -> None: ...

    Plain.__qualname__ = "Plain"
    contract = Contract(Plain.go, Plain, "go")
    with pytest.raises(ServiceDefinitionError, match="only methods of Service subclasses"):
        declare(contract, CeleryQueue(contract, app, {}))
    with pytest.raises(ServiceDefinitionError, match="not an action"):
        service_task(Declared._private, celery=app)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "nova_declares_tasks.py").write_text("imported = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    discover.cache_clear()
    yield "nova_declares_tasks"
    discover.cache_clear()
    sys.modules.pop("nova_declares_tasks", None)


def test_workers_import_the_modules_that_settings_name(module: str) -> None:
    with override_settings(NOVA_DRF={"TASK_MODULES": [module]}):
        discover()
    assert isinstance(sys.modules[module], ModuleType)
    assert "orders.tasks" in sys.modules
