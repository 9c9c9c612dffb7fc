"""What tests of a migration need. The names load on first use: each has its own dependencies."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nova_drf.testing.clients import AsyncAPIClient, AsyncAPIRequestFactory
    from nova_drf.testing.parity import Difference, ParityError, assert_parity

__all__ = [
    "AsyncAPIClient",
    "AsyncAPIRequestFactory",
    "Difference",
    "ParityError",
    "assert_parity",
]

_HOMES = {
    "AsyncAPIClient": "clients",
    "AsyncAPIRequestFactory": "clients",
    "Difference": "parity",
    "ParityError": "parity",
    "assert_parity": "parity",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
