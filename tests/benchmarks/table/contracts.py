"""The contract of each shape: as classic serializers, and as Pydantic models on any base."""

# Without postponed annotations: not every library resolves those of a class inside a function.

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from tests.benchmarks.table.models import COLUMNS, Author, Book, Publisher, Tag

SHAPES = ("flat", "foreign key", "two levels", "to many")


def classic_serializers(base: Any) -> dict[str, Any]:
    """Return a serializer for each shape.

    Args:
        base: ``ModelSerializer``, or a class like it.
    """

    def of(model: Any, fields: list[str], **nested: Any) -> Any:
        meta = type("Meta", (), {"model": model, "fields": fields})
        return type(f"{model.__name__}Serializer", (base,), {"Meta": meta, **nested})

    publisher = of(Publisher, ["id", "name", "city"])
    author = of(Author, ["id", "name", "email"])
    deep = of(Author, ["id", "name", "publisher"], publisher=publisher(read_only=True))
    tag = of(Tag, ["id", "name", "slug"])
    books = [*COLUMNS]
    return {
        "flat": of(Book, books),
        "foreign key": of(Book, [*books, "author"], author=author(read_only=True)),
        "two levels": of(Book, [*books, "author"], author=deep(read_only=True)),
        "to many": of(Book, [*books, "tags"], tags=tag(many=True, read_only=True)),
    }


def models(base: Any, read_only: Any = None) -> dict[str, Any]:
    """Return a Pydantic model for each shape, and ``"new"`` for what a client sends.

    Args:
        base: ``BaseModel``, or a class like it.
        read_only: Marks what clients do not send, where a library has a word for it.
    """

    def marked(annotation: Any) -> Any:
        return annotation if read_only is None else read_only[annotation]

    class PublisherOut(base):
        id: int
        name: str
        city: str

    class AuthorOut(base):
        id: int
        name: str
        email: str

    class DeepAuthorOut(base):
        id: int
        name: str
        publisher: PublisherOut

    class TagOut(base):
        id: int
        name: str
        slug: str

    class NewBook(base):
        title: Annotated[str, Field(max_length=100)]
        isbn: Annotated[str, Field(max_length=13)]
        price: Annotated[Decimal, Field(max_digits=8, decimal_places=2)]
        pages: int
        rating: float | None = None
        in_print: bool
        published: date | None = None

    class Flat(base):
        id: marked(int)
        title: Annotated[str, Field(max_length=100)]
        isbn: Annotated[str, Field(max_length=13)]
        price: Annotated[Decimal, Field(max_digits=8, decimal_places=2)]
        pages: int
        rating: float | None = None
        in_print: bool
        published: date | None = None

    class WithAuthor(Flat):
        author: marked(AuthorOut)

    class WithDeepAuthor(Flat):
        author: marked(DeepAuthorOut)

    class WithTags(Flat):
        tags: marked(list[TagOut])

    shapes = dict(zip(SHAPES, (Flat, WithAuthor, WithDeepAuthor, WithTags), strict=True))
    return {**shapes, "new": NewBook}
