"""One model for each way to say that a row is not allowed."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Deferrable, Q, UniqueConstraint
from django.db.models.functions import Lower


class Renamed(models.Model):
    """Names that only a quoted identifier can have."""

    code = models.CharField(max_length=10, unique=True, db_column="The Code")
    first = models.IntegerField(default=0, db_column="Groß, (1st)")
    second = models.IntegerField(default=0, db_column="second.part")

    class Meta:
        db_table = "Mixed Case-Table"
        unique_together = [("first", "second")]


class Base(models.Model):
    """A parent with columns of its own."""

    code = models.CharField(
        max_length=10, unique=True, error_messages={"unique": "Nobody may have it twice."}
    )
    kind = models.CharField(max_length=10, default="k")
    number = models.IntegerField(default=0)

    class Meta:
        unique_together = [("kind", "number")]


class Derived(Base):
    """Multi-table inheritance."""

    label = models.CharField(max_length=10, unique=True)


class Stand(Base):
    """A proxy."""

    class Meta:
        proxy = True


class Country(models.Model):
    """A natural key, and what others refer to."""

    iso = models.CharField(max_length=2, primary_key=True)
    neighbours = models.ManyToManyField("self", blank=True)


class Capital(models.Model):
    """A relation to one."""

    country = models.OneToOneField(Country, models.CASCADE)
    rival = models.ForeignKey(Country, models.PROTECT, null=True, blank=True, related_name="rivals")
    twin = models.ForeignKey(Country, models.RESTRICT, null=True, blank=True, related_name="twins")


class Rules(models.Model):
    """Constraints with names."""

    plain = models.CharField(max_length=10, default="")
    owner = models.CharField(max_length=10, default="")
    title = models.CharField(max_length=10, default="")
    slot = models.IntegerField(null=True, blank=True)
    place = models.IntegerField(default=0)
    is_live = models.BooleanField(default=False)
    low = models.IntegerField(default=0)
    high = models.IntegerField(default=10)
    size = models.PositiveIntegerField(default=0)
    must = models.IntegerField(default=0)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["plain"], name="rules_plain", condition=~Q(plain="")),
            UniqueConstraint(
                fields=["owner"],
                name="rules_one_live_one_of_each_owner",
                condition=Q(is_live=True),
                violation_error_message="One at a time.",
                violation_error_code="live",
            ),
            UniqueConstraint(
                fields=["slot", "place"],
                name="rules_slot_once_in_a_place",
                violation_error_message="The slot is taken.",
            ),
            UniqueConstraint(Lower("title"), "high", name="rules_title_and_high"),
            CheckConstraint(
                condition=Q(low__lte=models.F("high")),
                name="rules_low_is_not_above_high",
                violation_error_message="Low must not be above high.",
                violation_error_code="order",
            ),
            CheckConstraint(condition=Q(place__lt=1000), name="rules_place_is_small"),
        ]


class Queue(models.Model):
    """What PostgreSQL checks at the end of a transaction."""

    position = models.IntegerField()
    lane = models.IntegerField(default=0)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["position", "lane"],
                name="queue_position_in_lane",
                deferrable=Deferrable.DEFERRED,
            )
        ]


class Qualified(models.Model):
    """A table in another schema, as people write it. Tests make the table on PostgreSQL."""

    code = models.CharField(max_length=10, unique=True)

    class Meta:
        managed = False
        db_table = '"elsewhere"."Qualified"'


class Article(models.Model):
    """A model that changes columns by itself."""

    title = models.CharField(max_length=40)
    slug = models.CharField(max_length=40, blank=True, editable=False)
    body = models.TextField(blank=True)
    words = models.IntegerField(default=0, editable=False)
    views = models.IntegerField(default=0)
    hidden = models.CharField(max_length=3, default="")
    extra = models.JSONField(default=dict, blank=True)
    scan = models.FileField(blank=True)
    made = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    topics = models.ManyToManyField("servicesapp.Topic", blank=True)

    objects = models.Manager()

    def save(self, *args: object, **kwargs: object) -> None:
        self.slug = self.title.lower().replace(" ", "-")
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.words = len(self.body.split())

    def publish(self) -> None:
        """A method, which is no column."""

    @property
    def summary(self) -> str:
        return self.body[:10]

    @property
    def heading(self) -> str:
        return self.title

    @heading.setter
    def heading(self, value: str) -> None:
        self.title = value.strip()


class Counter(models.Model):
    """What many transactions change at once."""

    value = models.IntegerField(default=0)
