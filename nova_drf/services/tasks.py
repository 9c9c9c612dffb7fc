"""``service_task``: an action as a background job, for Django Tasks and for Celery."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Concatenate, Generic, ParamSpec

from asgiref.sync import sync_to_async
from django.db import transaction

from nova_drf.services.base import contract_of
from nova_drf.services.calls import Call, call_in, call_of, fingerprint_of, run_call
from nova_drf.services.context import ServiceContext
from nova_drf.services.contracts import Contract
from nova_drf.services.declarations import Queue, address_of, declare
from nova_drf.services.errors import ServiceDefinitionError
from nova_drf.services.records import store

P = ParamSpec("P")


class ServiceTask(Generic[P]):
    """An action that runs in another process, with the same validation at both ends.

    Args:
        contract: The action's.
        queue: The engine.
        context: On whose behalf it runs.
        options: For the engine, with each job.
        database: Whose transaction :meth:`enqueue_on_commit` waits for.
    """

    def __init__(
        self,
        contract: Contract,
        queue: Queue,
        *,
        context: ServiceContext | None = None,
        options: dict[str, Any] | None = None,
        database: str | None = None,
    ) -> None:
        self.contract = contract
        self.queue = queue
        self.context = contract.owner.context_class() if context is None else context
        self.options = options or {}
        self.database = database

    def __repr__(self) -> str:
        return f"<ServiceTask of {self.contract.path}>"

    @property
    def fingerprint(self) -> str:
        """What a worker's contract must match."""
        return fingerprint_of(self.contract)

    def using(
        self,
        *,
        context: ServiceContext | None = None,
        database: str | None = None,
        **options: object,
    ) -> ServiceTask[P]:
        """Return the same task with another context or other options.

        >>> complete_order.using(context=orders.context, queue_name="slow").enqueue(order.pk)

        Args:
            context: On whose behalf the job runs; the user travels as a primary key.
            database: Whose transaction :meth:`enqueue_on_commit` waits for.
            options: For the engine: those of ``django.tasks.Task.using`` or of Celery's
                ``apply_async``.

        Raises:
            TypeError: The service works with another class of context.
        """
        wanted = self.contract.owner.context_class
        if context is not None and not isinstance(context, wanted):
            raise TypeError(
                f"{self.contract.where}: the context must be a {wanted.__qualname__}, not a "
                f"{type(context).__qualname__}. Pass one of that class, or set context_class."
            )
        return ServiceTask(
            self.contract,
            self.queue,
            context=self.context if context is None else context,
            options={**self.options, **options},
            database=self.database if database is None else database,
        )

    def enqueue(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Validate the arguments now and enqueue the call; returns the engine's result object.

        Raises:
            InvalidArguments: A value is not what the signature says, or JSON would change it.
            TypeError: An argument is missing, or there is no such argument.
        """
        return self.queue.send(self._data(args, kwargs), self.options)

    async def aenqueue(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Do the same from async code, with the engine in a worker thread."""
        call = self._data(args, kwargs)
        return await sync_to_async(self.queue.send)(call, self.options)

    def enqueue_on_commit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Validate the arguments now, and enqueue the call once the transaction is committed.

        If it is rolled back, nothing is enqueued. Outside of a transaction this happens at once.

        The engine is asked after the commit. If it cannot be reached then, its exception is
        raised where the transaction ends, although that is committed, and the job is lost. Use
        :meth:`enqueue_in_transaction` where that must not be.
        """
        send = partial(self.queue.send, self._data(args, kwargs), self.options)
        transaction.on_commit(send, using=self.database)

    def enqueue_in_transaction(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Validate the arguments now, and write the call into the outbox; returns the job's id.

        The row belongs to the current transaction: both are committed, or neither. The engine is
        not asked. ``manage.py nova_relay`` sends the call, and sends it again until a worker has
        run it; a worker recognises a call that it gets twice.

        Needs ``nova_drf.outbox`` in ``INSTALLED_APPS``. The row is in the database of the
        method's ``@atomic``, or the default one. Async code calls this in the function that
        ``await atomic.arun(...)`` runs.

        Raises:
            InvalidArguments: A value is not what the signature says, or JSON would change it.
            ServiceDefinitionError: There is no outbox, or an option is not JSON.
            TypeError: An argument is missing, or there is no such argument.
        """
        arguments = self.contract.validated(args, kwargs)
        call = call_of(self.contract, arguments, self.context)

        def text(job: str) -> str:
            return call.model_copy(update={"id": job}).model_dump_json()

        return store(self.contract, self.queue.engine, text, self.options)

    def call(self, *args: P.args, **kwargs: P.kwargs) -> Call:
        """Return the validated call as data, for an engine of your own or for a test."""
        return call_of(self.contract, self.contract.validated(args, kwargs), self.context)

    def _data(self, args: tuple[object, ...], kwargs: dict[str, object]) -> dict[str, Any]:
        call: Any = self.call
        data: dict[str, Any] = call(*args, **kwargs).model_dump()
        return data


def service_task(
    method: Callable[Concatenate[Any, P], object], *, celery: object = None, **options: object
) -> ServiceTask[P]:
    """Make a background job of an action.

    >>> complete_order = service_task(OrderService.complete)
    >>> complete_order.enqueue(order.pk, paid=Decimal("9.90"))

    Arguments are validated when enqueued and again when run. They travel as JSON of their schema,
    with a fingerprint of the signature. A worker with another signature refuses the job with
    :class:`~nova_drf.services.ContractMismatch`.

    This is also the declaration for workers. They only run methods that were passed to this
    function, in modules that they import anyway. A message cannot name others.

    Args:
        method: The action of a service that is defined in a module.
        celery: A Celery application, or ``True`` for whichever is current (``shared_task``).
            When left out, Django Tasks run the job; they need Django 6.0. Tasks of an ``@atomic``
            method have ``acks_late`` and ``reject_on_worker_lost`` on unless ``options`` say
            otherwise: their work is undone as a whole if the worker is killed, and done again.
        options: Django Tasks: for each job, see ``django.tasks.Task.using``. Celery: of the task
            itself, such as ``autoretry_for``; see ``Celery.task``.

    Raises:
        ServiceDefinitionError: It is no action of a service in a module, an argument has no form
            in JSON, or the engine is not installed.
    """
    contract = contract_of(method)
    address_of(contract)
    fingerprint_of(contract)
    queue = _celery_queue(contract, celery, options) if celery else _django_queue(contract)
    declare(contract, queue)
    return ServiceTask(contract, queue, options={} if celery else options)


def run_data(data: dict[str, Any]) -> object:
    """Run a call that an engine of your own delivered.

    Raises:
        ContractMismatch: The call names no method that was declared here, or is for another
            signature. Keep the message: a worker of another version can run it.
        InvalidArguments: The arguments are not what the signature says.
        NotFound: The user on whose behalf it was to run no longer exists.
        PermissionDenied: The user is inactive.
    """
    return run_call(call_in(data))


def _django_queue(contract: Contract) -> Queue:
    try:
        from nova_drf.services.django_tasks import DjangoQueue
    except ImportError as error:
        raise ServiceDefinitionError(
            f"{contract.path}: Django Tasks came with Django 6.0. Use that, or Celery: "
            "service_task(..., celery=app)."
        ) from error
    return DjangoQueue()


def _celery_queue(contract: Contract, app: object, options: dict[str, Any]) -> Queue:
    try:
        from nova_drf.services.celery_tasks import CeleryQueue
    except ImportError as error:
        raise ServiceDefinitionError(
            f"{contract.path}: Celery is not installed. Install nova_drf[celery]."
        ) from error
    return CeleryQueue(contract, app, options)
