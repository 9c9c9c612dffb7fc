"""Two viewsets that clients cannot tell apart."""

from __future__ import annotations

from rest_framework import viewsets

from catalogue.models import Book
from catalogue.schemas import BookSchema
from catalogue.serializers import ClassicBookSerializer
from nova_drf import SchemaSerializer


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

    serializer_class = BookSerializer  # type: ignore[assignment]
