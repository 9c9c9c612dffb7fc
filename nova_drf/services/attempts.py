"""Running an atomic unit again: how often, after which errors, and with which arguments."""

from __future__ import annotations

import secrets
import time
from copy import deepcopy
from typing import Any

from django.db.models import Model

from nova_drf.services.transient import is_transient

_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 1.0


class Attempts:
    """Counts the attempts of one call.

    Args:
        retries: How many may follow the first one.
    """

    def __init__(self, retries: int) -> None:
        self.retries = retries
        self.made = 0
        self._is_committed = False

    def begin(self) -> None:
        """Count one more."""
        self.made += 1

    def commit(self) -> None:
        """Note that an attempt was committed. Nothing may follow it, whatever is raised."""
        self._is_committed = True

    def may_follow(self, error: Exception) -> bool:
        """Whether it is worth trying again after an error."""
        return not self._is_committed and self.made <= self.retries and is_transient(error)

    def pause(self) -> None:
        """Wait a moment: longer each time, and not as long as those that are in the way."""
        longest = min(_FIRST_PAUSE * 2**self.made, _LONGEST_PAUSE)
        time.sleep(longest * secrets.randbelow(1000) / 1000)


class Pristine:
    """Arguments as they were before the first attempt, for each later one anew.

    Objects of a model stay the same ones, since a caller goes on with them, and get back what they
    held. What cannot be copied, such as an open file, is passed on as it is.

    Args:
        arguments: By name.
    """

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._given = arguments
        self._objects: dict[int, tuple[Model, dict[str, Any]]] = {}
        self._kept = self._copy(arguments)
        self._is_first = True

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the next attempt."""
        if self._is_first:
            self._is_first = False
            return self._given
        for instance, state in self._objects.values():
            vars(instance).clear()
            vars(instance).update(deepcopy(state))
        copied: dict[str, Any] = self._copy(self._kept)
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
