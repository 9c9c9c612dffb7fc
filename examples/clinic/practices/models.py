"""The practices: each is a tenant."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Practice(models.Model):
    """One practice of the group."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(unique=True)
    host = models.CharField(max_length=100, unique=True, null=True, blank=True)
    currency = models.CharField(max_length=3, default="CHF")
    language = models.CharField(max_length=2, default="en")
    opens = models.TimeField(_("opens"), default="08:00")
    closes = models.TimeField(_("closes"), default="17:00")
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name
