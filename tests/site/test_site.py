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

import nova_drf
from tests.browser import look
from tests.documents.test_reference import NAMES
from tests.site.publish import publish

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
SPILLS = """
return [...document.querySelectorAll("article table, article pre, article img")]
    .filter(element => !element.closest(".table-wrapper"))
    .filter(element => element.getBoundingClientRect().right
        > document.querySelector("article").getBoundingClientRect().right + 1)
    .map(element => element.outerHTML.slice(0, 80));
"""
"""What reaches over the text's right edge: on a desktop it would cover the list of contents."""

TOO_WIDE = """
const wide = document.documentElement;
return wide.scrollWidth > wide.clientWidth ? [wide.scrollWidth, wide.clientWidth] : null;
"""
GROUND = "return getComputedStyle(document.body).backgroundColor"
VERSION = "return document.querySelector('.sidebar-versions p').textContent"
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


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_on_any_page_reaches_over_the_edge(browser: Any, address: str, width: int) -> None:
    look(browser, width, "light")
    for file in sorted(SITE.glob("*.html")) + sorted(SITE.glob("reference/*.html")):
        if file.name in ("genindex.html", "py-modindex.html", "search.html"):
            continue
        page = file.relative_to(SITE).as_posix()
        browser.get(f"{address}/{page}")
        assert browser.execute_script(SPILLS) == [], f"{page} at {width}"
        assert browser.execute_script(TOO_WIDE) is None, f"{page} at {width}"


def test_each_page_names_its_version(browser: Any, address: str) -> None:
    look(browser, 1280, "light")
    for page in PAGES:
        browser.get(f"{address}/{page}")
        text = browser.execute_script(VERSION)
        assert text == f"Version {nova_drf.__version__}"


SMALL_SITE = {
    "conf.py": f"""
project, root_doc, extensions = "nova_drf", "index", ["myst_parser"]
html_theme, html_copy_source = "furo", False
templates_path = [{str(ROOT / "migration_guide" / "_templates")!r}]
html_static_path = [{str(ROOT / "migration_guide" / "_static")!r}]
html_favicon = {str(ROOT / "migration_guide" / "_static" / "icon.svg")!r}
html_sidebars = {{"**": ["sidebar/versions.html", "sidebar/navigation.html"]}}
""",
    "index.md": "# Index\n\n```{toctree}\n:glob:\n\nguide/*\n```\n",
    "guide/old.md": "# Old\n",
}


def test_each_version_lets_the_reader_choose_another(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.support.ui import Select, WebDriverWait

    source, site = tmp_path / "source", tmp_path / "site"
    (source / "guide").mkdir(parents=True)
    for name, text in SMALL_SITE.items():
        (source / name).write_text(text)
    publish(site, "0.9.0", source)
    (source / "guide" / "new.md").write_text("# New\n")
    publish(site, "0.10.0", source)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        wait = WebDriverWait(browser, 10)

        def choose(version: str, then: str) -> None:
            wait.until(lambda driver: driver.find_elements("css selector", "select"))
            choice = Select(browser.find_element("css selector", "select"))
            assert [option.text for option in choice.options] == ["0.10.0", "0.9.0"]
            choice.select_by_visible_text(version)
            wait.until(lambda driver: driver.current_url == f"{address}/{then}")

        look(browser, 1280, "light")
        browser.get(address)
        wait.until(lambda driver: driver.current_url == f"{address}/0.10.0/index.html")
        browser.get(f"{address}/0.9.0/guide/old.html")
        choose("0.10.0", "0.10.0/guide/old.html")
        assert browser.find_elements("class name", "newer-version") == []
        browser.get(f"{address}/0.10.0/guide/new.html")
        choose("0.9.0", "0.9.0/index.html")
        wait.until(lambda driver: driver.find_elements("class name", "newer-version"))
        assert [entry["message"] for entry in browser.get_log("browser")] == []
        server.shutdown()


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
