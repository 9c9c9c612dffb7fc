"""The same contract as Pydantic schemas. No HTTP and no ORM in here."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from django.core.files.uploadedfile import UploadedFile
from pydantic import Field, field_validator, model_validator

from catalogue.models import Book
from nova_drf import NotRequired, ReadOnly, Schema

Stars = Annotated[int, Field(ge=1, le=5)]


class ReviewSchema(Schema):
    """A review inside a book."""

    stars: Stars
    text: NotRequired[Annotated[str, Field(min_length=0)]]


class BookSchema(Schema):
    """A book as clients know it."""

    id: Annotated[ReadOnly[int], Field(title="ID")]
    title: Annotated[str, Field(min_length=2, max_length=120)]
    isbn: Annotated[str, Field(max_length=13, title="ISBN")]
    status: NotRequired[Book.Status]
    price: NotRequired[Annotated[Decimal, Field(max_digits=7, decimal_places=2)]]
    pages: NotRequired[Annotated[int, Field(ge=0, le=20_000)] | None]
    published: NotRequired[date | None]
    available_from: NotRequired[datetime | None]
    cover: NotRequired[
        Annotated[UploadedFile, Field(max_length=100)] | None  # type: ignore[type-arg]  # at run time it has none
    ]
    author: int
    tags: NotRequired[list[int]]
    reviews: ReadOnly[list[ReviewSchema]]

    @field_validator("isbn")
    @classmethod
    def digits_only(cls, value: str) -> str:
        if not value.isdigit():
            raise ValueError("An ISBN has digits only.")
        return value

    @model_validator(mode="after")
    def priced_when_in_print(self) -> Self:
        if self.status == Book.Status.IN_PRINT and not self.price:
            raise ValueError("A book in print needs a price.")
        return self


class HastyBookSchema(BookSchema):
    """The same with a mistake: prices lose a digit."""

    price: NotRequired[Annotated[Decimal, Field(max_digits=7, decimal_places=1)]]
