"""Patients, their allergies and their documents."""

from django.db import transaction
from django.db.models import Count
from django.shortcuts import get_object_or_404
from rest_framework import generics, viewsets
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from common.permissions import HasRole, IsStaffOfPractice
from common.views import BulkCreateMixin, ExportMixin, PracticeMixin, RestoreMixin
from patients.filters import PatientFilter
from patients.insurers import INSURERS, ask
from patients.models import Allergy, Document, Patient
from patients.serializers import (
    AllergySerializer,
    DocumentSerializer,
    PatientRowSerializer,
    PatientSerializer,
)
from practices.tenancy import practice_of


class PatientViewSet(
    PracticeMixin, RestoreMixin, BulkCreateMixin, ExportMixin, viewsets.ModelViewSet
):
    """The patients of the practice."""

    queryset = Patient.objects.all()
    serializer_class = PatientSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("reception", "doctor", "manager")
    throttle_classes = [ScopedRateThrottle]
    filterset_class = PatientFilter
    search_fields = ["last_name", "first_name", "number"]
    ordering_fields = ["last_name", "birth_date", "created", "number"]
    ordering = ["last_name", "first_name", "pk"]
    export_name = "patients"
    export_columns = ("number", "last_name", "first_name", "birth_date", "language")

    def get_queryset(self):
        queryset = super().get_queryset()
        if self.action in ("list", "export"):
            return queryset.annotate(allergy_count=Count("allergies"))
        return queryset.prefetch_related("allergies")

    def get_serializer_class(self):
        if self.action in ("list", "export"):
            return PatientRowSerializer
        return super().get_serializer_class()

    @transaction.atomic
    def perform_create(self, serializer):
        serializer.save()

    @transaction.atomic
    def perform_update(self, serializer):
        serializer.save()


class AllergyViewSet(viewsets.ModelViewSet):
    """Allergies of all patients."""

    queryset = Allergy.objects.select_related("patient")
    serializer_class = AllergySerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("doctor",)
    filterset_fields = ["patient", "severity"]
    ordering_fields = ["substance", "since"]

    def perform_authentication(self, request):
        super().perform_authentication(request)
        request._request.practice = practice_of(request)

    def get_queryset(self):
        return super().get_queryset().filter(patient__practice=self.request.practice)


class DocumentsMixin(PracticeMixin):
    """The documents of one patient."""

    serializer_class = DocumentSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("reception", "doctor", "manager")

    def get_queryset(self):
        return Document.objects.filter(
            patient__practice=self.request.practice, patient=self.kwargs["patient"]
        ).select_related("uploaded_by")


class DocumentList(DocumentsMixin, generics.ListCreateAPIView):
    """The documents of a patient; new ones are sent as forms."""

    parser_classes = [MultiPartParser, FormParser]
    filterset_fields = ["kind"]

    def perform_create(self, serializer):
        patient = get_object_or_404(
            Patient, pk=self.kwargs["patient"], practice=self.request.practice
        )
        size = serializer.validated_data["file"].size
        serializer.save(patient=patient, uploaded_by=self.request.user, size=size)


class DocumentDetail(DocumentsMixin, generics.RetrieveDestroyAPIView):
    """One document of a patient."""


class CoverageView(PracticeMixin, APIView):
    """Which insurers cover a patient."""

    def get(self, request, pk):
        patient = get_object_or_404(Patient, pk=pk, practice=request.practice)
        answers = [ask(insurer, patient.insurance_number) for insurer in INSURERS]
        return Response({"patient": str(patient), "insurers": answers})


class TimelineView(PracticeMixin, APIView):
    """What happened with a patient, the newest first."""

    def get(self, request, pk):
        patient = get_object_or_404(Patient, pk=pk, practice=request.practice)
        events = [
            *(("appointment", row.starts_at, row.reason) for row in patient.appointments.all()),
            *(("visit", row.created, row.summary) for row in patient.visits.all()),
            *(("invoice", row.created, row.number) for row in patient.invoices.all()),
        ]
        events.sort(key=lambda event: (event[1], event[0]), reverse=True)
        return Response(
            {
                "patient": str(patient),
                "events": [{"kind": kind, "at": at, "text": text} for kind, at, text in events],
            }
        )
