"""``atomic``: a method that happens as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from inspect import iscoroutinefunction
from types import TracebackType
from typing import Any, NoReturn, ParamSpec, TypeVar, overload
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.db import DatabaseError, transaction

from nova_drf.services.errors import ServiceDefinitionError, Unavailable
from nova_drf.services.retries import Attempts
from nova_drf.services.signatures import Method

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Method)

REMEDY = (
    "Django's transactions belong to one thread and cannot stay open across an await. "
    "Put the statements that belong together into a `def`, and run them in one go with "
    "`await atomic.arun(self._unit, ...)`."
)


class Atomic:
    """Runs something inside ``django.db.transaction.atomic``: a method, a block, or one call.

    Follows:
        ``django.db.transaction.atomic``.

    Args:
        using: The alias of the database; ``None`` for the default one.
        savepoint: Whether a block inside another one gets a savepoint of its own.
        durable: Whether it is an error to be inside another block.
        retries: How often it is tried again after a deadlock, a transaction that cannot be
            serialized, or a lock that was waited for too long.
    """

    def __init__(
        self,
        using: str | None = None,
        savepoint: bool = True,
        durable: bool = False,
        retries: int = 0,
    ) -> None:
        if retries < 0 or isinstance(retries, bool):
            raise ServiceDefinitionError(
                f"atomic(retries={retries!r}): pass how many retries there may be."
            )
        self.using = using
        self.savepoint = savepoint
        self.durable = durable
        self.retries = retries

    @overload
    def __call__(self, function: F, /) -> F: ...

    @overload
    def __call__(
        self,
        *,
        using: str | None = None,
        savepoint: bool = True,
        durable: bool = False,
        retries: int = 0,
    ) -> Atomic: ...

    def __call__(
        self,
        function: Any = None,
        *,
        using: str | None = None,
        savepoint: bool = True,
        durable: bool = False,
        retries: int = 0,
    ) -> object:
        """Decorate a method, or return the same with other options.

        In a service the transaction closes after the result was checked, and over HTTP after the
        response was made from it, so that a failure in either undoes what was written.

        With ``retries`` the whole unit is run again, and what it registered with
        ``transaction.on_commit()`` is forgotten. A method of a service gets its validated
        arguments as they were before the first time, any other function those that were passed.
        Only the outermost block can be run again: inside another one, also that of
        ``ATOMIC_REQUESTS``, the first failure is raised.

        An ``async def`` cannot be atomic: calling it raises
        :class:`~nova_drf.services.ServiceDefinitionError`, and ``manage.py check`` names it.
        """
        if function is None:
            return Atomic(using, savepoint, durable, retries)
        decorated = _refused(function) if iscoroutinefunction(function) else self._wrap(function)
        _decorated[decorated] = (self, function)
        return decorated

    def _wrap(self, function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            return self.run(function, *args, **kwargs)

        return run

    def block(self) -> AbstractContextManager[None]:
        """Return Django's context manager with these options."""
        return transaction.atomic(self.using, savepoint=self.savepoint, durable=self.durable)

    async def arun(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run one function as an atomic unit from async code: one transaction, one thread hop.

        >>> receipt = await self.gateway.charge(order.total)
        >>> await atomic.arun(self._record, order, receipt)

        Args:
            function: A ``def``; it may use the ORM freely.
            args: Passed on.
            kwargs: Passed on.

        Raises:
            ServiceDefinitionError: ``function`` is an ``async def``.
        """
        if iscoroutinefunction(function):
            raise ServiceDefinitionError(
                f"{_name(function)}: an atomic unit must be a `def`. {REMEDY}"
            )
        return await sync_to_async(self.run)(function, *args, **kwargs)

    def run(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call one function as an atomic unit.

        Args:
            function: A ``def``.
            args: Passed on.
            kwargs: Passed on.

        Raises:
            django.db.DatabaseError: What the last attempt failed with.
        """
        if not self.retries or self._is_inside_another():
            with self.block():
                return function(*args, **kwargs)
        attempts = Attempts(self.retries)
        while True:
            attempts.begin()
            try:
                with self.block():
                    # It comes first, and a hook after it may fail when all is committed already.
                    transaction.on_commit(attempts.commit, using=self.using)
                    return function(*args, **kwargs)
            except (DatabaseError, Unavailable) as error:
                if not attempts.may_follow(error):
                    raise
            attempts.pause()

    def _is_inside_another(self) -> bool:
        """Whether a transaction is open that this one would only be a part of."""
        connection = transaction.get_connection(self.using)
        return connection.in_atomic_block or not connection.get_autocommit()

    def __enter__(self) -> None:
        if self.retries:
            raise ServiceDefinitionError(
                f"`with atomic(retries={self.retries})`: a block cannot be run again. Put it into "
                "a function, and decorate that with `@atomic(retries=...)`, or run it with "
                "`atomic(retries=...).run(function)`."
            )
        # Django keeps the state of open blocks on the connection, not on the context manager.
        self.block().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.block().__exit__(kind, error, trace)

    async def __aenter__(self) -> NoReturn:
        raise ServiceDefinitionError(f"`async with atomic`: {REMEDY}")

    async def __aexit__(self, *exception: object) -> None:
        """Never reached: :meth:`__aenter__` refuses. Python asks for both methods."""


atomic = Atomic()
"""``@atomic`` on a method, ``with atomic:`` around a block, ``await atomic.arun(unit)``.

``atomic(using="archive", durable=True)`` and ``atomic(retries=3)`` give the same for another
database or with other options.
"""

_decorated: WeakKeyDictionary[Method, tuple[Atomic, Method]] = WeakKeyDictionary()
"""What ``@atomic`` decorated, itself the key: ``functools.wraps`` would copy an attribute."""


def without_atomic(
    function: Method,
) -> tuple[Method, Atomic | None]:
    """Take ``@atomic`` off a function, and say whether it was there."""
    options, inner = _decorated.get(function, (None, function))
    return inner, options


def _refused(function: Method) -> Method:
    @wraps(function)
    async def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise ServiceDefinitionError(
            f"{_name(function)}: an `async def` cannot be atomic. {REMEDY}"
        )

    return refuse


def _name(function: Method) -> str:
    return getattr(function, "__qualname__", repr(function))
