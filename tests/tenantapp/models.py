"""Models of which much depends on the language, the tenant or the time."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.db.models.functions import Lower
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

tenant: ContextVar[str] = ContextVar("tenant", default="a")
"""Whose rows there are."""

clock: ContextVar[int] = ContextVar("clock", default=0)
"""What time it is."""


class OfTenant(models.Manager["Room"]):
    """The rows of the tenant at the time."""

    def get_queryset(self) -> models.QuerySet[Room]:
        return super().get_queryset().filter(tenant=tenant.get())


def of_tenant() -> dict[str, Any]:
    return {"tenant": tenant.get()}


def in_time() -> Q:
    return Q(floor__lte=clock.get())


def colours() -> list[tuple[str, Any]]:
    return [("red", _("Monday")), (f"{tenant.get()}{clock.get()}", tenant.get())]


def greatest() -> int:
    return 10 + clock.get()


def first_floor() -> int:
    return clock.get() + ord(tenant.get())


class Room(models.Model):
    """Only the tenant's rooms are seen."""

    tenant = models.CharField(max_length=3)
    code = models.CharField(
        max_length=5, blank=True, verbose_name=_("Tuesday"), help_text=_("January")
    )
    floor = models.IntegerField(default=first_floor)
    objects = OfTenant()

    class Meta:
        verbose_name = _("Wednesday")
        constraints = (
            UniqueConstraint(fields=["code"], condition=~Q(code=""), name="room_code"),
            UniqueConstraint(
                fields=["tenant", "floor"],
                name="room_floor",
                violation_error_message=_("Thursday"),
                violation_error_code="taken",
            ),
        )


class Booking(models.Model):
    """What may be chosen depends on who asks, and when."""

    name = models.CharField(_("Friday"), max_length=6, unique=True, help_text=_("February"))
    colour = models.CharField(max_length=9, choices=colours, default="red")
    count = models.IntegerField(default=1, validators=[MaxValueValidator(greatest)])
    room = models.ForeignKey(
        Room, models.CASCADE, verbose_name=_("Saturday"), limit_choices_to={"code__startswith": "x"}
    )
    desk = models.ForeignKey(
        Room, models.CASCADE, related_name="+", null=True, blank=True, limit_choices_to=of_tenant
    )
    late = models.ManyToManyField(Room, related_name="+", limit_choices_to=in_time, blank=True)
    only = models.OneToOneField(
        Room,
        models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        error_messages={"unique": format_lazy("{} {}", _("March"), _("April"))},
    )

    class Meta:
        verbose_name = _("Sunday")
        unique_together = (("name", "colour"),)


# What a ModelSerializer infers, column by column


class Level(models.IntegerChoices):
    LOW = 1, _("May")
    HIGH = 2, _("June")


class Country(models.Model):
    """Others refer to its code."""

    code = models.CharField(max_length=2, unique=True)


class Page(models.Model):
    """Columns of many kinds."""

    title = models.CharField(_("Monday"), max_length=8, help_text=_("January"))
    body = models.TextField(_("Tuesday"), blank=True)
    data = models.JSONField(verbose_name=_("Wednesday"), default=dict)
    status = models.CharField(max_length=2, choices=[("a", _("May")), ("b", _("June"))])
    grouped = models.CharField(
        max_length=2, choices=[(_("July"), [("a", _("May"))]), (_("August"), [("b", _("June"))])]
    )
    level = models.IntegerField(choices=Level.choices, default=Level.LOW)
    number = models.IntegerField(null=True, help_text=_("February"))
    price = models.DecimalField(max_digits=5, decimal_places=2, verbose_name=_("Friday"))
    cost = models.DecimalField(
        *(None, None, 5, 2),
        default=Decimal("2.5"),
        validators=[MinValueValidator(Decimal("0.5")), MaxValueValidator(500)],
    )
    weight = models.FloatField(
        default=1, validators=[MinValueValidator(0.5), MaxValueValidator(lambda: 90)]
    )
    lasting = models.DurationField(
        default=timedelta(hours=1), validators=[MinValueValidator(timedelta(minutes=1))]
    )
    day = models.DateField(verbose_name=_("Saturday"))
    day_name = models.CharField(max_length=4, blank=True, unique_for_date="day")
    slug = models.CharField(max_length=4, unique=True, verbose_name=_("Sunday"))
    code = models.CharField(
        max_length=4, unique=True, error_messages={"unique": _("September")}, null=True
    )
    mark = models.CharField(max_length=4, blank=True)
    country = models.ForeignKey(
        Country, models.CASCADE, to_field="code", null=True, help_text=_("October")
    )
    parent = models.ForeignKey("self", models.CASCADE, null=True, verbose_name=_("November"))
    twin = models.OneToOneField("self", models.CASCADE, null=True, related_name="other")
    countries = models.ManyToManyField(Country, verbose_name=_("December"), related_name="pages")
    fixed = models.CharField(max_length=4, editable=False, default="f", help_text=_("March"))

    class Meta:
        verbose_name = _("April")
        constraints = (UniqueConstraint(fields=["mark"], condition=~Q(mark=""), name="page_mark"),)


class Pair(models.Model):
    """Constraints of several columns."""

    first = models.IntegerField(_("Monday"))
    second = models.IntegerField(null=True)
    third = models.CharField(max_length=3, blank=True, default="t")
    level = models.IntegerField(choices=Level.choices, default=Level.LOW)
    country = models.ForeignKey(Country, models.CASCADE, null=True)
    made = models.DateTimeField(auto_now_add=True)
    is_kept = models.BooleanField(default=True)

    class Meta:
        unique_together = (("first", "level"),)
        constraints = (
            UniqueConstraint(fields=["first", "second"], name="pair_second"),
            UniqueConstraint(fields=["country", "second"], name="pair_country"),
            UniqueConstraint(
                fields=["first", "third"],
                condition=Q(is_kept=True),
                name="pair_third",
                violation_error_message=_("May"),
                violation_error_code="kept",
            ),
        )


class Loose(models.Model):
    """A constraint with an expression, of which DRF knows nothing."""

    name = models.CharField(max_length=4)
    first = models.IntegerField()
    second = models.IntegerField(null=True)

    class Meta:
        constraints = (UniqueConstraint(Lower("name"), name="loose_name"),)
