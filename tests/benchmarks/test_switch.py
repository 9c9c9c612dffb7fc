"""What a switch adds to a request for one object, by what it chooses.

The same viewset of DRF twice, once behind a switch, through Django's WSGI handler; what is timed is
the processor time of the thread, in which both take turns, and the medians count.
"""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from nova_drf.migration import Percentage, switch
from tests.benchmarks.test_shadow import ALONE, ROUNDS, Books, asker, each, root_urlconf, routes
from tests.testapp.models import Author, Book

__all__ = ["root_urlconf"]

pytestmark = [
    pytest.mark.bench,
    pytest.mark.django_db,
    pytest.mark.usefixtures("root_urlconf"),
]

MOST = 1.03
"""How many times what a view needs alone it may need behind a switch."""

CHOICES: dict[str, Any] = {"old": "old", "new": "new", "share": Percentage(50)}

SERVED = {
    name: routes(switch(old=Books, new=Books, name=name, default=choice))
    for name, choice in CHOICES.items()
}


@pytest.mark.parametrize("choice", CHOICES)
def test_what_a_switch_adds(choice: str, capsys: pytest.CaptureFixture[str]) -> None:
    author = Author.objects.create(name="Ada", email="ada@example.org")
    Book.objects.create(id=7, title="Book", isbn="7", author=author)
    handler = WSGIHandler()
    sides = asker(handler, ALONE, "/books/7/"), asker(handler, SERVED[choice], "/books/7/")
    assert sides[0]() == sides[1]()
    each(sides)
    request = median(each(sides) for _ in range(ROUNDS))
    report = f"{choice}: a request takes {request:.3f} times as long"
    with capsys.disabled():
        print(f"\n{report}")
    assert request <= MOST, report
