"""Running a test suite in a mode of ``conformance_plugin``, and comparing two of such runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent

PLUGINS = ("conformance_plugin", "no:randomly", "no:asyncio", "no:cacheprovider")
"""A suite knows nothing of ours."""


@dataclass(frozen=True)
class Outcomes:
    """What one run of a suite came to.

    Attributes:
        tests: What became of each test, by its name.
        classes: What became of how many classes.
    """

    tests: Mapping[str, str]
    classes: Mapping[str, int] = field(default_factory=dict)

    def passed(self) -> int:
        """Return how many tests passed."""
        return list(self.tests.values()).count("passed")

    def differences(
        self, found: Outcomes, allowed: Container[str] = ()
    ) -> dict[str, tuple[str | None, str | None]]:
        """Return the tests that ended otherwise in another run, each with both ends.

        Args:
            found: The other run.
            allowed: The names of tests that may.
        """
        return {
            name: (self.tests.get(name), found.tests.get(name))
            for name in (*self.tests, *found.tests.keys() - self.tests.keys())
            if name not in allowed and self.tests.get(name) != found.tests.get(name)
        }


@cache
def run(mode: str, sources: str, directory: Path, arguments: tuple[str, ...] = ()) -> Outcomes:
    """Run a suite in one mode, in a process of its own.

    Args:
        mode: ``"plain"``, or a mode of ``serializer_modes`` or ``view_modes``.
        sources: Where the suite is.
        directory: Where the outcomes are written to.
        arguments: What pytest is told besides.
    """
    path = directory / f"{mode}.json"
    python_path = (str(HERE), os.environ.get("PYTHONPATH", ""))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "PYTHONPATH": os.pathsep.join(filter(None, python_path)),
        "NOVA_DRF_MODE": mode,
        "NOVA_DRF_OUTCOMES": str(path),
    }
    # They are about SQLite, and DRF's configure Django themselves.
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "pytest", "-q", *(f"-p{one}" for one in PLUGINS)]
    command += arguments
    done = subprocess.run(
        command, cwd=sources, env=environment, capture_output=True, text=True, timeout=900
    )
    assert path.exists(), done.stdout + done.stderr
    return Outcomes(**json.loads(path.read_text()))
