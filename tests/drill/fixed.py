"""A world in which nothing changes by itself: the clock, keys and tokens are fixed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from django.apps import apps
from django.utils.timezone import now as timezone_now

START = datetime(2031, 2, 28, 11, 0, tzinfo=UTC)


class World:
    """The present time, and what would be random.

    Attributes:
        now: The present time.
    """

    def __init__(self) -> None:
        self.begin(0)

    def begin(self, number: int) -> None:
        """Begin a request: each has a time and keys of its own.

        Args:
            number: The how many-eth it is.
        """
        self.now = START + timedelta(seconds=number)
        self._keys = count(number * 1000 + 1)

    def key(self) -> UUID:
        """Return the next key."""
        return UUID(int=next(self._keys))

    def text(self, length: int = 12, allowed_chars: str = "") -> str:
        """Return what stands for random letters."""
        return "a" * length

    def seconds(self) -> float:
        """Return the present time as a throttle reads it."""
        return self.now.timestamp()


@contextmanager
def fixed(world: World) -> Iterator[None]:
    """Let Django, DRF and the libraries of the clinic live in a fixed world.

    Args:
        world: The world.
    """

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return world.now

    replaced: dict[str, Any] = {
        "django.utils.timezone.now": lambda: world.now,
        "uuid.uuid4": world.key,
        "django.middleware.csrf.get_random_string": world.text,
        "django.core.files.storage.base.get_random_string": world.text,
        "rest_framework.throttling.SimpleRateThrottle.timer": staticmethod(world.seconds),
        "rest_framework.authtoken.models.Token.generate_key": classmethod(
            lambda cls: f"token-{world.now:%H%M%S}"
        ),
        "rest_framework_simplejwt.tokens.aware_utcnow": lambda: world.now,
        "rest_framework_simplejwt.tokens.uuid4": world.key,
        "jwt.api_jwt.datetime": Clock,
    }
    with ExitStack() as stack:
        for name, stand_in in replaced.items():
            stack.enter_context(mock.patch(name, stand_in))
        for default in _defaults(world):
            stack.enter_context(default)
        yield


def _defaults(world: World) -> Iterator[AbstractContextManager[Any]]:
    """Replace the defaults of columns: models have kept the functions themselves."""
    stand_ins = {timezone_now: lambda: world.now, uuid4: world.key}
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if (stand_in := stand_ins.get(column.default)) is not None:
                yield mock.patch.dict(column.__dict__, {"_get_default": stand_in})
