"""DRF's fields that many requests share, though DRF makes new ones for each serializer.

What DRF works out for good when a field is made must not be that of the first request for ever.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.utils.formatting import lazy_format

from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.payload_settings import current_language

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField


class LimitMessage:
    """The message of a limit (``max_length``, ``min_value``) in the language of whoever reads it.

    DRF's own ``lazy_format`` keeps its first text, and fails where two threads read it first.

    Args:
        message: DRF's message, which nobody has read yet.
        is_drfs: Whether the words are DRF's, so that they depend on the language alone.
    """

    __slots__ = ("_arguments", "_format", "_is_drfs", "_texts")

    def __init__(self, message: lazy_format, *, is_drfs: bool) -> None:
        self._format: Any = message.format_string
        self._arguments: Mapping[str, Any] = dict(message.kwargs)
        self._is_drfs = is_drfs
        self._texts: dict[str | None, str] = {}

    def __str__(self) -> str:
        language = current_language()
        known = self._texts.get(language)
        if known is not None:
            return known
        text = str(self._format.format(**self._arguments))
        if self._is_drfs:
            self._texts[language] = text
        return text

    def __mod__(self, parameters: object) -> str:
        text: str = str(self) % parameters
        return text


def shareable(field: AnyField) -> AnyField:
    """Let a field that has just been made serve requests in all languages and threads; return it.

    Args:
        field: The field. It belongs to us: no serializer of the user has it.
    """
    for part in _parts(field):
        part.validators = [_shareable(validator, part) for validator in part.validators]
    return field


def _parts(field: AnyField) -> Iterator[AnyField]:
    """Yield a field and those inside it that have limits."""
    if not isinstance(field, BaseSerializer):
        yield field
    child = vars(field).get("child")
    if isinstance(child, Field):
        yield from _parts(child)
    if isinstance(field, Serializer):
        fields: Mapping[str, AnyField] = field.fields
        for inner in fields.values():
            yield from _parts(inner)


def _shareable(validator: Any, field: AnyField) -> Any:
    message = getattr(validator, "message", None)
    if not isinstance(message, lazy_format) or message.format_string is None:
        return validator
    mended = copy.copy(validator)
    mended.message = LimitMessage(message, is_drfs=says_as_drf(field, message.format_string))
    return mended


def says_as_drf(field: AnyField, text: object) -> bool:
    """Whether a message of a field is one that its class has from DRF.

    Args:
        field: The field.
        text: The message.
    """
    return any(
        text is said
        for cls in type(field).__mro__
        if owner_of(cls) is Owner.DRF
        for said in vars(cls).get("default_error_messages", {}).values()
    )
