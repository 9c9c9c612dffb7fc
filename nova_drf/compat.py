"""The only module with branches for versions of Django, DRF and Pydantic.

Each function says which versions differ and how; ``tests/test_compat.py`` fails when one moves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from pydantic_core.core_schema import ErrorType
from rest_framework import fields
from rest_framework.settings import api_settings


def list_serializer_errors(errors: dict[int, Any], length: int) -> Any:
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
    import rest_framework

    version = tuple(int(part) for part in rest_framework.VERSION.split(".")[:2])
    if version < (3, 18):
        return False
    return bool(getattr(api_settings, "LIST_SERIALIZER_ERRORS_AS_DICT", True))


def factories_wait() -> bool:
    """Whether a default factory that takes the validated data waits until all of it is valid.

    Pydantic 2.11 calls it with what there is; newer ones list a ``default_factory_not_called``.
    """
    return "default_factory_not_called" in get_args(ErrorType)


def patient_factory(factory: Callable[[Any], Any], before: frozenset[str]) -> Callable[[Any], Any]:
    """Return a default factory that is not called where a field before it is not valid.

    Args:
        factory: Takes the validated data.
        before: The names of the fields before it.
    """

    def make(data: Any) -> Any:
        # What it returns does not matter: there is an error for the field that is missing.
        return factory(data) if before <= data.keys() else None

    return make


def big_integer_fields() -> tuple[Any, ...]:
    """Return DRF's ``BigIntegerField``, which 3.16 does not have, or nothing."""
    found = getattr(fields, "BigIntegerField", None)
    return () if found is None else (found,)


def has_post_render_callbacks(response: Any) -> bool:
    """Whether something is to be called after a response is rendered: a cache, say.

    Django has no public way to ask.
    """
    return bool(response._post_render_callbacks)
