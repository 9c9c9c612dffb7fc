"""What was run already, where ``nova_drf.outbox`` is installed, and what waits to be sent."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from copy import copy
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.utils import timezone

from nova_drf.core.exceptions import NovaError
from nova_drf.services.contracts import Contract
from nova_drf.services.errors import ServiceDefinitionError

if TYPE_CHECKING:
    from django.db.models import QuerySet

APP = "nova_drf.outbox"
_log = logging.getLogger(__name__)
_TIMES = frozenset(("eta", "expires", "run_after"))
"""Options of engines that may be points in time."""

Finish = Callable[[Any], Any]
Work = Callable[[Contract, Finish], Any]
"""Runs a contract; it passes what comes out to the function, inside the transaction."""


class AlreadyStarted(NovaError):
    """A job whose method is not atomic was started before, and nobody knows how far it came."""


class _RunBefore(Exception):
    """Ends the transaction of a job that was run already."""


class Record:
    """The record of one run, which there is none of: every delivery is run.

    Args:
        contract: What runs.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract

    def run(self, work: Work) -> Any:
        """Run the job unless it ran before, and return its result."""
        return work(self.contract, lambda data: data)


class _Stored(Record):
    """A record in the database.

    Args:
        contract: What runs.
        jobs: The rows, of the database that the method writes to.
        key: The job's.
    """

    def __init__(self, contract: Contract, jobs: QuerySet[Any], key: UUID) -> None:
        super().__init__(contract)
        self._jobs = jobs
        self._key = key

    @property
    def _row(self) -> QuerySet[Any]:
        return self._jobs.filter(pk=self._key)

    def _start(self, unless: str, **values: object) -> bool:
        """Write the record, unless it says that the job was started, or finished, before."""
        if self._row.filter(**{unless: None}).update(error="", **values):
            return True
        try:
            with transaction.atomic(using=self._jobs.db):
                self._jobs.create(pk=self._key, method=self.contract.path[:255], **values)
        except IntegrityError:
            return False
        return True

    def _finish(self, data: object) -> object:
        result = "" if data is None else json.dumps(data)
        now = timezone.now()
        self._row.update(finished=now, send_at=None, result=result, call="", options="")
        return data

    def _first_result(self) -> object:
        """Return the result of the first run."""
        result = self._row.exclude(finished=None).values_list("result", flat=True).first()
        if result is None:
            raise AlreadyStarted(
                f"{self.contract.path}: job {self._key} was started before and has not come to its "
                "end, so it is not run again. Find out what it did; "
                "Job.objects.filter(pk=...).send_again() runs it again."
            )
        _log.info("%s: job %s ran before and is not run again.", self.contract.path, self._key)
        return json.loads(result) if result else None


class _AtomicRecord(_Stored):
    """Written in the method's own transaction: both are there, or neither."""

    def run(self, work: Work) -> Any:
        contract = copy(self.contract)
        function = self.contract.function

        @wraps(function)
        def run(*args: object, **kwargs: object) -> Any:
            now = timezone.now()
            if not self._start("finished", started=now, finished=now, send_at=None):
                raise _RunBefore
            return function(*args, **kwargs)

        contract.function = run
        try:
            return work(contract, self._finish)
        except _RunBefore:
            return self._first_result()


class _ClaimingRecord(_Stored):
    """Written before the method runs, so that a job whose worker was killed is not run again.

    Args:
        contract: What runs.
        jobs: The rows.
        key: The job's.
        again: Whether it is run again all the same, as long as it did not come to its end.
    """

    def __init__(self, contract: Contract, jobs: QuerySet[Any], key: UUID, again: bool) -> None:
        super().__init__(contract, jobs, key)
        self._unless = "finished" if again else "started"

    def run(self, work: Work) -> Any:
        if not self._start(self._unless, started=timezone.now()):
            return self._first_result()
        try:
            data = work(self.contract, lambda data: data)
        except Exception:
            # Whatever it was, the job may be started again.
            self._row.update(started=None)
            raise
        return self._finish(data)


def record_of(contract: Contract, job: str | None, *, again: bool = False) -> Record:
    """Return the record of a job's run.

    Args:
        contract: What will run.
        job: The job's id; a second message with the same id is the same job.
        again: Whether a method that is not atomic is run again after its worker was killed.
    """
    if job is None or not apps.is_installed(APP):
        return Record(contract)
    jobs, key = _jobs(contract), key_of(job)
    if contract.atomic is not None:
        return _AtomicRecord(contract, jobs, key)
    return _ClaimingRecord(contract, jobs, key, again)


def fail(contract: Contract | None, job: str, error: BaseException) -> None:
    """Note that a job failed for good, so that the relay does not send it again.

    The row keeps the class of the error, not its text, which may hold values.

    Args:
        contract: What ran, or was to run; ``None`` if nobody knows.
        job: The job's id.
        error: Why.
    """
    if apps.is_installed(APP):
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        _jobs(contract).filter(pk=key_of(job), finished=None).update(send_at=None, error=kind[:255])


def store(
    contract: Contract, engine: str, call: Callable[[str], str], options: dict[str, object]
) -> str:
    """Write a job into the outbox, in the current transaction.

    Args:
        contract: What will run.
        engine: The name of the engine that will carry it.
        call: Returns the call as JSON, with the id that it is given.
        options: For the engine.

    Returns:
        The job's id.

    Raises:
        ServiceDefinitionError: There is no outbox, or an option is not JSON.
    """
    if not apps.is_installed(APP):
        raise ServiceDefinitionError(
            f'{contract.path}: there is no outbox. Add "{APP}" to INSTALLED_APPS and migrate.'
        )
    key = uuid4()
    _jobs(contract).create(
        pk=key,
        method=contract.path[:255],
        engine=engine,
        call=call(str(key)),
        options=_options_text(contract, options),
        send_at=timezone.now(),
    )
    return str(key)


def key_of(job: str) -> UUID:
    """Return the primary key for a job's id, which an engine may allow to be any text."""
    try:
        return UUID(job)
    except ValueError:
        return uuid5(NAMESPACE_OID, job)


def options_of(text: str) -> dict[str, object]:
    """Return the options of a stored job."""
    options = json.loads(text)
    return {
        name: datetime.fromisoformat(value) if name in _TIMES and isinstance(value, str) else value
        for name, value in options.items()
    }


def _options_text(contract: Contract, options: dict[str, object]) -> str:
    jsonable = {
        name: value.isoformat() if name in _TIMES and isinstance(value, datetime) else value
        for name, value in options.items()
    }
    try:
        return json.dumps(jsonable)
    except TypeError as error:
        raise ServiceDefinitionError(
            f"{contract.path}: the outbox keeps options of the engine as JSON. {error}."
        ) from error


def _jobs(contract: Contract | None) -> QuerySet[Any]:
    """Return the rows in the database that a method writes to."""
    alias = contract.atomic.using if contract and contract.atomic else None
    model: Any = apps.get_model("nova_outbox", "Job")
    jobs: QuerySet[Any] = model.objects.using(alias or DEFAULT_DB_ALIAS)
    return jobs
