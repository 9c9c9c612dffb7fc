"""What ``manage.py check`` says."""

from __future__ import annotations

from nova_drf.checks.awaits import check_awaits
from nova_drf.checks.backed import check_backed_serializers
from nova_drf.checks.definitions import check_serializers, check_services, check_settings
from nova_drf.checks.drift import check_contract_drift
from nova_drf.checks.shadow import check_shadow
from nova_drf.checks.views import check_views

__all__ = [
    "check_awaits",
    "check_backed_serializers",
    "check_contract_drift",
    "check_serializers",
    "check_services",
    "check_settings",
    "check_shadow",
    "check_views",
]
