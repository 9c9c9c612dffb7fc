"""The documentation site in a browser: on a desktop and a phone, in light and dark.

``make docs`` builds the site and runs this. It needs the package selenium, and Chromium with its
driver on PATH.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.browser import look
from tests.documents.test_reference import NAMES

pytestmark = pytest.mark.site

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "dist" / "docs"

PAGES = [
    "index.html",
    "the-whole-way.html",
    "troubleshooting.html",
    "openapi.html",
    "reference/settings.html",
    "reference/commands.html",
    "reference/schemas-and-serializers.html",
]
TOO_WIDE = """
const wide = document.documentElement;
return wide.scrollWidth > wide.clientWidth ? [wide.scrollWidth, wide.clientWidth] : null;
"""
GROUND = "return getComputedStyle(document.body).backgroundColor"
FOUND = "return [...document.querySelectorAll('#search-results li a')].map(a => a.textContent)"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of each request."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if not (SITE / "index.html").exists():
        pytest.skip("there is no site; `make docs` builds it")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(SITE))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_on_a_desktop_and_a_phone(browser: Any, address: str, page: str) -> None:
    grounds = set()
    for width, scheme in [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]:
        look(browser, width, scheme)
        browser.get(f"{address}/{page}")
        assert browser.execute_script(TOO_WIDE) is None, f"{page} at {width}"
        grounds.add(browser.execute_script(GROUND))
    assert len(grounds) == 2, "light and dark look alike"
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def test_every_public_name_is_in_the_reference() -> None:
    from sphinx.util.inventory import InventoryFile

    with (SITE / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda base, uri: uri)
    there = {name for kind, names in inventory.items() if kind[:3] == "py:" for name in names}
    assert [f"{door}.{name}" for door, name in NAMES if f"{door}.{name}" not in there] == []


@pytest.mark.parametrize(
    ("words", "title"),
    [("nova_replay", "Replaying traffic"), ("rollback", "Rolling back"), ("delegate", "services")],
)
def test_the_search_finds_pages(browser: Any, address: str, words: str, title: str) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    look(browser, 390, "light")
    browser.get(f"{address}/search.html?q={words}")
    wait = WebDriverWait(browser, 10)
    wait.until(lambda driver: driver.execute_script(FOUND))
    wait.until(lambda driver: any(title in text for text in driver.execute_script(FOUND)))
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def test_what_is_opened_comes_from_the_site_alone(browser: Any, address: str) -> None:
    browser.get(f"{address}/index.html")
    script = "return performance.getEntriesByType('resource').map(entry => entry.name)"
    assert [name for name in browser.execute_script(script) if not name.startswith(address)] == []
