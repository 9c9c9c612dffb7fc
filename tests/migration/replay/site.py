"""Endpoints whose traffic is recorded, and a switch between two of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import serializers, viewsets
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from nova_drf.migration import switch
from nova_drf.viewsets import AsyncModelViewSet
from tests.testapp.models import Author


class AuthorSerializer(serializers.ModelSerializer[Author]):
    class Meta:
        model = Author
        fields = ["id", "name", "email"]


class Authors(viewsets.ModelViewSet[Author]):
    queryset = Author.objects.order_by("id")
    serializer_class = AuthorSerializer
    authentication_classes = [SessionAuthentication, TokenAuthentication]
    permission_classes = [IsAuthenticatedOrReadOnly]

    @action(detail=False)
    def count(self, request: Request) -> Response:
        return Response({"count": Author.objects.count(), "who": str(request.user)})


class NewAuthors(AsyncModelViewSet):
    # It has no ``count``. A docstring would be told by OPTIONS.
    queryset = Author.objects.order_by("id")
    serializer_class = AuthorSerializer
    authentication_classes = [SessionAuthentication, TokenAuthentication]
    permission_classes = [IsAuthenticatedOrReadOnly]


class LoudSerializer(AuthorSerializer):
    def to_representation(self, instance: Author) -> dict[str, Any]:
        printed = super().to_representation(instance)
        return {**printed, "name": printed["name"].upper()}


class LoudAuthors(Authors):
    serializer_class = LoudSerializer


class Echo(APIView):
    """Says what it heard."""

    def get(self, request: Any, token: str = "", word: str = "") -> Response:
        return Response({"word": word, "asked": dict(request.query_params)})

    def post(self, request: Any, token: str = "", word: str = "") -> Response:
        return Response(request.data)


class Broken(APIView):
    def get(self, request: Any) -> Response:
        raise RuntimeError("broken")


class Rights(APIView):
    """Reads what a user object remembers from then on."""

    def get(self, request: Any) -> Response:
        return Response({"may": request.user.has_perm("auth.add_user")})


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("page")


def site(authors: Any, echo: Any = Echo) -> list[Any]:
    router = SimpleRouter()
    router.register("authors", authors, basename="author")
    return [
        path("api/", include((router.urls, "api"))),
        path("echo/", echo.as_view()),
        path("echo/<word>/", echo.as_view()),
        path("reset/<token>/", echo.as_view()),
        path("rights/", Rights.as_view()),
        path("broken/", Broken.as_view()),
        path("page/", page),
    ]


class NewEcho(Echo):
    """Says what it heard."""


urlpatterns = site(
    switch(old=Authors, new=NewAuthors, name="authors"),
    switch(old=Echo, new=NewEcho, name="echo"),
)
