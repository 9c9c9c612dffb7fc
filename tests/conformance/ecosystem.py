"""``python -m tests.conformance.ecosystem DIRECTORY [PACKAGE ...]``: tests of DRF's libraries.

The source distribution of each installed package is downloaded to the directory. Its tests are run
as they are, and with our classes in place of DRF's. What ends otherwise then is printed, and makes
the command fail.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.conformance.sdist import unpack
from tests.conformance.suite import Outcomes, run

MODES = ("backed", "replaced", "replaced_views", "awaited_views", "backed+awaited_views")

USUAL = ("-oaddopts=",)
"""What every suite is told: it needs no coverage, and no output of its own."""


@dataclass(frozen=True)
class Suite:
    """The tests of one package.

    Attributes:
        arguments: What pytest is told.
        names: Tests of the names that DRF's classes have, which are others in our modes.
    """

    arguments: tuple[str, ...] = ("tests",)
    names: frozenset[str] = frozenset()


SUITES = {
    "django-filter": Suite(("tests", "--ds=tests.settings")),
    "djangorestframework-jsonapi": Suite(
        ("tests", "example/tests"),
        frozenset(
            f"tests/test_utils.py::test_get_resource_name_from_view[{case}]"
            for case in (
                *("False-False-APIView", "False-True-APIViews"),
                *("dasherize-False-api-view", "dasherize-True-api-views"),
            )
        ),
    ),
    "djangorestframework-simplejwt": Suite(),
    "drf-spectacular": Suite(),
    "drf-standardized-errors": Suite(),
}


def regressions(expected: Outcomes, found: Outcomes, suite: Suite) -> list[str]:
    """Return what passed with DRF's classes and does not with ours."""
    return [
        f"{name}: {end}"
        for name, (before, end) in expected.differences(found, suite.names).items()
        if before == "passed"
    ]


def check(package: str, directory: Path) -> bool:
    """Run the tests of a package, print what differs, and return whether nothing does."""
    suite = SUITES[package]
    unpacked = directory / package
    sources = str(unpacked if unpacked.exists() else unpack(directory, package))
    outcomes = directory / f"{package}.outcomes"
    outcomes.mkdir(exist_ok=True)
    arguments = (*USUAL, *suite.arguments)
    expected = run("plain", sources, outcomes, arguments)
    print(f"{package} {version(package)}: {expected.passed()} tests pass with DRF's classes")
    is_same = expected.passed() > 0
    for mode in MODES:
        found = run(mode, sources, outcomes, arguments)
        different = regressions(expected, found, suite)
        is_same = is_same and not different and bool(found.classes)
        print(f"  {mode}: {len(different)} of them do not", dict(found.classes))
        for line in different:
            print("    ", line)
    return is_same


def main(directory: str, *packages: str) -> int:
    """Check some packages, or all, and return the exit code."""
    path = Path(directory).resolve()
    path.mkdir(parents=True, exist_ok=True)
    # All of them, also after one that differs.
    same = [check(package, path) for package in packages or SUITES]
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
