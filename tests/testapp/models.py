"""Models that the serializer tests read and write."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

from django.db import models


class Publisher(models.Model):
    """The outermost relation: book -> author -> publisher."""

    name = models.CharField(max_length=80, unique=True)
    city = models.CharField(max_length=80, blank=True)


class Author(models.Model):
    """A foreign key's target with a unique column."""

    name = models.CharField(max_length=80)
    email = models.EmailField(unique=True)
    born = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=True)
    publisher = models.ForeignKey(Publisher, models.SET_NULL, null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A many-to-many target."""

    name = models.CharField(max_length=30, unique=True)
    slug = models.SlugField(unique=True)


class Book(models.Model):
    """One column of nearly every type."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    title = models.CharField(max_length=100)
    isbn = models.CharField(max_length=13, unique=True)
    summary = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    price = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal("0.00"))
    rating = models.FloatField(null=True, blank=True)
    pages = models.IntegerField(default=0)
    in_print = models.BooleanField(default=True)
    published = models.DateField(null=True, blank=True)
    opens_at = models.TimeField(null=True, blank=True)
    created = models.DateTimeField(null=True, blank=True)
    reading_time = models.DurationField(default=timedelta(0))
    reference = models.UUIDField(default=uuid.uuid4)
    metadata = models.JSONField(default=dict, blank=True)
    website = models.URLField(blank=True)
    cover = models.FileField(upload_to="covers", blank=True)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag, blank=True, related_name="books")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "title"],
                name="book_title_once_per_author",
                violation_error_message="This author has a book of that title already.",
                violation_error_code="title_taken",
            )
        ]


class Seat(models.Model):
    """``unique_together`` with a default in it."""

    row = models.CharField(max_length=2)
    number = models.IntegerField(default=1)
    note = models.CharField(max_length=20, blank=True)

    class Meta:
        unique_together = [("row", "number")]


class Profile(models.Model):
    """A one-to-one relation."""

    author = models.OneToOneField(Author, models.CASCADE, related_name="profile")
    text = models.CharField(max_length=50, blank=True)


class Club(models.Model):
    """A many-to-many relation through a model of its own."""

    name = models.CharField(max_length=50)
    members = models.ManyToManyField(Author, through="Membership", related_name="clubs")


class Membership(models.Model):
    """How an author belongs to a club."""

    club = models.ForeignKey(Club, models.CASCADE)
    author = models.ForeignKey(Author, models.CASCADE)
    since = models.IntegerField(default=2000)


class Event(models.Model):
    """A value that is unique for a date."""

    slug = models.SlugField(unique_for_date="day")
    day = models.DateField()
