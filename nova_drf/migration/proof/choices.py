"""By what a switch chooses between the old and the new code.

A choice is ``"old"``, ``"new"``, or ``"shadow"``, which is the old code while the new one runs
aside; a rule that is asked for each request; or a function of the request and the action that
returns one of them. Rules lead on to others:

>>> Header("X-Use", otherwise=Percentage(10))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Protocol

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction

from nova_drf.core.concurrency import settled
from nova_drf.core.exceptions import NovaError


class SwitchError(NovaError):
    """A switch is defined wrongly, or chose something that there is not."""


class Choice(StrEnum):
    """Which code answers."""

    OLD = "old"
    NEW = "new"
    SHADOW = "shadow"
    """The old code, and the new one is compared with it."""


_CHOICES: dict[str, Choice] = {choice.value: choice for choice in Choice}


class Rule(Protocol):
    """Chooses for each request."""

    def choose(self, request: Any, switch: str, action: str) -> Choice:
        """Return which code answers.

        Args:
            request: Django's request.
            switch: The name of the switch.
            action: The action.
        """
        ...


Choosable = str | Rule | Callable[[Any, str], object]
"""What ``switch()`` takes for an action."""


def as_rule(chosen: Choosable) -> Rule:
    """Return a choice as a rule.

    Args:
        chosen: ``"old"``, ``"new"``, ``"shadow"``, a rule, or a function.

    Raises:
        SwitchError: It is none of them.
    """
    if isinstance(chosen, str):
        return _ALWAYS[as_choice(chosen)]
    choosable: Any = chosen
    if hasattr(choosable, "choose"):
        rule: Rule = choosable
        return rule
    if callable(choosable):
        return By(choosable)
    raise SwitchError(f"{chosen!r} is no choice. Write {_said()}, a rule, or a function.")


def as_choice(answer: object) -> Choice:
    """Return what a function, a setting or a row says as a choice.

    Args:
        answer: ``"old"``, ``"new"`` or ``"shadow"``.

    Raises:
        SwitchError: It is none of them.
    """
    choice = _CHOICES.get(answer) if isinstance(answer, str) else None
    if choice is None:
        raise SwitchError(f"{answer!r} is no choice. Write {_said()}.")
    return choice


def _said() -> str:
    *others, last = (repr(choice.value) for choice in Choice)
    return f"{', '.join(others)} or {last}"


def may_ask(rule: Rule) -> bool:
    """Whether a rule may ask the database, or wait for something, so that it needs a thread.

    Args:
        rule: The rule; one of the project says ``may_ask = False`` if it does neither.
    """
    return bool(getattr(rule, "may_ask", True))


@dataclass(frozen=True)
class Always:
    """One choice for every request.

    Attributes:
        choice: The choice.
    """

    choice: Choice
    may_ask: ClassVar = False

    def choose(self, request: Any, switch: str, action: str) -> Choice:
        """Return the choice."""
        return self.choice


_ALWAYS = {choice: Always(choice) for choice in Choice}


@dataclass(frozen=True)
class By:
    """What a function of the project says.

    Attributes:
        function: Takes the request and the action, and returns a choice; ``def`` or ``async def``.
    """

    function: Callable[[Any, str], object]

    def choose(self, request: Any, switch: str, action: str) -> Choice:
        """Return what the function returns."""
        with _savepoints():
            return as_choice(settled(self.function(request, action)))


class _WithOtherwise:
    """A rule that leads on to another one."""

    otherwise: Choosable

    def __post_init__(self) -> None:
        # What is no choice is found where it is defined, not at a request.
        _ = self._next

    @cached_property
    def _next(self) -> Rule:
        return as_rule(self.otherwise)

    @property
    def may_ask(self) -> bool:
        """Whether what it leads on to may ask the database; see :func:`may_ask`."""
        return may_ask(self._next)


@dataclass(frozen=True)
class Percentage(_WithOtherwise):
    """The new code for a share of the clients, and always for the same ones.

    Attributes:
        share: For how many of a hundred.
        key: Returns by what one client is told from another; the user that the session knows, else
            the credentials, else the address when left out.
        otherwise: What is chosen for all others.
        choice: What is chosen for the share.
    """

    share: float
    key: Callable[[Any], str] | None = None
    otherwise: Choosable = Choice.OLD
    choice: str = Choice.NEW

    def __post_init__(self) -> None:
        super().__post_init__()
        as_choice(self.choice)
        is_number = isinstance(self.share, (int, float))
        if not (is_number and 0 <= self.share <= 100):
            raise SwitchError(f"Percentage({self.share!r}): write a number from 0 to 100.")

    @property
    def may_ask(self) -> bool:
        """Whether the database may be asked: for the user of the session."""
        return True

    def choose(self, request: Any, switch: str, action: str) -> Choice:
        """Return the new code, or ``choice``, for the clients among the share."""
        key = (self.key or client_key)(request)
        digest = blake2b(f"{switch}\n{key}".encode(), digest_size=8).digest()
        if int.from_bytes(digest) % 10_000 < self.share * 100:
            return _CHOICES[self.choice]
        return self._next.choose(request, switch, action)


def client_key(request: Any) -> str:
    """Return by what one client is told from another.

    Args:
        request: Django's request.
    """
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user {user.pk}"
    # Django would collect all headers to find one of them.
    credentials = request.META.get("HTTP_AUTHORIZATION")
    return f"credentials {credentials}" if credentials else f"address {request.META['REMOTE_ADDR']}"


@dataclass(frozen=True)
class Header(_WithOtherwise):
    """The side that a header of the request names, for testers.

    Attributes:
        name: The header; its value is a choice.
        allowed: Says whether this client may choose; everybody when left out.
        otherwise: What is chosen where it is not sent, says none of them, or is not allowed.
    """

    name: str
    allowed: Callable[[Any], object] | None = None
    otherwise: Choosable = Choice.OLD

    @property
    def may_ask(self) -> bool:
        """Whether ``allowed`` or what it leads on to may ask the database."""
        return self.allowed is not None or super().may_ask

    def choose(self, request: Any, switch: str, action: str) -> Choice:
        """Return what the header says."""
        said = request.headers.get(self.name)
        choice = _CHOICES.get(said)
        if choice and (self.allowed is None or settled(self.allowed(request)) is True):
            return choice
        return self._next.choose(request, switch, action)


@dataclass(frozen=True)
class Setting(_WithOtherwise):
    """The side that one of Django's settings names; it is read at each request.

    Attributes:
        name: The setting; its value is a choice.
        otherwise: What is chosen where it is not set.
    """

    name: str
    otherwise: Choosable = Choice.OLD

    def choose(self, request: Any, switch: str, action: str) -> Choice:
        """Return what the setting says."""
        said = getattr(settings, self.name, None)
        if said is not None:
            return as_choice(said)
        return self._next.choose(request, switch, action)


@dataclass(frozen=True)
class Flag(_WithOtherwise):
    """The new code where a flag of django-waffle or django-flags is on.

    Where both are in ``INSTALLED_APPS``, it is a flag of django-waffle. Both go by ``request.user``
    as the session knows it; a share of django-waffle is drawn anew for each request of a client
    that sends no cookies, where :class:`Percentage` stays the same.

    Attributes:
        name: The flag.
        otherwise: What is chosen where it is off.
        choice: What is chosen where it is on.
    """

    name: str
    otherwise: Choosable = Choice.OLD
    choice: str = Choice.NEW

    def __post_init__(self) -> None:
        super().__post_init__()
        as_choice(self.choice)
        if not (find_spec("waffle") or find_spec("flags")):
            raise ImproperlyConfigured(
                f"Flag({self.name!r}) needs django-waffle or django-flags. Install one of them."
            )

    @property
    def may_ask(self) -> bool:
        """Whether the database may be asked: for the flag."""
        return True

    def choose(self, request: Any, switch: str, action: str) -> Choice:
        """Return the new code, or what is said, if the flag is on for the request."""
        if self._is_on(request):
            return _CHOICES[self.choice]
        return self._next.choose(request, switch, action)

    def _is_on(self, request: Any) -> bool:
        with _savepoints():
            if apps.is_installed("waffle"):
                return import_module("waffle").flag_is_active(request, self.name) is True
            if apps.is_installed("flags"):
                return import_module("flags.state").flag_enabled(self.name, request=request) is True
        raise ImproperlyConfigured(
            f"Flag({self.name!r}): add 'waffle' or 'flags' to INSTALLED_APPS, whichever it is of."
        )


@contextmanager
def _savepoints() -> Iterator[None]:
    """Let an error of a database leave the transaction of the request as it was.

    With ``ATOMIC_REQUESTS`` the old code would otherwise answer in one that is broken.
    """
    with ExitStack() as stack:
        for connection in connections.all(initialized_only=True):
            if connection.in_atomic_block:
                stack.enter_context(transaction.atomic(using=connection.alias))
        yield
