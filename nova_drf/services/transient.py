"""Errors of a database that say nothing about the data: the same may succeed a moment later."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError

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
            :class:`~nova_drf.services.Unavailable` of a service, or Django's complaint about the
            next statement in the transaction.
    """
    found: BaseException | None = error
    while isinstance(found, (DatabaseError, Unavailable)):
        if isinstance(found, DatabaseError) and _is_transient(found.__cause__ or found):
            return True
        found = found.__cause__
    return False


def _is_transient(cause: Any) -> bool:
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if state is not None:
        return state in _POSTGRESQL
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE
    arguments: tuple[Any, ...] = getattr(cause, "args", ())
    return len(arguments) > 1 and arguments[0] in _MYSQL
