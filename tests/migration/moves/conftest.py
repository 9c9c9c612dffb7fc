"""A small project in a directory of its own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import clear_url_caches, set_urlconf

from tests.testapp.models import Author

SERIALIZERS = '''"""Serializers of a shop."""

from rest_framework import serializers

from tests.testapp.models import Author


class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Author
        fields = ["id", "name", "email"]


class ShortSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=50)
    letters = serializers.SerializerMethodField()

    def get_letters(self, author):
        return len(author.name)
'''

VIEWS = '''"""Views of a shop."""

from rest_framework import generics, viewsets
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from shop.serializers import AuthorSerializer, ShortSerializer
from tests.testapp.models import Author


class AuthorViewSet(viewsets.ModelViewSet):
    """All who write."""

    queryset = Author.objects.order_by("id")
    serializer_class = AuthorSerializer
    renderer_classes = [JSONRenderer]


class MixedViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Author.objects.order_by("id")
    serializer_class = AuthorSerializer
    renderer_classes = [JSONRenderer]

    def get_serializer_class(self):
        return ShortSerializer if self.action == "list" else AuthorSerializer

    @action(detail=False, serializer_class=ShortSerializer)
    def first(self, request):
        return Response(self.get_serializer(Author.objects.first()).data)


class AuthorList(generics.ListAPIView):
    queryset = Author.objects.order_by("id")
    serializer_class = AuthorSerializer
    renderer_classes = [JSONRenderer]
'''

URLS = '''"""URLs of a shop."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from shop.views import AuthorList, AuthorViewSet, MixedViewSet

router = DefaultRouter()
router.register("authors", AuthorViewSet)  # the oldest endpoint
router.register("mixed", MixedViewSet, basename="mixed")

urlpatterns = [
    path("api/", include(router.urls)),
    path("list/", AuthorList.as_view(), name="list"),
]
'''

Files = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    """Write the files of a project, import its URLs, and forget it at the end."""
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    settings.BASE_DIR = tmp_path

    def write(**files: str) -> Path:
        usual = {"__init__": "", "serializers": SERIALIZERS, "views": VIEWS, "urls": URLS}
        folder = tmp_path / "shop"
        folder.mkdir()
        for name, text in (usual | files).items():
            path = folder / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        Author.objects.create(name="Ada", email="ada@example.org")
        Author.objects.create(name="Bo", email="bo@example.org")
        forget()
        settings.ROOT_URLCONF = "shop.urls"
        importlib.import_module("shop.urls")
        return folder

    yield write
    forget()


def forget() -> None:
    """Import the project anew when it is needed next.

    The sources of its modules are kept by module, so that those of DRF need not be read again.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    set_urlconf(None)
    clear_url_caches()
