"""Services whose calls travel, and a Celery application that runs them.

``SERVICESAPP_OLD_WORKER`` makes this module what an older deployment would have.
"""

from __future__ import annotations

import os
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import NamedTuple
from uuid import UUID, uuid4

from celery import Celery
from django.utils import translation
from pydantic import BaseModel, ConfigDict, Field

from nova_drf import NotRequired, Schema
from nova_drf.services import Conflict, Service, ServiceContext, service_action, service_task
from tests.servicesapp.models import Topic

app = Celery("servicesapp")
app.conf.update(
    broker_url="redis://127.0.0.1:6379/15",
    result_backend="redis://127.0.0.1:6379/15",
    task_default_queue=os.environ.get("SERVICESAPP_QUEUE", "servicesapp"),
    broker_connection_retry_on_startup=True,
    result_expires=60,
)


class Color(Enum):
    RED = "red"


class Wire(Schema):
    """DRF's semantics, which print a Decimal as text and a time in the current zone."""

    price: Decimal = Field(max_digits=9, decimal_places=2)
    at: datetime
    note: NotRequired[str]


class Everything(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    amount: Decimal
    at: datetime
    day: date
    hour: time
    length: timedelta
    key: UUID
    color: Color
    ratio: float
    raw: bytes = b""
    by_key: dict[int, Decimal] = {}
    wire: Wire | None = None
    made: UUID = Field(default_factory=uuid4)


class Changes(BaseModel):
    name: str = "unnamed"
    price: Decimal = Decimal(0)


class Point(NamedTuple):
    x: int
    y: Decimal


class JobContext(ServiceContext):
    shop: UUID = UUID(int=0)


class Echo(Service[JobContext]):
    """Says what arrived."""

    def types(self, thing: Everything, *more: Decimal, **named: Color) -> list[str]:
        members = [
            f"{name}={getattr(value, 'isoformat', value.__repr__)()}" for name, value in thing
        ]
        return [*members, repr(more), repr(named)]

    async def later(self, amount: Decimal, point: Point = Point(0, Decimal(0))) -> Decimal:  # noqa: B008  # the default is what is tested
        return amount + point.y

    def given(self, changes: Changes) -> list[str]:
        return sorted(changes.model_fields_set)

    def who(self) -> list[str]:
        user = self.context.user
        return [
            str(getattr(user, "username", user)),
            str(self.context.shop),
            translation.get_language(),
        ]

    def fail(self, name: str) -> None:
        raise Conflict(f"{name} is sold.", code="sold")

    def topic(self, name: str) -> Topic:
        return Topic.objects.create(name=name)

    def unprintable(self):
        return object()

    def takes_an_object(self, topic: Topic) -> None: ...


if os.environ.get("SERVICESAPP_OLD_WORKER"):

    class Changing(Service):
        def take(self, count: int) -> int:
            return count

else:

    class Changing(Service):
        def take(self, count: int, factor: int = 2) -> int:
            return count * factor


class Patient(Service):
    @service_action(accepts=["an-older-one"])
    def take(self, count: int) -> int:
        return count


echo_types = service_task(Echo.types, celery=app)
echo_later = service_task(Echo.later, celery=app)
echo_given = service_task(Echo.given, celery=app)
echo_who = service_task(Echo.who, celery=app)
echo_fail = service_task(Echo.fail, celery=app, ignore_result=False)
echo_topic = service_task(Echo.topic, celery=app)
echo_unprintable = service_task(Echo.unprintable, celery=app)
changing_take = service_task(Changing.take, celery=app)
patient_take = service_task(Patient.take, celery=app)
