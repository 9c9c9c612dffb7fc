"""Serializers of patients."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.serializers import ClinicModelSerializer, LabelledChoiceField, OfPracticeField
from patients.models import Allergy, Document, Patient

MAX_UPLOAD = 100_000


class AllergySerializer(ClinicModelSerializer):
    patient = OfPracticeField(queryset=Patient.objects.all())
    severity = LabelledChoiceField(choices=Allergy.Severity.choices, required=False)

    class Meta:
        model = Allergy
        fields = ["id", "patient", "substance", "severity", "since"]


class AllergyOfPatientSerializer(ClinicModelSerializer):
    class Meta:
        model = Allergy
        fields = ["substance", "severity", "since"]


class PatientSerializer(ClinicModelSerializer):
    """A patient with allergies, which are written along."""

    allergies = AllergyOfPatientSerializer(many=True, required=False)
    full_name = serializers.ReadOnlyField()
    age = serializers.SerializerMethodField()
    bmi = serializers.SerializerMethodField()

    class Meta:
        model = Patient
        fields = [
            "id", "number", "first_name", "last_name", "full_name", "birth_date", "age", "sex",
            "email", "phone", "insurance_number", "height", "weight", "bmi", "language", "remarks",
            "wants_reminders", "allergies", "created",
        ]  # fmt: skip
        read_only_fields = ["created"]
        choosable = True

    def get_age(self, patient) -> int:
        today = timezone.localdate()
        born = patient.birth_date
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    def get_bmi(self, patient) -> float | None:
        if not patient.height or not patient.weight:
            return None
        return round(float(patient.weight) / (patient.height / 100) ** 2, 1)

    def validate_number(self, value):
        rows = Patient.all_objects.filter(practice=self.context["request"].practice, number=value)
        if self.instance is not None and not isinstance(self.instance, list):
            rows = rows.exclude(pk=self.instance.pk)
        if rows.exists():
            raise serializers.ValidationError(_("This number is taken."), code="unique")
        return value.upper()

    def validate_birth_date(self, value):
        if value > timezone.localdate():
            raise serializers.ValidationError(_("Nobody is born in the future."), code="future")
        return value

    def create(self, validated_data):
        allergies = validated_data.pop("allergies", [])
        patient = super().create(validated_data)
        self._write_allergies(patient, allergies)
        return patient

    def update(self, instance, validated_data):
        allergies = validated_data.pop("allergies", None)
        patient = super().update(instance, validated_data)
        if allergies is not None:
            patient.allergies.all().delete()
            self._write_allergies(patient, allergies)
        return patient

    def _write_allergies(self, patient, allergies):
        Allergy.objects.bulk_create(Allergy(patient=patient, **item) for item in allergies)
        patient._prefetched_objects_cache = {}


class PatientRowSerializer(ClinicModelSerializer):
    """A patient in a list."""

    allergy_count = serializers.IntegerField(read_only=True)
    sex = LabelledChoiceField(choices=Patient.Sex.choices)

    class Meta:
        model = Patient
        fields = [
            "id", "number", "first_name", "last_name", "birth_date", "sex", "phone", "language",
            "allergy_count",
        ]  # fmt: skip
        choosable = True


class DocumentSerializer(ClinicModelSerializer):
    uploaded_by = serializers.StringRelatedField()

    class Meta:
        model = Document
        fields = ["id", "title", "kind", "file", "size", "uploaded_by", "created"]
        read_only_fields = ["size", "created"]

    def validate_file(self, value):
        if value.size > MAX_UPLOAD:
            raise serializers.ValidationError(
                _("The file is larger than %(limit)d bytes.") % {"limit": MAX_UPLOAD}, code="size"
            )
        return value
