"""Celery as the engine of background jobs: many machines, retries, monitoring."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from nova_drf.services.tasks import run_data


class CeleryQueue:
    """Registers a Celery task named like the method, and sends calls to it.

    Args:
        name: The task's name, ``shop.services.OrderService.complete``.
        app: A Celery application, or ``True`` for ``shared_task``.
        options: For ``Celery.task``.
    """

    def __init__(self, name: str, app: Any, options: dict[str, Any]) -> None:
        if app is not True:
            # Celery would let every other application in the process have the task as well.
            options = {"shared": False, **options}
        register = shared_task if app is True else app.task

        def run(call: dict[str, Any]) -> Any:
            return run_data(call)

        self.task: Any = register(name=name, **options)(run)

    def send(self, call: dict[str, Any], options: dict[str, Any]) -> Any:
        """Enqueue a call; returns Celery's ``AsyncResult``.

        Args:
            call: The call as JSON data.
            options: For ``apply_async``.
        """
        return self.task.apply_async(kwargs={"call": call}, **options)
