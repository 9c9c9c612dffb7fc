"""``COLUMN_LIMITS_IN_CODE``: whether limits that only restate a column are written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from nova_drf.migration.codegen.module import module_source
from nova_drf.migration.codegen.outcomes import Outcome
from nova_drf.testing import assert_parity
from tests.migration import legacy
from tests.migration.codegen.conftest import HERE, differences, executed

NAME = "generated_limits"


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    sys.modules.pop(NAME, None)


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("in_code", [True, False])
def test_who_says_the_limits(in_code: bool, settings: Any) -> None:
    settings.NOVA_DRF = {"COLUMN_LIMITS_IN_CODE": in_code}
    change = module_source([legacy.CountrySerializer, legacy.CitySerializer], HERE)
    assert {one.outcome for one in change.written} == {Outcome.WRITTEN}
    body = change.after.partition("class CountrySchema")[2]
    assert ("name: Annotated[str, Field(max_length=40)]" in body) is in_code
    assert ('name: Annotated[str, FromModel(Country, "name")]' in body) is not in_code
    # What the class itself says stays its own.
    assert "max_length=12" in body
    assert body.count("# kept:") == 3
    module: Any = executed(change.after, NAME)
    for old in (legacy.CountrySerializer, legacy.CitySerializer):
        new = getattr(module, old.__name__)
        assert_parity(old, new, examples=8)
        assert differences(old, new) == []
