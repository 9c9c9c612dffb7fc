"""Running an atomic unit again: after which errors, how often, with which arguments."""

from __future__ import annotations

import secrets
import time
from copy import deepcopy
from typing import Any

from django.db import DatabaseError
from django.db.models import Model

from nova_drf.services.errors import Unavailable

_POSTGRESQL = frozenset(
    (
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "55P03",  # lock_not_available
    )
)
_MYSQL = frozenset(
    (
        1213,  # a deadlock
        1205,  # a lock was waited for too long
        1020,  # a row has changed since it was read (MariaDB's snapshots)
        3572,  # a lock was not to be waited for
    )
)
_SQLITE = frozenset((5, 6))
"""``SQLITE_BUSY`` and ``SQLITE_LOCKED``, of which extended codes keep the last byte."""


def is_transient(error: BaseException) -> bool:
    """Whether a deadlock, a transaction that cannot be serialized or a lock is behind an error.

    Args:
        error: One of Django's, or what was raised from one: an
            :class:`~nova_drf.services.Unavailable` of a service, or Django's error for the
            next statement in the transaction.
    """
    cause: BaseException | None = error
    while isinstance(cause, (DatabaseError, Unavailable)):
        if isinstance(cause, DatabaseError) and _is_transient(cause.__cause__ or cause):
            return True
        cause = cause.__cause__
    return False


def _is_transient(cause: BaseException) -> bool:
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if state is not None:
        return state in _POSTGRESQL
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE
    arguments = cause.args
    return len(arguments) > 1 and arguments[0] in _MYSQL


_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 1.0


class Attempts:
    """Counts the attempts of one call.

    Args:
        retries: How many may follow the first one.
    """

    def __init__(self, retries: int) -> None:
        self.retries = retries
        self.count = 0
        self._is_committed = False

    def begin(self) -> None:
        """Count one more."""
        self.count += 1

    def commit(self) -> None:
        """Note that an attempt was committed. Nothing may follow it, whatever is raised."""
        self._is_committed = True

    def may_follow(self, error: Exception) -> bool:
        """Whether it is worth trying again after an error."""
        return not self._is_committed and self.count <= self.retries and is_transient(error)

    def pause(self) -> None:
        """Wait a moment: longer each time, and not as long as those that are in the way."""
        longest = min(_FIRST_PAUSE * 2**self.count, _LONGEST_PAUSE)
        time.sleep(longest * secrets.randbelow(1000) / 1000)


class FreshArguments:
    """Arguments as they were before the first attempt, for each later one anew.

    Objects of a model stay the same ones, since a caller goes on with them, and get back the
    values that they had. What cannot be copied, such as an open file, is passed on as it is.

    Args:
        arguments: By name.
    """

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._arguments = arguments
        self._objects: dict[int, tuple[Model, dict[str, Any]]] = {}
        self._copies = self._copy(arguments)
        self._is_first = True

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the next attempt."""
        if self._is_first:
            self._is_first = False
            return self._arguments
        for instance, state in self._objects.values():
            vars(instance).clear()
            vars(instance).update(deepcopy(state))
        copied: dict[str, Any] = self._copy(self._copies)
        return copied

    def _copy(self, value: Any) -> Any:
        if type(value) in (tuple, list):
            return type(value)(self._copy(item) for item in value)
        if type(value) is dict:
            return {key: self._copy(item) for key, item in value.items()}
        if isinstance(value, Model):
            if id(value) not in self._objects:
                self._objects[id(value)] = value, deepcopy(vars(value))
            return value
        try:
            return deepcopy(value)
        except Exception:  # it may fail with anything
            return value
