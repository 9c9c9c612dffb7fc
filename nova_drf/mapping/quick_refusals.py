"""DRF's fields that say in few steps what they refuse.

A field of DRF's asks Django for the translation of its message, and its exception looks through the
message for more messages, each time that a value is refused. What comes of that is the same for all
values that are told the same in one language.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from rest_framework import fields
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import Field

from nova_drf.core.carried_errors import refusal
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.drf_versions import is_known
from nova_drf.mapping.payload_settings import current_language
from nova_drf.mapping.shared_fields import says_as_drf

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField

_TEXTS = (str, Promise)

_FAIL = Field.fail
_IS_DRFS = is_known() and owner_of(_FAIL) is Owner.DRF
"""Whether this is a DRF that was read, and nobody had changed it when this was imported."""


def refusing_quickly(field: AnyField) -> AnyField:
    """Return a copy of a field that refuses the same in the same words, with fewer steps.

    Args:
        field: An unbound field. It is returned itself where it does not fail as DRF's fields do.
    """
    if not _IS_DRFS or type(field).fail is not _FAIL or "fail" in vars(field):
        return field
    quick = copy(field)
    vars(quick)["fail"] = _failing(quick)
    return quick


def _failing(field: AnyField) -> Callable[..., object]:
    """Return what stands for DRF's ``fail()`` of a field."""
    messages = field.error_messages
    texts: dict[tuple[str, str | None], tuple[object, str]] = {}

    def fail(key: str, **values: Any) -> object:
        message = messages.get(key)
        if (
            not isinstance(message, _TEXTS)
            or type(field).fail is not _FAIL
            or vars(fields)["ValidationError"] is not ValidationError
        ):
            return type(field).fail(field, key, **values)
        at = key, current_language()
        told = texts.get(at)
        if told is None or told[0] is not message:
            told = message, str(message)
            if says_as_drf(field, message):
                texts[at] = told
        raise refusal([ErrorDetail(told[1].format(**values), code=key)])

    return fail
