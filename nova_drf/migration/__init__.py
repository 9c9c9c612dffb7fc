"""From the code base that you have: what there is, how it converts, and the proof of each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova_drf.core.first_use import on_first_use

if TYPE_CHECKING:
    from nova_drf.migration.proof.choices import Flag, Header, Percentage, Setting
    from nova_drf.migration.proof.health import Limits
    from nova_drf.migration.proof.shadow.options import Shadow
    from nova_drf.migration.proof.switching import switch

__all__ = ["Flag", "Header", "Limits", "Percentage", "Setting", "Shadow", "switch"]

# On first use: views need settings.
__getattr__ = on_first_use(
    __name__,
    {
        "nova_drf.migration.proof.choices": ("Flag", "Header", "Percentage", "Setting"),
        "nova_drf.migration.proof.health": ("Limits",),
        "nova_drf.migration.proof.shadow.options": ("Shadow",),
        "nova_drf.migration.proof.switching": ("switch",),
    },
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
