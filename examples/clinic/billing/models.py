"""Tariffs, invoices and payments."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import PracticeOwned, TimeStamped


class Tariff(PracticeOwned):
    """What a treatment costs."""

    code = models.CharField(_("code"), max_length=10)
    description = models.CharField(_("description"), max_length=120)
    price = models.DecimalField(
        _("price"), max_digits=8, decimal_places=2, validators=[MinValueValidator(0)]
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)

    class Meta:
        ordering = ["code", "pk"]
        constraints = [models.UniqueConstraint(fields=["practice", "code"], name="tariff_code")]

    def __str__(self):
        return self.code


class Invoice(PracticeOwned, TimeStamped):
    """What a patient owes."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SENT = "sent", _("sent")
        PAID = "paid", _("paid")
        VOID = "void", _("void")

    number = models.CharField(_("number"), max_length=20, editable=False)
    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="invoices")
    status = models.CharField(
        _("status"), max_length=5, choices=Status.choices, default=Status.DRAFT
    )
    due = models.DateField(_("due"), null=True, blank=True)
    discount = models.DecimalField(
        _("discount in percent"),
        max_digits=4,
        decimal_places=1,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="invoice_number")
        ]

    def __str__(self):
        return self.number

    @property
    def total(self) -> Decimal:
        """What is to be paid."""
        amount = sum((line.amount for line in self.lines.all()), Decimal(0))
        return (amount * (100 - self.discount) / 100).quantize(Decimal("0.01"))

    @property
    def paid(self) -> Decimal:
        """What was paid."""
        return sum((payment.amount for payment in self.payments.all()), Decimal(0))


class InvoiceLine(models.Model):
    """One position of an invoice."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    tariff = models.ForeignKey(Tariff, models.PROTECT, null=True, blank=True, related_name="+")
    description = models.CharField(_("description"), max_length=120)
    quantity = models.DecimalField(
        _("quantity"), max_digits=6, decimal_places=2, default=Decimal(1)
    )
    unit_price = models.DecimalField(_("unit price"), max_digits=8, decimal_places=2)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.description

    @property
    def amount(self) -> Decimal:
        """Quantity times price."""
        return (self.quantity * self.unit_price).quantize(Decimal("0.01"))


class Payment(TimeStamped):
    """Money that came in."""

    class Method(models.TextChoices):
        CASH = "cash", _("cash")
        CARD = "card", _("card")
        TRANSFER = "transfer", _("bank transfer")

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments")
    amount = models.DecimalField(
        _("amount"), max_digits=8, decimal_places=2, validators=[MinValueValidator(Decimal("0.05"))]
    )
    method = models.CharField(_("method"), max_length=10, choices=Method.choices)
    reference = models.CharField(_("reference"), max_length=40, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.amount} {self.method}"
