"""Three viewsets that clients cannot tell apart, a switch between two of them, and a shadow.

The shadow shows a viewset with a mistake, which no client sees.
"""

from __future__ import annotations

from typing import Any

from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.models import Book
from catalogue.schemas import BookSchema, HastyBookSchema
from catalogue.serializers import ClassicBookSerializer
from nova_drf import SchemaSerializer
from nova_drf.migration import Header, Percentage, Shadow, switch
from nova_drf.viewsets import AsyncModelViewSet


class BookSerializer(SchemaSerializer[BookSchema]):
    """A book as clients know it."""

    class Meta:
        model = Book


class ClassicBookViewSet(viewsets.ModelViewSet[Book]):
    """The books that the shop sells."""

    queryset = Book.objects.prefetch_related("tags", "reviews")
    serializer_class = ClassicBookSerializer
    filterset_fields = ["status", "author"]


class BookViewSet(ClassicBookViewSet):
    """The books that the shop sells."""

    serializer_class = BookSerializer  # type: ignore[assignment]  # no ModelSerializer


class AsyncBookViewSet(AsyncModelViewSet[Book]):
    """The books that the shop sells."""

    queryset = Book.objects.prefetch_related("tags", "reviews")
    serializer_class = BookSerializer
    filterset_fields = ["status", "author"]

    async def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        book = await self.get_object()
        # Here a service that knows how many are left could be awaited.
        return Response(await self.get_serializer(book).adata)

    async def perform_create(self, serializer: Any) -> None:
        await serializer.asave()

    def perform_destroy(self, instance: Book) -> None:
        # What is ``def`` runs in a worker thread, where it may ask the database.
        instance.delete()


SwitchedBookViewSet = switch(
    old=ClassicBookViewSet,
    new=AsyncBookViewSet,
    name="books",
    actions={
        "list": "new",
        "retrieve": Percentage(50),
        "create": Header("X-Use", otherwise="new"),
        "destroy": "old",
    },
)


class HastyBookSerializer(SchemaSerializer[HastyBookSchema]):
    """A book as nobody knows it."""

    class Meta:
        model = Book


class HastyBookViewSet(ClassicBookViewSet):
    """What somebody wrote in a hurry."""

    serializer_class = HastyBookSerializer  # type: ignore[assignment]  # no ModelSerializer


ShadowedBookViewSet = switch(
    old=ClassicBookViewSet,
    new=HastyBookViewSet,
    name="books-shadowed",
    default="shadow",
    # Every request, for the demonstration; on SQLite, writes cannot be tried out beside others.
    shadow=Shadow(sample=1, writes="validated"),
)
