"""The report in a browser: on a desktop, a phone and paper, in light and dark.

It needs the package selenium, and Chromium with its driver on PATH.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nova_drf.migration.progress.pages import as_html
from tests.browser import TOO_WIDE, look
from tests.migration.progress.conftest import Write
from tests.migration.progress.test_report import full_history, report

pytestmark = pytest.mark.django_db

GROUND = "return getComputedStyle(document.body).backgroundColor"
IS_TABLE = "return getComputedStyle(document.querySelector('td')).display"


def test_the_report_is_readable_everywhere(
    browser: Any, project: Path, write: Write, tmp_path: Path
) -> None:
    full_history(write)
    page = tmp_path / "report.html"
    page.write_text(as_html(report(project), "Shop"), "utf-8")
    browser.get(page.as_uri())
    assert browser.title == "Shop: migration report"
    grounds = {}
    for width, scheme, display in [
        (1280, "light", "table-cell"),
        (1280, "dark", "table-cell"),
        (390, "light", "flex"),
        (320, "dark", "flex"),
    ]:
        look(browser, width, scheme)
        assert browser.execute_script(TOO_WIDE) == []
        assert browser.execute_script(IS_TABLE) == display
        grounds[scheme] = browser.execute_script(GROUND)
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}
    look(browser, 718, "dark", "print")
    assert browser.execute_script(IS_TABLE) == "table-cell"
    assert browser.execute_script(GROUND) == "rgb(255, 255, 255)"
    assert browser.execute_script(TOO_WIDE) == []
    # Nothing of what the page holds was run, asked for, or refused.
    assert browser.get_log("browser") == []
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
