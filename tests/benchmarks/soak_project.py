"""A project that is asked for everything at once: good and bad, awaited and not, cut off or not."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated, Any

from celery import Celery
from django.conf import settings

from tests.settings import database_settings


def _database() -> dict[str, Any]:
    if os.environ.get("DATABASE_URL"):
        # As many connections as the server has places for; requests wait for one.
        pool = {"min_size": 2, "max_size": 20, "timeout": 60}
        return {**database_settings(os.environ["DATABASE_URL"]), "OPTIONS": {"pool": pool}}
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["SOAK_DATABASE"],
        "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
    }


settings.configure(
    SECRET_KEY="only-for-benchmarks",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={"default": {"ATOMIC_REQUESTS": True, **_database()}},
    LOGGING={"version": 1, "disable_existing_loggers": True},
)

import django

django.setup()

from django.contrib.auth.models import Group
from django.core.handlers.asgi import ASGIHandler
from django.core.management import call_command
from django.urls import path
from pydantic import Field
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from nova_drf import (
    ReadOnly,
    Schema,
    schema_from_model,
    serializer_from_schema,
)
from nova_drf.services import ModelService, atomic, service_task
from nova_drf.views.base import AsyncAPIView
from nova_drf.viewsets import ModelServiceViewSet, delegate
from tests.benchmarks.routes import routes


def fill() -> None:
    """Make the table, and some rows."""
    call_command("migrate", verbosity=0)
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(20))


class Pages(PageNumberPagination):
    page_size = 5


class Waiting(AsyncAPIView):
    async def get(self, request: Request) -> Response:
        await asyncio.sleep(0.02)
        return Response({"groups": await Group.objects.acount()})


class Streaming(AsyncAPIView):
    async def get(self, request: Request) -> AsyncIterator[dict[str, int]]:
        for number in range(20):
            await asyncio.sleep(0.002)
            yield {"number": number}


class Failing(AsyncAPIView):
    """Writes, and fails: nothing of it may be left."""

    async def post(self, request: Request) -> Response:
        await Group.objects.acreate(name=request.data["name"])
        await asyncio.sleep(0.005)
        return Response({"nothing": object()})


class State(AsyncAPIView):
    """What is there when nothing else is under way."""

    async def get(self, request: Request) -> Response:
        with app.connection_for_write() as connection:
            connection.default_channel.client.delete("nova-drf-soak")
        gc.collect()
        alive = Counter(type(one).__name__ for one in gc.get_objects())
        # asyncio keeps a few threads of its own, up to a limit.
        threads = [one for one in threading.enumerate() if not one.name.startswith("asyncio_")]
        return Response(
            {
                "objects": sum(alive.values()),
                "requests": alive["Request"],
                "tasks": alive["Task"],
                "connections": alive["DatabaseWrapper"],
                "threads": len(threads),
                "files": len(os.listdir("/proc/self/fd")),
                "groups": await Group.objects.acount(),
            }
        )


class GroupSchema(Schema):
    id: ReadOnly[int]
    name: Annotated[str, Field(max_length=150)]


class GroupService(ModelService[Group, GroupSchema]):
    @atomic
    def create(self, data: GroupSchema) -> Group:
        super().create(data)
        raise RuntimeError("half of it is written")

    def remind(self, group: Group) -> str:
        remind.enqueue_on_commit(group.pk)
        return group.name

    async def remind_later(self, group: Group) -> str:
        await asyncio.sleep(0.002)
        await remind.aenqueue(group.pk)
        return group.name

    def send(self, pk: int) -> None:
        """What a worker would do; none is running."""


app = Celery("soak", broker="redis://127.0.0.1:6379/9", set_as_current=False)
app.conf.task_default_queue = "nova-drf-soak"
remind = service_task(GroupService.send, celery=app, ignore_result=True)


class GroupViewSet(ModelServiceViewSet[GroupService]):
    permission_classes = [AllowAny]
    pagination_class = Pages
    queryset = Group.objects.order_by("id")
    remind = delegate(GroupService.remind, detail=True)
    remind_later = delegate(GroupService.remind_later, detail=True)


router = DefaultRouter()
router.register("services", GroupViewSet)

serializer: Any = serializer_from_schema(schema_from_model(Group, fields=["name"]), model=Group)
urlpatterns = [
    *routes(Group.objects.order_by("id"), serializer, pagination_class=Pages),
    *router.urls,
    path("waiting", Waiting.as_view()),
    path("streaming", Streaming.as_view()),
    path("failing", Failing.as_view()),
    path("state", State.as_view()),
]
asgi = ASGIHandler()
