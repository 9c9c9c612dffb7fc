"""The messages of checks: none says what another one says."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.checks import CheckMessage

from nova_drf.migration.endpoints import dotted_name


def distinct(messages: Iterable[CheckMessage]) -> list[CheckMessage]:
    """Return messages without those that say the same as another one.

    Several classes may have one name: a drop-in and its original. And what is wrong with a class is
    wrong with those that inherit it.

    Args:
        messages: The messages of one check.
    """
    by_text: dict[tuple[object, str], CheckMessage] = {}
    for message in messages:
        by_text.setdefault((message.id, message.msg), message)
    return [
        message
        for message in by_text.values()
        if not any((message.id, said) in by_text for said in _said_of_bases(message))
    ]


def _said_of_bases(message: CheckMessage) -> Iterable[str]:
    """Yield what a message would say of the classes from which its own one inherits."""
    cls = message.obj
    if not isinstance(cls, type):
        return
    for base in cls.__mro__[1:]:
        said = message.msg.replace(dotted_name(cls), dotted_name(base))
        if said != message.msg:
            yield said
