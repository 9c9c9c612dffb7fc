"""In the worker process: what waits to be compared, and the thread that has it compared."""

from __future__ import annotations

import logging
import os
import time
from atexit import register
from collections.abc import Callable
from queue import Empty, Full, Queue
from threading import Condition, Lock, Thread
from typing import Any

from django.db import close_old_connections, connections

from nova_drf.migration.proof.shadow.breaker import Breaker, Budget
from nova_drf.migration.proof.shadow.causes import COSTLY, Finding, Outcome, Tally
from nova_drf.migration.proof.shadow.metrics import Metrics
from nova_drf.migration.proof.shadow.options import ShadowSettings, shadow_settings
from nova_drf.migration.proof.shadow.process import Child
from nova_drf.migration.proof.shadow.samples import Sample
from nova_drf.migration.proof.shadow.stores import Store, stores

logger = logging.getLogger("nova_drf.shadow")

_STORE_SECONDS = 1.0
"""How often what was seen is stored."""

_SAVED_SECONDS = 60.0
"""How long it may be quiet for its share of the processor to be saved up."""


class Runner:
    """Has requests compared, one after the other, by one child process.

    Args:
        child: Makes the child process.
    """

    def __init__(self, child: Callable[[ShadowSettings], Any] = Child) -> None:
        self._make_child = child
        self._lock = Lock()
        self._idle = Condition()
        self._reset()

    def _reset(self) -> None:
        self._said: ShadowSettings | None = None
        self._queue: Queue[Sample | None] = Queue()
        self._breakers: dict[tuple[str, str], Breaker] = {}
        self._budget = Budget(1, 1)
        self._tally = Tally()
        self._metrics: Metrics | None = None
        self._stores: list[Store] = []
        self._child: Any = None
        self._thread: Thread | None = None
        self._waiting = 0
        self._stored_at = 0.0

    # On the way of a request

    def accepts(self, switch: str, action: str) -> bool:
        """Whether a request would be compared; if not, it is counted as dropped.

        Args:
            switch: The name of the switch.
            action: The action.
        """
        breaker = self._breakers.get((switch, action))
        if breaker is not None and breaker.is_open:
            return False
        if self._said is not None and (self._queue.full() or self._budget.is_used_up):
            self.count(switch, action, Outcome.DROPPED)
            return False
        return True

    def submit(self, sample: Sample) -> None:
        """Let a request be compared, if not too many wait.

        Args:
            sample: The request, and what the old code answered.
        """
        self._start()
        with self._idle:
            self._waiting += 1
        try:
            self._queue.put_nowait(sample)
        except Full:
            self._done()
            self.count(sample.switch, sample.action, Outcome.DROPPED)

    def count(self, switch: str, action: str, outcome: Outcome, seconds: float = 0.0) -> None:
        """Count what came of a request.

        Args:
            switch: The name of the switch.
            action: The action.
            outcome: What came of it.
            seconds: How long it took.
        """
        with self._lock:
            self._tally.count(switch, action, outcome)
        if self._metrics is not None:
            self._metrics.compared(switch, action, outcome, seconds)

    def _start(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            if self._said is None:
                said = shadow_settings()
                self._stores = stores(said.stores)
                self._queue = Queue(int(said.queue))
                self._budget = Budget(said.share, said.share * _SAVED_SECONDS)
                self._metrics = Metrics()
                self._child = self._make_child(said)
                self._said = said
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._work, name="nova_drf shadow", daemon=True)
                self._thread.start()

    # In the thread

    def _work(self) -> None:
        queue = self._queue
        while queue is self._queue:
            try:
                sample = queue.get(timeout=_STORE_SECONDS)
            except Empty:
                self._store()
                continue
            if sample is None:
                self._store()
                self._done()
                continue
            try:
                self._compare(sample)
            except Exception as error:
                # The thread goes on with the next one. This one is counted as failed.
                self._note_failure(sample, Outcome.FAILED, str(error))
            finally:
                if time.monotonic() - self._stored_at > _STORE_SECONDS:
                    self._store()
                self._done()

    def _compare(self, sample: Sample) -> None:
        breaker = self._breaker(sample)
        if breaker.is_open:
            return
        began = time.monotonic()
        answer = self._child.compare(sample)
        self._budget.spend(time.monotonic() - began)
        outcome = Outcome(answer["outcome"])
        if outcome in COSTLY:
            self._note_failure(sample, outcome, answer["reason"])
            return
        breaker.succeeded()
        self.count(sample.switch, sample.action, outcome, answer["seconds"])
        for data in answer["findings"]:
            finding = Finding.from_dict(data)
            with self._lock:
                self._tally.add(finding, time.time())
            if self._metrics is not None:
                self._metrics.differs(finding)

    def _note_failure(self, sample: Sample, outcome: Outcome, reason: str) -> None:
        self.count(sample.switch, sample.action, outcome)
        place = f"{sample.switch}.{sample.action}"
        said = f"{outcome} {reason}".strip()
        if self._breaker(sample).failed(said):
            logger.error("%s is not compared for a while: %s", place, said)
        else:
            logger.warning("%s could not be compared: %s", place, said)

    def _breaker(self, sample: Sample) -> Breaker:
        said = self._said or ShadowSettings()
        key = (sample.switch, sample.action)
        return self._breakers.setdefault(key, Breaker(int(said.stop_after), said.pause))

    def _store(self) -> None:
        self._stored_at = time.monotonic()
        with self._lock:
            seen, counts = self._tally.take()
        if not seen and not counts:
            return
        close_old_connections()
        try:
            for store in self._stores:
                try:
                    store.store(seen, counts)
                except Exception:
                    # One of the project's does not keep the others from storing.
                    logger.exception("Differences could not be stored")
        finally:
            # Of this thread only; it may be long until the next time.
            connections.close_all()

    def _done(self) -> None:
        with self._idle:
            self._waiting -= 1
            self._idle.notify_all()

    # For tests and shutdown

    def wait(self, seconds: float = 60) -> bool:
        """Wait until nothing waits any more and all is stored; return whether that is so.

        Args:
            seconds: How long, at most.
        """
        if self._thread is not None:
            with self._idle:
                self._waiting += 1
            self._queue.put(None)
        with self._idle:
            return self._idle.wait_for(lambda: self._waiting <= 0, seconds)

    def breaker(self, switch: str, action: str) -> Breaker | None:
        """Return the breaker of an action, if something was compared.

        Args:
            switch: The name of the switch.
            action: The action.
        """
        return self._breakers.get((switch, action))

    def stop(self) -> None:
        """Kill the child, and begin anew with the next request."""
        child = self._child
        self._reset()
        if child is not None:
            child.stop()

    def after_fork(self) -> None:
        """Leave the child and the thread to the process that has them."""
        child = self._child
        self._lock, self._idle = Lock(), Condition()
        self._reset()
        if child is not None:
            child.forget()


RUNNER = Runner()
"""The runner of this process."""

register(RUNNER.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=RUNNER.after_fork)
