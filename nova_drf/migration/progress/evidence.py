"""What the history says of an endpoint: whether it was proved, in what it differs, how fast it is.

``verified`` events name the two classes and what was compared; ``replayed`` events say it by
endpoint. The last one counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nova_drf.migration.progress.history import Event
from nova_drf.migration.progress.stages import Standing
from nova_drf.migration.proof.approvals import unnamed
from nova_drf.migration.proof.verification import Report

VERIFIED, REPLAYED = "verified", "replayed"

_OF_ITS_OWN = "/verified/"
"""Where ``nova_verify`` routes a view that is not in the URL configuration."""


def recorded(report: Report, *, first_only: bool = False) -> dict[str, Any]:
    """Return what a history keeps of a verification: no value of a request or a row.

    Args:
        report: What was found.
        first_only: Whether it ended with the first difference; then only that was compared.
    """
    findings = [
        {
            "endpoint": finding.endpoint,
            "kind": finding.difference.kind.value,
            "path": finding.difference.where,
        }
        for finding in report.findings
    ]
    ended = first_only and findings
    return {
        "endpoints": [finding["endpoint"] for finding in findings]
        if ended
        else list(report.endpoints),
        "cases": report.cases,
        "approved": report.approved,
        "findings": findings,
        "stale": [str(entry) for entry in report.stale],
    }


def recorded_verdict(name: str, revision: str, result: str) -> dict[str, Any]:
    """Return what a history keeps of a serializer that was compared with a revision of itself.

    Args:
        name: Its dotted name.
        revision: What Git calls the revision.
        result: ``same``, ``differs``, or ``not compared``, which proves nothing either.
    """
    old = f"{revision}:{name}"
    kind = "parity" if result == "differs" else result
    findings = [] if result == "same" else [{"endpoint": old, "kind": kind, "path": ""}]
    command = f"manage.py nova_convert {name} --verify {revision}"
    compared = {"old": old, "new": name, "endpoints": [old]}
    return {**compared, "findings": findings, "command": command}


@dataclass(frozen=True)
class Proof:
    """The last time that somebody compared the old code with the new.

    Attributes:
        at: When.
        revision: At which revision.
        ok: Whether nothing differed but what was approved.
        how: ``endpoint``, ``serializer`` or ``replay``.
        cases: How many requests were compared; 0 for serializers.
        is_current: Whether the code is the same now, as far as Git knows.
        narrowed: The options that let less be compared than is usual, as ``--user``.
    """

    at: datetime
    revision: str
    ok: bool
    how: str
    cases: int
    is_current: bool
    narrowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenDifference:
    """A difference that the last comparison found, and nobody approved.

    Attributes:
        endpoint: The endpoint, or the old serializer's name.
        kind: In what the answers differ.
        path: Where.
        old: The old class or side.
        new: The new one.
        at: When it was found.
        command: What shows it again.
    """

    endpoint: str
    kind: str
    path: str
    old: str
    new: str
    at: datetime
    command: str


@dataclass(frozen=True)
class Speed:
    """How long the two sides took at one endpoint, in the last replay.

    Attributes:
        endpoint: The endpoint.
        requests: How many requests were timed on each side.
        old: The median of the old side, in milliseconds.
        new: That of the new side.
        at: When.
        revision: At which revision.
    """

    endpoint: str
    requests: int
    old: float
    new: float
    at: datetime
    revision: str

    @property
    def ratio(self) -> float:
        """How many times as fast the new side is."""
        return self.old / self.new if self.new else 0.0


class Evidence:
    """What a history says.

    Args:
        events: The events, the oldest first.
        revision: The revision of the code as it is now.
    """

    def __init__(self, events: Iterable[Event], revision: str) -> None:
        self._revision = revision
        self._verified: dict[tuple[str, str, str], Event] = {}
        self._replayed: dict[str, Event] = {}
        for event in events:
            if event.kind == VERIFIED:
                pair = _text(event.data, "old"), _text(event.data, "new")
                for endpoint in _list(event.data, "endpoints"):
                    self._verified[(*pair, unnamed(str(endpoint)))] = event
            elif event.kind == REPLAYED:
                for endpoint in _mapping(event.data, "endpoints"):
                    self._replayed[unnamed(endpoint)] = event

    def proof_of(self, standing: Standing) -> Proof | None:
        """Return the last proof of an endpoint; one of its serializer where there is no other.

        Args:
            standing: The endpoint.
        """
        key = unnamed(standing.endpoint)
        proofs = [
            self._proof(event, old, endpoint)
            for (old, new, endpoint), event in self._verified.items()
            if (new == standing.new_view and _is_of(endpoint, key, standing.entry.method))
            or (new == standing.serializer and endpoint == old)
        ]
        if key in self._replayed:
            proofs.append(self._replay(self._replayed[key], key))
        ranked = sorted(proofs, key=lambda proof: (proof.how != "serializer", proof.at))
        return ranked[-1] if ranked else None

    def _proof(self, event: Event, old: str, endpoint: str) -> Proof:
        how = "serializer" if endpoint == old else "endpoint"
        findings = _list(event.data, "findings")
        differs = any(unnamed(_text(finding, "endpoint")) == endpoint for finding in findings)
        ok = not differs and not _list(event.data, "stale")
        cases = _number(event.data, "cases")
        narrowed = tuple(map(str, _list(event.data, "narrowed")))
        return Proof(event.at, event.revision, ok, how, cases, self._is_now(event), narrowed)

    def _replay(self, event: Event, key: str) -> Proof:
        told = _at(_mapping(event.data, "endpoints"), key)
        ok, cases = not _list(told, "differences"), _number(told, "requests")
        return Proof(event.at, event.revision, ok, "replay", cases, self._is_now(event))

    def _is_now(self, event: Event) -> bool:
        return bool(event.revision) and event.revision == self._revision

    def open_differences(self) -> list[OpenDifference]:
        """List what the last comparison of each endpoint found, the newest first."""
        differences = [*self._of_verified(), *self._of_replayed()]
        return sorted(
            differences, key=lambda difference: (difference.at, difference.endpoint), reverse=True
        )

    def _of_verified(self) -> Iterator[OpenDifference]:
        for (old, new, endpoint), event in self._verified.items():
            for finding in _list(event.data, "findings"):
                if unnamed(_text(finding, "endpoint")) == endpoint:
                    usual = f"manage.py nova_verify {old} {new}"
                    command = _text(event.data, "command") or usual
                    yield OpenDifference(*_of_finding(finding), old, new, event.at, command)

    def _of_replayed(self) -> Iterator[OpenDifference]:
        for key, event in self._replayed.items():
            old, new = _text(event.data, "old"), _text(event.data, "new")
            command = _text(event.data, "command")
            endpoints = _mapping(event.data, "endpoints")
            for endpoint in endpoints:
                if unnamed(endpoint) == key:
                    for difference in _list(endpoints[endpoint], "differences"):
                        told = endpoint, _text(difference, "kind"), _text(difference, "path")
                        yield OpenDifference(*told, old, new, event.at, command)

    def speeds(self) -> list[Speed]:
        """List how fast both sides were in the last replay of each endpoint."""
        told = (
            (endpoint, measured, event)
            for key, event in sorted(self._replayed.items())
            for endpoint, measured in _mapping(event.data, "endpoints").items()
            if unnamed(endpoint) == key
        )
        return [
            Speed(
                endpoint=endpoint,
                requests=_number(measured, "requests"),
                old=medians[0],
                new=medians[1],
                at=event.at,
                revision=event.revision,
            )
            for endpoint, measured, event in told
            if (medians := _medians(measured))
        ]


def _is_of(endpoint: str, key: str, method: str) -> bool:
    return endpoint == key or endpoint.startswith(f"{method} {_OF_ITS_OWN}")


def _of_finding(finding: object) -> tuple[str, str, str]:
    return _text(finding, "endpoint"), _text(finding, "kind"), _text(finding, "path")


def _medians(told: object) -> tuple[float, float] | None:
    old, new = _milliseconds(told, "old_ms"), _milliseconds(told, "new_ms")
    return None if old is None or new is None else (old, new)


def _milliseconds(told: object, name: str) -> float | None:
    value = told.get(name) if isinstance(told, Mapping) else None
    return float(value) if isinstance(value, (int, float)) else None


def _at(endpoints: Mapping[str, Any], key: str) -> Any:
    return next((told for name, told in endpoints.items() if unnamed(name) == key), {})


# A person may have edited the file: what is not as expected is not there.


def _text(data: object, name: str) -> str:
    value = data.get(name, "") if isinstance(data, Mapping) else ""
    return value if isinstance(value, str) else ""


def _number(data: object, name: str) -> int:
    value = data.get(name, 0) if isinstance(data, Mapping) else 0
    return value if isinstance(value, int) else 0


def _list(data: object, name: str) -> list[Any]:
    value = data.get(name) if isinstance(data, Mapping) else None
    return value if isinstance(value, list) else []


def _mapping(data: object, name: str) -> Mapping[str, Any]:
    value = data.get(name) if isinstance(data, Mapping) else None
    return value if isinstance(value, Mapping) else {}
