"""The ``NOVA_DRF`` setting: defaults, and a helpful word about a misspelt key."""

from __future__ import annotations

import pytest
from django.test import override_settings

from nova_drf.checks.definitions import check_settings
from nova_drf.core.exceptions import UnknownSettingError
from nova_drf.core.settings import DEFAULTS, get_setting


def test_a_project_that_sets_nothing_gets_the_defaults() -> None:
    for name, default in DEFAULTS.items():
        assert get_setting(name) == default


@override_settings(NOVA_DRF={"VARIANTS_PER_CLASS": 3})
def test_a_project_may_choose() -> None:
    assert get_setting("VARIANTS_PER_CLASS") == 3
    assert check_settings() == []


@override_settings(NOVA_DRF={"VARIANT_PER_CLASS": 3})
def test_an_unknown_key_names_the_nearest_known_one() -> None:
    with pytest.raises(UnknownSettingError, match="Did you mean 'VARIANTS_PER_CLASS'"):
        get_setting("VARIANTS_PER_CLASS")
    (message,) = check_settings()
    assert message.id == "nova_drf.E001"
    assert "VARIANT_PER_CLASS" in message.msg
