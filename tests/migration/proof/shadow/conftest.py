"""One child process for all tests of a module, and settings under which all is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from nova_drf.migration.proof.models import ShadowCount, ShadowDifference
from nova_drf.migration.proof.shadow.runner import RUNNER
from tests.migration.proof.shadow import shop
from tests.testapp.models import Tag

SETTINGS: dict[str, Any] = {
    "SAMPLE": 1,
    "SHARE": 1,
    "MEMORY": 192,
    "STOP_AFTER": 1000,
    "STORES": [f"{shop.__name__}.collect"],
}


@pytest.fixture(scope="module")
def _child() -> Iterator[None]:
    yield
    child = RUNNER._child
    if child is not None and child._connection is not None:
        # The last test may have ended it.
        child._connection.close()
        assert child._process.wait(60) == 0, "a child ends when its parent is gone"
    RUNNER.stop()


@pytest.fixture
def transactional_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database in which all is committed, in place of pytest-django's.

    Only the tables that these tests write to are emptied: to empty all takes seconds.
    """
    with django_db_blocker.unblock():
        yield
        Tag.objects.all().delete()
        User.objects.all().delete()
        Session.objects.all().delete()
        ShadowDifference.objects.all().delete()
        ShadowCount.objects.all().delete()


@pytest.fixture
def shadows(settings: Any, _child: None, transactional_db: None) -> Iterator[None]:
    """Compare every request, and forget what was found before."""
    settings.NOVA_DRF = {"SHADOW": SETTINGS}
    settings.ROOT_URLCONF = shop.__name__
    shop.FOUND.clear()
    RUNNER._tally.__init__()
    yield
    assert RUNNER.wait()


@pytest.fixture
def found(shadows: None, client: Client) -> Callable[..., list[str]]:
    """Send a request, and return what was found, in short."""

    def send(address: str, method: str = "get", **arguments: Any) -> list[str]:
        shop.FOUND.clear()
        getattr(client, method)(address, **arguments)
        assert RUNNER.wait()
        return [f"{one.kind} {one.where}".strip() for one, _ in shop.FOUND]

    return send
