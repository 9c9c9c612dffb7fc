"""``manage.py check`` names the steps that an async view calls, and does not await."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.urls import path
from rest_framework.response import Response

from nova_drf.checks.awaits import check_awaits
from nova_drf.views.generics import AsyncGenericAPIView
from nova_drf.views.viewsets import AsyncModelViewSet
from tests.testapp.models import Tag


class Mixin:
    async def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        view: Any = self
        instance = await view.get_object()
        self.perform_destroy(instance)
        return Response(status=204)


class Forgetful(Mixin, AsyncModelViewSet[Tag]):
    queryset = Tag.objects.all()

    async def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        serializer = self.get_serializer(data=request.data)
        if request.data:
            self.perform_create(serializer)
        await self.perform_create(serializer)
        return Response()

    async def perform_update(self, serializer: Any) -> None:
        super().perform_update(serializer)

    def update(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        # In a thread of its own, where a step is just called.
        self.check_permissions(request)
        return Response()


class Heir(Forgetful):
    """What it inherits is named once."""


class Careful(AsyncModelViewSet[Tag]):
    queryset = Tag.objects.all()

    async def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        coroutine = self.perform_create(self.get_serializer())
        await coroutine
        await self.check_throttles(request)
        return Response()


class Inline(AsyncGenericAPIView[Tag]):
    runs_inline = True

    async def get(self, request: Any) -> Response:
        self.check_permissions(request)
        self.check_throttles(request)
        return Response()

    async def check_throttles(self, request: Any) -> None:
        """Waits for something."""


made: dict[str, Any] = {}
exec("async def get(self, request):\n    self.check_throttles(request)\n", made)


class WithoutSource(AsyncGenericAPIView[Tag]):
    get = made["get"]


ROUTES: dict[str, str] = {"post": "create", "put": "update", "delete": "destroy"}

urlpatterns = [
    path("forgetful/", Forgetful.as_view(ROUTES)),
    path("heir/", Heir.as_view(ROUTES)),
    path("careful/", Careful.as_view(ROUTES)),
    path("inline/", Inline.as_view()),
    path("made/", WithoutSource.as_view()),
]


@pytest.fixture
def _urls() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.mark.usefixtures("_urls")
def test_steps_that_are_not_awaited_are_named() -> None:
    found = check_awaits()
    here = __name__
    assert sorted(message.msg for message in found) == [
        f"{here}.Forgetful: Forgetful.create() is `async def`, and calls perform_create() without "
        "`await`.",
        f"{here}.Forgetful: Forgetful.perform_update() is `async def`, and calls perform_update() "
        "without `await`.",
        f"{here}.Forgetful: Mixin.destroy() is `async def`, and calls perform_destroy() without "
        "`await`.",
        f"{here}.Inline: Inline.get() is `async def`, and calls check_throttles() without `await`.",
    ]
    assert {message.id for message in found} == {"nova_drf.W004"}
    assert all("`await` in front of the call" in str(message.hint) for message in found)


@override_settings(ROOT_URLCONF=None)
def test_a_project_without_urls_has_nothing_to_check() -> None:
    assert check_awaits() == []


def test_the_projects_of_the_tests_are_fine() -> None:
    assert check_awaits() == []
