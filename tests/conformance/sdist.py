"""``python -m tests.conformance.sdist DIRECTORY``: unpack the installed DRF's own sources there."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from typing import Any


def unpack(directory: Path, package: str = "djangorestframework") -> Path:
    """Download the source distribution of an installed package with pip, and unpack it.

    Args:
        directory: Where to; the sources are then in its folder of the package's name.
        package: The package's name.
    """
    installed = version(package)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run(
        [*pip, "--no-binary", package, "--dest", str(directory), f"{package}=={installed}"],
        check=True,
    )
    # Its name may have dashes or underscores.
    (archive,) = directory.glob(f"{package.replace('-', '?')}-{installed}.tar.gz")
    with tarfile.open(archive) as sources:
        # Python 3.11.3 and older have no filters.
        safely: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        sources.extractall(directory, **safely)
    unpacked = directory / archive.name.removesuffix(".tar.gz")
    return unpacked.rename(directory / package)


if __name__ == "__main__":
    print(unpack(Path(sys.argv[1])))
