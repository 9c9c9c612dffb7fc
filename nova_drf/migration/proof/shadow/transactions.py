"""Nothing that a shadow does to a database stays: each comparison is one transaction.

Where it may only read, the transaction is ``READ ONLY``: the server refuses what writes. Where it
may write, the transaction is rolled back; on PostgreSQL the server itself refuses to commit it, for
it holds rows that break a constraint which is checked at the commit.

Besides, each statement that goes through Django is looked at in every thread, also in those in
which there is no such transaction.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from enum import Enum, auto
from threading import get_ident
from typing import Any

from django.core.signals import request_finished
from django.db import NotSupportedError, close_old_connections, connections, transaction
from django.db.backends.signals import connection_created

from nova_drf.core.compat import allow_durable
from nova_drf.migration.proof.shadow.statements import Effect, effect_of, written_table

READ_ONLY_SESSIONS = {"PGOPTIONS": "-c default_transaction_read_only=on"}
"""The environment in which each connection to PostgreSQL begins read-only, whoever opens it."""

_GUARD = """
CREATE TEMPORARY TABLE nova_shadow_guard
    (id integer UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP;
INSERT INTO nova_shadow_guard VALUES (1), (1);
"""


class WouldWrite(BaseException):
    """A shadow that may not write came to its first write.

    No exception of the usual kind, so that no ``except Exception`` of a project goes on after it.
    """


class RefusedStatement(NotSupportedError):
    """A shadow wanted to commit, to change the schema, or to write outside its transaction."""


class Access(Enum):
    """What a shadow may do to the databases."""

    READ = auto()
    WRITE = auto()
    """It may write what is rolled back."""


class Databases:
    """The databases of the child process.

    Args:
        note_write: Is told the alias, the table and the verb of each write.
        note_refusal: Is told what was refused.
    """

    def __init__(
        self,
        note_write: Callable[[str, str, str], object],
        note_refusal: Callable[[str], object],
    ) -> None:
        self._note_write, self._note_refusal = note_write, note_refusal
        self._access = Access.READ
        self._guarded: list[Any] = []
        self._trusted: int | None = None
        self.would_write = ""

    def watch(self) -> None:
        """Look at every statement from now on, in every thread."""
        # At the end of a request, within the transaction, nothing is closed.
        request_finished.disconnect(close_old_connections)
        connection_created.connect(self._attach)
        for connection in connections.all(initialized_only=True):
            self._attach(connection=connection)

    def release(self) -> None:
        """No longer look at statements."""
        request_finished.connect(close_old_connections)
        connection_created.disconnect(self._attach)
        for connection in connections.all(initialized_only=True):
            if self._look in connection.execute_wrappers:
                connection.execute_wrappers.remove(self._look)
            _let_commit(connection)

    def _attach(self, connection: Any, **kwargs: object) -> None:
        if self._look not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._look)
        _refuse_commit(connection, self._note_refusal)

    @property
    def can_write(self) -> bool:
        """Whether what is written can be rolled back without keeping others from writing."""
        return all(connections[alias].vendor != "sqlite" for alias in connections)

    @property
    def is_broken(self) -> bool:
        """Whether an error of a database lets nothing more be asked in this transaction."""
        return any(connection.needs_rollback for connection in self._guarded)

    # Transactions

    @contextmanager
    def transaction(
        self, access: Access, seconds: float, first: Callable[[], object] | None = None
    ) -> Iterator[None]:
        """Open a transaction on each database, and roll it back at the end.

        Args:
            access: What may be done in it.
            seconds: How long one statement may take.
            first: What is done first, and may write; PostgreSQL lets a transaction become
                read-only after that, and on others it is only done where there may be writes.
        """
        prepares = first is not None and (access is Access.WRITE or self._can_become_read_only)
        begins = Access.WRITE if prepares else access
        with ExitStack() as stack:
            for alias in connections:
                stack.enter_context(self._one(alias, begins, access, int(seconds * 1000)))
            self._access = begins
            try:
                if first is not None and prepares:
                    first()
                    self._become(access)
                yield
            finally:
                self._access = Access.READ

    @property
    def _can_become_read_only(self) -> bool:
        return all(connections[alias].vendor == "postgresql" for alias in connections)

    def _become(self, access: Access) -> None:
        self._access = access
        if access is not Access.READ:
            return
        with self._by_us():
            for connection in self._guarded:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION READ ONLY")

    @contextmanager
    def _one(self, alias: str, begins: Access, access: Access, milliseconds: int) -> Iterator[None]:
        connection: Any = connections[alias]
        with self._by_us():
            connection.close_if_unusable_or_obsolete()
            connection.ensure_connection()
        with _only_reading(connection, access, self._by_us):
            with self._by_us():
                block = transaction.atomic(using=alias)
                block.__enter__()
                allow_durable(connection)
                for sql in _beginning(connection, begins, milliseconds):
                    with connection.cursor() as cursor:
                        cursor.execute(sql)
            self._guarded.append(connection)
            try:
                yield
            finally:
                self._guarded.remove(connection)
                with self._by_us():
                    transaction.set_rollback(True, using=alias)
                    block.__exit__(None, None, None)
                    _forget_locks(connection)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Roll back to here at the end; what is durable is allowed."""
        with ExitStack() as stack:
            for connection in self._guarded:
                stack.enter_context(_savepoint(connection))
            self.would_write = ""
            yield

    @contextmanager
    def _by_us(self) -> Iterator[None]:
        """What this thread does now is no shadow's work."""
        self._trusted = get_ident()
        try:
            yield
        finally:
            self._trusted = None

    # Statements

    def _look(
        self,
        execute: Callable[..., object],
        sql: Any,
        params: object,
        many: bool,
        context: Mapping[str, Any],
    ) -> object:
        if self._trusted == get_ident():
            return execute(sql, params, many, context)
        text = str(sql)
        effect = effect_of(text)
        if effect is Effect.READS:
            return execute(sql, params, many, context)
        connection = context["connection"]
        is_guarded = any(connection is guarded for guarded in self._guarded)
        if effect is Effect.OTHER or not is_guarded:
            what = " ".join(text.split())[:80]
            self._note_refusal(f"statement: {what}")
            raise RefusedStatement(f"A shadow may not run this: {what}")
        table = written_table(text)
        if self._access is Access.READ:
            self.would_write = self.would_write or table
            raise WouldWrite(table)
        result = execute(sql, params, many, context)
        if context["cursor"].rowcount != 0:
            self._note_write(connection.alias, table, text.split(None, 1)[0].upper())
        return result


@contextmanager
def _savepoint(connection: Any) -> Iterator[None]:
    with transaction.atomic(using=connection.alias):
        allow_durable(connection)
        try:
            yield
        finally:
            if not connection.closed_in_transaction:
                transaction.set_rollback(True, using=connection.alias)


def _beginning(connection: Any, access: Access, milliseconds: int) -> Iterator[str]:
    """Yield the first statements of a transaction."""
    reads = access is Access.READ
    if connection.vendor == "postgresql":
        mode = "READ ONLY" if reads else "READ WRITE"
        yield f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, {mode}"
        for name in ("statement_timeout", "lock_timeout"):
            yield f"SET LOCAL {name} = {milliseconds}"
        # Several answers are given in one transaction.
        yield f"SET LOCAL idle_in_transaction_session_timeout = {milliseconds * 5}"
        if not reads:
            yield _GUARD
    elif connection.vendor == "mysql":
        yield f"SET TRANSACTION {'READ ONLY' if reads else 'READ WRITE'}"
        yield f"SET SESSION innodb_lock_wait_timeout = {max(1, milliseconds // 1000)}"


def _forget_locks(connection: Any) -> None:
    """Give back the locks that a session keeps beyond its transaction."""
    if connection.vendor == "postgresql" and connection.connection is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")


@contextmanager
def _only_reading(
    connection: Any, access: Access, by_us: Callable[[], AbstractContextManager[None]]
) -> Iterator[None]:
    """Take no locks where nothing is written; SQLite refuses writes by itself then."""
    if access is not Access.READ:
        yield
        return
    features = connection.features
    locks, features.has_select_for_update = features.has_select_for_update, False
    try:
        _query_only(connection, True, by_us)
        yield
    finally:
        features.has_select_for_update = locks
        _query_only(connection, False, by_us)


def _query_only(
    connection: Any, value: bool, by_us: Callable[[], AbstractContextManager[None]]
) -> None:
    if connection.vendor == "sqlite":
        with by_us(), connection.cursor() as cursor:
            cursor.execute(f"PRAGMA query_only = {int(value)}")


def _refuse_commit(connection: Any, note_refusal: Callable[[str], object]) -> None:
    """Let the driver's own connection refuse to commit, where it is a class of Python."""

    def commit() -> None:
        note_refusal("commit")
        raise RefusedStatement("A shadow may not commit.")

    try:
        connection.connection.commit = commit
    except AttributeError:
        # A class in C: the statement is refused, or on PostgreSQL the server refuses it.
        return


def _let_commit(connection: Any) -> None:
    if connection.connection is not None:
        getattr(connection.connection, "__dict__", {}).pop("commit", None)


def environment(read_only_sessions: bool) -> dict[str, str]:
    """Return the environment in which connections begin read-only, also those of no Django.

    Args:
        read_only_sessions: Whether they shall.
    """
    if not read_only_sessions:
        return {}
    before = os.environ.get("PGOPTIONS", "")
    return {name: f"{before} {value}".strip() for name, value in READ_ONLY_SESSIONS.items()}
