"""Metrics of OpenTelemetry, where its API is installed."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from nova_drf.migration.proof.shadow.causes import Finding, Outcome

METER = "nova_drf.shadow"
"""The name of the meter, and of what its metrics begin with."""


class Metrics:
    """Counts comparisons and differences; does nothing where the API is not installed.

    Args:
        meter: A meter; the one of the global provider when left out.
    """

    def __init__(self, meter: Any = None) -> None:
        if meter is None and find_spec("opentelemetry") and find_spec("opentelemetry.metrics"):
            meter = import_module("opentelemetry.metrics").get_meter(METER)
        self._is_on = meter is not None
        if meter is not None:
            self._comparisons = meter.create_counter(
                f"{METER}.comparisons", "1", "Requests that were to be compared, by outcome"
            )
            self._differences = meter.create_counter(
                f"{METER}.differences", "1", "Differences between old and new code, by kind"
            )
            self._durations = meter.create_histogram(
                f"{METER}.duration", "s", "How long comparisons took in the child process"
            )

    def compared(self, switch: str, action: str, outcome: Outcome, seconds: float) -> None:
        """Count what came of a request.

        Args:
            switch: The name of the switch.
            action: The action.
            outcome: What came of it.
            seconds: How long it took; 0 if it was not compared.
        """
        if self._is_on:
            named = {"switch": switch, "action": action}
            self._comparisons.add(1, {**named, "outcome": str(outcome)})
            if seconds:
                self._durations.record(seconds, named)

    def differs(self, finding: Finding) -> None:
        """Count a difference.

        Args:
            finding: The difference.
        """
        if self._is_on:
            named = {"switch": finding.switch, "action": finding.action}
            self._differences.add(1, {**named, "kind": finding.kind})
