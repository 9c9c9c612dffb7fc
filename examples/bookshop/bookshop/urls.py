"""One router: ``books-classic`` is the old endpoint, ``books`` the one that was moved.

``books-async`` is the same once more, awaited. ``books-switched`` is answered by the old code or by
the awaited one, action by action. ``books-shadowed`` is answered by the old code, and new code with
a mistake is its shadow.
"""

from __future__ import annotations

from catalogue.views import (
    AsyncBookViewSet,
    BookViewSet,
    ClassicBookViewSet,
    ShadowedBookViewSet,
    SwitchedBookViewSet,
)
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from orders.views import OrderViewSet
from rest_framework.routers import DefaultRouter

from bookshop.pages import report, start

router = DefaultRouter()
router.register("books-classic", ClassicBookViewSet, basename="classic-book")
router.register("books", BookViewSet, basename="book")
router.register("books-async", AsyncBookViewSet, basename="async-book")
router.register("books-switched", SwitchedBookViewSet, basename="switched-book")
router.register("books-shadowed", ShadowedBookViewSet, basename="shadowed-book")
router.register("orders", OrderViewSet, basename="order")

urlpatterns = [
    path("", start, name="start"),
    path("report/", report, name="report"),
    path("api/", include(router.urls)),
    path("api-auth/", include("rest_framework.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("admin/", admin.site.urls),
]
