"""From the code base that you have: what there is, how it converts, and the proof of each step."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nova_drf.migration.proof.choices import Flag, Header, Percentage, Setting
    from nova_drf.migration.proof.health import Limits
    from nova_drf.migration.proof.switching import switch

__all__ = ["Flag", "Header", "Limits", "Percentage", "Setting", "switch"]

_HOMES = {
    "Flag": "choices",
    "Header": "choices",
    "Limits": "health",
    "Percentage": "choices",
    "Setting": "choices",
    "switch": "switching",
}


def __getattr__(name: str) -> object:
    # On first use: views need settings.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.proof.{_HOMES[name]}"), name)
