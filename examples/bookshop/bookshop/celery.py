"""The Celery application: ``celery -A bookshop.celery worker``."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookshop.settings")

app = Celery("bookshop")
app.conf.update(
    broker_url=os.environ.get("BOOKSHOP_BROKER", "redis://127.0.0.1:6379/14"),
    result_backend=os.environ.get("BOOKSHOP_BROKER", "redis://127.0.0.1:6379/14"),
    task_default_queue=os.environ.get("BOOKSHOP_QUEUE", "bookshop"),
    broker_connection_retry_on_startup=True,
)
app.autodiscover_tasks(["orders"])
