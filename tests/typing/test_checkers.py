"""Both type checkers refuse what is wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("checker", "python"), [("mypy", "python-executable"), ("pyright", "pythonpath")]
)
@pytest.mark.parametrize("path", sorted(HERE.glob("must_fail*.py")), ids=lambda path: path.stem)
def test_deliberate_mistakes_are_found(path: Path, checker: str, python: str) -> None:
    """Each line marked ``# error`` must be refused, and no other."""
    pytest.importorskip(checker)
    done = subprocess.run(
        [sys.executable, "-m", checker, f"--{python}", sys.executable, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=HERE.parents[1],
    )
    lines = path.read_text().splitlines()
    expected = {number for number, line in enumerate(lines, 1) if line.endswith("# error")}
    assert expected
    found = {int(at) for at in re.findall(rf"{path.name}:(\d+).*error", done.stdout)}
    assert found == expected, done.stdout + done.stderr
