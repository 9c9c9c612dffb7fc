"""The messages of checks: none says what another one says."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.checks import CheckMessage


def distinct(messages: Iterable[CheckMessage]) -> list[CheckMessage]:
    """Return messages without those that say the same as one before.

    Several classes may have the same name and the same fault: a drop-in and its original, classes
    that inherit a field.

    Args:
        messages: The messages of one check.
    """
    by_text: dict[tuple[object, str], CheckMessage] = {}
    for message in messages:
        by_text.setdefault((message.id, message.msg), message)
    return list(by_text.values())
