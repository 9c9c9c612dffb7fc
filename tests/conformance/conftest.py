"""What the runs of DRF's own test suite share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def drf_sdist() -> str:
    """The unpacked source distribution of the installed DRF."""
    sdist = os.environ.get("DRF_SDIST")
    if sdist is None:
        pytest.skip(
            "DRF_SDIST does not name DRF's unpacked source distribution; run tox -e conformance"
        )
    return sdist


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs of this session leave their outcomes."""
    return tmp_path_factory.mktemp("outcomes")
