"""DRF's own test suite, with our views in place of DRF's.

Each mode of ``views_plugin`` is one run in a process of its own, in which every test has to end as
it does with plain DRF. ``DRF_SDIST`` names DRF's unpacked source distribution.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
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

DIFFERENT = {
    "replaced": {},
    # An awaited view opens the transaction of a request by itself, in a thread of its own, where
    # these tests count the queries, or look at the connection, of the thread that called it.
    "awaited": {
        "tests/test_atomic_requests.py::DBTransactionTests::test_no_exception_commit_transaction",
        "tests/test_atomic_requests.py::DBTransactionErrorTests"
        "::test_generic_exception_delegate_transaction_management",
        "tests/test_atomic_requests.py::DBTransactionAPIExceptionTests"
        "::test_api_exception_rollback_transaction",
        "tests/test_atomic_requests.py::MultiDBTransactionAPIExceptionTests"
        "::test_api_exception_rollback_transaction",
        "tests/test_atomic_requests.py::MultiDBUnusedConnectionAPIExceptionTests"
        "::test_api_exception_leaves_unused_connection_uninitialized",
    },
}
"""By mode, the tests that may end differently. ``tests/views/test_transactions.py`` has ours."""

FEWEST_CHANGES = {"replaced": 15, "awaited": 400}
"""How many classes and views each mode changes at least, which tells that it did what it says."""


@cache
def run(mode: str, directory: Path) -> Any:
    """Run DRF's tests in one mode, and return what became of them.

    Args:
        mode: A mode of ``views_plugin``.
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
    plugins = ["views_plugin", "no:randomly", "no:asyncio", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", *(f"-p{one}" for one in plugins)]
    done = subprocess.run(
        command, cwd=SDIST, env=environment, capture_output=True, text=True, timeout=150
    )
    assert path.exists(), done.stdout + done.stderr
    return json.loads(path.read_text())


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs of this session leave their outcomes."""
    return tmp_path_factory.mktemp("views")


@pytest.mark.parametrize("mode", ["replaced", "awaited"])
def test_every_test_of_drfs_ends_as_with_drfs_views(mode: str, directory: Path) -> None:
    expected, found = run("plain", directory), run(mode, directory)
    assert list(expected["tests"].values()).count("passed") > 1000
    assert sum(found["classes"].values()) >= FEWEST_CHANGES[mode]
    different = {
        name: (outcome, found["tests"].get(name))
        for name, outcome in expected["tests"].items()
        if name not in DIFFERENT[mode] and found["tests"].get(name) != outcome
    }
    assert not different
    assert found["tests"].keys() == expected["tests"].keys()
