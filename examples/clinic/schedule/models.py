"""Doctors, rooms and appointments."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PracticeOwned, TimeStamped


class Specialty(models.Model):
    """What a doctor has learned; the same for all practices."""

    code = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "specialties"

    def __str__(self):
        return self.name


class Room(PracticeOwned):
    """Where patients are seen."""

    name = models.CharField(_("name"), max_length=40)
    floor = models.SmallIntegerField(_("floor"), default=0)
    equipment = models.JSONField(_("equipment"), default=list, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["practice", "name"], name="room_name")]

    def __str__(self):
        return self.name


class Doctor(PracticeOwned):
    """Who sees patients."""

    user = models.OneToOneField(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="doctor"
    )
    name = models.CharField(_("name"), max_length=80)
    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, null=True, blank=True, related_name="doctors"
    )
    specialties = models.ManyToManyField(Specialty, related_name="doctors", blank=True)
    is_accepting = models.BooleanField(_("accepts new patients"), default=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name


class Appointment(PracticeOwned, TimeStamped):
    """A patient sees a doctor."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        CONFIRMED = "confirmed", _("confirmed")
        CANCELLED = "cancelled", _("cancelled")
        DONE = "done", _("done")

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.CASCADE, related_name="appointments"
    )
    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, related_name="appointments")
    room = models.ForeignKey(
        Room, on_delete=models.SET_NULL, null=True, blank=True, related_name="appointments"
    )
    starts_at = models.DateTimeField(_("starts at"))
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=30, validators=[MinValueValidator(5), MaxValueValidator(240)]
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.REQUESTED
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["starts_at", "pk"]

    def __str__(self):
        return f"{self.starts_at:%Y-%m-%d %H:%M} {self.doctor}"
