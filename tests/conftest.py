"""What every test shares: how thoroughly hypothesis searches, and the end of the databases."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from hypothesis import HealthCheck, settings

from tests.browser import start_browser

settings.register_profile("few", max_examples=15, deadline=None)
settings.register_profile("fast", max_examples=40, deadline=None)
settings.register_profile(
    "ci", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "deep", max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew, and tests be chosen that use the database."""
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/golden/ as it is made now"
    )
    parser.addoption(
        "--database-only", action="store_true", help="run only the tests that use the database"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what no database has a part in, where that is asked for."""
    if not config.getoption("--database-only"):
        return
    config.hook.pytest_deselected(items=[item for item in items if not _uses_database(item)])
    items[:] = filter(_uses_database, items)


def _uses_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db"}.intersection(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file in ``tests/golden/``."""

    def compare(name: str, text: str) -> None:
        file = Path(__file__).parent / "golden" / name
        if request.config.getoption("--update-golden"):
            file.write_text(text)
        assert text == file.read_text(), f"{name} differs; see --update-golden"

    return compare


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Close what async tests opened in their worker thread, so that the database can go."""
    yield
    asyncio.run(sync_to_async(connections.close_all)())


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A browser that each of the tests that look at pages uses."""
    driver = start_browser()
    yield driver
    driver.quit()
