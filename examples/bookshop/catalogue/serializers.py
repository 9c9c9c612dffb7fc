"""The classic serializers: what the shop had before."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.models import Book, Review


class ClassicReviewSerializer(serializers.ModelSerializer[Review]):
    """A review inside a book."""

    class Meta:
        model = Review
        fields = ["stars", "text"]


class ClassicBookSerializer(serializers.ModelSerializer[Book]):
    """A book as clients know it."""

    title = serializers.CharField(max_length=120, min_length=2)
    reviews = ClassicReviewSerializer(many=True, read_only=True)

    class Meta:
        model = Book
        fields = [
            "id",
            "title",
            "isbn",
            "status",
            "price",
            "pages",
            "published",
            "available_from",
            "cover",
            "author",
            "tags",
            "reviews",
        ]
        extra_kwargs = {"pages": {"max_value": 20_000}}

    def validate_isbn(self, value: str) -> str:
        if not value.isdigit():
            raise serializers.ValidationError("An ISBN has digits only.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        status = attrs.get("status", getattr(self.instance, "status", None))
        price = attrs.get("price", getattr(self.instance, "price", 0))
        if status == Book.Status.IN_PRINT and not price:
            raise serializers.ValidationError("A book in print needs a price.")
        return attrs
