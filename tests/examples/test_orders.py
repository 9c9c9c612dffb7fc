"""The order flow of the example: the same checks for everybody who calls it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync
from catalogue.models import Author, Book
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import override_settings
from orders.models import Order, Stock
from orders.schemas import NewOrder
from orders.services import OrderService, ShopContext
from rest_framework.test import APIClient

from nova_drf.services import Conflict, Invalid, InvalidArguments, NotFound, ServiceError

redis = pytest.importorskip("redis")
BOOKSHOP = Path(__file__).resolve().parents[2] / "examples" / "bookshop"
WAIT = 15
NOON = datetime(2031, 1, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _urls() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="bookshop.urls"):
        yield


@pytest.fixture
def book() -> Book:
    author = Author.objects.create(name="Jane Austen")
    book = Book.objects.create(title="Emma", isbn="1", price=Decimal("9.90"), author=author)
    Stock.objects.create(book=book, copies=3)
    return book


@pytest.fixture
def orders() -> OrderService:
    return OrderService(ShopContext(clock=lambda: NOON))


def new(book: Book, copies: int = 2) -> NewOrder:
    return NewOrder.model_validate(
        {"customer": "a@b.co", "lines": [{"book": book.pk, "copies": copies}]}
    )


def paid(orders: OrderService, book: Book) -> Order:
    order = orders.create(new(book))
    orders.reserve(order.pk)
    return async_to_sync(orders.capture)(order.pk, order.total)


@pytest.mark.parametrize("module", ["services", "payments", "tasks", "management/commands/order"])
def test_the_flow_knows_neither_drf_nor_requests(module: str) -> None:
    tree = ast.parse((BOOKSHOP / "orders" / f"{module}.py").read_text())
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (getattr(node, "module", None), *(one.name for one in node.names))
        if name
    }
    assert imported
    assert not [name for name in imported if name.startswith(("rest_framework", "django.http"))]


def test_the_flow(orders: OrderService, book: Book) -> None:
    order = orders.create(new(book))
    assert (order.total, order.status, order.created) == (Decimal("19.80"), "created", NOON)
    assert orders.reserve(order.pk).status == "reserved"
    assert Stock.objects.get().copies == 1
    order = async_to_sync(orders.capture)(order.pk, order.total)
    assert (order.status, order.receipt) == ("paid", f"{order.pk.hex[:8]}-19.80")
    order = orders.complete(order.pk)
    assert (order.status, order.completed) == ("completed", NOON)


def test_what_is_refused(orders: OrderService, book: Book) -> None:
    unknown = NewOrder.model_validate({"customer": "a@b.co", "lines": [{"book": 99}]})
    with pytest.raises(Invalid, match=r"lines\.0\.book: There is no such book"):
        orders.create(unknown)
    order = orders.create(new(book, 4))
    with pytest.raises(Invalid, match=r"lines\.0: There are not enough copies"):
        orders.reserve(order.pk)
    assert Stock.objects.get().copies == 3
    with pytest.raises(Conflict, match="created, not paid"):
        orders.complete(order.pk)
    with pytest.raises(NotFound):
        orders.complete(uuid4())
    line = {"book": book.pk}
    with pytest.raises(ValueError, match="Each book"):
        NewOrder.model_validate({"customer": "a@b.co", "lines": [line, line]})


def test_over_http(book: Book) -> None:
    client = APIClient()
    body = {"customer": "a@b.co", "lines": [{"book": book.pk, "copies": 2}]}
    made = client.post("/api/orders/", body, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["lines"] == [{"book": book.pk, "copies": 2, "price": "9.90"}]
    url = f"/api/orders/{made.json()['id']}/"
    assert client.post(f"{url}reserve/").json()["status"] == "reserved"
    wrong = client.post(f"{url}capture/", {"amount": "1.00"}, format="json")
    assert (wrong.status_code, wrong.json()) == (400, {"amount": ["The order costs 19.80."]})
    done = client.post(f"{url}capture/", {"amount": "19.80"}, format="json")
    assert done.json()["status"] == "paid"
    assert client.post(f"{url}complete/").json()["status"] == "completed"
    again = client.post(f"{url}complete/")
    assert (again.status_code, again.json()) == (
        409,
        {"detail": "The order is completed, not paid."},
    )
    assert len(client.get("/api/orders/").json()) == 1
    assert client.get(url).json()["total"] == "19.80"
    bad = client.post("/api/orders/", {**body, "lines": []}, format="json")
    assert list(bad.json()) == ["lines"]
    unknown = {**body, "lines": [{"book": 99}]}
    bad = client.post("/api/orders/", unknown, format="json")
    assert (bad.status_code, list(bad.json())) == (400, ["lines"])


def _by_method(step: str, key: Any, amount: Any) -> None:
    call: Any = getattr(OrderService(), step)
    arguments = (key,) if amount is None else (key, amount)
    (async_to_sync(call) if step == "capture" else call)(*arguments)


def _by_command(step: str, key: Any, amount: Any) -> None:
    extra = [] if amount is None else ["--amount", str(amount)]
    call_command("order", step, str(key), *extra)


def _by_http(step: str, key: Any, amount: Any) -> None:
    body = {} if amount is None else {"amount": amount}
    response = APIClient().post(f"/api/orders/{key}/{step}/", body, format="json")
    if response.status_code >= 400:
        raise ServiceError(str(response.json()))


def _by_task(step: str, key: Any, amount: Any) -> None:
    """Enqueue the call as for Celery, and run what a worker would get."""
    from orders import tasks

    from nova_drf.services.tasks import run_data

    task: Any = {"capture": tasks.capture_payment, "complete": tasks.complete_order}[step]
    arguments = (key,) if amount is None else (key, amount)
    run_data(task.call(*arguments).model_dump())


@pytest.mark.parametrize("call", [_by_method, _by_command, _by_http, _by_task])
def test_everybody_gets_the_same_checks(
    call: Callable[[str, Any, Any], None], orders: OrderService, book: Book
) -> None:
    order = orders.create(new(book))
    orders.reserve(order.pk)
    for step, key, amount, words in [
        ("complete", order.pk, None, "The order is reserved, not paid"),
        ("complete", "no-key", None, "UUID|Not found"),
        ("complete", uuid4(), None, "No Order matches"),
        ("capture", order.pk, "19.801", "amount"),
        ("capture", order.pk, "-1", "amount"),
        ("capture", order.pk, "1", "The order costs 19.80"),
    ]:
        with pytest.raises((ServiceError, CommandError), match=words):
            call(step, key, amount)
    assert Order.objects.get().status == "reserved"
    call("capture", order.pk, "19.80")
    call("complete", order.pk, None)
    assert Order.objects.get().status == "completed"


def test_a_float_is_nobodys_amount(orders: OrderService, book: Book) -> None:
    order = orders.create(new(book))
    with pytest.raises(InvalidArguments, match="amount"):
        async_to_sync(orders.capture)(order.pk, 19.8)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs rows that can be locked")
@pytest.mark.parametrize("step", ["complete", "reserve"])
def test_two_cannot_both_win(orders: OrderService, book: Book, step: str) -> None:
    order = paid(orders, book) if step == "complete" else orders.create(new(book))
    start, results = Barrier(2), list[Any]()

    def attempt() -> None:
        start.wait(WAIT)
        try:
            results.append(getattr(OrderService(), step)(order.pk).status)
        except Conflict as refused:
            results.append(refused.code)
        finally:
            connections.close_all()

    threads = [Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    expected = {"complete": ["completed", "not_paid"], "reserve": ["not_created", "reserved"]}
    assert sorted(results) == expected[step]


SETUP = """
from datetime import UTC, datetime
from decimal import Decimal
from catalogue.models import Author, Book
from asgiref.sync import async_to_sync
from orders.models import Order, Stock
from orders.schemas import NewOrder
from orders.services import OrderService
from orders.tasks import capture_payment, complete_order
author = Author.objects.create(name="Jane Austen")
book = Book.objects.create(title="Emma", isbn="1", price=Decimal("9.90"), author=author)
Stock.objects.create(book=book, copies=3)
orders = OrderService()
order = orders.create(NewOrder.model_validate({"customer": "a@b.co", "lines": [{"book": book.pk}]}))
orders.reserve(order.pk)
print(capture_payment.enqueue(order.pk, order.total).get(timeout=15))
results = [complete_order.enqueue(order.pk) for _ in range(2)]
print(results[0].get(timeout=15))
print(results[1].get(timeout=15, propagate=False))
print(Order.objects.get().status)
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A Celery worker of the example, on a database of its own."""
    try:
        redis.Redis(port=6379, db=14, socket_connect_timeout=1).ping()
    except redis.ConnectionError:
        pytest.skip("Redis does not answer on 127.0.0.1:6379")
    queue = f"bookshop-{uuid4()}"
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DJANGO_SETTINGS_MODULE": "bookshop.settings",
        "BOOKSHOP_DATABASE": str(tmp_path / "db.sqlite3"),
        "BOOKSHOP_QUEUE": queue,
        "PYTHONPATH": str(BOOKSHOP.parents[1]),
    }
    migrate = [sys.executable, "manage.py", "migrate", "orders", "--verbosity=0"]
    subprocess.run(migrate, cwd=BOOKSHOP, env=environment, check=True, capture_output=True)
    options = ["--pool=solo", "--loglevel=error", "--without-gossip", "--without-mingle"]
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "bookshop.celery", "worker", *options],
        cwd=BOOKSHOP,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield environment
    process.kill()
    process.wait(WAIT)
    redis.Redis(port=6379, db=14).delete(queue)


def test_a_worker_takes_the_same_steps(worker: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", SETUP],
        cwd=BOOKSHOP,
        env=worker,
        capture_output=True,
        text=True,
        check=False,
    )
    first, second, refused, status = done.stdout.splitlines()[-4:]
    assert UUID(first) == UUID(second), done.stderr
    assert refused == "The order is completed, not paid."
    assert status == "completed"
