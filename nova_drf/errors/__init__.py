"""Pydantic's validation errors in DRF's shape, words and codes."""

from __future__ import annotations

from nova_drf.errors.carried import CARRIED, Detail, carry, carry_refusal, guarded, refusal
from nova_drf.errors.tree import error_detail, error_detail_of_value
from nova_drf.errors.words import CRASHES, no_choice, refused_by

__all__ = [
    "CARRIED",
    "CRASHES",
    "Detail",
    "carry",
    "carry_refusal",
    "error_detail",
    "error_detail_of_value",
    "guarded",
    "no_choice",
    "refusal",
    "refused_by",
]
