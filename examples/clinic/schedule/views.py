"""Doctors, rooms, appointments and slots."""

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from common.exceptions import Conflict
from common.pagination import Earliest
from common.permissions import HasRole, IsStaffOfPractice
from common.views import PracticeMixin
from schedule.filters import AppointmentFilter
from schedule.models import Appointment, Doctor, Room, Specialty
from schedule.serializers import (
    AppointmentSerializer,
    BulkCancelSerializer,
    DoctorSerializer,
    ReminderSerializer,
    RoomSerializer,
    SlotQuerySerializer,
    SpecialtySerializer,
)
from schedule.slots import free_slots
from schedule.tasks import remind


class SpecialtyViewSet(PracticeMixin, viewsets.ReadOnlyModelViewSet):
    """What doctors have learned."""

    queryset = Specialty.objects.all()
    serializer_class = SpecialtySerializer
    lookup_field = "code"
    pagination_class = None
    filter_backends = ()

    def get_queryset(self):
        return Specialty.objects.all()


class RoomViewSet(PracticeMixin, viewsets.ModelViewSet):
    """The rooms of the practice."""

    queryset = Room.objects.all()
    serializer_class = RoomSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("manager",)
    filterset_fields = ["floor"]
    search_fields = ["name"]
    ordering_fields = ["name", "floor"]


class DoctorViewSet(PracticeMixin, viewsets.ModelViewSet):
    """The doctors of the practice."""

    queryset = Doctor.objects.select_related("room").prefetch_related("specialties")
    serializer_class = DoctorSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("manager",)
    filterset_fields = {"is_accepting": ["exact"], "specialties__code": ["exact"]}
    search_fields = ["name"]
    ordering_fields = ["name"]

    @action(detail=True, serializer_class=AppointmentSerializer, filter_backends=())
    def appointments(self, request, pk=None):
        """The appointments of a doctor that are still to come."""
        doctor = self.get_object()
        rows = doctor.appointments.select_related("patient", "doctor").exclude(
            status=Appointment.Status.CANCELLED
        )
        return Response(self.get_serializer(rows, many=True).data)


class AppointmentViewSet(
    PracticeMixin,
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    """The appointments of the practice. They are cancelled, never deleted."""

    queryset = Appointment.objects.select_related("patient", "doctor")
    serializer_class = AppointmentSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("reception", "doctor", "manager")
    pagination_class = Earliest
    filterset_class = AppointmentFilter

    @action(detail=True, methods=["post"])
    def confirm(self, request, pk=None):
        """Confirm an appointment that was requested."""
        appointment = self.get_object()
        if appointment.status != Appointment.Status.REQUESTED:
            raise Conflict(_("Only what was requested can be confirmed."), code="status")
        appointment.status = Appointment.Status.CONFIRMED
        appointment.save(update_fields=["status", "modified"])
        return Response(self.get_serializer(appointment).data)

    @action(detail=True, methods=["post"])
    def cancel(self, request, pk=None):
        """Cancel an appointment."""
        appointment = self.get_object()
        if appointment.status in (Appointment.Status.CANCELLED, Appointment.Status.DONE):
            raise Conflict(_("It is over, or cancelled already."), code="status")
        appointment.status = Appointment.Status.CANCELLED
        appointment.save(update_fields=["status", "modified"])
        return Response(self.get_serializer(appointment).data)

    @action(detail=False, methods=["post"], url_path="bulk-cancel")
    @transaction.atomic
    def bulk_cancel(self, request):
        """Cancel many appointments; those of others are left alone."""
        serializer = BulkCancelSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        rows = self.get_queryset().filter(
            pk__in=serializer.validated_data["appointments"],
            status__in=[Appointment.Status.REQUESTED, Appointment.Status.CONFIRMED],
        )
        changed = 0
        for row in rows:
            row.status = Appointment.Status.CANCELLED
            row.reason = serializer.validated_data.get("reason", row.reason)
            row.save(update_fields=["status", "reason", "modified"])
            changed += 1
        return Response({"cancelled": changed})


class SlotView(PracticeMixin, APIView):
    """When a doctor could see somebody."""

    def get(self, request):
        query = SlotQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        doctor = get_object_or_404(
            Doctor.objects.select_related("practice"),
            pk=query.validated_data["doctor"],
            practice=request.practice,
        )
        slots = free_slots(doctor, query.validated_data["day"], query.validated_data["minutes"])
        return Response({"doctor": doctor.name, "slots": slots})


class ReminderView(PracticeMixin, APIView):
    """Reminds the patients of a day."""

    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("reception", "manager")
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "reminders"

    def post(self, request):
        serializer = ReminderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        rows = Appointment.objects.filter(
            practice=request.practice,
            starts_at__date=serializer.validated_data["day"],
            status=Appointment.Status.CONFIRMED,
            patient__wants_reminders=True,
        ).exclude(patient__email="")
        keys = list(rows.values_list("pk", flat=True))
        if not serializer.validated_data["test_only"]:
            for key in keys:
                remind.delay(key)
        return Response({"queued": len(keys)}, status=status.HTTP_202_ACCEPTED)
