"""Routes that hyperlinked fields name."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path

urlpatterns = [
    path("countries/<pk>/", lambda request, pk: HttpResponse(), name="country-detail"),
    path("cities/<pk>/", lambda request, pk: HttpResponse(), name="city-detail"),
]
