"""What workers may run: the methods that ``service_task`` declared, and nothing else."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from django.utils.module_loading import autodiscover_modules

from nova_drf.core.settings import get_setting
from nova_drf.services.base import service_classes
from nova_drf.services.contracts import Contract
from nova_drf.services.errors import ContractMismatch, ServiceDefinitionError


class Queue(Protocol):
    """Where calls are sent, so that other engines are easy to add."""

    engine: str
    """What the engine is called in the outbox, such as ``django``."""

    def send(self, call: dict[str, Any], options: dict[str, Any]) -> Any:
        """Hand a call to the engine, whose worker passes it to ``run_data``.

        Args:
            call: The call as JSON data.
            options: What :meth:`ServiceTask.using` got for the engine.
        """


class Declaration(NamedTuple):
    """One method that jobs may run, and the engine that carries them."""

    contract: Contract
    queue: Queue


_declared: dict[str, dict[str, Declaration]] = {}
"""By the address of the method, then by the name of the engine."""


def address_of(contract: Contract) -> str:
    """Return the name of a method in messages, ``module:Class.method``.

    Raises:
        ServiceDefinitionError: Its class was made in a function, so that it is not the same one
            in another process.
    """
    if "<locals>" in contract.owner.__qualname__:
        raise ServiceDefinitionError(
            f"{contract.path}: a class that is made in a function cannot be found by a worker. "
            "Define the service in a module."
        )
    return f"{contract.owner.__module__}:{contract.where}"


def declare(contract: Contract, queue: Queue) -> None:
    """Let workers run a method when a message of this engine names it.

    Raises:
        ServiceDefinitionError: It is not a method of a service class in a module.
    """
    address = address_of(contract)
    if contract.owner not in service_classes():
        raise ServiceDefinitionError(
            f"{contract.path}: only methods of Service subclasses can be background jobs. "
            "Derive the class from Service."
        )
    _declared.setdefault(address, {})[queue.engine] = Declaration(contract, queue)


def declaration_of(address: str, engine: str | None = None) -> Declaration:
    """Return what was declared under a name, which is only looked up: nothing is imported.

    Args:
        address: What a message says.
        engine: The name of the engine that delivered it; any, when left out.

    Raises:
        ContractMismatch: No such task was declared in this process.
    """
    engines = _declared.get(address, {})
    declaration = next(iter(engines.values()), None) if engine is None else engines.get(engine)
    if declaration is None:
        raise ContractMismatch(
            f"{address:.255}: this worker has no such method among its service_task()s, so nothing "
            "is run. Run workers of the version that enqueued the job, and see that they import "
            "the module that declares it."
        )
    return declaration


@cache
def discover() -> None:
    """Import the ``tasks`` module of each installed app and ``NOVA_DRF["TASK_MODULES"]``, once.

    A Celery worker does this by itself (``app.autodiscover_tasks()``). Workers of Django Tasks and
    the relay of the outbox call it, before they look at the first message.
    """
    autodiscover_modules("tasks")
    for path in get_setting("TASK_MODULES"):
        import_module(path)
