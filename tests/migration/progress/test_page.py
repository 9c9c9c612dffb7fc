"""The report in a browser: on a desktop, a phone and paper, in light and dark.

It needs the package selenium, and Chromium with its driver on PATH.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_drf.migration.progress.pages import as_html
from tests.migration.progress.conftest import Write
from tests.migration.progress.test_report import full_history, report

webdriver: Any = pytest.importorskip("selenium.webdriver")

pytestmark = pytest.mark.django_db

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

_ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")

GROUND = "return getComputedStyle(document.body).backgroundColor"
IS_TABLE = "return getComputedStyle(document.querySelector('td')).display"
TOO_WIDE = """
const width = document.documentElement.clientWidth;
return [...document.body.querySelectorAll("*")]
    .filter(one => one.getClientRects().length && getComputedStyle(one).clipPath == "none")
    .filter(one => !one.closest("thead, svg") && one.getBoundingClientRect().right > width + 1)
    .map(one => one.outerHTML.slice(0, 80));
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if BROWSER is None or DRIVER is None:
        pytest.skip("there is no Chromium with a driver")
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def look(browser: Any, width: int, scheme: str, media: str = "screen") -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})


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
