"""``python -m tests.conformance.sdist DIRECTORY``: unpack the installed DRF's own sources there."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import rest_framework


def unpack(directory: Path) -> Path:
    """Download the source distribution of the installed DRF with pip, and unpack it.

    Args:
        directory: Where to; the sources are then in its ``djangorestframework``.
    """
    requirement = f"djangorestframework=={rest_framework.__version__}"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run(
        [*pip, "--no-binary", "djangorestframework", "--dest", str(directory), requirement],
        check=True,
    )
    (archive,) = directory.glob(f"djangorestframework-{rest_framework.__version__}.tar.gz")
    with tarfile.open(archive) as sources:
        # Python 3.11.3 and older have no filters.
        safely: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        sources.extractall(directory, **safely)
    unpacked = directory / archive.name.removesuffix(".tar.gz")
    return unpacked.rename(directory / "djangorestframework")


if __name__ == "__main__":
    print(unpack(Path(sys.argv[1])))
