"""Visits, prescriptions and laboratory results."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PracticeOwned, SoftDeleted, TimeStamped


class Drug(models.Model):
    """What can be prescribed; the same for all practices."""

    code = models.CharField(max_length=7, unique=True, validators=[RegexValidator(r"^[A-Z]\d{2}")])
    name = models.CharField(_("name"), max_length=100)
    is_controlled = models.BooleanField(_("controlled"), default=False)

    class Meta:
        ordering = ["code"]

    def __str__(self):
        return self.name


class Visit(PracticeOwned, TimeStamped, SoftDeleted):
    """What a doctor found and did."""

    patient = models.ForeignKey("patients.Patient", models.CASCADE, related_name="visits")
    doctor = models.ForeignKey("schedule.Doctor", models.PROTECT, related_name="visits")
    summary = models.TextField(_("summary"))
    vitals = models.JSONField(_("vitals"), default=dict, blank=True)
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    signed_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta(SoftDeleted.Meta):
        ordering = ["-created", "-pk"]

    def __str__(self):
        return self.summary[:40]


class Prescription(models.Model):
    """A drug that was prescribed during a visit."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="prescriptions")
    drug = models.ForeignKey(Drug, models.PROTECT, related_name="prescriptions")
    dose = models.DecimalField(
        _("dose"), max_digits=7, decimal_places=3, validators=[MinValueValidator(0)]
    )
    unit = models.CharField(_("unit"), max_length=10, default="mg")
    times_per_day = models.PositiveSmallIntegerField(_("times a day"), default=1)
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.drug} {self.dose} {self.unit}"


class LabResult(PracticeOwned, TimeStamped):
    """What a laboratory has measured."""

    patient = models.ForeignKey("patients.Patient", models.CASCADE, related_name="lab_results")
    taken_at = models.DateTimeField(_("taken at"))
    values = models.JSONField(_("values"), default=dict)
    flags = models.JSONField(_("flags"), default=list, blank=True)
    duration = models.DurationField(_("duration"), null=True, blank=True)
    source = models.GenericIPAddressField(_("source"), null=True, blank=True)

    class Meta:
        ordering = ["-taken_at", "-pk"]

    def __str__(self):
        return f"{self.patient} {self.taken_at:%Y-%m-%d}"
