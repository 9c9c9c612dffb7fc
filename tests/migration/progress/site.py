"""A URL configuration with an endpoint at every stage."""

from __future__ import annotations

from typing import Any

from django.urls import include, path
from rest_framework import generics, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from nova_drf import Schema, SchemaBackedMixin, SchemaSerializer
from nova_drf.generics import AsyncListAPIView
from nova_drf.migration import Percentage, switch
from nova_drf.services import Service
from nova_drf.viewsets import ServiceViewSet, delegate
from tests.testapp.models import Author


class OldAuthor(serializers.ModelSerializer[Author]):
    class Meta:
        model = Author
        fields = ["name"]


class BackedAuthor(SchemaBackedMixin, OldAuthor):
    pass


class AuthorSchema(Schema):
    name: str


class NewAuthor(SchemaSerializer[AuthorSchema]):
    class Meta:
        model = Author


class Authors(viewsets.ModelViewSet[Author]):
    """Authors."""

    queryset = Author.objects.order_by("id")
    serializer_class: Any = OldAuthor

    @action(detail=False)
    def count(self, request: Any) -> Response:
        return Response(Author.objects.count())


class NewAuthors(viewsets.ModelViewSet[Author]):
    """Authors, without ``count``."""

    queryset = Author.objects.order_by("id")
    serializer_class: Any = NewAuthor


class AsyncAuthors(AsyncListAPIView):
    queryset = Author.objects.order_by("id")
    serializer_class: Any = NewAuthor


class ClassicList(generics.ListAPIView[Author]):
    queryset = Author.objects.order_by("id")
    serializer_class: Any = OldAuthor


class BackedList(ClassicList):
    serializer_class = BackedAuthor


class SchemaList(ClassicList):
    serializer_class = NewAuthor


class Odd(ClassicList):
    def get_serializer_class(self) -> Any:
        return {"x": OldAuthor}[self.kwargs["kind"]]


class Plain(APIView):
    def get(self, request: Any) -> Response:
        return Response({})


class Census(Service):
    def count(self) -> int:
        return Author.objects.count()


class CensusViewSet(ServiceViewSet[Census]):
    queryset = Author.objects.all()
    count = delegate(Census.count)


router = SimpleRouter()
router.register(
    "switched",
    switch(
        old=Authors,
        new=NewAuthors,
        name="authors & <co>",
        actions={"list": "new", "create": Percentage(5)},
    ),
    basename="switched",
)
router.register("census", CensusViewSet, basename="census")

urlpatterns = [
    path("", include(router.urls)),
    path("classic/", ClassicList.as_view()),
    path("backed/", BackedList.as_view()),
    path("schema/", SchemaList.as_view()),
    path("async/", AsyncAuthors.as_view()),
    path("odd/<kind>/", Odd.as_view()),
    path("plain/", Plain.as_view()),
]
