"""The only module with branches for versions of Django and Pydantic.

Each function says which versions differ and how; ``tests/core/test_compat.py`` fails when one
moves. Those of DRF are in :mod:`nova_drf.mapping.drf_versions`, for services know nothing of DRF.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from pydantic_core.core_schema import ErrorType


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
