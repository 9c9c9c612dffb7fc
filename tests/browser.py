"""A Chromium without a window: pages at any width, in light and dark, and what does not fit."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

_ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")

TOO_WIDE = """
const width = document.documentElement.clientWidth;
const scrolls = element => getComputedStyle(element).overflowX != "visible";
const isInside = element => {
    for (let above = element.parentElement; above != document.body; above = above.parentElement)
        if (!above || scrolls(above)) return true;
    return false;
};
return [...document.body.querySelectorAll("*")]
    .filter(element => element.getClientRects().length && !isInside(element))
    .filter(element => getComputedStyle(element).clipPath == "none")
    .filter(element => !element.closest("thead, svg"))
    .filter(element => element.getBoundingClientRect().right > width + 1)
    .map(element => element.outerHTML.slice(0, 80));
"""
"""What reaches over the right edge, where nothing around it scrolls."""


def start_browser() -> Any:
    """Return a driver of a new browser, or skip the test and say what is missing."""
    webdriver: Any = pytest.importorskip("selenium.webdriver")
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("there is no Chromium with a driver on PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    return webdriver.Chrome(options, webdriver.ChromeService(driver))


def look(browser: Any, width: int, scheme: str, media: str = "screen") -> None:
    """Let pages be shown at a width, in light or dark."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
