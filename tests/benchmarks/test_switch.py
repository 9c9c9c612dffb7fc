"""What a switch adds to a request for one object, by what it chooses.

The same viewset of DRF, alone and behind switches, through Django's WSGI handler. What is timed is
the processor time of the thread. All take turns, in another order each time, and the medians count.
The viewset stands alone twice: what differs between these two is what this machine cannot measure.
"""

from __future__ import annotations

import time
from random import Random
from statistics import median
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from nova_drf.migration import Percentage, switch
from tests.benchmarks.test_shadow import ALONE, Books, asker, root_urlconf, routes
from tests.testapp.models import Author, Book

__all__ = ["root_urlconf"]

pytestmark = [
    pytest.mark.bench,
    pytest.mark.django_db,
    pytest.mark.usefixtures("root_urlconf"),
]

REQUESTS = 3000

MOST = 1.03
"""How many times what a view needs alone it may need behind a switch."""

CHOICES: dict[str, Any] = {"old": "old", "new": "new", "share": Percentage(50)}

SERVED = {
    "alone": ALONE,
    "alone again": ALONE,
    **{
        name: routes(switch(old=Books, new=Books, name=name, default=choice))
        for name, choice in CHOICES.items()
    },
}


def test_what_a_switch_adds(capsys: pytest.CaptureFixture[str]) -> None:
    author = Author.objects.create(name="Ada", email="ada@example.org")
    Book.objects.create(id=7, title="Book", isbn="7", author=author)
    handler, shuffled = WSGIHandler(), Random(7)
    sides = {name: asker(handler, served, "/books/7/") for name, served in SERVED.items()}
    assert len({ask() for ask in sides.values()}) == 1
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(REQUESTS):
        for name in shuffled.sample(list(sides), len(sides)):
            before = time.thread_time()
            sides[name]()
            times[name].append(time.thread_time() - before)
    medians = {name: median(taken) for name, taken in times.items()}
    ratios = {name: taken / medians["alone"] for name, taken in medians.items()}
    report = ", ".join(f"{name} {ratio:.3f}" for name, ratio in ratios.items())
    with capsys.disabled():
        print(f"\n{report}")
    assert max(ratios[name] for name in CHOICES) <= MOST, report
