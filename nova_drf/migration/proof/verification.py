"""What a verification found: each difference once, with the smallest request that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from nova_drf.core.settings import get_setting
from nova_drf.migration.inventory import project_directory
from nova_drf.migration.proof.approvals import Approval, ApprovedDifferences, load_approvals
from nova_drf.migration.proof.comparison import KINDS, Difference
from nova_drf.migration.proof.contract_checks import CHECKS

Progress = Callable[[str, int, int], None]
"""Is told what is looked at, how much was looked at before, and how much there is."""


@dataclass(frozen=True)
class Finding:
    """One difference between the two sides.

    Attributes:
        endpoint: The method and the route, or the old serializer's name.
        difference: In what they differ.
        test: The lines of a test that shows it.
    """

    endpoint: str
    difference: Difference
    test: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{self.endpoint}: {self.difference}", *(f"    {line}" for line in self.test)]
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """Return what the commands print of it as JSON."""
        return {
            "endpoint": self.endpoint,
            "kind": self.difference.kind.value,
            "path": self.difference.where,
            "old": self.difference.old,
            "new": self.difference.new,
            "test": list(self.test),
        }


@dataclass
class Report:
    """What a verification found.

    Attributes:
        findings: The differences that nobody approved.
        cases: How many requests were compared; those to serializers are not counted.
        approved: How many differences were approved.
        stale: The approved differences that no longer occur.
        notes: What could not be compared, and why.
        endpoints: What was compared: methods at routes, or the old serializer's name.
    """

    findings: list[Finding] = field(default_factory=list)
    cases: int = 0
    approved: int = 0
    stale: list[Approval] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    endpoints: Sequence[str] = ()

    @property
    def ok(self) -> bool:
        """Whether nobody can tell the two sides apart, as far as was looked."""
        return not self.findings and not self.stale


class Judge:
    """Keeps each difference that is not approved once.

    Args:
        approved: The differences that are approved.
    """

    def __init__(self, approved: ApprovedDifferences) -> None:
        self.report = Report()
        self._approved = approved
        self._seen: set[tuple[str, str, str]] = set()

    def is_new(self, endpoint: str, difference: Difference) -> bool:
        """Whether a difference is neither approved nor known.

        Args:
            endpoint: Where it is.
            difference: The difference.
        """
        key = endpoint, difference.kind.value, difference.where
        if key in self._seen:
            return False
        if self._approved.cover(*key):
            self._seen.add(key)
            self.report.approved += 1
            return False
        return True

    def keep(self, finding: Finding) -> None:
        """Keep a difference.

        Args:
            finding: The difference.
        """
        difference = finding.difference
        self._seen.add((finding.endpoint, difference.kind.value, difference.where))
        self.report.findings.append(finding)

    def missing(self, endpoint: str) -> bool:
        """Whether something is approved for an endpoint that did not occur up to now.

        Args:
            endpoint: The endpoint.
        """
        return bool(self._approved.stale([endpoint], KINDS))

    def finish(self, endpoints: Sequence[str]) -> Report:
        """Return the report.

        Args:
            endpoints: What was looked at: what is approved for it has to occur.
        """
        self.report.stale = self._approved.stale(endpoints, KINDS)
        self.report.endpoints = list(endpoints)
        return self.report


@dataclass(frozen=True)
class Locale:
    """Under what a request is answered.

    Attributes:
        language: The language of the client.
        zone: The current time zone.
    """

    language: str
    zone: str


def project_locales() -> list[Locale]:
    """Return the languages of the project, and its time zone as well as UTC.

    A project that names no ``LANGUAGES`` speaks one.
    """
    languages: list[str] = [settings.LANGUAGE_CODE]
    live: Any = settings
    if live.USE_I18N and live.is_overridden("LANGUAGES"):
        languages += [code for code, _name in settings.LANGUAGES]
    zones = [settings.TIME_ZONE, "UTC"] if settings.USE_TZ else [settings.TIME_ZONE]
    first = [Locale(language, zones[0]) for language in dict.fromkeys(languages)]
    others = [Locale(languages[0], zone) for zone in dict.fromkeys(zones[1:])]
    return [*first, *(locale for locale in others if locale not in first)]


def project_users() -> dict[str, Any]:
    """Return who asks when nobody is named: nobody, and one user of each kind that there is."""
    users: dict[str, Any] = {"": None}
    manager = get_user_model()._default_manager
    names = {field.name for field in get_user_model()._meta.get_fields()}
    kinds: list[dict[str, bool]] = [{}]
    if {"is_staff", "is_superuser"} <= names:
        kinds = [
            {"is_staff": False, "is_superuser": False},
            {"is_staff": True, "is_superuser": False},
            {"is_superuser": True},
        ]
    for kind in kinds:
        user = manager.filter(**kind).order_by("pk").first()
        if user is not None:
            users[user.get_username()] = user
    return users


def project_approvals(file: Path | None = None) -> ApprovedDifferences:
    """Read the project's approved differences; there are none if there is no such file.

    Args:
        file: The file; what ``NOVA_DRF["APPROVED_DIFFERENCES"]`` names when left out.

    Raises:
        ApprovalsError: It cannot be read as one.
    """
    kinds = (*KINDS, *CHECKS)
    if file is not None:
        return load_approvals(file, kinds)
    usual = project_directory() / get_setting("APPROVED_DIFFERENCES")
    return load_approvals(usual, kinds) if usual.exists() else ApprovedDifferences()
