"""Pydantic's validation errors in DRF's shape, words and codes."""

from __future__ import annotations

from nova_drf.validation.errors.details import error_detail, error_detail_of_value

__all__ = ["error_detail", "error_detail_of_value"]
