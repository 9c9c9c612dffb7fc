"""What a shadow adds to the requests that the old code answers, at a sample of 10 %.

The same viewset of DRF twice, once behind a switch whose choice is ``shadow``, through Django's
WSGI handler to the closing of the response; the answers must be equal before anything is timed.
What is timed is the processor: per request that of its thread, in which old and shadow take turns
and the medians count; and that of the whole process, with the thread that hands requests to the
child. The child itself runs at low priority and has a budget of its own. Nothing is dropped for
want of place, which would be cheaper.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ModelViewSet

from nova_drf.migration import switch
from nova_drf.migration.proof.shadow.runner import RUNNER
from tests.testapp.models import Author, Book

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

ROUNDS, REQUESTS = 7, 50
MOST = 1.05
"""How many times what the old code needs alone a request may need with a shadow."""

MOST_OF_ALL = 1.15
"""The same of the process, where no request is dropped; by default most would be."""


class BookSerializer(ModelSerializer[Book]):
    class Meta:
        model = Book
        fields = ["id", "title", "isbn", "price", "pages", "author"]


class Books(ModelViewSet[Book]):
    queryset = Book.objects.order_by("id")
    serializer_class = BookSerializer


Routes = tuple[Any, ...]
"""The only routes of a project: what stands first among several is found sooner."""


def routes(viewset: Any) -> Routes:
    """Return the routes of a viewset, under ``/books/``."""
    router = SimpleRouter()
    router.register("books", viewset, basename="books")
    return tuple(router.urls)


ALONE = routes(Books)
SHADOWED = routes(switch(old=Books, new=Books, name="books", default="shadow"))


@pytest.fixture
def root_urlconf(settings: Any) -> None:
    """Put the setting back that :func:`asker` writes."""
    settings.ROOT_URLCONF = ALONE


@pytest.fixture
def books(settings: Any, root_urlconf: None) -> Iterator[None]:
    """Some books, and a runner that drops nothing."""
    settings.NOVA_DRF = {"SHADOW": {"SAMPLE": 0.1, "SHARE": 1, "QUEUE": 100_000}}
    author = Author.objects.create(name="Ada", email="ada@example.org")
    Book.objects.bulk_create(
        Book(id=number, title=f"Book {number}", isbn=str(number), author=author)
        for number in range(1, 31)
    )
    yield
    RUNNER.wait(600)
    RUNNER.stop()


def ask(handler: WSGIHandler, address: str) -> bytes:
    environ = {
        **{"REQUEST_METHOD": "GET", "PATH_INFO": address, "SERVER_NAME": "testserver"},
        **{"SERVER_PORT": "80", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http"},
        **{"HTTP_ACCEPT": "application/json", "HTTP_USER_AGENT": "bench", "REMOTE_ADDR": "::1"},
    }
    response: Any = handler(environ, lambda status, headers: None)
    body = b"".join(response)
    response.close()
    return body


def asker(handler: WSGIHandler, served: Routes, address: str) -> Callable[[], bytes]:
    """Return what asks for an address where only these routes are served."""

    def one_request() -> bytes:
        django_settings.ROOT_URLCONF = served
        return ask(handler, address)

    return one_request


Sides = tuple[Callable[[], bytes], Callable[[], bytes]]


def each(sides: Sides) -> float:
    """Return how many times as long as the first the second takes, in the median."""
    times: tuple[list[float], list[float]] = [], []
    for number in range(REQUESTS * 2):
        for side in (0, 1) if number % 2 else (1, 0):
            before = time.thread_time()
            sides[side]()
            times[side].append(time.thread_time() - before)
    return median(times[1]) / median(times[0])


def whole(sides: Sides) -> float:
    """Return how many times as long as for the first the process takes for the second."""
    times = []
    for side in (1, 0, 0, 1):
        before = time.process_time()
        for _ in range(REQUESTS):
            sides[side]()
        # What waits is handed over, and counts.
        RUNNER.wait(600)
        times.append(time.process_time() - before)
    return (times[0] + times[3]) / (times[1] + times[2])


@pytest.mark.parametrize("address", ["/books/7/", "/books/"])
def test_what_a_shadow_adds(books: None, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    handler = WSGIHandler()
    sides = asker(handler, ALONE, address), asker(handler, SHADOWED, address)
    assert sides[0]() == sides[1]()
    whole(sides)
    request = median(each(sides) for _ in range(ROUNDS))
    process = median(whole(sides) for _ in range(ROUNDS))
    report = (
        f"{address}: a request takes {request:.3f} times as long (median of its thread), "
        f"the process {process:.3f} times"
    )
    with capsys.disabled():
        print(f"\n{report}")
    assert request <= MOST, report
    assert process <= MOST_OF_ALL, report
