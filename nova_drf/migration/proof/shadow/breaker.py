"""What ends a shadow that costs too much: a circuit breaker, and a budget of time."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic

Clock = Callable[[], float]
"""Returns seconds that only grow."""

_LONGEST = 24 * 3600.0


class Breaker:
    """Lets no more comparisons pass after some that ended badly in a row.

    It opens for a while, then lets one pass: if that ends badly, too, it opens for twice as long.

    Args:
        stop_after: After how many.
        pause: For how many seconds, the first time.
        clock: Tells the time.
    """

    def __init__(self, stop_after: int, pause: float, clock: Clock = monotonic) -> None:
        self._stop_after, self._first_pause = stop_after, pause
        self._clock = clock
        self._failures = 0
        self._pause = pause
        self._closed_from: float | None = None
        self._lock = Lock()
        self.reason = ""

    @property
    def is_open(self) -> bool:
        """Whether nothing passes."""
        return self._closed_from is not None and self._clock() < self._closed_from

    def succeeded(self) -> None:
        """Note that a comparison came to its end."""
        with self._lock:
            self._failures, self._pause, self._closed_from = 0, self._first_pause, None
            self.reason = ""

    def failed(self, reason: str) -> bool:
        """Note that a comparison ended badly; return whether the breaker opens now.

        Args:
            reason: How it ended.
        """
        with self._lock:
            self._failures += 1
            if self._failures < self._stop_after:
                return False
            if self._closed_from is not None and self._clock() < self._closed_from:
                return False
            self._closed_from = self._clock() + self._pause
            self._pause = min(self._pause * 2, _LONGEST)
            # The next that passes decides alone.
            self._failures = self._stop_after - 1
            self.reason = reason
            return True


class Budget:
    """The time that comparisons may take: a share of what goes by.

    Args:
        share: Which share; one is all.
        saved: How many seconds can be saved up.
        clock: Tells the time.
    """

    def __init__(self, share: float, saved: float, clock: Clock = monotonic) -> None:
        self._share, self._saved = share, saved
        self._clock = clock
        self._left = saved
        self._at = clock()
        self._lock = Lock()

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left."""
        return self._now() <= 0

    def spend(self, seconds: float) -> None:
        """Take away what a comparison took.

        Args:
            seconds: How long it took.
        """
        with self._lock:
            self._left = self._earned() - seconds
            self._at = self._clock()

    def _now(self) -> float:
        with self._lock:
            return self._earned()

    def _earned(self) -> float:
        return min(self._saved, self._left + (self._clock() - self._at) * self._share)
