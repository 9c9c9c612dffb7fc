"""The order flow in the background: ``celery -A bookshop.celery worker``."""

from __future__ import annotations

from bookshop.celery import app

from nova_drf.services import service_task
from orders.services import OrderService

capture_payment = service_task(OrderService.capture, celery=app)
complete_order = service_task(OrderService.complete, celery=app)
