"""What a switch adds to a request for one object, by what it chooses.

The same viewset of DRF twice, once behind a switch, through Django's WSGI handler; what is timed is
the processor time of the thread, in which both take turns, and the medians count.
"""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from rest_framework.routers import SimpleRouter

from nova_drf.migration import Percentage, switch
from tests.benchmarks.test_shadow import ROUNDS, Books, ask, each
from tests.testapp.models import Author, Book

pytestmark = [pytest.mark.bench, pytest.mark.urls(__name__), pytest.mark.django_db]

MOST = 1.03
"""How many times what a view needs alone it may need behind a switch."""

CHOICES: dict[str, Any] = {"old": "old", "new": "new", "share": Percentage(50)}

router = SimpleRouter()
router.register("alone", Books, basename="alone")
for name, choice in CHOICES.items():
    router.register(name, switch(old=Books, new=Books, name=name, default=choice), basename=name)
urlpatterns = router.urls


@pytest.mark.parametrize("choice", CHOICES)
def test_what_a_switch_adds(choice: str, capsys: pytest.CaptureFixture[str]) -> None:
    author = Author.objects.create(name="Ada", email="ada@example.org")
    Book.objects.create(id=7, title="Book", isbn="7", author=author)
    handler = WSGIHandler()
    addresses = "/alone/7/", f"/{choice}/7/"
    assert ask(handler, addresses[0]) == ask(handler, addresses[1])
    each(handler, addresses)
    request = median(each(handler, addresses) for _ in range(ROUNDS))
    report = f"{choice}: a request takes {request:.3f} times as long"
    with capsys.disabled():
        print(f"\n{report}")
    assert request <= MOST, report
