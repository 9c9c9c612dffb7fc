"""The ``NOVA_DRF`` setting: defaults, and a helpful word about a misspelt key."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.test import override_settings

from nova_drf.checks.definitions import check_settings
from nova_drf.core.exceptions import SettingError, UnknownSettingError
from nova_drf.core.settings import DEFAULTS, complaints, get_setting


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


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (None, "settings.NOVA_DRF is None. Write a dictionary."),
        (["QUERY_PLAN"], "settings.NOVA_DRF is ['QUERY_PLAN']. Write a dictionary."),
        ({"VALUES_ON_LOOP": "many"}, "['VALUES_ON_LOOP'] is 'many'. Write a whole number."),
        ({"VALUES_ON_LOOP": True}, "['VALUES_ON_LOOP'] is True. Write a whole number."),
        ({"QUERY_PLAN": "fast"}, "['QUERY_PLAN'] is 'fast'. Write 'safe', 'all', 'off' or None."),
        ({"SWITCH_SECONDS": -1}, "['SWITCH_SECONDS'] is -1. Write seconds, such as 1 or 0.5."),
        ({"TASK_MODULES": "shop.jobs"}, "is 'shop.jobs'. Write a list of dotted names of modules."),
        ({"PREPARE_AT_START": "no"}, "['PREPARE_AT_START'] is 'no'. Write True or False."),
    ],
)
def test_a_value_that_makes_no_sense_is_told_with_what_to_write(chosen: object, said: str) -> None:
    with override_settings(NOVA_DRF=chosen):
        with pytest.raises(SettingError) as raised:
            get_setting("HISTORY")
        assert str(raised.value).endswith(said)
        (message,) = check_settings()
        assert message.msg == str(raised.value)


def test_every_default_is_a_value_that_makes_sense() -> None:
    assert list(complaints(dict(DEFAULTS))) == []


@pytest.mark.parametrize("chosen", [{"VARIANT_PER_CLASS": 3}, None, {"QUERY_PLAN": "fast"}])
def test_manage_py_check_reports_a_wrong_setting_and_has_no_traceback(chosen: object) -> None:
    program = (
        "import sys; from django.conf import settings; "
        f"settings.configure(INSTALLED_APPS=['nova_drf'], NOVA_DRF={chosen!r}); "
        "from django.core.management import execute_from_command_line; "
        "execute_from_command_line(['manage.py', 'check'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "(nova_drf.E001) settings.NOVA_DRF" in done.stderr
    assert "Traceback" not in done.stderr
