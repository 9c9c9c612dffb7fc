"""Endpoints whose new code is as bad as code can be, and what of it is told."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction
from django.urls import include, path
from rest_framework import serializers, viewsets
from rest_framework.authentication import BasicAuthentication, SessionAuthentication
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from nova_drf.migration import Shadow, switch
from nova_drf.migration.proof.shadow.causes import Finding
from nova_drf.views import AsyncAPIView
from tests.testapp.models import Tag

FOUND: list[tuple[Finding, int]] = []
"""What the store of the tests was told."""


def collect(finding: Finding, times: int) -> None:
    FOUND.append((finding, times))


class TagSerializer(serializers.ModelSerializer[Tag]):
    secret_word = serializers.CharField(write_only=True, required=False)

    class Meta:
        model = Tag
        fields = ["id", "name", "slug", "secret_word"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs.pop("secret_word", None)
        return attrs


class Tags(viewsets.ModelViewSet[Tag]):
    """Tags."""

    queryset = Tag.objects.order_by("id")
    serializer_class: Any = TagSerializer
    authentication_classes = [SessionAuthentication, BasicAuthentication]
    permission_classes: Any = []


class LoudSerializer(TagSerializer):
    name = serializers.CharField(max_length=5)
    slug = serializers.SerializerMethodField()

    def get_slug(self, tag: Tag) -> str:
        return tag.slug.upper()


class LoudTags(Tags):
    """Prints one field otherwise, and takes shorter names."""

    serializer_class = LoudSerializer


class OtherRows(Tags):
    """Answers alike, and writes another row."""

    def perform_create(self, serializer: Any) -> None:
        serializer.save()
        Tag.objects.filter(pk=serializer.instance.pk).update(slug="other")
        mail.send_mail("Tag", "", "a@example.org", ["b@example.org"])
        transaction.on_commit(lambda: Path(__file__).with_name("stored.txt").write_text("x"))


class Badly(APIView):
    """Does what it is told, badly."""

    permission_classes: Any = []
    authentication_classes: Any = []

    def get(self, request: Any, how: str) -> Response:
        return Response({"value": getattr(self, how)() or "fine"})

    post = get

    def equal(self) -> None:
        pass

    def raises(self) -> None:
        raise ZeroDivisionError("ada@example.org")

    def hangs(self) -> None:
        time.sleep(60)

    def eats(self) -> None:
        kept = []
        while True:
            kept.append(bytearray(2**24))

    def ends(self) -> None:
        os._exit(3)

    def writes(self) -> None:
        Tag.objects.create(name="written", slug="written")

    def writes_and_catches(self) -> None:
        with suppress(BaseException):
            Tag.objects.create(name="written", slug="written")

    def commits(self) -> None:
        Tag.objects.create(name="committed", slug="committed")
        transaction.commit()

    def commits_by_sql(self) -> None:
        Tag.objects.create(name="committed", slug="committed")
        with connection.cursor() as cursor:
            cursor.execute("COMMIT")

    def commits_by_driver(self) -> None:
        Tag.objects.create(name="committed", slug="committed")
        connection.connection.commit()

    def commits_by_class(self) -> None:
        Tag.objects.create(name="committed", slug="committed")
        type(connection.connection).commit(connection.connection)

    def commits_durably(self) -> None:
        with transaction.atomic(durable=True):
            Tag.objects.create(name="committed", slug="committed")

    def opens_a_connection(self) -> None:
        import psycopg

        said = connection.settings_dict
        own = psycopg.connect(
            dbname=said["NAME"], user=said["USER"], host=said["HOST"], autocommit=True
        )
        own.execute("INSERT INTO testapp_tag (name, slug) VALUES ('own', 'own')")

    def writes_in_a_thread(self) -> None:
        def write() -> None:
            try:
                Tag.objects.create(name="thread", slug="thread")
            finally:
                connection.close()

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()

    def mails(self) -> None:
        mail.send_mail("Hello", "", "a@example.org", ["b@example.org"])

    def sends_a_task(self) -> None:
        from tests.migration.proof.shadow.celery_tasks import tell

        tell.delay(1)
        tell.app.send_task("by.name")

    def sends_a_django_task(self) -> None:
        from tests.migration.proof.shadow.django_tasks import tell

        tell.enqueue(1)

    def calls(self) -> None:
        socket.create_connection(("127.0.0.1", 9), timeout=1)

    def runs(self) -> None:
        subprocess.run([sys.executable, "--version"], check=True)

    def stores(self) -> None:
        Path(__file__).with_name("stored.txt").write_text("stored")

    def caches(self) -> str:
        cache.set("shadow", "here")
        return str(cache.get("shadow", "nothing"))


class Well(Badly):
    """The old code, which does nothing of the kind."""

    def get(self, request: Any, how: str) -> Response:
        return Response({"value": "fine"})

    post = get


class AsyncBadly(AsyncAPIView):
    """Awaited."""

    permission_classes: Any = []
    authentication_classes: Any = []

    async def get(self, request: Any, how: str) -> Response:
        await asyncio.sleep(0)
        names = [tag.name async for tag in Tag.objects.all()]
        return Response({"value": "fine" if how == "equal" else names})

    async def post(self, request: Any, how: str) -> Response:
        await Tag.objects.acreate(name="async", slug="async")
        return Response({"value": "fine"})


class Stream(APIView):
    """A stream."""

    permission_classes: Any = []

    def get(self, request: Any) -> Any:
        from django.http import StreamingHttpResponse

        return StreamingHttpResponse(iter([b"a", b"b"]))


class Who(APIView):
    """Says who asks."""

    authentication_classes = [SessionAuthentication]
    permission_classes: Any = []

    def get(self, request: Any) -> Response:
        return Response({"user": str(request.user), "all": get_user_model().objects.count()})


class NewWho(Who):
    """The same."""


def tags(prefix: str, new: Any, **shadow: Any) -> Any:
    return switch(old=Tags, new=new, name=prefix, default="shadow", shadow=Shadow(**shadow))


def badly(name: str, old: Any, new: Any, **shadow: Any) -> Any:
    view = switch(old=old, new=new, name=name, default="shadow", shadow=Shadow(**shadow))
    return path(f"{name}/<str:how>/", view.as_view())


router = SimpleRouter()
router.register("same", tags("same", Tags), basename="same")
router.register("loud", tags("loud", LoudTags), basename="loud")
router.register("validated", tags("validated", LoudTags, writes="validated"), basename="valid")
router.register("rows", tags("rows", OtherRows), basename="rows")

urlpatterns = [
    path("", include(router.urls)),
    badly("badly", Well, Badly, seconds=20),
    badly("slow", Well, Badly, seconds=0.4),
    badly("both", Badly, Badly),
    badly("async", Well, AsyncBadly),
    badly("reverse", AsyncBadly, Well),
    path("stream/", switch(old=Stream, new=Stream, name="stream", default="shadow").as_view()),
    path("who/", switch(old=Who, new=NewWho, name="who", default="shadow").as_view()),
]
