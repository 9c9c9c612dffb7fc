"""Celery as the engine of background jobs: many machines, retries, monitoring."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NoReturn

from celery import Task, shared_task
from celery.exceptions import Ignore, Reject, TaskRevokedError
from celery.signals import task_revoked, task_unknown
from django.db import Error as DatabaseError

from nova_drf.core.settings import get_setting
from nova_drf.services.calls import AcceptedCall, Call, call_in, fail_call, read_call
from nova_drf.services.contracts import Contract
from nova_drf.services.declarations import address_of
from nova_drf.services.errors import ContractMismatch, InvalidArguments
from nova_drf.services.records import AlreadyStarted

_DEAD = ".dead"
_log = logging.getLogger(__name__)


class CallTask:
    """What a task of a service does otherwise than any task of Celery's; a mixin."""

    def apply_async(
        self, args: object = None, kwargs: object = None, *more: object, **options: object
    ) -> Any:
        """Enqueue, or retry, without values in logs and events."""
        options.setdefault("argsrepr", "()")
        options.setdefault("kwargsrepr", f"{{'call': {_call_in(kwargs)!r}}}")
        return super().apply_async(args, kwargs, *more, **options)  # type: ignore[misc]  # Celery's task comes behind the mixin

    def on_failure(
        self, exc: BaseException, task_id: str, args: object, kwargs: object, einfo: object
    ) -> None:
        """Note in the outbox that the job failed, after all of Celery's retries."""
        call = _call_in(kwargs)
        key = None if call is None else _key(self, call, task_id)
        if call is not None and key is not None:
            _note(call, key, exc)
        super().on_failure(exc, task_id, args, kwargs, einfo)  # type: ignore[misc]  # Celery's task comes behind the mixin


class CeleryQueue:
    """Registers a Celery task named like the method, and sends calls to it.

    Args:
        contract: The method's.
        app: A Celery application, or ``True`` for ``shared_task``.
        options: For ``Celery.task``.
    """

    def __init__(self, contract: Contract, app: Any, options: dict[str, Any]) -> None:
        self.address = address_of(contract)
        shared = app is True
        self.engine = "celery" if shared else f"celery:{app.main or ''}"
        task_options = dict(options)
        base = task_options.pop("base", None) or (Task if shared else app.Task)
        if not shared:
            # Celery would let every other application in the process have the task as well.
            task_options.setdefault("shared", False)
        if contract.atomic is not None:
            task_options.setdefault("acks_late", True)
            task_options.setdefault("reject_on_worker_lost", True)
        task_options["dont_autoretry_for"] = (
            *task_options.get("dont_autoretry_for", ()),
            ContractMismatch,
        )

        def run(task: object, *args: object, **kwargs: object) -> Any:
            # Whatever a message holds comes this far, so that none is lost that is not understood.
            understood = not args and set(kwargs) == {"call"}
            return self._run(task, kwargs["call"] if understood else None)

        register = shared_task if shared else app.task
        task_class = type("CallTask", (CallTask, base), {"abstract": True})
        decorate = register(name=contract.path, bind=True, base=task_class, **task_options)
        self.task: Any = decorate(run)

    def send(self, call: dict[str, Any], options: dict[str, Any]) -> Any:
        """Enqueue a call; returns Celery's ``AsyncResult``.

        Args:
            call: The call as JSON data.
            options: For ``apply_async``.
        """
        if call.get("id") is not None:
            options = {"task_id": call["id"], **options}
        return self.task.apply_async(kwargs={"call": call}, **options)

    def _run(self, task: Any, data: object) -> object:
        try:
            accepted, key = self._read(task, data)
        except (ContractMismatch, InvalidArguments) as error:
            _retry_or_set_aside(task, error)
        try:
            return accepted.run(key, again=bool(task.acks_late))
        except AlreadyStarted as error:
            raise Ignore(str(error)) from error  # the state is that of the first delivery

    def _read(self, task: Any, data: object) -> tuple[AcceptedCall, str | None]:
        call = call_in(data)
        if call.method != self.address:
            raise ContractMismatch(
                f"{self.address}: this task was sent a call of another method, {call.method:.255}. "
                "Send each call through the service_task() that was made for it."
            )
        return read_call(call, self.engine), _key(task, call, task.request.id)


def _retry_or_set_aside(task: Any, error: Exception) -> NoReturn:
    """Try a job of another contract again later, or put it where it waits for another worker."""
    request = task.request
    delays = get_setting("TASK_MISMATCH_DELAYS")
    if request.called_directly or request.is_eager:
        raise error
    try:
        if request.retries < len(delays):
            delay = delays[request.retries]
            raise task.retry(exc=error, countdown=delay, max_retries=len(delays), throw=False)
        name = _dead(task.app, request.delivery_info)
        task.signature_from_request(request, queue=name, retries=0).apply_async()
    except (Reject, task.OperationalError) as unsent:
        # The broker does not take it: leave the message there, if it still has it.
        raise Reject(unsent, requeue=True) from error
    _log.error("%s: job %s waits in the queue %s.", task.name, request.id, name)
    raise ContractMismatch(str(error)) from None


def _key(task: Any, call: Call, task_id: str) -> str | None:
    """Return what a job is known by, however often it is delivered; ``None`` if it is not."""
    local = task.request.is_eager or task.request.called_directly
    return call.id or (None if local else task_id)


def _note(call: Call, key: str, error: BaseException) -> None:
    try:
        fail_call(call, key, error)
    except DatabaseError as failed:
        _log.warning("%s: the outbox cannot be written: %s", call.method, failed)


def _dead(app: Any, delivery_info: Mapping[str, object] | None) -> str:
    queue = str((delivery_info or {}).get("routing_key") or app.conf.task_default_queue)
    return queue if queue.endswith(_DEAD) else queue + _DEAD


def _call_in(kwargs: object) -> Call | None:
    """Return the call in a task's arguments, if that is what they are."""
    if not isinstance(kwargs, Mapping) or set(kwargs) != {"call"}:
        return None
    try:
        return call_in(kwargs["call"])
    except ContractMismatch:
        return None


def keep_unknown(sender: Any, message: Any, name: str, id: str, **more: object) -> None:
    """Keep a call of a task that this worker lacks; Celery would drop it.

    Celery does not wait before it looks at a task that it does not know, so there is no retry.
    """
    _, kwargs, *_ = message.payload if isinstance(message.payload, (list, tuple)) else ((), None)
    if _call_in(kwargs) is None:
        return
    queue = sender.app.amqp.queues[_dead(sender.app, message.delivery_info)]
    with sender.app.producer_or_acquire() as producer:
        producer.publish(
            message.body,
            content_type=message.content_type,
            content_encoding=message.content_encoding,
            headers=message.headers,
            exchange=queue.exchange,
            routing_key=queue.routing_key,
            declare=[queue],
            retry=True,
            correlation_id=id,
            delivery_mode="persistent",
        )
    _log.error("%s: job %s waits in the queue %s.", name, id, queue.name)


def note_revoked(sender: object, request: Any, expired: bool = False, **more: object) -> None:
    """Note in the outbox that a job was revoked, or expired, so that it is not sent again."""
    call = _call_in(request.kwargs) if isinstance(sender, CallTask) else None
    if call is not None:
        reason = "expired" if expired else "revoked"
        _note(call, call.id or request.id, TaskRevokedError(reason))


task_revoked.connect(note_revoked, weak=False)
task_unknown.connect(keep_unknown, weak=False)
