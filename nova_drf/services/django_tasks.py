"""Django Tasks (Django 6.0 and newer) as the engine of background jobs."""

from __future__ import annotations

from typing import Any

from django.tasks import TaskContext, task

from nova_drf.services.calls import call_in, fail_call, read_call
from nova_drf.services.declarations import discover
from nova_drf.services.errors import NotFound, PermissionDenied
from nova_drf.services.records import AlreadyStarted

ENGINE = "django"


@task(takes_context=True)
def run_service_call(context: TaskContext[..., Any], call: dict[str, object]) -> object:
    """Run one call of a service; every service task of a project is a call of this one.

    Django finds a task's function by its name in a module, which a method does not have.

    A call for another contract is not marked as failed in the outbox: the relay sends it again,
    and a worker of another version may run it.
    """
    discover()
    read = call_in(call)
    key = read.id or context.task_result.id
    try:
        accepted = read_call(read, ENGINE)
    except (NotFound, PermissionDenied) as error:
        fail_call(read, key, error)
        raise
    try:
        return accepted.run(key)
    except AlreadyStarted:
        raise
    except Exception as error:
        # Whatever the service raises, the record says so, and the queue hears of it.
        fail_call(read, key, error)
        raise


class DjangoQueue:
    """Sends calls to the backend that ``settings.TASKS`` names."""

    engine = ENGINE

    def send(self, call: dict[str, Any], options: dict[str, Any]) -> Any:
        """Enqueue a call; returns Django's ``TaskResult``.

        Args:
            call: The call as JSON data.
            options: For ``django.tasks.Task.using``.
        """
        chosen = run_service_call.using(**options) if options else run_service_call
        return chosen.enqueue(call=call)
