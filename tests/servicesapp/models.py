"""Models that the tests of services read and write."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinLengthValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower

from nova_drf.models import SchemaValidated


class Topic(models.Model):
    """A many-to-many target."""

    name = models.CharField(max_length=30, unique=True)


class Shelf(models.Model):
    """A foreign key's target."""

    name = models.CharField(max_length=30)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="shelf_name_whatever_its_case"),
        ]


class Item(models.Model):
    """A row with unique columns, singly and together."""

    class State(models.TextChoices):
        NEW = "new", "New"
        SOLD = "sold", "Sold"

    code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    price = models.DecimalField(
        max_digits=6,
        decimal_places=2,
        default=Decimal("0.00"),
        validators=[MinValueValidator(Decimal(0))],
    )
    link = models.CharField(max_length=100, blank=True)
    reference = models.UUIDField(default=uuid.uuid4)
    extra = models.JSONField(default=dict, blank=True)
    shelf = models.ForeignKey(Shelf, models.SET_NULL, null=True, blank=True, related_name="items")
    topics = models.ManyToManyField(Topic, blank=True)

    class Meta:
        ordering = ["id"]
        unique_together = [("name", "shelf")]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "price"],
                name="item_once_per_price",
                violation_error_message="There is one at that price.",
                violation_error_code="priced",
            ),
            models.UniqueConstraint(
                fields=["link"], condition=~models.Q(link=""), name="item_link_if_any"
            ),
            models.CheckConstraint(condition=models.Q(price__lt=5000), name="item_affordable"),
        ]

    @property
    def label(self) -> str:
        return self.name

    @label.setter
    def label(self, value: str) -> None:
        self.name = value


class Ticket(SchemaValidated):
    """A row that keeps the rules of a schema which imports it."""

    validated_by = "tests.servicesapp.schemas.TicketSchema"

    title = models.CharField(max_length=100)
    seats = models.IntegerField(default=1)
    price = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal("1.00"))
    shelf = models.ForeignKey(Shelf, models.SET_NULL, null=True, blank=True)
    topics = models.ManyToManyField(Topic, blank=True)
    scan = models.FileField(blank=True)
    extra = models.JSONField(default=dict, blank=True)


class Parcel(models.Model):
    """One column for each thing that contracts may say differently."""

    class Size(models.TextChoices):
        SMALL = "s", "Small"
        LARGE = "l", "Large"

    label = models.CharField(max_length=20, validators=[MinLengthValidator(2)])
    code = models.CharField(max_length=8, unique=True)
    note = models.TextField(null=True, blank=True)
    size = models.CharField(max_length=1, choices=Size)
    weight = models.PositiveIntegerField(validators=[MaxValueValidator(limit_value=lambda: 90)])
    count = models.IntegerField(default=1)
    price = models.DecimalField(max_digits=6, decimal_places=2)
    shelf = models.ForeignKey(Shelf, models.CASCADE)
    topics = models.ManyToManyField(Topic)


class Letter(models.Model):
    """A row that belongs to somebody."""

    # Without a constraint: apps without migrations get their tables before auth does.
    owner = models.ForeignKey("auth.User", models.CASCADE, null=True, db_constraint=False)
    text = models.CharField(max_length=40, unique=True)
    done = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]


class Mark(models.Model):
    """What a background job leaves behind; one that is run twice leaves two."""

    number = models.IntegerField()


class Account(AbstractBaseUser):
    """A custom user model: a text as its key, and a rule of its own about who is active."""

    name = models.CharField(max_length=40, primary_key=True)
    closed = models.BooleanField(default=False)

    objects = BaseUserManager["Account"]()
    USERNAME_FIELD = "name"

    @property
    def is_active(self) -> bool:
        """Whether it may act."""
        return not self.closed
