"""``manage.py check`` names classic views whose guards nobody awaits."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.urls import include, path
from rest_framework import permissions, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from nova_drf.checks.views import check_views
from nova_drf.views.base import AsyncAPIView


class MayCome(permissions.BasePermission):
    async def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Wrapped(permissions.BasePermission):
    @functools.wraps(MayCome.has_permission)
    def has_permission(self, request: Any, view: Any) -> Any:
        return MayCome.has_permission(self, request, view)


class Helping(permissions.BasePermission):
    async def fetch(self) -> None:
        """Nothing that DRF would call."""


class Answering:
    def get(self, request: Any) -> Response:
        return Response("secret")


class Classic(Answering, APIView):
    permission_classes = [permissions.IsAuthenticated & ~MayCome]


class Twice(Answering, APIView):
    permission_classes = [Wrapped]


class Hooked(viewsets.ReadOnlyModelViewSet[Any]):
    async def get_queryset(self) -> Any:
        return None


class Fine(Answering, APIView):
    permission_classes = [Helping, permissions.IsAuthenticated]


class Ours(Answering, AsyncAPIView):
    permission_classes = [MayCome]


class Awaiting(Answering, APIView):
    """It has a way of its own to answer requests, as adrf has."""

    permission_classes = [MayCome]

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)


def plain(request: Any) -> Any:
    return None


urlpatterns = [
    path("classic/", Classic.as_view()),
    path("again/", Classic.as_view()),
    path(
        "inner/",
        include([path("twice/", Twice.as_view()), path("h/", Hooked.as_view({"get": "list"}))]),
    ),
    path("fine/", Fine.as_view()),
    path("ours/", Ours.as_view()),
    path("awaiting/", Awaiting.as_view()),
    path("plain/", plain),
]


@pytest.fixture
def _urls() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.mark.usefixtures("_urls")
def test_guards_that_nobody_awaits_are_named() -> None:
    found = {message.obj: message for message in check_views()}
    assert found.keys() == {Classic, Twice, Hooked}
    assert len(check_views()) == 3
    assert "MayCome.has_permission() is `async def`" in found[Classic].msg
    assert "Wrapped.has_permission()" in found[Twice].msg
    assert "Hooked.get_queryset()" in found[Hooked].msg
    assert all(message.id == "nova_drf.E005" and message.hint for message in found.values())


@override_settings(ROOT_URLCONF=None)
def test_a_project_without_urls_has_nothing_to_check() -> None:
    assert check_views() == []


def test_the_projects_of_the_tests_are_fine() -> None:
    assert check_views() == []
