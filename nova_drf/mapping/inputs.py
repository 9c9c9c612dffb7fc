"""What a client may send to a DRF field, for tests that draw input.

It is described here without Hypothesis, which only ``nova_drf.testing`` needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.validators import BaseValidator, RegexValidator

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField


class Texts(NamedTuple):
    """Any text of these lengths that the pattern is found in."""

    shortest: int
    longest: int
    pattern: str | None = None


class Numbers(NamedTuple):
    """Numbers between two bounds, and the texts that stand for them.

    Attributes:
        low: The least one.
        high: The greatest one.
        places: How many decimal places they have; ``None`` for any.
        only_text: Whether numbers of JSON are none of them.
    """

    low: int | Decimal
    high: int | Decimal
    places: int | None = None
    only_text: bool = False


class Uploads(NamedTuple):
    """Files of these names."""

    names: tuple[str, ...]


class Inputs(NamedTuple):
    """What to send to one field.

    Attributes:
        good: Values of the kind that the field is there for, or what describes them.
        edges: Values at and beyond its limits.
    """

    good: Sequence[Any] | Texts | Numbers | Uploads
    edges: Sequence[Any] = ()


def limits(field: AnyField, validator_name: str) -> Iterator[Any]:
    """Yield the limits of a field's validators, wherever they came from.

    Args:
        field: The field.
        validator_name: What Django calls the class: ``"MaxLengthValidator"``.
    """
    for validator in field.validators:
        if isinstance(validator, BaseValidator) and type(validator).__name__ == validator_name:
            limit = validator.limit_value
            yield limit() if callable(limit) else limit


def bounds(field: AnyField) -> tuple[Any, Any]:
    """Return the least and the greatest value that a field takes, ``None`` where there is none."""
    return (
        max(limits(field, "MinValueValidator"), default=None),
        min(limits(field, "MaxValueValidator"), default=None),
    )


def texts(field: AnyField) -> Inputs:
    """Return what to send to a field for text."""
    longest = min(limits(field, "MaxLengthValidator"), default=20)
    shortest = max(limits(field, "MinLengthValidator"), default=1)
    shortest = min(max(shortest, 1), max(longest, 1))
    patterns: list[Any] = [
        getattr(validator.regex, "pattern", validator.regex)
        for validator in field.validators
        if type(validator) is RegexValidator and not validator.inverse_match
    ]
    edges = ("x" * longest, "x" * (longest + 1), "x" * (shortest - 1), "  x  ", "\u00a0x", 5, 1.5)
    return Inputs(Texts(shortest, min(longest, 60), patterns[-1] if patterns else None), edges)


def numbers(field: AnyField, step: float, places: int | None = None) -> Inputs:
    """Return what to send to a field for numbers.

    Args:
        field: The field.
        step: What lies between a bound and the number next to it.
        places: How many decimal places good numbers have; ``None`` for any.
    """
    low, high = bounds(field)
    edges = [edge for bound in (low, high) if bound is not None for edge in _around(bound, step)]
    good = Numbers(*_between(low, high), places=places)
    return Inputs(good, (*edges, "1.0", " 7 ", "1e2", "-0", "x"))


def _around(bound: AnyField, step: float) -> tuple[object, ...]:
    if isinstance(bound, Decimal):
        bound = int(bound) if bound == int(bound) else float(bound)
    return (bound, bound + step, bound - step, str(bound))


def _between(low: Any, high: Any) -> tuple[int, int]:
    least = -1000 if low is None else int(low) + (int(low) < low)
    most = 1000 if high is None else int(high)
    if least < -(10**6):
        least = -1000
    return least, max(least, min(most, least + 2000))
