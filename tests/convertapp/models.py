"""Models with the relations and constraints that old serializers are made for."""

from __future__ import annotations

from datetime import date

from django.db import models


class Country(models.Model):
    """A key that is text, and choices with a group."""

    class Size(models.IntegerChoices):
        SMALL = 1, "Small"
        LARGE = 2, "Large"

    code = models.CharField(max_length=2, primary_key=True)
    name = models.CharField(max_length=40, unique=True, help_text="As its people call it.")
    size = models.IntegerField(choices=Size, default=Size.SMALL)
    region = models.CharField(
        max_length=5,
        blank=True,
        choices=[("Old world", [("eu", "Europe"), ("as", "Asia")]), ("am", "America")],
    )

    def __str__(self) -> str:
        return self.name

    @property
    def shout(self) -> str:
        return self.name.upper()

    def area(self) -> int:
        return 7


class City(models.Model):
    """Unique together, unique for a date, a column of each kind that has a trap."""

    country = models.ForeignKey(Country, models.CASCADE, related_name="cities")
    name = models.CharField(max_length=30)
    slug = models.SlugField(blank=True)
    founded = models.DateField(default=date(1970, 1, 1))
    motto = models.CharField(max_length=30, null=True, blank=True, unique_for_date="founded")
    mayor = models.OneToOneField(
        "Person", models.SET_NULL, null=True, blank=True, related_name="city"
    )
    population = models.PositiveIntegerField(null=True)
    budget = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    homepage = models.URLField(blank=True)
    server = models.GenericIPAddressField(null=True, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        unique_together = [("country", "name")]

    @property
    def label(self) -> str:
        return f"{self.name} ({self.country_id})"


class Person(models.Model):
    """Relations in every direction, and a relation to itself."""

    name = models.CharField(max_length=30)
    email = models.EmailField(blank=True)
    boss = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="team")
    visited = models.ManyToManyField(City, blank=True, related_name="visitors")
    home = models.ForeignKey(Country, models.PROTECT, null=True, blank=True)
