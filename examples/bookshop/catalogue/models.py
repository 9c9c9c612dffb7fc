"""What a bookshop has on its shelves."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class Author(models.Model):
    """Who wrote a book."""

    name = models.CharField(max_length=80)
    born = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word to find books by."""

    name = models.CharField(max_length=30, unique=True)

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    """An edition that the shop sells."""

    class Status(models.TextChoices):
        """Where an edition stands."""

        ANNOUNCED = "announced", "Announced"
        IN_PRINT = "in-print", "In print"
        SOLD_OUT = "sold-out", "Sold out"

    title = models.CharField(max_length=120)
    isbn = models.CharField("ISBN", max_length=13, unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ANNOUNCED)
    price = models.DecimalField(max_digits=7, decimal_places=2, default=Decimal("0.00"))
    pages = models.PositiveSmallIntegerField(null=True, blank=True)
    published = models.DateField(null=True, blank=True)
    available_from = models.DateTimeField(null=True, blank=True)
    cover = models.FileField(upload_to="covers", null=True, blank=True)
    author = models.ForeignKey(Author, models.PROTECT, related_name="books")
    tags = models.ManyToManyField(Tag, related_name="books", blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "title"],
                name="one_book_of_a_title_per_author",
                violation_error_message="This author has a book of that title already.",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Review(models.Model):
    """What a reader said about a book."""

    book = models.ForeignKey(Book, models.CASCADE, related_name="reviews")
    stars = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.stars} stars for {self.book}"
