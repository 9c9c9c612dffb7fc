"""The guide is true: every block of code in it runs, and every output shown is what it printed.

The ``python`` blocks of a page run in order in one namespace, against the example project's
models. A ``text`` block shows what the block above it printed.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from nova_drf.mapping.drf_versions import errors_are_dictionaries

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "migration_guide").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWS_THIS_DRF = errors_are_dictionaries()
"""The outputs are those of DRF 3.18; before it, the errors of a list were a list."""


@pytest.fixture
def page_module() -> Iterator[ModuleType]:
    """A module for a page's code to live in, so that its classes can be found by name."""
    module = ModuleType("guide_page")
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


@pytest.mark.django_db(transaction=True, reset_sequences=True)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_runs(page: Path, page_module: ModuleType) -> None:
    printed: str | None = ""
    for language, code in BLOCK.findall(page.read_text()):
        if language == "python":
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile(code, page.name, "exec"), page_module.__dict__)
            printed = output.getvalue()
        elif language == "console":
            printed = None  # tests/documents/test_shell_lines.py runs it
        elif language == "text" and SHOWS_THIS_DRF and printed is not None:
            assert code.strip() == printed.strip(), f"{page.name}: printed\n{printed}"
