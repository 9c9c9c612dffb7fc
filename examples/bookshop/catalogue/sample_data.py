"""A few books to look at."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from catalogue.models import Author, Book, Review, Tag

BOOKS = [
    ("Ada Verne", "The Quiet Engine", "9780000000011", Decimal("18.50"), 312),
    ("Ada Verne", "Letters from the Loom", "9780000000028", Decimal("9.90"), 144),
    ("Tomás Ibarra", "Rain on Copper", "9780000000035", Decimal("24.00"), 498),
    ("Mei Tanaka", "A Field Guide to Silence", "9780000000042", Decimal("31.25"), 220),
]


def load_sample_data() -> None:
    """Fill empty tables; do nothing where there are books already."""
    if Book.objects.exists():
        return
    tags = [Tag.objects.create(name=name) for name in ("novel", "essay", "signed")]
    for number, (name, title, isbn, price, pages) in enumerate(BOOKS):
        author, _ = Author.objects.get_or_create(name=name, defaults={"born": date(1970, 5, 17)})
        book = Book.objects.create(
            title=title,
            isbn=isbn,
            status=Book.Status.IN_PRINT,
            price=price,
            pages=pages,
            published=date(2019, 3, 1),
            available_from=datetime(2019, 3, 1, 8, 30, tzinfo=UTC),
            author=author,
        )
        book.tags.set(tags[: number % 3])
        Review.objects.create(book=book, stars=3 + number % 3, text="Read in one night.")
