"""DRF's own test suite, with all serializers that it defines run by ours.

Each mode of ``serializer_modes`` is one run in a process of its own, in which every test has to
end as it does with plain DRF. ``DRF_SDIST`` names DRF's unpacked source distribution.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.suite import run

FEWEST_CLASSES = {"backed": 400, "replaced": 3, "round_trip": 400}
"""How many classes each mode changes at least, which tells that it did what it says."""


@pytest.mark.parametrize("mode", ["backed", "replaced", "round_trip"])
def test_every_test_of_drfs_ends_as_with_drf(mode: str, drf_sdist: str, outcomes: Path) -> None:
    expected, found = run("plain", drf_sdist, outcomes), run(mode, drf_sdist, outcomes)
    assert expected.passed() > 1000
    assert sum(found.classes.values()) >= FEWEST_CLASSES[mode]
    assert found.classes.get("not converted, though DRF can make it", 0) == 0
    assert not expected.differences(found)
