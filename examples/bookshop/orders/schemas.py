"""What the order flow takes and gives, wherever it is called from."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator

from nova_drf import Schema, Source
from orders.models import Order

Amount = Annotated[Decimal, Field(gt=0, max_digits=9, decimal_places=2)]


class NewLine(Schema):
    """Some copies of one book."""

    book: int
    copies: Annotated[int, Field(ge=1, le=99)] = 1


class NewOrder(Schema):
    """A basket."""

    customer: Annotated[str, Field(max_length=254, pattern="@")]
    lines: Annotated[list[NewLine], Field(min_length=1)]

    @field_validator("lines")
    @classmethod
    def each_book_once(cls, lines: list[NewLine]) -> list[NewLine]:
        if len({line.book for line in lines}) < len(lines):
            raise ValueError("Each book may be in an order once.")
        return lines


class LineSchema(Schema):
    """A line as customers see it."""

    book: Annotated[int, Source("book_id")]
    copies: int
    price: Annotated[Decimal, Field(max_digits=7, decimal_places=2)]


class OrderSchema(Schema):
    """An order as customers see it."""

    id: UUID
    customer: str
    status: Order.Status
    total: Annotated[Decimal, Field(max_digits=9, decimal_places=2)]
    receipt: str
    created: datetime
    completed: datetime | None
    lines: list[LineSchema]
