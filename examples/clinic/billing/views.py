"""Tariffs, invoices, payments and the revenue."""

from datetime import timedelta

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import generics, mixins, serializers, status, viewsets
from rest_framework.decorators import action, api_view, permission_classes
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle

from billing.models import Invoice, Payment, Tariff
from billing.reports import revenue
from billing.serializers import (
    InvoiceRowSerializer,
    InvoiceSerializer,
    PaymentSerializer,
    TariffSerializer,
)
from common.exceptions import Conflict
from common.permissions import HasRole, IsStaffOfPractice
from common.views import BulkCreateMixin, ExportMixin, PracticeMixin
from practices.tenancy import practice_of


class TariffViewSet(PracticeMixin, BulkCreateMixin, viewsets.ModelViewSet):
    """What treatments cost."""

    queryset = Tariff.objects.all()
    serializer_class = TariffSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("billing", "manager")
    search_fields = ["code", "description"]
    ordering_fields = ["code", "price"]
    filterset_fields = {"price": ["lte", "gte"]}


class InvoiceViewSet(
    PracticeMixin,
    ExportMixin,
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet,
):
    """The invoices of the practice."""

    queryset = Invoice.objects.select_related("patient").prefetch_related("lines", "payments")
    serializer_class = InvoiceSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("billing", "manager")
    throttle_classes = [ScopedRateThrottle]
    filterset_fields = {"status": ["exact", "in"], "patient": ["exact"], "due": ["lt", "gte"]}
    search_fields = ["number", "patient__last_name"]
    ordering_fields = ["number", "due", "created"]
    export_name = "invoices"
    export_columns = ("number", "patient", "status", "due", "total")

    def get_serializer_class(self):
        if self.action in ("list", "export"):
            return InvoiceRowSerializer
        return super().get_serializer_class()

    @transaction.atomic
    def perform_create(self, serializer):
        serializer.save()

    @transaction.atomic
    def perform_update(self, serializer):
        if serializer.instance.status != Invoice.Status.DRAFT:
            raise Conflict(_("Only drafts change."), code="status")
        serializer.save()

    @action(detail=True, methods=["post"])
    def send(self, request, pk=None):
        """Send a draft to the patient."""
        invoice = self.get_object()
        if invoice.status != Invoice.Status.DRAFT:
            raise Conflict(_("It was sent already."), code="status")
        invoice.status = Invoice.Status.SENT
        if invoice.due is None:
            invoice.due = timezone.localdate() + timedelta(days=30)
        invoice.save()
        return Response(self.get_serializer(invoice).data)

    @action(detail=True, methods=["post"])
    def void(self, request, pk=None):
        """Take an invoice back."""
        invoice = self.get_object()
        if invoice.paid:
            raise Conflict(_("Money came in already."), code="paid")
        invoice.status = Invoice.Status.VOID
        invoice.save(update_fields=["status", "modified"])
        return Response(self.get_serializer(invoice).data)


class PaymentList(PracticeMixin, generics.ListCreateAPIView):
    """The payments of an invoice."""

    serializer_class = PaymentSerializer
    permission_classes = [IsStaffOfPractice, HasRole]
    roles = ("billing", "reception")
    pagination_class = None

    def get_queryset(self):
        return Payment.objects.filter(invoice=self.get_invoice())

    def get_invoice(self):
        """Return the invoice of the URL."""
        return get_object_or_404(Invoice, practice=self.request.practice, pk=self.kwargs["invoice"])

    def perform_create(self, serializer):
        invoice = self.get_invoice()
        if invoice.status != Invoice.Status.SENT:
            raise Conflict(_("Only invoices that were sent can be paid."), code="status")
        if invoice.paid + serializer.validated_data["amount"] > invoice.total:
            raise serializers.ValidationError({"amount": [_("This is more than what is due.")]})
        serializer.save(invoice=invoice)


@api_view(["GET"])
@permission_classes([IsAuthenticated])
def revenue_report(request, year):
    """What came in, month by month; for managers."""
    practice = practice_of(request)
    user = request.user
    if practice is None or (user.practice_id != practice.pk and not user.is_superuser):
        return Response({"detail": _("There is no such practice.")}, status.HTTP_404_NOT_FOUND)
    if user.role != "manager" and not user.is_superuser:
        return Response({"detail": _("Only managers may do this.")}, status.HTTP_403_FORBIDDEN)
    return Response({"practice": practice.name, "year": year, "months": revenue(practice, year)})
