"""What a project says about its shadows: per switch, and in ``NOVA_DRF["SHADOW"]``.

``SAMPLE``, by default ``0.1``
    Which share of the requests is compared.

``WRITES``, by default ``"rolled_back"``
    How requests that may write are compared: the new code writes, and it is ``"rolled_back"``; or
    only up to its first write: ``"validated"``.

``SECONDS``, by default ``2.0``
    How long one answer may take in the child process.

``MEMORY``, by default ``256``
    How many MiB the child process may take above what it needs to start.

``BODY_SIZE``, by default ``65536``
    Larger bodies, of requests or answers, are not compared.

``QUEUE``, by default ``32``
    How many requests may wait; what comes then is dropped.

``SHARE``, by default ``0.1``
    Which share of one processor core the comparisons may have.

``STOP_AFTER``, by default ``3``
    After how many comparisons in a row that end the child, or fail, an action is not compared for
    a while.

``PAUSE``, by default ``600``
    For how many seconds; twice as many each further time.

``STORES``, by default ``("log",)``
    Where differences go: ``"log"``, ``"table"``, or the dotted name of a function.

``REDACT_NAMES``, by default ``()``
    Names whose values are never stored, besides the usual ones.

``REDACT_PATTERNS``, by default ``()``
    Regular expressions of what is never stored.

``READ_ONLY_SESSIONS``, by default ``True``
    Whether each connection to PostgreSQL in the child begins read-only, also one that the project
    opens by itself; ``False`` for a pooler that refuses startup options.

``PYTHON``, by default ``""``
    The interpreter of the child; ``sys.executable`` if empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Any

from django.core.signals import setting_changed

from nova_drf.core.exceptions import NovaError
from nova_drf.core.settings import get_setting

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
"""What only reads."""


class ShadowError(NovaError):
    """The settings of a shadow make no sense."""


class Writes(StrEnum):
    """How requests that may write are compared."""

    ROLLED_BACK = "rolled_back"
    VALIDATED = "validated"


@dataclass(frozen=True)
class Shadow:
    """How one switch compares. ``None`` stands for what ``NOVA_DRF["SHADOW"]`` says.

    Attributes:
        sample: Which share of the requests is compared, from 0 to 1.
        writes: ``"rolled_back"`` or ``"validated"``.
        seconds: How long one answer of the new code may take.
    """

    sample: float | None = None
    writes: str | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        for name in ("sample", "writes", "seconds"):
            value = getattr(self, name)
            if value is not None:
                _refuse(f"Shadow({name}=...)", name, value)


@dataclass(frozen=True)
class ShadowSettings:
    """``NOVA_DRF["SHADOW"]``; each attribute is a key of it in lower case."""

    sample: float = 0.1
    writes: str = Writes.ROLLED_BACK
    seconds: float = 2.0
    memory: int = 256
    body_size: int = 65536
    queue: int = 32
    share: float = 0.1
    stop_after: int = 3
    pause: float = 600
    stores: tuple[str, ...] = ("log",)
    redact_names: tuple[str, ...] = ()
    redact_patterns: tuple[str, ...] = ()
    read_only_sessions: bool = True
    python: str = ""

    def of(self, shadow: Shadow) -> Shadow:
        """Return what one switch says, completed.

        Args:
            shadow: What it says.
        """
        return Shadow(
            sample=self.sample if shadow.sample is None else shadow.sample,
            writes=shadow.writes or self.writes,
            seconds=shadow.seconds or self.seconds,
        )


@cache
def shadow_settings() -> ShadowSettings:
    """Read ``NOVA_DRF["SHADOW"]`` once: each request asks for it.

    Raises:
        ShadowError: A key does not exist, or a value makes no sense.
    """
    place, known = 'settings.NOVA_DRF["SHADOW"]', [field.name for field in fields(ShadowSettings)]
    said = get_setting("SHADOW")
    if not isinstance(said, Mapping):
        raise ShadowError(f"{place} is {said!r}. Write a dictionary.")
    values: dict[str, Any] = {}
    for key, value in said.items():
        name = str(key).lower()
        if name not in known or str(key) != name.upper():
            nearest = get_close_matches(name, known, n=1, cutoff=0.0)[0].upper()
            raise ShadowError(f"{place}: there is no key {key!r}. Did you mean {nearest!r}?")
        _refuse(f"{place}[{key!r}]", name, value)
        values[name] = tuple(value) if isinstance(value, list) else value
    return ShadowSettings(**values)


def _forget(setting: str, **more: object) -> None:
    if setting == "NOVA_DRF":
        shadow_settings.cache_clear()


setting_changed.connect(_forget)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _is_positive(value: Any) -> bool:
    return _is_number(value) and value > 0


def _are_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(text, str) for text in value)


_SHARE = (_is_share, "a number from 0 to 1")
_POSITIVE = (_is_positive, "a number above 0")
_TEXTS = (_are_texts, "a list of texts")
_RULES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("sample", "share"), _SHARE),
    **dict.fromkeys(("seconds", "memory", "body_size", "queue", "stop_after", "pause"), _POSITIVE),
    **dict.fromkeys(("stores", "redact_names", "redact_patterns"), _TEXTS),
    "writes": (lambda value: value in tuple(Writes), "'rolled_back' or 'validated'"),
    "read_only_sessions": (lambda value: isinstance(value, bool), "True or False"),
    "python": (lambda value: isinstance(value, str), "a text"),
}
"""What each value has to be."""


def _refuse(place: str, name: str, value: Any) -> None:
    """Refuse a value that makes no sense."""
    is_right, wanted = _RULES[name]
    if not is_right(value):
        raise ShadowError(f"{place} is {value!r}. Write {wanted}.")
    if name == "redact_patterns":
        _refuse_patterns(place, value)


def _refuse_patterns(place: str, patterns: list[str]) -> None:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ShadowError(f"{place}: {pattern!r} is no regular expression: {error}.") from error
