"""Endpoints for the inventory."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import generics, views, viewsets
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from tests.convertapp import serializers as legacy
from tests.convertapp.models import City, Country


class CityViewSet(viewsets.ModelViewSet[City]):
    """Another serializer for one action."""

    queryset = City.objects.all()

    def get_serializer_class(self) -> Any:
        return legacy.UncheckedCity if self.action == "list" else legacy.CitySerializer

    def perform_create(self, serializer: Any) -> None:
        serializer.save()


class LineView(generics.CreateAPIView[Any]):
    """Declarative."""

    serializer_class = legacy.Line


class ByRequest(generics.ListAPIView[Country]):
    """Chooses by the request."""

    queryset = Country.objects.all()

    def get_serializer_class(self) -> Any:
        return legacy.CountrySerializer if self.request.user.is_staff else legacy.Line


class ByClient(generics.ListAPIView[Country]):
    """Chooses by what only a client can say."""

    queryset = Country.objects.all()

    def get_serializer_class(self) -> Any:
        return {"1": legacy.Line}[self.kwargs["kind"]]


class Plain(views.APIView):
    """No serializer at all."""

    def get(self, request: Any) -> Response:
        return Response({})


class AsyncAnswer(views.APIView):
    """A coroutine already."""

    async def get(self, request: Any) -> Response:
        return Response({})


def page(request: HttpRequest) -> HttpResponse:
    """No API."""
    return HttpResponse()


router = SimpleRouter()
router.register("cities", CityViewSet)

urlpatterns = [
    path("api/", include(router.urls)),
    path("lines/", LineView.as_view(), name="line"),
    path("chosen/", ByRequest.as_view()),
    path("chosen/<kind>/", ByClient.as_view()),
    path("plain/", Plain.as_view()),
    path("async/", AsyncAnswer.as_view()),
    path("page/", page),
]
