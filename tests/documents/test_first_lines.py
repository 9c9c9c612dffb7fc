"""Each page says in its first lines for whom it is, and what its reader has at its end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documents.prose import ROOT, pages

PAGES = [page for page in pages() if ".github" not in page.parts]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_for_whom_and_to_what_end(page: Path) -> None:
    paragraphs = page.read_text().split("\n\n")
    first = next(" ".join(text.split()) for text in paragraphs if not text.startswith("#"))
    assert re.match(r"For (?:a|the|teams|people|developers)\b", first), first
    assert re.search(r"At the end of this (?:page|guide) ", first), first
