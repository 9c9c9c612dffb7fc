"""Settings that make no sense are told with their remedy."""

from __future__ import annotations

from typing import Any

import pytest

from nova_drf.migration import Shadow
from nova_drf.migration.proof.shadow.options import ShadowError, ShadowSettings, shadow_settings


def test_a_project_that_sets_nothing_gets_the_defaults() -> None:
    assert shadow_settings() == ShadowSettings()


def test_a_switch_says_what_is_special_about_it(settings: Any) -> None:
    settings.NOVA_DRF = {"SHADOW": {"SAMPLE": 0.5, "STORES": ["log", "table"]}}
    said = shadow_settings()
    assert said.stores == ("log", "table")
    assert said.of(Shadow()) == Shadow(0.5, "rolled_back", 2.0)
    assert said.of(Shadow(sample=0, writes="validated", seconds=1)) == Shadow(0, "validated", 1)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ([], "Write a dictionary"),
        ({"SAMPEL": 1}, "no key 'SAMPEL'. Did you mean 'SAMPLE'"),
        ({"sample": 1}, "Did you mean 'SAMPLE'"),
        ({"SAMPLE": 2}, "a number from 0 to 1"),
        ({"SHARE": True}, "a number from 0 to 1"),
        ({"SECONDS": 0}, "a number above 0"),
        ({"WRITES": "never"}, "'rolled_back' or 'validated'"),
        ({"STORES": "log"}, "a list of texts"),
        ({"REDACT_PATTERNS": ["("]}, "no regular expression"),
        ({"READ_ONLY_SESSIONS": 1}, "True or False"),
        ({"PYTHON": None}, "a text"),
    ],
)
def test_what_makes_no_sense_is_told(settings: Any, said: Any, message: str) -> None:
    settings.NOVA_DRF = {"SHADOW": said}
    with pytest.raises(ShadowError, match=message.replace("'", ".").replace("(", r"\(")):
        shadow_settings()


def test_a_switch_that_makes_no_sense_is_told_where_it_is_defined() -> None:
    with pytest.raises(ShadowError, match=r"Shadow\(sample=...\) is 10"):
        Shadow(sample=10)
