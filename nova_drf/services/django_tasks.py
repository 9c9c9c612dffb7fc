"""Django Tasks (Django 6.0 and newer) as the engine of background jobs."""

from __future__ import annotations

from typing import Any

from django.tasks import task

from nova_drf.services.tasks import run_data


@task
def run_service_call(call: dict[str, Any]) -> Any:
    """Run one call of a service; every service task of a project is a call of this one.

    Django finds a task's function by its name in a module, which a method does not have.
    """
    return run_data(call)


class DjangoQueue:
    """Sends calls to the backend that ``settings.TASKS`` names."""

    def send(self, call: dict[str, Any], options: dict[str, Any]) -> Any:
        """Enqueue a call; returns Django's ``TaskResult``.

        Args:
            call: The call as JSON data.
            options: For ``django.tasks.Task.using``.
        """
        chosen = run_service_call.using(**options) if options else run_service_call
        return chosen.enqueue(call=call)
