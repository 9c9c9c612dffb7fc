"""An endpoint with a bit of everything, whose clients nobody may break."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core import mail
from django.db import transaction
from django.utils.translation import gettext_lazy
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import filters, pagination, permissions, serializers, throttling, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tests.testapp.models import Author, Book, Tag


class TagSerializer(serializers.ModelSerializer[Tag]):
    class Meta:
        model = Tag
        fields = ["name", "slug"]


class BookSerializer(serializers.ModelSerializer[Book]):
    """A book."""

    tag_names = TagSerializer(source="tags", many=True, read_only=True)
    length = serializers.SerializerMethodField()
    password = serializers.CharField(write_only=True, required=False)

    class Meta:
        model = Book
        fields = [
            *("id", "title", "isbn", "status", "price", "pages", "in_print", "published"),
            *("opens_at", "created", "reading_time", "author", "tag_names", "length", "password"),
        ]
        extra_kwargs: dict[str, Any] = {
            "title": {"max_length": 20, "help_text": "As on the cover."},
            "pages": {"min_value": 1, "max_value": 5000},
        }

    def get_length(self, book: Book) -> int:
        return len(book.title)

    def validate_isbn(self, value: str) -> str:
        if not value.isdigit():
            raise serializers.ValidationError("Digits only.", code="digits")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs.pop("password", None)
        if attrs.get("pages") == 13:
            raise serializers.ValidationError(gettext_lazy("This field is required."))
        return attrs


class Pages(pagination.PageNumberPagination):
    page_size = 2
    page_size_query_param = "size"
    max_page_size = 3


class Often(throttling.UserRateThrottle):
    rate = "10/day"


class BookViewSet(viewsets.ModelViewSet[Book]):
    """All books."""

    queryset = Book.objects.prefetch_related("tags").order_by("id")
    serializer_class: Any = BookSerializer
    permission_classes: Any = [permissions.IsAuthenticatedOrReadOnly]
    throttle_classes: Any = [Often]
    filter_backends: Any = [DjangoFilterBackend, filters.SearchFilter, filters.OrderingFilter]
    filterset_fields = ["status", "author"]
    search_fields = ["title"]
    ordering_fields = ["title", "pages"]
    pagination_class: Any = Pages

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().list(request, *args, **kwargs)
        response["X-Shelf"] = "A"
        return response

    def perform_create(self, serializer: Any) -> None:
        book = serializer.save()
        mail.send_mail("New", book.title, "shop@example.org", ["ada@example.org"])
        transaction.on_commit(lambda: None)

    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: Any = None) -> Response:
        book = self.get_object()
        book.status = Book.Status.PUBLISHED
        book.save()
        return Response({"status": book.status})

    @action(detail=False)
    def stats(self, request: Request) -> Response:
        return Response({"books": Book.objects.count()})


def fill() -> None:
    """Put a few books on the shelves, and two readers before them."""
    User.objects.create_user("ada")
    User.objects.create_superuser("root")
    author = Author.objects.create(name="Ada", email="ada@example.org")
    other = Author.objects.create(name="Bo", email="bo@example.org")
    tag = Tag.objects.create(name="new", slug="new")
    for number in range(5):
        book = Book.objects.create(
            title=f"Book {number}",
            isbn=f"97800000000{number:02}",
            status=Book.Status.PUBLISHED if number % 2 else Book.Status.DRAFT,
            price=Decimal("10.50"),
            pages=100 + number,
            published=date(2020, 1, 1 + number),
            opens_at=time(10, 30),
            created=datetime(2020, 1, 1, 12, number, tzinfo=UTC),
            reading_time=timedelta(hours=30),
            author=other if number == 3 else author,
        )
        book.tags.add(tag)
