"""What customers order, and what is there to send them."""

from __future__ import annotations

import uuid
from decimal import Decimal

from catalogue.models import Book
from django.db import models


class Stock(models.Model):
    """How many copies of a book can still be promised to somebody."""

    book = models.OneToOneField(Book, models.CASCADE, related_name="stock")
    copies = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.copies} of {self.book}"


class Order(models.Model):
    """An order, from the basket to the parcel."""

    class Status(models.TextChoices):
        """How far an order has come."""

        CREATED = "created", "Created"
        RESERVED = "reserved", "Reserved"
        PAID = "paid", "Paid"
        COMPLETED = "completed", "Completed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.EmailField()
    status = models.CharField(max_length=10, choices=Status, default=Status.CREATED)
    total = models.DecimalField(max_digits=9, decimal_places=2, default=Decimal("0.00"))
    receipt = models.CharField(max_length=40, blank=True)
    created = models.DateTimeField()
    completed = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created", "id"]

    def __str__(self) -> str:
        return f"{self.status} order of {self.customer}"


class Line(models.Model):
    """Some copies of one book in an order, at the price of that day."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    book = models.ForeignKey(Book, models.PROTECT)
    copies = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=7, decimal_places=2)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "book"], name="one_line_per_book"),
        ]

    def __str__(self) -> str:
        return f"{self.copies} of {self.book}"
