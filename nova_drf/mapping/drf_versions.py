"""The only module with branches for versions of DRF.

Each function says which versions differ and how; ``tests/mapping/test_drf_versions.py`` fails when
one moves.
"""

from __future__ import annotations

from typing import Any

import rest_framework
from django.utils.datastructures import MultiValueDict
from rest_framework import fields
from rest_framework.request import Empty
from rest_framework.settings import api_settings
from rest_framework.utils import html


def list_serializer_errors(errors: dict[int, object], length: int) -> Any:
    """Give the errors of a nested ``many=True`` the form of DRF's ``ListSerializer``.

    DRF 3.17 and older make a list with ``{}`` for each good item; 3.18.0 a dictionary by index;
    3.18.1 and newer a dictionary unless ``LIST_SERIALIZER_ERRORS_AS_DICT`` is false.

    Args:
        errors: The detail of each bad item, by index.
        length: How many items there were.
    """
    if errors_are_dictionaries():
        return errors
    return [errors.get(index, {}) for index in range(max(length, *(key + 1 for key in errors)))]


def errors_are_dictionaries() -> bool:
    """Whether ``ListSerializer`` of the installed DRF reports a dictionary by index."""
    if _is_older_than(3, 18):
        return False
    return bool(getattr(api_settings, "LIST_SERIALIZER_ERRORS_AS_DICT", True))


def dictionary_of_form(parts: MultiValueDict[str, Any]) -> dict[str, Any]:
    """Return what DRF's ``DictField`` makes of the parts of a form that are its own.

    DRF 3.18 and newer take the last value of each key; 3.17 and older look for the name of the
    field a second time, and so find nothing but keys that begin with a point.
    """
    return (html.parse_html_dict(parts) if _is_older_than(3, 18) else parts).dict()


def big_integer_fields() -> tuple[Any, ...]:
    """Return DRF's ``BigIntegerField``, which 3.16 does not have, or nothing."""
    field_class = getattr(fields, "BigIntegerField", None)
    return () if field_class is None else (field_class,)


def accept_is_in_headers() -> bool:
    """Whether DRF's negotiation reads the ``Accept`` header from ``request.headers``.

    Django collects these once; DRF 3.17 and older read ``request.META``, as it is at the time.
    """
    return not _is_older_than(3, 18)


def is_known() -> bool:
    """Whether the code of the installed DRF was read that ours may stand for.

    That is ``APIView.initial()`` and all that it calls, the actions of the mixins, the
    ``exception_handler()``, and what ``ModelSerializer`` writes: the same from 3.16 to 3.18.
    """
    return _is_older_than(3, 19)


def has_parsed(request: object) -> bool:
    """Whether somebody has asked a request of DRF's for its ``data`` already.

    DRF says so in a private attribute only. Where that is not what it was, the answer is yes.
    """
    return vars(request).get("_full_data") is not Empty


def set_parsed(request: Any, data: object) -> None:
    """Do what DRF's ``request.data`` does with what its parser of JSON returned.

    Args:
        request: A request of DRF's, of which nobody has asked for its ``data``.
        data: What was parsed.
    """
    request._data = request._full_data = data
    request._files = MultiValueDict()


def _is_older_than(*version: int) -> bool:
    """Whether the installed DRF comes before a version, such as 3.18."""
    return tuple(int(part) for part in rest_framework.VERSION.split(".")[:2]) < version
