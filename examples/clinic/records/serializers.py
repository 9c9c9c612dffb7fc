"""Serializers of visits and results."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.serializers import ClinicModelSerializer, ClinicSerializer, OfPracticeField
from patients.models import Patient
from records.models import Drug, LabResult, Prescription, Visit
from schedule.models import Doctor


class DrugSerializer(ClinicModelSerializer):
    class Meta:
        model = Drug
        fields = ["code", "name", "is_controlled"]


class PrescriptionSerializer(ClinicModelSerializer):
    drug = serializers.SlugRelatedField(slug_field="code", queryset=Drug.objects.all())
    drug_name = serializers.CharField(source="drug.name", read_only=True)

    class Meta:
        model = Prescription
        fields = ["id", "drug", "drug_name", "dose", "unit", "times_per_day", "until"]
        read_only_fields = ["id"]

    def validate(self, attrs):
        drug = attrs.get("drug")
        if drug is not None and drug.is_controlled and not attrs.get("until"):
            raise serializers.ValidationError(
                {"until": _("Controlled drugs are prescribed for a limited time.")},
                code="controlled",
            )
        return attrs


class VitalsSerializer(ClinicSerializer):
    """What is measured at each visit."""

    pulse = serializers.IntegerField(min_value=20, max_value=300, required=False)
    systolic = serializers.IntegerField(min_value=40, max_value=300, required=False)
    diastolic = serializers.IntegerField(min_value=20, max_value=200, required=False)
    temperature = serializers.FloatField(min_value=30, max_value=45, required=False)

    def validate(self, attrs):
        if ("systolic" in attrs) != ("diastolic" in attrs):
            raise serializers.ValidationError(_("Blood pressure has two values."), code="pressure")
        return attrs


class VisitSerializer(ClinicModelSerializer):
    """A visit with what was measured and prescribed, written in one request."""

    patient = OfPracticeField(queryset=Patient.objects.all())
    doctor = OfPracticeField(queryset=Doctor.objects.all())
    vitals = VitalsSerializer(required=False)
    prescriptions = PrescriptionSerializer(many=True, required=False)
    is_signed = serializers.SerializerMethodField()
    signed_by = serializers.StringRelatedField()

    class Meta:
        model = Visit
        fields = [
            "id", "patient", "doctor", "summary", "vitals", "prescriptions", "is_signed",
            "signed_at", "signed_by", "created",
        ]  # fmt: skip
        read_only_fields = ["signed_at", "created"]

    def get_is_signed(self, visit) -> bool:
        return visit.signed_at is not None

    def create(self, validated_data):
        prescriptions = validated_data.pop("prescriptions", [])
        visit = super().create(validated_data)
        for item in prescriptions:
            Prescription.objects.create(visit=visit, **item)
        return visit

    def update(self, instance, validated_data):
        prescriptions = validated_data.pop("prescriptions", None)
        vitals = validated_data.pop("vitals", None)
        if vitals is not None:
            instance.vitals = {**instance.vitals, **vitals}
        visit = super().update(instance, validated_data)
        if prescriptions is not None:
            visit.prescriptions.all().delete()
            for item in prescriptions:
                Prescription.objects.create(visit=visit, **item)
        return visit


class LabResultSerializer(ClinicModelSerializer):
    patient = OfPracticeField(queryset=Patient.objects.all())
    values = serializers.DictField(child=serializers.FloatField())
    flags = serializers.MultipleChoiceField(
        choices=[("high", _("high")), ("low", _("low")), ("critical", _("critical"))],
        required=False,
    )
    is_critical = serializers.SerializerMethodField()

    class Meta:
        model = LabResult
        fields = [
            "id", "patient", "taken_at", "values", "flags", "duration", "source", "is_critical",
        ]  # fmt: skip

    def get_is_critical(self, result) -> bool:
        return "critical" in result.flags

    def validate_flags(self, value):
        return sorted(value)

    def to_representation(self, instance):
        data = super().to_representation(instance)
        data["flags"] = sorted(data["flags"])
        return data
