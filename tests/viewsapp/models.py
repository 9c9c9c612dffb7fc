"""Books, nested to depth three, for the tests of the views."""

from __future__ import annotations

from django.db import models


class Country(models.Model):
    name = models.CharField(max_length=40)


class House(models.Model):
    name = models.CharField(max_length=40)
    country = models.ForeignKey(Country, models.CASCADE)


class Writer(models.Model):
    name = models.CharField(max_length=40)
    house = models.ForeignKey(House, models.CASCADE)


class Volume(models.Model):
    title = models.CharField(max_length=80, unique=True)
    pages = models.PositiveIntegerField(default=0)
    writer = models.ForeignKey(Writer, models.CASCADE, related_name="volumes", null=True)

    class Meta:
        ordering = ["id"]


class Note(models.Model):
    """What a request wrote besides: to see whether it was rolled back."""

    text = models.CharField(max_length=80)
