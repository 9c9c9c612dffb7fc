"""All styles of the viewset side by side on one of DRF's routers."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from tests.viewsapp.serializers import SERIALIZERS
from tests.viewsapp.views import STYLES, viewset

router = DefaultRouter()
for style in STYLES:
    for serializer in SERIALIZERS:
        name = f"{style}-{serializer}"
        router.register(name, viewset(style, serializer), basename=name)

urlpatterns = [path("", include(router.urls))]
