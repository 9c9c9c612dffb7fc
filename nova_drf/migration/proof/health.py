"""How the new code of a switch does: whether it fails too often, or takes too long."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """When a switch goes back to the old code.

    An answer has failed if it is an exception, if its status is 500 or above, or if it takes too
    long.

    Attributes:
        failures: The share of answers that may fail.
        seconds: What takes longer has failed; ``None`` is never.
        window: How many of the last answers count.
        at_least: How many answers there must be before it is judged.
    """

    failures: float = 0.05
    seconds: float | None = None
    window: int = 200
    at_least: int = 20


class Health:
    """The last answers of the new code for one action.

    Args:
        limits: When it is given up.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._failed: deque[bool] = deque(maxlen=limits.window)

    def note(self, failed: bool, seconds: float) -> str:
        """Note an answer; return why the new code has to be given up, or nothing.

        Args:
            failed: Whether it is an exception, or of status 500 and above.
            seconds: How long it took.
        """
        limit = self.limits.seconds
        failed = failed or (limit is not None and seconds > limit)
        # Without a lock: each of these is one step of the deque, whatever other threads do.
        self._failed.append(failed)
        if not failed:
            return ""
        count, failures = len(self._failed), self._failed.count(True)
        if count >= self.limits.at_least and failures > self.limits.failures * count:
            return f"{failures} of the last {count} answers failed or took too long"
        return ""

    def forget(self) -> None:
        """Begin anew."""
        self._failed.clear()
