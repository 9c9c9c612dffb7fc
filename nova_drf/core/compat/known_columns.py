"""How long what was worked out for queries is kept: while their models have the same columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import VERSION as DJANGO_VERSION

IS_KNOWN = DJANGO_VERSION < (6, 2)
"""Whether this is a Django of which was read how queries find their columns."""

MOST = 1024
"""For how many queries something is kept."""


def have_same_columns(columns: Mapping[Any, object]) -> bool:
    """Whether no model has got another column since.

    Args:
        columns: The options of models, each with the columns that it had.
    """
    for options, fields in columns.items():  # noqa: SIM110  # quicker so
        if options.concrete_fields is not fields:
            return False
    return True


def keep(known: dict[Any, Any], key: object, value: object) -> None:
    """Keep what was worked out; where there is too much, forget the rest.

    Args:
        known: What is kept.
        key: What it depends on.
        value: What was worked out.
    """
    if len(known) >= MOST:
        known.clear()
    known[key] = value
