"""Serializers of the schedule. Doctors and rooms are linked, not numbered."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.serializers import (
    ClinicModelSerializer,
    ClinicSerializer,
    LinkedSerializer,
    OfPracticeField,
)
from patients.models import Patient
from schedule.models import Appointment, Doctor, Room, Specialty


class SpecialtySerializer(LinkedSerializer):
    class Meta:
        model = Specialty
        fields = ["url", "code", "name"]
        extra_kwargs = {"url": {"lookup_field": "code"}}


class RoomSerializer(LinkedSerializer):
    equipment = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=10, required=False
    )

    class Meta:
        model = Room
        fields = ["url", "name", "floor", "equipment"]

    def validate_name(self, value):
        rows = Room.objects.filter(practice=self.context["request"].practice, name__iexact=value)
        if self.instance is not None:
            rows = rows.exclude(pk=self.instance.pk)
        if rows.exists():
            raise serializers.ValidationError(_("There is such a room."), code="unique")
        return value

    def create(self, validated_data):
        return super().create({"practice": self.context["request"].practice, **validated_data})


class DoctorSerializer(LinkedSerializer):
    specialties = serializers.SlugRelatedField(
        slug_field="code", many=True, queryset=Specialty.objects.all(), required=False
    )
    appointments = serializers.HyperlinkedIdentityField(view_name="doctor-appointments")

    class Meta:
        model = Doctor
        fields = ["url", "name", "room", "specialties", "is_accepting", "appointments"]

    def validate_room(self, value):
        if value is not None and value.practice_id != self.context["request"].practice.pk:
            raise serializers.ValidationError(_("The room is in another practice."), code="room")
        return value

    def create(self, validated_data):
        return super().create({"practice": self.context["request"].practice, **validated_data})


class PatientNameSerializer(ClinicModelSerializer):
    class Meta:
        model = Patient
        fields = ["id", "number", "full_name"]


class AppointmentSerializer(ClinicModelSerializer):
    """An appointment; rooms and doctors must be free."""

    patient = OfPracticeField(queryset=Patient.objects.all())
    patient_details = PatientNameSerializer(source="patient", read_only=True)
    doctor = OfPracticeField(queryset=Doctor.objects.all())
    doctor_name = serializers.CharField(source="doctor.name", read_only=True)
    room = OfPracticeField(queryset=Room.objects.all(), allow_null=True, required=False)
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    ends_at = serializers.SerializerMethodField()

    class Meta:
        model = Appointment
        fields = [
            "id", "reference", "patient", "patient_details", "doctor", "doctor_name", "room",
            "starts_at", "minutes", "ends_at", "status", "status_label", "reason",
        ]  # fmt: skip
        read_only_fields = ["status"]
        choosable = True

    def get_ends_at(self, appointment) -> str:
        ends = appointment.starts_at + timedelta(minutes=appointment.minutes)
        return timezone.localtime(ends).isoformat()

    def validate_starts_at(self, value):
        if value < timezone.now():
            raise serializers.ValidationError(_("This time has passed."), code="past")
        return value

    def validate(self, attrs):
        def told(name, otherwise=None):
            return attrs.get(name, getattr(self.instance, name, otherwise))

        doctor, starts_at, minutes = told("doctor"), told("starts_at"), told("minutes", 30)
        ends_at = starts_at + timedelta(minutes=minutes)
        others = Appointment.objects.exclude(status=Appointment.Status.CANCELLED).filter(
            starts_at__lt=ends_at, starts_at__gt=starts_at - timedelta(minutes=240)
        )
        if self.instance is not None:
            others = others.exclude(pk=self.instance.pk)
        for other in others.filter(doctor=doctor):
            if other.starts_at + timedelta(minutes=other.minutes) > starts_at:
                raise serializers.ValidationError(
                    _("%(doctor)s has another appointment then.") % {"doctor": doctor.name},
                    code="occupied",
                )
        return attrs


class BulkCancelSerializer(ClinicSerializer):
    """Which appointments are cancelled, and why."""

    appointments = serializers.ListField(child=serializers.IntegerField(), allow_empty=False)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class SlotQuerySerializer(ClinicSerializer):
    """Which slots somebody looks for."""

    doctor = serializers.IntegerField()
    day = serializers.DateField()
    minutes = serializers.ChoiceField(choices=[15, 30, 60], default=30)


class ReminderSerializer(ClinicSerializer):
    """For which day reminders are sent."""

    day = serializers.DateField()
    test_only = serializers.BooleanField(default=False)
