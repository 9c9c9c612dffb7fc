"""DRF's own test suite, with all serializers that it defines run by ours.

Each mode of ``serializers_plugin`` is one run in a process of its own, in which every test has to
end as it does with plain DRF. ``DRF_SDIST`` names DRF's unpacked source distribution.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SDIST = os.environ.get("DRF_SDIST")

pytestmark = pytest.mark.skipif(
    SDIST is None,
    reason="DRF_SDIST does not name DRF's unpacked source distribution; run tox -e conformance",
)

DIFFERENT: Mapping[str, Mapping[str, str]] = {}
"""By mode, the tests that may end differently, and why. There are none."""

FEWEST_CLASSES = {"backed": 400, "replaced": 3, "round_trip": 400}
"""How many classes each mode changes at least, which tells that it did what it says."""


@cache
def run(mode: str, directory: Path) -> Any:
    """Run DRF's tests in one mode, and return what became of them and of their classes.

    Args:
        mode: A mode of ``serializers_plugin``.
        directory: Where the outcomes are written to.
    """
    assert SDIST is not None
    path = directory / f"{mode}.json"
    paths = (str(HERE), os.environ.get("PYTHONPATH", ""))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "NOVA_DRF_MODE": mode,
        "NOVA_DRF_OUTCOMES": str(path),
    }
    # Its tests are about SQLite, and know nothing of our plugins.
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    plugins = ["serializers_plugin", "no:randomly", "no:asyncio", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", *(f"-p{one}" for one in plugins)]
    done = subprocess.run(command, cwd=SDIST, env=environment, capture_output=True, text=True)
    assert path.exists(), done.stdout + done.stderr
    return json.loads(path.read_text())


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs of this session leave their outcomes."""
    return tmp_path_factory.mktemp("outcomes")


@pytest.mark.parametrize("mode", ["backed", "replaced", "round_trip"])
def test_every_test_of_drfs_ends_as_with_drf(mode: str, directory: Path) -> None:
    expected, found = run("plain", directory), run(mode, directory)
    assert list(expected["tests"].values()).count("passed") > 1000
    assert sum(found["classes"].values()) >= FEWEST_CLASSES[mode]
    assert found["classes"].get("not converted, though DRF can make it", 0) == 0
    allowed = DIFFERENT.get(mode, {})
    different = {
        name: (outcome, found["tests"].get(name))
        for name, outcome in expected["tests"].items()
        if name not in allowed and found["tests"].get(name) != outcome
    }
    assert not different
    assert found["tests"].keys() == expected["tests"].keys()
