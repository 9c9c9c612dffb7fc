"""Contract drift: where a model's columns, serializers, schemas and forms disagree."""

from __future__ import annotations

from nova_drf.checks.drift.check import check_contract_drift

__all__ = ["check_contract_drift"]
