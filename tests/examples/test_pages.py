"""The pages of the demonstration and of the admin site, in a browser and without one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import create_connection, create_server
from time import sleep
from typing import Any

import pytest
from bookshop import settings as shop
from catalogue.management.commands.demo import refuse_taken_port
from django.core.management import CommandError
from django.test import Client
from django.urls import resolve

from tests.browser import TOO_WIDE, look

BOOKSHOP = Path(__file__).resolve().parents[2] / "examples" / "bookshop"
WAIT = 30

SERVE = """
from catalogue.management.commands.demo import add_user
from catalogue.models import Book
from catalogue.sample_data import load_sample_data
from django.core.management import call_command
from django.utils.timezone import now
from nova_drf.migration.proof.models import ShadowDifference, SwitchChoice
from orders.models import Stock

call_command("migrate", verbosity=0)
load_sample_data()
add_user()
Stock.objects.bulk_create(Stock(book=book, copies=9) for book in Book.objects.all())
ShadowDifference.objects.create(
    switch="books-shadowed", action="retrieve", endpoint="GET /api/books-shadowed/<pk>/",
    kind="crash", detail="catalogue.views.HastyBookViewSet.retrieve:120 KeyError",
    example="GET /api/books-shadowed/1/ " + "x" * 300,
    times=1234, first_seen=now(), last_seen=now(),
)
SwitchChoice.objects.create(choice="new")
SwitchChoice.objects.create(
    switch="books", action="list", choice="new",
    reason="12 of the last 200 answers failed or took too long",
)
call_command("runserver", "127.0.0.1:{port}", use_reloader=False)
"""


def test_the_start_page_leads_to_all_others(client: Client, settings: Any) -> None:
    settings.TEMPLATES, settings.ROOT_URLCONF = shop.TEMPLATES, "bookshop.urls"
    page = client.get("/").content.decode()
    links = re.findall(r'href="(/[^"]*)"', page)
    assert len(links) == 11
    assert all(resolve(link) for link in links)


def test_a_port_that_is_taken_has_a_remedy() -> None:
    with create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken.*--port {port + 1}"):
            refuse_taken_port(port)
    refuse_taken_port(port)


@pytest.fixture(scope="module")
def address(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The running bookshop, on a database of its own."""
    with create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DJANGO_SETTINGS_MODULE": "bookshop.settings",
        "BOOKSHOP_DATABASE": str(tmp_path_factory.mktemp("shop") / "db.sqlite3"),
        "PYTHONPATH": str(BOOKSHOP.parents[1]),
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v0", "-c", SERVE.replace("{port}", str(port))],
        cwd=BOOKSHOP,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(WAIT * 10):
        try:
            create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait(WAIT)


class Page:
    """A page in the browser."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    def all(self, selector: str) -> list[Any]:
        elements: list[Any] = self.browser.find_elements("css selector", selector)
        return elements

    def one(self, selector: str) -> Any:
        return self.browser.find_element("css selector", selector)

    def write(self, **values: str) -> None:
        for name, value in values.items():
            self.one(f'[name="{name}"]').send_keys(value)

    def click(self, selector: str, then: str) -> None:
        """Click, and wait for an element of the next page."""
        from selenium.webdriver.support.wait import WebDriverWait

        before = self.one("html")
        self.one(selector).click()
        WebDriverWait(self.browser, WAIT).until(lambda _: self.one("html") != before)
        self.wait_for(then)

    def wait_for(self, selector: str) -> None:
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self.browser, WAIT).until(lambda _: self.all(selector))

    def check(self, address: str, shows: str) -> None:
        """Look at it on a desktop and on a phone; the one is light, the other is dark."""
        for width, scheme in [(1280, "light"), (390, "dark")]:
            look(self.browser, width, scheme)
            self.browser.get(address)
            self.wait_for(shows)
            assert self.browser.execute_script(TOO_WIDE) == [], (address, width)
            root = "return document.documentElement.scrollWidth"
            assert self.browser.execute_script(root) <= width, address
        messages = [entry["message"] for entry in self.browser.get_log("browser")]
        # Django's own pages name no icon. A form to POST with is shown with status 405.
        expected = ("favicon.ico", "status of 405")
        assert [text for text in messages if not any(known in text for known in expected)] == []


def test_the_pages_fit_on_a_desktop_and_a_phone(browser: Any, address: str) -> None:
    page = Page(browser)
    page.check(f"{address}/", "li a")
    page.check(f"{address}/docs/", ".opblock-summary-description")
    summaries = {element.text for element in page.all(".opblock-summary-description")}
    assert {"List books", "Add an order", "Take the money for a reserved order"} <= summaries
    assert len(page.all(".opblock-summary-description")) == len(page.all(".opblock"))
    page.check(f"{address}/report/", "td")
    page.check(f"{address}/api/orders/", ".object-list-item input")
    browser.get(f"{address}/admin/login/")
    page.write(username="demo", password="demo")
    page.click("[type=submit]", "#user-tools")
    page.check(f"{address}/admin/nova_proof/shadowdifference/", ".field-times")
    assert page.one(".field-place").text == "catalogue.views.HastyBookViewSet.retrieve:120 KeyError"
    page.check(page.one(".field-endpoint a").get_attribute("href"), ".field-entry pre")
    page.check(f"{address}/admin/nova_proof/switchchoice/", ".field-reason")
    assert page.one(".field-switch_shown").text == "all switches"
    choice = page.all(".field-choice select")[-1]
    choice.send_keys("old")
    page.click("[name=_save]", ".success")
    assert page.all(".field-choice select")[-1].get_attribute("value") == "old"


def test_forms_can_do_what_their_endpoints_do(browser: Any, address: str) -> None:
    page = Page(browser)
    look(browser, 1280, "light")
    browser.get(f"{address}/api/books/")
    page.write(title="Emma", isbn="9780000000059", price="7.50")
    page.click(".tab-pane.active .btn-primary", ".response-info")
    assert "HTTP 201 Created" in page.one(".response-info").text
    browser.get(f"{address}/api/orders/")
    page.write(customer="ada@shop.example", **{"lines[0]book": "1", "lines[0]copies": "2"})
    page.one(".object-list-more").click()
    page.write(**{"lines[1]book": "2", "lines[1]copies": "1"})
    page.click(".tab-pane.active .btn-primary", ".response-info")
    shown = page.one(".response-info").text
    assert "HTTP 201 Created" in shown
    assert shown.count('"copies"') == 2
    # The form is for the next order: it asks for nothing that only answers have.
    assert not page.all("[name=receipt]")
    order = re.findall(r'"id": "([0-9a-f-]{36})"', shown)[0]
    browser.get(f"{address}/api/orders/{order}/reserve/")
    assert not page.all(".tab-pane.active .form-control")
    page.click(".tab-pane.active .btn-primary", ".response-info")
    assert '"status": "reserved"' in page.one(".response-info").text
