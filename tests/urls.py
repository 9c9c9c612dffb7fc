"""The test suite's root URL configuration; tests override it with ``@pytest.mark.urls``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
