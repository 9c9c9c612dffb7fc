"""Combinations of installed versions that cannot work, named before their import errors are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured

Version = tuple[int, int]


class Combination(NamedTuple):
    """Two packages that do not run together, from one version and below another.

    Attributes:
        package: The distribution that is too new for the other.
        since: Its first version of which that is true.
        other: The distribution that is too old for it.
        needed: The first version of the other that works.
        reason: What would fail, for people.
    """

    package: str
    since: Version
    other: str
    needed: Version
    reason: str


COMBINATIONS = (
    Combination(
        "django",
        (6, 1),
        "djangorestframework",
        (3, 18),
        "rest_framework.views imports a name that django.utils.cache no longer has",
    ),
)


def refuse_combinations() -> None:
    """Complain of installed packages that cannot work together.

    Raises:
        ImproperlyConfigured: Two of them do not; the message says which, why, and what to install.
    """
    for complaint in complaints():
        raise ImproperlyConfigured(complaint)


def complaints() -> Iterator[str]:
    """Yield a sentence for each pair of installed packages that cannot work together."""
    for package, since, other, needed, reason in COMBINATIONS:
        installed, beside = version(package), version(other)
        if _parsed(installed) >= since and _parsed(beside) < needed:
            yield (
                f"{package} {installed} does not run with {other} {beside}: {reason}. "
                f"Install {other}>={_shown(needed)}, or {package}<{_shown(since)}."
            )


def _parsed(text: str) -> Version:
    major, minor, *_ = re.findall(r"\d+", text)
    return int(major), int(minor)


def _shown(numbers: Version) -> str:
    return ".".join(map(str, numbers))
