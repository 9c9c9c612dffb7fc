"""Patients, what they cannot stand, and their documents."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PracticeOwned, SoftDeleted, TimeStamped


class Patient(PracticeOwned, TimeStamped, SoftDeleted):
    """Somebody who is treated."""

    class Sex(models.TextChoices):
        FEMALE = "f", _("female")
        MALE = "m", _("male")
        OTHER = "x", _("other")

    number = models.CharField(_("number"), max_length=12)
    first_name = models.CharField(_("first name"), max_length=60)
    last_name = models.CharField(_("last name"), max_length=60)
    birth_date = models.DateField(_("date of birth"))
    sex = models.CharField(_("sex"), max_length=1, choices=Sex.choices, default=Sex.OTHER)
    email = models.EmailField(_("email address"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    insurance_number = models.CharField(_("insurance number"), max_length=20, blank=True)
    height = models.PositiveSmallIntegerField(_("height in cm"), null=True, blank=True)
    weight = models.DecimalField(
        _("weight in kg"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    language = models.CharField(_("language"), max_length=2, default="en")
    remarks = models.TextField(_("remarks"), blank=True)
    wants_reminders = models.BooleanField(_("wants reminders"), default=True)

    class Meta(SoftDeleted.Meta):
        ordering = ["last_name", "first_name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="number_in_practice")
        ]

    def __str__(self):
        return f"{self.last_name}, {self.first_name}"

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


class Allergy(TimeStamped):
    """What a patient cannot stand."""

    class Severity(models.TextChoices):
        MILD = "mild", _("mild")
        MODERATE = "moderate", _("moderate")
        SEVERE = "severe", _("severe")

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="allergies")
    substance = models.CharField(_("substance"), max_length=80)
    severity = models.CharField(
        _("severity"), max_length=10, choices=Severity.choices, default=Severity.MILD
    )
    since = models.DateField(_("since"), null=True, blank=True)

    class Meta:
        ordering = ["substance", "pk"]
        verbose_name_plural = "allergies"
        constraints = [
            models.UniqueConstraint(fields=["patient", "substance"], name="substance_of_patient")
        ]

    def __str__(self):
        return self.substance


class Document(TimeStamped):
    """A file about a patient."""

    class Kind(models.TextChoices):
        LETTER = "letter", _("Letter")
        IMAGE = "image", _("Image")
        CONSENT = "consent", _("Consent")

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(_("title"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    file = models.FileField(_("file"), upload_to="documents/")
    size = models.PositiveIntegerField(_("size"), default=0, editable=False)
    uploaded_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return self.title
