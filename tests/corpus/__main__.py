"""``python -m tests.corpus [PROJECT ...]``: real projects, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from tests.corpus.projects import PROJECTS


def main(names: list[str]) -> int:
    """Compare the named projects, or all of them; return the exit code."""
    failed = 0
    for name in names or PROJECTS:
        failed += subprocess.run([sys.executable, "-m", "tests.corpus.compare", name]).returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
