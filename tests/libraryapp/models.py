"""Models with the columns of libraries that projects use."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.db.models import PointField
from django.db import models
from djmoney.models.fields import MoneyField
from phonenumber_field.modelfields import PhoneNumberField
from taggit.managers import TaggableManager
from timezone_field import TimeZoneField


class Branch(models.Model):
    """A shop with a phone, a time zone, a rent and tags."""

    name = models.CharField(max_length=20)
    phone: Any = PhoneNumberField(blank=True)
    zone: Any = TimeZoneField(default="UTC")
    rent: Any = MoneyField(max_digits=8, decimal_places=2, default_currency="EUR", null=True)
    tags: Any = TaggableManager(blank=True)


class Desk(models.Model):
    """Part of a shop; written together with it."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="desks")
    label = models.CharField(max_length=5)
    places = models.PositiveSmallIntegerField(default=1)


class Place(models.Model):
    """A point on the map. There is no table for it: that would take a database with geometry."""

    name = models.CharField(max_length=20)
    point: Any = PointField()

    class Meta:
        managed = False
