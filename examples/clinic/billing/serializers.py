"""Serializers of invoices and payments."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from billing.models import Invoice, InvoiceLine, Payment, Tariff
from common.serializers import ClinicModelSerializer, MoneyField, OfPracticeField
from patients.models import Patient


class TariffSerializer(ClinicModelSerializer):
    class Meta:
        model = Tariff
        fields = ["id", "code", "description", "price", "valid_from"]

    def validate_code(self, value):
        value = value.upper()
        rows = Tariff.objects.filter(practice=self.context["request"].practice, code=value)
        if self.instance is not None:
            rows = rows.exclude(pk=self.instance.pk)
        if rows.exists():
            raise serializers.ValidationError(_("This code is taken."), code="unique")
        return value


class InvoiceLineSerializer(ClinicModelSerializer):
    tariff = OfPracticeField(queryset=Tariff.objects.all(), required=False, allow_null=True)
    amount = MoneyField(read_only=True)

    class Meta:
        model = InvoiceLine
        fields = ["id", "tariff", "description", "quantity", "unit_price", "amount"]
        extra_kwargs = {
            "description": {"required": False},
            "unit_price": {"required": False},
            "quantity": {"min_value": 0},
        }

    def validate(self, attrs):
        tariff = attrs.get("tariff")
        if tariff is not None:
            attrs.setdefault("description", tariff.description)
            attrs.setdefault("unit_price", tariff.price)
        for name in ("description", "unit_price"):
            if name not in attrs:
                raise serializers.ValidationError(
                    {name: _("Say this, or name a tariff.")}, code="required"
                )
        return attrs


class InvoiceSerializer(ClinicModelSerializer):
    """An invoice with its lines."""

    patient = OfPracticeField(queryset=Patient.objects.all())
    patient_name = serializers.CharField(source="patient.full_name", read_only=True)
    lines = InvoiceLineSerializer(many=True)
    total = MoneyField(read_only=True)
    paid = MoneyField(read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)

    class Meta:
        model = Invoice
        fields = [
            "id", "number", "patient", "patient_name", "status", "status_label", "due", "discount",
            "lines", "total", "paid", "created",
        ]  # fmt: skip
        read_only_fields = ["number", "status", "created"]

    def validate_lines(self, value):
        if not value:
            raise serializers.ValidationError(_("An invoice has lines."), code="empty")
        return value

    def create(self, validated_data):
        lines = validated_data.pop("lines")
        practice = self.context["request"].practice
        count = Invoice.objects.filter(practice=practice).count()
        validated_data["number"] = f"{practice.slug.upper()}-{count + 1:05}"
        invoice = super().create(validated_data)
        for line in lines:
            InvoiceLine.objects.create(invoice=invoice, **line)
        return invoice

    def update(self, instance, validated_data):
        lines = validated_data.pop("lines", None)
        invoice = super().update(instance, validated_data)
        if lines is not None:
            invoice.lines.all().delete()
            for line in lines:
                InvoiceLine.objects.create(invoice=invoice, **line)
        return invoice


class InvoiceRowSerializer(ClinicModelSerializer):
    """An invoice in a list."""

    patient = serializers.StringRelatedField()
    total = serializers.DecimalField(max_digits=10, decimal_places=2, read_only=True)

    class Meta:
        model = Invoice
        fields = ["id", "number", "patient", "status", "due", "total", "created"]


class PaymentSerializer(ClinicModelSerializer):
    class Meta:
        model = Payment
        fields = ["id", "amount", "method", "reference", "created"]
        read_only_fields = ["created"]

    def validate(self, attrs):
        if attrs.get("method") == Payment.Method.TRANSFER and not attrs.get("reference"):
            raise serializers.ValidationError(
                {"reference": _("A transfer has a reference.")}, code="reference"
            )
        return attrs
