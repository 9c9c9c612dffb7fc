"""A Celery task of the tests."""

from __future__ import annotations

from celery import Celery

app = Celery("shadow", broker="memory://")


@app.task(name="shadow.tell")
def tell(number: int) -> int:
    """Return a number."""
    return number
