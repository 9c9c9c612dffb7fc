"""The resource of all sides: books, their author and its publisher, and their tags.

No column is unique, as not every library would ask the database for that before it writes.
"""

from __future__ import annotations

from typing import Any

from django.core.management.color import no_style
from django.db import connection, models


class Publisher(models.Model):
    name = models.CharField(max_length=80)
    city = models.CharField(max_length=80)


class Author(models.Model):
    name = models.CharField(max_length=80)
    email = models.CharField(max_length=80)
    publisher = models.ForeignKey(Publisher, models.CASCADE)


class Tag(models.Model):
    name = models.CharField(max_length=30)
    slug = models.CharField(max_length=30)


class Book(models.Model):
    title = models.CharField(max_length=100)
    isbn = models.CharField(max_length=13)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    pages = models.IntegerField()
    rating = models.FloatField(null=True)
    in_print = models.BooleanField()
    published = models.DateField(null=True)
    author = models.ForeignKey(Author, models.CASCADE)
    tags: Any = models.ManyToManyField(Tag)


class Place(models.Model):
    """Lies within another one, which lies within another one, ..."""

    name = models.CharField(max_length=80)
    code = models.CharField(max_length=8)
    within: Any = models.ForeignKey("self", models.CASCADE, null=True)


COLUMNS = ("id", "title", "isbn", "price", "pages", "rating", "in_print", "published")

QUERYSETS: dict[str, Any] = {
    "flat": Book.objects.order_by("id"),
    "foreign key": Book.objects.select_related("author").order_by("id"),
    "two levels": Book.objects.select_related("author__publisher").order_by("id"),
    "to many": Book.objects.prefetch_related("tags").order_by("id"),
}
"""The querysets of all sides, by the shape of what is printed of them."""


def rows_of(shape: str, rows: int) -> Any:
    """Return the queryset of a shape with so many rows."""
    return QUERYSETS[shape].filter(id__lte=rows)


def forget(book: Book) -> Book:
    """Delete a book that was created, so that the next one is as new; return it as it was."""
    Book.objects.filter(pk=book.pk).delete()
    return book


def fill(rows: int) -> None:
    """Store the books, all that they belong to, and three tags of each."""
    publishers = [Publisher(id=n, name=f"house {n}", city=f"city {n}") for n in range(1, 6)]
    Publisher.objects.bulk_create(publishers)
    authors = [
        Author(id=n, name=f"author {n}", email=f"a{n}@b.io", publisher=publishers[n % 5])
        for n in range(1, 21)
    ]
    Author.objects.bulk_create(authors)
    Tag.objects.bulk_create(Tag(id=n, name=f"tag {n}", slug=f"tag-{n}") for n in range(1, 11))
    Book.objects.bulk_create(
        Book(
            id=n,
            title=f"title {n}",
            isbn=str(n),
            price="12.50",
            pages=n,
            rating=4.5,
            in_print=True,
            published="2020-01-02",
            author=authors[n % 20],
        )
        for n in range(1, rows + 1)
    )
    of_books: Any = Book.tags.through
    of_books.objects.bulk_create(
        of_books(book_id=n, tag_id=(n + more) % 10 + 1)
        for n in range(1, rows + 1)
        for more in range(3)
    )
    _count_on(Publisher, Author, Tag, Book)


def _count_on(*stored: type[models.Model]) -> None:
    """Let a database that counts keys by itself go on behind those that were named."""
    statements = connection.ops.sequence_reset_sql(no_style(), stored)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
