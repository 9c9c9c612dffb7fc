"""DRF's own test suite, with our views in place of DRF's.

Each mode of ``view_modes`` is one run in a process of its own, in which every test has to end as
it does with plain DRF. ``DRF_SDIST`` names DRF's unpacked source distribution.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.suite import run

DIFFERENT: dict[str, set[str]] = {
    "replaced_views": set(),
    # An awaited view opens the transaction of a request by itself, in a thread of its own, where
    # these tests count the queries, or look at the connection, of the thread that called it.
    "awaited_views": {
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

FEWEST_CHANGES = {"replaced_views": 15, "awaited_views": 400}
"""How many classes and views each mode changes at least, which tells that it did what it says."""


@pytest.mark.parametrize("mode", ["replaced_views", "awaited_views"])
def test_every_test_of_drfs_ends_as_with_drfs_views(
    mode: str, drf_sdist: str, outcomes: Path
) -> None:
    expected, found = run("plain", drf_sdist, outcomes), run(mode, drf_sdist, outcomes)
    assert expected.passed() > 1000
    assert sum(found.classes.values()) >= FEWEST_CHANGES[mode]
    assert not expected.differences(found, DIFFERENT[mode])
