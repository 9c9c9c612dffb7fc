"""Schemas of the models, which name these by a dotted path."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Self

from django.core.files.uploadedfile import UploadedFile
from pydantic import EmailStr, Field, HttpUrl, field_validator, model_validator

from nova_drf import NotRequired, ReadOnly, Schema, Source
from tests.servicesapp.models import Item


class TicketSchema(Schema):
    """Stricter than the columns."""

    id: ReadOnly[int]
    name: Annotated[str, Field(min_length=2, max_length=10), Source("title")]
    seats: Annotated[int, Field(ge=1, le=4)] = 1
    price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]
    shelf_id: NotRequired[int | None]
    topics: NotRequired[list[int]]
    extra: NotRequired[dict[str, int]]
    scan: NotRequired[UploadedFile]

    @field_validator("name")
    @classmethod
    def not_shouted(cls, value: str) -> str:
        if value.isupper():
            raise ValueError("Do not shout.")
        return value

    @model_validator(mode="after")
    def many_seats_are_cheap(self) -> Self:
        if self.seats > 3 and self.price > 50:
            raise ValueError("Too dear for that many.")
        return self


class EverythingForm(Schema):
    """One field for each widget."""

    id: ReadOnly[int]
    title: Annotated[
        str, Field(min_length=2, max_length=10, title="The title", description="Of it")
    ]
    seats: Annotated[int, Field(ge=1, le=4)] = 1
    price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]
    ratio: NotRequired[float]
    state: NotRequired[Item.State]
    loud: bool
    email: NotRequired[EmailStr]
    site: NotRequired[HttpUrl]
    day: NotRequired[date]
    at: NotRequired[datetime]
    hour: NotRequired[time]
    extra: NotRequired[dict[str, int]]
    marks: NotRequired[list[int]]
    scan: NotRequired[UploadedFile]

    @model_validator(mode="after")
    def loud_is_dear(self) -> Self:
        if self.loud and self.price < 5:
            raise ValueError("Loud ones cost more.")
        return self

    @field_validator("title")
    @classmethod
    def not_shouted(cls, value: str) -> str:
        if value.isupper():
            raise ValueError("Do not shout.")
        return value
