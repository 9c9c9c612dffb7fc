"""What tests of a migration need. The names load on first use: each has its own dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova_drf.core.first_use import on_first_use

if TYPE_CHECKING:
    from nova_drf.core.exceptions import NPlusOneError
    from nova_drf.testing.clients import AsyncAPIClient, AsyncAPIRequestFactory
    from nova_drf.testing.n_plus_one import no_n_plus_one
    from nova_drf.testing.parity import Difference, ParityError, assert_parity

__all__ = [
    "AsyncAPIClient",
    "AsyncAPIRequestFactory",
    "Difference",
    "NPlusOneError",
    "ParityError",
    "assert_parity",
    "no_n_plus_one",
]

__getattr__ = on_first_use(
    __name__,
    {
        "nova_drf.core.exceptions": ("NPlusOneError",),
        "nova_drf.testing.clients": ("AsyncAPIClient", "AsyncAPIRequestFactory"),
        "nova_drf.testing.n_plus_one": ("no_n_plus_one",),
        "nova_drf.testing.parity": ("Difference", "ParityError", "assert_parity"),
    },
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
