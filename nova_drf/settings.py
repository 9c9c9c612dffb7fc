"""The settings of nova_drf: one dictionary, ``NOVA_DRF``, in Django's settings.

=========================  =======  ======================================================"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.conf import settings

from nova_drf.exceptions import UnknownSettingError

DEFAULTS: Mapping[str, Any] = {
    "CONSTRAINT_ERRORS": False,
    "CONTRACT_DRIFT": "schemas",
    "DRIFT_WAIVERS": {},
    "TASK_MISMATCH_DELAYS": (5, 10, 20, 40, 80, 160),
    "TASK_MODULES": (),
    "VALUES_ON_LOOP": 1000,
    "VARIANTS_PER_CLASS": 256,
}


def get_setting(name: str) -> Any:
    """Return one setting, or its default where the project sets nothing.

    Raises:
        UnknownSettingError: ``NOVA_DRF`` has a key that does not exist, or ``name`` is none.
    """
    chosen = getattr(settings, "NOVA_DRF", {}) if settings.configured else {}
    for key in (*chosen, name):
        if key not in DEFAULTS:
            raise UnknownSettingError(unknown_setting(key))
    return chosen.get(name, DEFAULTS[name])


def unknown_setting(key: str) -> str:
    """Return the sentence for a key that does not exist: where, what, remedy."""
    nearest = get_close_matches(str(key), DEFAULTS, n=1, cutoff=0.0)[0]
    return f"settings.NOVA_DRF: there is no setting {key!r}. Did you mean {nearest!r}?"
