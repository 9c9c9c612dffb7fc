"""How two places differ: one lets more pass than the other, or less, or something else."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from nova_drf.checks.drift.claims import Aspect
from nova_drf.checks.drift.kinds import fits


class Difference(Enum):
    """What a place does in comparison with another one."""

    NONE = auto()
    STRICTER = auto()
    """All that passes here passes there as well."""
    LOOSER = auto()
    """Something passes here that does not pass there."""


_LOWER_IS_STRICTER = frozenset(
    (Aspect.MAX_LENGTH, Aspect.MAX_VALUE, Aspect.MAX_DIGITS, Aspect.DECIMAL_PLACES)
)
_HIGHER_IS_STRICTER = frozenset((Aspect.MIN_LENGTH, Aspect.MIN_VALUE))


def difference(aspect: Aspect, here: Any, there: Any) -> Difference:
    """Return how what one place says differs from what another one says.

    Args:
        aspect: What both speak of.
        here: What the first place says.
        there: What the other place, a column for example, says.
    """
    if aspect is Aspect.TYPE:
        return Difference.NONE if fits(here, there) else Difference.LOOSER
    if here == there:
        return Difference.NONE
    return Difference.STRICTER if _is_stricter(aspect, here, there) else Difference.LOOSER


def _is_stricter(aspect: Aspect, here: Any, there: Any) -> bool:
    if aspect is Aspect.NULL:
        return not here
    if aspect in (Aspect.REQUIRED, Aspect.UNIQUE):
        return bool(here)
    if here is None or there is None:
        return there is None
    if aspect in _LOWER_IS_STRICTER:
        return bool(here < there)
    if aspect in _HIGHER_IS_STRICTER:
        return bool(here > there)
    return bool(here < there)  # of choices: a part of the others
